// SPDX-License-Identifier: Apache-2.0
// Which packets are held, and when they go up (Linux: dev_gro_receive, napi_gro_complete, napi_gro_flush).
#include "host/device/gro.hpp"

#include <algorithm>
#include <utility>

#include "host/skb/skb_list.hpp"

namespace host::device {
namespace {

constexpr platform::Nanoseconds kJiffy = 1'000'000;  // HZ = 1000

/// Linux: gro_list_prepare. The addresses and the device's hash are compared first, for they cost little.
void prepare(GroList& held, const GroPacket& packet) {
  const auto header = packet.skb->bytes().first(kEthernetHeaderBytes);
  for (GroPacket& other : held) {
    const auto its = other.skb->bytes().first(kEthernetHeaderBytes);
    const bool hashes = other.skb->hash_valid == packet.skb->hash_valid && other.skb->hash == packet.skb->hash;
    other.same_flow = other.skb->dev == packet.skb->dev && hashes && std::ranges::equal(its, header);
    other.differs = false;
  }
}

/// All bytes of `from` become fragments of `to`. False: there are too many.
bool take_fragments(skb::SkBuff& to, const skb::SkBuff& from) {
  const bool has_linear = from.headlen() != 0;
  const std::size_t pieces = from.fragments().size() + (has_linear ? 1 : 0);
  if (to.fragments().size() + pieces > skb::kMaxFragments) return false;
  bool room = true;
  if (has_linear) room = to.add_fragment(from.buffer(), from.headroom(), from.headlen()).ok();
  for (const auto& piece : from.fragments()) {
    room = room && to.add_fragment(piece.buffer, piece.offset, piece.length).ok();
  }
  INVARIANT(room, "fragments that had been counted do not fit");
  return true;
}

/// Behind what the packet has: into the last of its frag list, or as a new last.
void append(skb::SkBuff& to, skb::Skb from) {
  if (!to.has_frag_list() && take_fragments(to, *from)) return;
  skb::SkbList list = to.take_frag_list();
  skb::SkBuff* last = list.front();
  while (last != nullptr && skb::SkbList::behind(*last) != nullptr) last = skb::SkbList::behind(*last);
  if (last == nullptr || !take_fragments(*last, *from)) list.push_back(std::move(from));
  to.set_frag_list(std::move(list));
}

}  // namespace

bool gro_merge(GroPacket& held, GroPacket& packet, std::uint32_t payload) {
  skb::SkBuff& to = *held.skb;
  skb::SkBuff& from = *packet.skb;
  const bool came_with_list = from.has_frag_list() || (to.has_frag_list() && held.count == 1);
  if (came_with_list || payload > from.headlen() || to.len() + (from.len() - payload) > kGroMostBytes) return false;
  from.pull(payload);
  append(to, std::move(packet.skb));
  ++held.count;
  packet.merged = true;
  return true;
}

GroNapi::GroNapi(std::string name, NetCore& core) : Napi(std::move(name)), core_(core), id_(core.add_napi(*this)) {}

GroNapi::~GroNapi() {
  core_.remove_napi(id_);
}

void GroNapi::gro_receive(kernel::Cpu& cpu, skb::Skb&& skb) {
  skb->napi_id = id_;
  const GroOffload* offload = skb->dev->gro() ? core_.offload(skb->protocol) : nullptr;
  if (offload == nullptr || skb->is_gso() || skb->mac_offset() != kEthernetHeaderBytes) {
    core_.netif_receive_skb(cpu, std::move(skb));
    return;
  }
  cpu.charge(kernel::Op::gro_receive);
  skb->restore(kEthernetHeaderBytes);
  GroList& held = lists_[skb->hash_valid ? skb->hash % kLists : 0];
  GroPacket packet{.skb = std::move(skb), .since = cpu.now()};
  prepare(held, packet);
  const GroComplete done = offload->receive(cpu, held, packet, kEthernetHeaderBytes);
  if (done) complete(cpu, held, *done);
  if (packet.merged) {
    ++merged_;
    return;
  }
  if (packet.flush) {
    pass_up(cpu, std::move(packet));
    return;
  }
  if (held.size() >= kMost) complete(cpu, held, 0);
  held.push_back(std::move(packet));
}

void GroNapi::complete(kernel::Cpu& cpu, GroList& list, std::size_t place) {
  GroPacket packet = std::move(list[place]);
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(place));
  if (packet.count > 1) {
    packet.skb->gso_size = packet.segment_bytes;
    packet.skb->gso_segs = static_cast<std::uint16_t>(packet.count);
    core_.offload(packet.skb->protocol)->complete(packet, kEthernetHeaderBytes);
  }
  pass_up(cpu, std::move(packet));
}

void GroNapi::pass_up(kernel::Cpu& cpu, GroPacket packet) {
  packet.skb->pull(kEthernetHeaderBytes);
  core_.netif_receive_skb(cpu, std::move(packet.skb));
}

bool GroNapi::gro_holds() const {
  return std::ranges::any_of(lists_, [](const GroList& list) { return !list.empty(); });
}

/// Those held since an earlier jiffy, or all.
void GroNapi::gro_flush(kernel::Cpu& cpu, kernel::GroFlush which) {
  for (GroList& list : lists_) {
    while (!list.empty()) {
      const bool old = list.front().since / kJiffy != cpu.now() / kJiffy;
      if (which == kernel::GroFlush::old && !old) break;
      complete(cpu, list, 0);
    }
  }
}

void GroNapi::gro_purge(kernel::Cpu& cpu) {
  for (GroList& list : lists_) {
    GroList gone = std::exchange(list, {});
    for (GroPacket& packet : gone) skb::drop(cpu, std::move(packet.skb), base::DropReason::interface_down);
  }
}

}  // namespace host::device
