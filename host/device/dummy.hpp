// SPDX-License-Identifier: Apache-2.0
// An interface that takes every packet and does nothing with it (Linux: drivers/net/dummy.c): a place for addresses.
#pragma once

#include <string>

#include "host/device/net_device.hpp"

namespace host::device {

class Dummy final : private NetDeviceOps {
 public:
  /// Who registers it says that it needs no neighbours (LinkFlags::no_arp).
  Dummy(std::string name, base::MacAddress address);

  [[nodiscard]] NetDevice& device() { return device_; }

 private:
  base::Result<void> open(kernel::Cpu& cpu, NetDevice& dev) override;
  void stop(kernel::Cpu& cpu, NetDevice& dev) override;
  TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) override;

  NetDevice device_;
};

}  // namespace host::device
