// SPDX-License-Identifier: Apache-2.0
// The pieces in which a packet leaves that is larger than the MTU, of either family.
#pragma once

#include "host/base/drop_reason.hpp"
#include "host/device/net_core.hpp"
#include "host/skb/skb_list.hpp"

namespace host::ip {

/// Where a packet is cut.
struct PiecePlan {
  /// Of the packet: they are in no piece; each gets its own.
  std::uint32_t header_bytes = 0;
  /// That a piece's own headers take, down to the frame's.
  std::uint32_t room_in_front = 0;
  /// Behind its header, in the last piece; in others the multiple of eight below.
  std::uint32_t most = 0;
};

/// One packet's payload, first piece to last. A packet that came in pieces which may leave so leaves in them: its frag
/// list is taken apart again. Others are copied from it (Linux: ip_fraglist_init, ip_frag_init).
class Pieces {
 public:
  struct Piece {
    /// Data at the payload, room for a header in front, what the layers know of the whole. Null: no memory.
    skb::Skb packet;
    std::uint32_t offset = 0;  // in the packet's payload
    bool last = false;
  };

  /// The checksum of `whole` is in place, see prepare_for_pieces().
  Pieces(skb::Skb whole, const PiecePlan& plan);

  [[nodiscard]] bool done() const { return next_ == end_; }
  [[nodiscard]] Piece next(kernel::Cpu& cpu);
  /// What has not left ends.
  void drop_rest(kernel::Cpu& cpu, base::DropReason reason);

 private:
  [[nodiscard]] skb::Skb copy_piece(kernel::Cpu& cpu, std::uint32_t bytes);
  [[nodiscard]] skb::Skb take_piece();
  void take_over(skb::SkBuff& piece) const;

  skb::Skb whole_;
  skb::SkbList ready_;  // the pieces behind the first, as they came
  const PiecePlan plan_;
  skb::SkbPool& pool_;
  device::NetDevice* const dev_;
  const std::uint32_t mark_;
  const std::uint32_t priority_;
  const std::uint16_t protocol_;
  const skb::PacketType packet_type_;
  std::uint32_t next_ = 0;  // bytes of the payload that have left
  const std::uint32_t end_;
};

/// The whole's checksum is in place afterwards. no_memory.
[[nodiscard]] base::Result<void> prepare_for_pieces(skb::SkBuff& whole);

}  // namespace host::ip
