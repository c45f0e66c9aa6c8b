// SPDX-License-Identifier: Apache-2.0
#include "sim/world/wire.hpp"

#include <utility>

namespace sim::world {
namespace {

constexpr double kPicosecondsPerByteAt1Gbps = 8'000;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::uint64_t kFnvPrime = 0x100'0000'01b3;

void mix(std::uint64_t& digest, std::uint64_t value) {
  digest = (digest ^ value) * kFnvPrime;
}

}  // namespace

Wire::Wire(wire::Agenda& agenda, WirePlan plan, std::uint64_t seed, Picoseconds middle)
    : agenda_(agenda),
      plan_(std::move(plan)),
      middle_(middle),
      picoseconds_per_byte_(kPicosecondsPerByteAt1Gbps / plan_.gbps) {
  for (unsigned end = 0; end < 2; ++end) ways_[end].random.seed(2 * seed + end);
}

/// Draws nothing for what cannot happen, so that a new kind of mishap leaves other worlds as they were.
bool Wire::happens(Way& way, double chance) {
  if (chance <= 0) return false;
  return static_cast<double>(way.random() >> 11) * 0x1p-53 < chance;
}

Picoseconds Wire::send(unsigned end, FrameBytes frame, Picoseconds begin) {
  Way& way = ways_[end];
  ++way.counters.frames;
  way.counters.bytes += frame.size();
  if (observer_) observer_(end, frame, begin);
  if (way.waiting >= plan_.queue) {
    ++way.counters.queue_full;
    return way.line_free;
  }
  const Picoseconds start = std::max(begin, way.line_free);
  way.line_free =
      start + static_cast<Picoseconds>(static_cast<double>(line_bytes(frame.size())) * picoseconds_per_byte_);
  if (start > agenda_.now()) {
    ++way.waiting;
    agenda_.at(start, wire::Rank::peer, [&way] { --way.waiting; });
  }
  const Impairment& plan = plan_.impairment;
  Picoseconds at = way.line_free + middle_;
  if (happens(way, plan.loss)) {
    ++way.counters.lost;
    return way.line_free;
  }
  if (happens(way, plan.reorder)) {
    ++way.counters.reordered;
    at += plan.hold;
  }
  if (happens(way, plan.duplicate)) {
    ++way.counters.duplicated;
    deliver(way, frame, at);
  }
  deliver(way, std::move(frame), at);
  return way.line_free;
}

/// A bit behind the Ethernet header, for a damaged address would only be somebody else's frame.
void Wire::damage(Way& way, FrameBytes& frame) {
  if (frame.size() <= kEthernetHeader) return;
  const std::size_t place = kEthernetHeader + way.random() % (frame.size() - kEthernetHeader);
  frame[place] ^= static_cast<std::byte>(1U << way.random() % 8);
  ++way.counters.damaged;
}

void Wire::deliver(Way& way, FrameBytes frame, Picoseconds at) {
  const bool corrupt = happens(way, plan_.impairment.corrupt);
  if (corrupt) ++way.counters.corrupted;
  if (happens(way, plan_.impairment.damage)) damage(way, frame);
  ++way.counters.under_way;
  const Picoseconds handed = std::max(at - way.to->lead(frame.size()), agenda_.now());
  agenda_.at(handed, wire::Rank::arrival, [this, &way, bytes = std::move(frame), corrupt, at]() mutable {
    arrive(way, std::move(bytes), !corrupt, at);
  });
}

void Wire::arrive(Way& way, FrameBytes frame, bool intact, Picoseconds at) {
  Counters& counters = way.counters;
  --counters.under_way;
  ++counters.delivered;
  mix(counters.digest, static_cast<std::uint64_t>(at));
  for (const std::byte byte : frame) mix(counters.digest, static_cast<std::uint64_t>(byte));
  way.to->frame_arrives(std::move(frame), intact);
}

}  // namespace sim::world
