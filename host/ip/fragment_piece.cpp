// SPDX-License-Identifier: Apache-2.0
// The pieces in which a packet leaves that is larger than the MTU, of either family (Linux: ip_frag_next,
// ip_fraglist_prepare, ip6_frag_next, ip6_fraglist_prepare).
#include "host/ip/fragment_piece.hpp"

#include <algorithm>

#include "host/skb/pool.hpp"

namespace host::ip {
namespace {

/// Whether a fragment can go again, with another header in front.
bool may_leave(const skb::SkBuff& piece, const PiecePlan& plan, std::uint32_t bytes, bool last) {
  return bytes <= plan.most && (last || bytes % 8 == 0) && !piece.shared() && piece.headroom() >= plan.room_in_front;
}

/// The pieces behind the first, when all of them can leave as they came. Else empty, and nothing has changed.
skb::SkbList take_apart(skb::SkBuff& whole, const PiecePlan& plan) {
  skb::SkbList list = whole.take_frag_list();
  if (list.empty()) {
    return list;
  }
  bool all = whole.headroom() + plan.header_bytes >= plan.room_in_front &&
             may_leave(whole, {plan.header_bytes, 0, plan.most}, whole.len() - plan.header_bytes, false);
  for (const skb::SkBuff* piece = list.front(); piece != nullptr && all; piece = skb::SkbList::behind(*piece)) {
    all = may_leave(*piece, plan, piece->len(), skb::SkbList::behind(*piece) == nullptr);
  }
  if (!all) {
    whole.set_frag_list(std::move(list));
    return {};
  }
  return list;
}

}  // namespace

base::Result<void> prepare_for_pieces(skb::SkBuff& whole) {
  return whole.ip_summed == skb::IpSummed::partial ? device::checksum_help(whole) : base::Result<void>{};
}

Pieces::Pieces(skb::Skb whole, const PiecePlan& plan)
    : whole_(std::move(whole)),
      plan_(plan),
      pool_(whole_->pool()),
      dev_(whole_->dev),
      mark_(whole_->mark),
      priority_(whole_->priority),
      protocol_(whole_->protocol),
      packet_type_(whole_->packet_type),
      end_(whole_->len() - plan.header_bytes) {
  ready_ = take_apart(*whole_, plan_);
}

void Pieces::take_over(skb::SkBuff& piece) const {
  piece.dev = dev_;
  piece.protocol = protocol_;
  piece.packet_type = packet_type_;
  piece.mark = mark_;
  piece.priority = priority_;
}

skb::Skb Pieces::copy_piece(kernel::Cpu& cpu, std::uint32_t bytes) {
  cpu.charge(kernel::Op::copy_per_byte, bytes + plan_.header_bytes);
  skb::Skb packet = pool_.allocate(bytes);
  if (packet == nullptr) {
    return nullptr;
  }
  if (auto* observer = cpu.kernel().observer()) {
    observer->derived(whole_->id(), packet->id());
  }
  const bool copied = whole_->copy_bits(plan_.header_bytes + next_, packet->put(bytes));
  INVARIANT(copied, "a piece beyond its packet");
  take_over(*packet);
  return packet;
}

skb::Skb Pieces::take_piece() {
  if (next_ == 0) {
    whole_->pull(plan_.header_bytes);
    return std::move(whole_);
  }
  skb::Skb packet = ready_.pop_front();
  packet->control = {};
  take_over(*packet);
  return packet;
}

Pieces::Piece Pieces::next(kernel::Cpu& cpu) {
  cpu.charge(kernel::Op::ip_fragment);
  const std::uint32_t left = end_ - next_;
  const bool ready = whole_ == nullptr || !ready_.empty();
  skb::Skb packet = ready ? take_piece() : copy_piece(cpu, left > plan_.most ? plan_.most & ~7U : left);
  if (packet == nullptr) {
    return {};
  }
  const std::uint32_t offset = next_;
  next_ += packet->len();
  if (done() && whole_ != nullptr) {
    packet->owner = std::move(whole_->owner);
  }
  return {std::move(packet), offset, done()};
}

void Pieces::drop_rest(kernel::Cpu& cpu, base::DropReason reason) {
  while (skb::Skb packet = ready_.pop_front()) {
    drop(cpu, std::move(packet), reason);
  }
  if (whole_ != nullptr) {
    drop(cpu, std::move(whole_), reason);
  }
  next_ = end_;
}

}  // namespace host::ip
