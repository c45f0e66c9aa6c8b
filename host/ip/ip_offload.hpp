// SPDX-License-Identifier: Apache-2.0
// IPv4's part of GRO: which packets may be merged, and the header of a merged one (Linux: inet_gro_receive,
// inet_gro_complete).
#pragma once

#include "host/base/result.hpp"
#include "host/device/gro_packet.hpp"
#include "host/headers/ipv4.hpp"

#include <map>

namespace host::ip {

/// The door for transport protocols: each registers what it does behind the IPv4 header.
class InetOffload {
 public:
  /// exists when the protocol has one.
  [[nodiscard]] base::Result<void> add(headers::IpProtocol protocol, device::GroOffload offload);
  void remove(headers::IpProtocol protocol) { transports_.erase(protocol); }

  /// What IP registers with the devices' core.
  [[nodiscard]] device::GroOffload callbacks();

 private:
  [[nodiscard]] device::GroComplete receive(kernel::Cpu& cpu, device::GroList& held, device::GroPacket& packet,
                                            std::uint32_t offset);
  void complete(device::GroPacket& packet, std::uint32_t offset);

  std::map<headers::IpProtocol, device::GroOffload> transports_;
};

}  // namespace host::ip
