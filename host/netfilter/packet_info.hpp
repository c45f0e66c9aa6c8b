// SPDX-License-Identifier: Apache-2.0
// A packet as rules see it: where its headers are, and each key's value (Linux: struct nft_pktinfo).
#pragma once

#include "host/netfilter/hooks.hpp"
#include "host/netfilter/key.hpp"
#include "host/netfilter/packet_view.hpp"

namespace host::netfilter {

/// Views the skb's bytes, which begin at the network header; made anew after anything that changes them.
class PacketInfo {
 public:
  PacketInfo(const skb::SkBuff& skb, const HookCall& call);

  /// False: the packet has no such thing (another protocol, a later fragment, cut short, no device), and a rule that
  /// asks does not match.
  [[nodiscard]] bool load(Key key, Value& out) const;

  [[nodiscard]] const PacketView& view() const { return view_; }

 private:
  [[nodiscard]] bool load_ip(Key key, Value& out) const;
  [[nodiscard]] bool load_ip6(Key key, Value& out) const;
  [[nodiscard]] bool load_transport(Key key, Value& out) const;
  [[nodiscard]] bool load_meta(Key key, Value& out) const;
  [[nodiscard]] bool load_connection(Key key, Value& out) const;

  const skb::SkBuff& skb_;
  const HookCall& call_;
  PacketView view_;
};

}  // namespace host::netfilter
