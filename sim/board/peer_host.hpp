// SPDX-License-Identifier: Apache-2.0
// A second instance of our own stack, straight at the other end of the cable: no NIC, no cost of time.
#pragma once

#include <string>

#include "host/headers/ipv4_address.hpp"
#include "sim/board/machine.hpp"
#include "sim/board/peer_device.hpp"
#include "sim/wire/cable.hpp"

namespace sim::board {

class PeerHost {
 public:
  PeerHost(wire::Cable& cable, host::headers::Ipv4Prefix address, std::uint64_t seed, std::uint32_t mtu);
  ~PeerHost();

  [[nodiscard]] Machine& machine() { return machine_; }
  [[nodiscard]] host::apps::Host& host() { return machine_.host(); }
  [[nodiscard]] host::headers::Ipv4Address address() const { return address_.address; }

  /// Opens the interface and gives it its address; on one of its CPUs. A problem in one line, or nothing.
  [[nodiscard]] std::string bring_up(host::kernel::Cpu& cpu);

 private:
  host::headers::Ipv4Prefix address_;
  Machine machine_;
  PeerDevice device_;
  bool registered_ = false;
};

/// Another host's address in the network of `address`.
[[nodiscard]] host::headers::Ipv4Prefix neighbour_of(host::headers::Ipv4Prefix address);

}  // namespace sim::board
