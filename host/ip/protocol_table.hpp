// SPDX-License-Identifier: Apache-2.0
// Who takes which transport protocol (Linux: inet_protos, inet_add_protocol).
#pragma once

#include <array>
#include <functional>

#include "host/base/result.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::ip {

/// An error about a packet that this host sent, as the protocol that sent it hears of it.
struct IcmpError {
  base::Errno error = base::Errno::host_unreachable;
  /// A connection cannot live on (Linux: icmp_err_convert's fatal); else only a hint.
  bool fatal = false;
  headers::Ipv4Address source{};  // of the packet: ours
  headers::Ipv4Address destination{};
  std::uint8_t tos = 0;
  /// Who says so; any (0.0.0.0): this host itself.
  headers::Ipv4Address reporter{};
  /// No error, but a better way: `info` is the gateway (see accept_redirect).
  bool is_redirect = false;
  /// The number behind the checksum: a gateway, or in its lower half an MTU.
  std::uint32_t info = 0;
  /// The first bytes of its transport header, at least eight.
  headers::Bytes transport{};
  /// Of the message.
  std::uint8_t type = 0;
  std::uint8_t code = 0;

  /// Of a message that the packet was too big for a link.
  [[nodiscard]] std::uint32_t mtu() const { return info & 0xffff; }
};

/// Data at the transport header; the view is of the network header in front.
using ReceiveHandler = std::function<void(kernel::Cpu&, skb::Skb&&, const headers::Ipv4View&)>;
using ErrorHandler = std::function<void(kernel::Cpu&, const IcmpError&)>;

class ProtocolTable {
 public:
  struct Protocol {
    ReceiveHandler receive;
    ErrorHandler error;
  };

  /// exists when it is taken.
  [[nodiscard]] base::Result<void> add(headers::IpProtocol number, Protocol protocol) {
    Protocol& slot = protocols_[static_cast<std::size_t>(number)];
    if (slot.receive) {
      return base::Errno::exists;
    }
    slot = std::move(protocol);
    return {};
  }
  void remove(headers::IpProtocol number) { protocols_[static_cast<std::size_t>(number)] = {}; }
  /// Null when nobody takes it.
  [[nodiscard]] const Protocol* find(headers::IpProtocol number) const {
    const Protocol& slot = protocols_[static_cast<std::size_t>(number)];
    return slot.receive ? &slot : nullptr;
  }

 private:
  std::array<Protocol, 256> protocols_;
};

}  // namespace host::ip
