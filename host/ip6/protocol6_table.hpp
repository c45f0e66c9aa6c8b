// SPDX-License-Identifier: Apache-2.0
// Who takes which transport protocol over IPv6 (Linux: inet6_protos).
#pragma once

#include <array>
#include <functional>

#include "host/base/result.hpp"
#include "host/headers/ipv6.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::ip6 {

/// An error about a packet that this host sent, as the protocol that sent it hears of it.
struct Icmp6Error {
  base::Errno error = base::Errno::host_unreachable;
  /// A connection cannot live on (Linux: icmpv6_err_convert's fatal); else only a hint.
  bool fatal = false;
  headers::Ipv6Address source;  // of the packet: ours
  headers::Ipv6Address destination;
  /// The first bytes of its transport header, at least eight.
  headers::Bytes transport;
  /// Who says so; unspecified: this host itself.
  headers::Ipv6Address reporter = {};
  /// Of the message; the number behind its checksum: an MTU.
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t info = 0;
};

/// Data at the transport header; the view is of the network header in front.
using Receive6Handler = std::function<void(kernel::Cpu&, skb::Skb, const headers::Ipv6View&)>;
using Error6Handler = std::function<void(kernel::Cpu&, const Icmp6Error&)>;

class Protocol6Table {
 public:
  struct Protocol {
    Receive6Handler receive;
    Error6Handler error;
  };

  /// exists when it is taken.
  [[nodiscard]] base::Result<void> add(headers::NextHeader number, Protocol protocol) {
    Protocol& slot = protocols_[static_cast<std::size_t>(number)];
    if (slot.receive) return base::Errno::exists;
    slot = std::move(protocol);
    return {};
  }
  void remove(headers::NextHeader number) { protocols_[static_cast<std::size_t>(number)] = {}; }
  /// Null when nobody takes it.
  [[nodiscard]] const Protocol* find(headers::NextHeader number) const {
    const Protocol& slot = protocols_[static_cast<std::size_t>(number)];
    return slot.receive ? &slot : nullptr;
  }

 private:
  std::array<Protocol, 256> protocols_;
};

}  // namespace host::ip6
