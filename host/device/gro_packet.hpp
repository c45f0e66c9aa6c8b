// SPDX-License-Identifier: Apache-2.0
// What GRO knows of a packet, and what each protocol layer says about merging (Linux: struct napi_gro_cb,
// struct offload_callbacks).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

/// Bytes of a merged packet at most, headers included (Linux: GRO_LEGACY_MAX_SIZE).
inline constexpr std::uint32_t kGroMostBytes = 65'535;

/// One that is held, or the one that has just come. Data at the Ethernet header.
struct GroPacket {
  skb::Skb skb;
  unsigned count = 1;               // packets in it
  platform::Nanoseconds since = 0;  // held since
  std::uint16_t segment_bytes = 0;  // of the first packet's payload: what all but the last have
  /// Of one that is held: so far the packet that has just come may belong to it, and may not be merged all the same.
  bool same_flow = false;
  bool differs = false;
  /// Of the one that has just come: it goes up at once; it is part of another now.
  bool flush = false;
  bool merged = false;
};

/// Those held that may be of one flow, the oldest first.
using GroList = std::deque<GroPacket>;
/// The place in the list of a packet that is complete: it goes up before anything else does.
using GroComplete = std::optional<std::size_t>;

/// One layer's part.
struct GroOffload {
  /// Looks at `packet` from byte `offset` on: takes same_flow from those held that it does not belong to, merges it
  /// (gro_merge), or says flush.
  std::function<GroComplete(kernel::Cpu&, GroList& held, GroPacket& packet, std::uint32_t offset)> receive;
  /// Makes the header at `offset` of a packet of several that of the whole.
  std::function<void(GroPacket& packet, std::uint32_t offset)> complete;
};

/// The bytes of `packet` from `payload` on become fragments of `held`, without a copy; where that has no room for more,
/// `packet` joins the frag list, and what comes then the fragments of the list's last. False when it would be larger
/// than kGroMostBytes, or a packet has a frag list already. Linux: skb_gro_receive.
[[nodiscard]] bool gro_merge(GroPacket& held, GroPacket& packet, std::uint32_t payload);

}  // namespace host::device
