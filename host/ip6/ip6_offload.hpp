// SPDX-License-Identifier: Apache-2.0
// IPv6's part of GRO: which packets may be merged, and the header of a merged one (Linux: ipv6_gro_receive,
// ipv6_gro_complete).
#pragma once

#include <map>

#include "host/base/result.hpp"
#include "host/device/gro_packet.hpp"
#include "host/headers/ipv6.hpp"

namespace host::ip6 {

/// The door for transport protocols: each registers what it does right behind the IPv6 header. Packets with extension
/// headers are not merged.
class Inet6Offload {
 public:
  /// exists when the protocol has one.
  [[nodiscard]] base::Result<void> add(headers::NextHeader protocol, device::GroOffload offload);
  void remove(headers::NextHeader protocol) { transports_.erase(protocol); }

  /// What IPv6 registers with the devices' core.
  [[nodiscard]] device::GroOffload callbacks();

 private:
  [[nodiscard]] device::GroComplete receive(kernel::Cpu& cpu, device::GroList& held, device::GroPacket& packet,
                                            std::uint32_t offset);
  void complete(device::GroPacket& packet, std::uint32_t offset);

  std::map<headers::NextHeader, device::GroOffload> transports_;
};

}  // namespace host::ip6
