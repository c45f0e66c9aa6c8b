// SPDX-License-Identifier: Apache-2.0
// A receive and a transmit queue; empty while the driver has not enabled them.
#pragma once

#include <memory>

#include "sim/nic_model/virtqueue.hpp"

namespace sim::nic_model {

struct QueuePair {
  std::unique_ptr<Virtqueue> rx;
  std::unique_ptr<Virtqueue> tx;
};

}  // namespace sim::nic_model
