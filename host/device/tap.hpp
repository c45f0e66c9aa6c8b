// SPDX-License-Identifier: Apache-2.0
// Who sees frames beside the protocols (Linux: struct packet_type, ptype_all, ptype_base).
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

/// Takes a clone of a frame, data at the Ethernet header.
using TapHandler = std::function<void(kernel::Cpu&, skb::Skb)>;

/// What a tap asks for, and what it does with it.
struct Tap {
  /// 0: of every interface.
  unsigned ifindex = 0;
  /// 0: frames of every type, in both directions (ETH_P_ALL). Else received ones of that type, beside its protocol.
  std::uint16_t ether_type = 0;
  /// Whose own frames are not shown to him (Linux: skb_loop_sk).
  const skb::PacketOwner* owner = nullptr;
  /// How many bytes of the frame are wanted, 0 none: then it is not cloned. Data at the Ethernet header, and there
  /// again afterwards. None: all of every frame.
  std::function<std::uint32_t(kernel::Cpu&, skb::SkBuff&)> filter = {};
  /// The clone, whole, and what the filter said.
  std::function<void(kernel::Cpu&, skb::Skb, std::uint32_t wanted)> take;
};

/// All taps of one host. They may come and go while frames are shown: cloning takes time.
class Taps {
 public:
  /// Returns what remove() takes.
  unsigned add(Tap tap);
  void remove(unsigned tap);
  [[nodiscard]] bool empty() const { return taps_.empty(); }

  /// A frame came in, data at its network header (Linux: __netif_receive_skb_core, ptype_all).
  void received(kernel::Cpu& cpu, skb::SkBuff& skb);
  /// The same frame has reached its protocol: for taps of that type alone. True when there was one (Linux: ptype_base).
  bool received_type(kernel::Cpu& cpu, skb::SkBuff& skb);
  /// A frame goes to its driver, data at the Ethernet header (Linux: dev_queue_xmit_nit).
  void sent(kernel::Cpu& cpu, skb::SkBuff& skb);

 private:
  struct Entry {
    Tap tap;
    bool removed = false;
  };

  bool show(kernel::Cpu& cpu, skb::SkBuff& skb, std::uint16_t ether_type, skb::PacketType type);
  void show_one(kernel::Cpu& cpu, skb::SkBuff& skb, Entry& entry, skb::PacketType type);

  std::map<unsigned, Entry> taps_;
  unsigned last_ = 0;
  unsigned shows_ = 0;  // under way: nothing is erased meanwhile
  bool stale_ = false;  // something is to be erased
};

}  // namespace host::device
