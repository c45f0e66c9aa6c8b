// SPDX-License-Identifier: Apache-2.0
// Rules in the order of their preferences.
#include "host/device/ingress_filter.hpp"

#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"

// GCC 12 takes the member that a variant does not hold for one that is used before it is set.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace host::device {
namespace {

using base::DropReason;
using base::Errno;

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

bool agrees(const U32Match& keys, const skb::SkBuff& skb) {
  return std::ranges::all_of(keys, [&](const U32Key& key) {
    std::array<std::byte, sizeof(std::uint32_t)> word{};
    return skb.copy_bits(key.offset, word) && (base::load_be32(word, 0) & key.mask) == (key.value & key.mask);
  });
}

platform::Nanoseconds time_of(std::uint64_t bytes, std::uint64_t rate) {
  return static_cast<platform::Nanoseconds>(bytes * kNanosecondsPerSecond / rate);
}

platform::Nanoseconds burst_time(const Police& police) {
  return time_of(police.burst_bytes, police.rate_bytes);
}

unsigned preference_of(const IngressFilter::Entry& entry) {
  return entry.rule.preference;
}

unsigned handle_of(const IngressFilter::Entry& entry) {
  return entry.rule.handle;
}

/// A copy, or what has been taken, leaves by another interface.
void send_by(kernel::Cpu& cpu, skb::Skb skb, NetDevice& target) {
  skb->restore(skb->mac_offset());
  skb->dev = &target;
  target.core()->redirect(cpu, std::move(skb));
}

}  // namespace

base::Result<void> IngressFilter::add(IngressRule rule) {
  const bool sends = rule.action == IngressAction::redirect || rule.action == IngressAction::mirror;
  const bool nothing = rule.police && (rule.police->rate_bytes == 0 || rule.police->burst_bytes == 0 ||
                                       rule.police->burst_bytes > UINT32_MAX);
  if ((sends && rule.target == nullptr) || nothing) return Errno::invalid;
  if (entries_.size() >= kMostRules) return Errno::no_buffers;
  const auto first = std::ranges::lower_bound(entries_, rule.preference, {}, &preference_of);
  const auto last = std::ranges::upper_bound(first, entries_.end(), rule.preference, {}, &preference_of);
  if (first != last && (first->rule.kind != rule.kind || first->rule.protocol != rule.protocol)) return Errno::invalid;
  if (rule.handle == 0) rule.handle = first == last ? 1 : std::prev(last)->rule.handle + 1;
  const auto place = std::ranges::lower_bound(first, last, rule.handle, {}, &handle_of);
  if (place != last && place->rule.handle == rule.handle) return Errno::exists;
  Entry& entry = *entries_.emplace(place);
  entry.rule = std::move(rule);
  if (entry.rule.action != IngressAction::none || entry.rule.police) entry.rule.action_index = ++last_action_;
  if (entry.rule.police) entry.tokens = burst_time(*entry.rule.police);
  return {};
}

base::Result<void> IngressFilter::remove(unsigned preference) {
  const auto removed = std::erase_if(entries_, [&](const Entry& entry) { return entry.rule.preference == preference; });
  return removed != 0 ? base::Result<void>() : Errno::no_entry;
}

void IngressFilter::forget(const NetDevice& target) {
  for (Entry& entry : entries_) {
    if (entry.rule.target != &target) continue;
    entry.rule.target = nullptr;
    entry.rule.action = IngressAction::shot;
  }
}

base::Result<IngressStats> IngressFilter::stats(unsigned preference) const {
  const auto found = std::ranges::lower_bound(entries_, preference, {}, &preference_of);
  if (found == entries_.end() || found->rule.preference != preference) return Errno::no_entry;
  return found->stats;
}

bool IngressFilter::matches(const IngressRule& rule, skb::SkBuff& skb, std::uint16_t protocol, unsigned cpu) {
  if (rule.protocol != 0 && rule.protocol != protocol) return false;
  if (const auto* keys = std::get_if<U32Match>(&rule.match)) return agrees(*keys, skb);
  const auto header = skb.mac_offset();
  skb.restore(header);
  const bool match = std::get<BpfMatch>(rule.match).run({skb, cpu}) != 0;
  skb.pull(header);
  return match;
}

/// Tokens are time, so that nothing is lost by rounding: what the bytes would take at the rate.
bool IngressFilter::conforms(Entry& entry, std::uint32_t bytes, platform::Nanoseconds now) {
  const platform::Nanoseconds tokens = std::min(entry.tokens + (now - entry.filled), burst_time(*entry.rule.police));
  const platform::Nanoseconds cost = time_of(bytes, entry.rule.police->rate_bytes);
  if (cost > tokens) return false;
  entry.tokens = tokens - cost;
  entry.filled = now;
  return true;
}

skb::Skb IngressFilter::run(kernel::Cpu& cpu, skb::Skb skb) {
  const std::uint16_t protocol = skb->protocol;
  auto left = classify(cpu, std::move(skb), protocol);
  return left ? *std::move(left) : nullptr;
}

base::Result<skb::Skb> IngressFilter::run_sent(kernel::Cpu& cpu, skb::Skb skb) {
  constexpr std::size_t kTypeAt = 12;
  const std::uint16_t protocol = base::load_be16(skb->bytes(), kTypeAt);
  const bool tagged = protocol == kEtherTypeVlan && skb->headlen() >= kEthernetHeaderBytes + kVlanTagBytes;
  skb->pull(kEthernetHeaderBytes + (tagged ? kVlanTagBytes : 0));
  auto left = classify(cpu, std::move(skb), protocol);
  if (left && *left) (*left)->restore((*left)->mac_offset());
  return left;
}

base::Result<skb::Skb> IngressFilter::drop(kernel::Cpu& cpu, Entry& entry, skb::Skb skb) const {
  ++entry.stats.dropped;
  skb::drop(cpu, std::move(skb), dropped_);
  return Errno::no_buffers;
}

/// Linux: tcf_classify, and what the first match says.
base::Result<skb::Skb> IngressFilter::classify(kernel::Cpu& cpu, skb::Skb skb, std::uint16_t protocol) {
  cpu.charge(kernel::Op::tc_classify);
  for (Entry& entry : entries_) {
    if (!matches(entry.rule, *skb, protocol, cpu.id())) continue;
    const std::uint32_t bytes = skb->len() + skb->mac_offset();
    ++entry.stats.packets;
    entry.stats.bytes += bytes;
    const bool within = !entry.rule.police || conforms(entry, bytes, cpu.now());
    if (!within) ++entry.stats.overlimits;
    if (!within || entry.rule.action == IngressAction::shot) return drop(cpu, entry, std::move(skb));
    NetDevice* target = entry.rule.target;
    if (target == nullptr) return skb;
    if (!target->core()->may_redirect(cpu)) return drop(cpu, entry, std::move(skb));
    if (entry.rule.action == IngressAction::redirect) {
      send_by(cpu, std::move(skb), *target);
      return skb::Skb();
    }
    if (skb::Skb copy = skb->clone()) {
      send_by(cpu, std::move(copy), *target);
    } else {
      cpu.count_drop(DropReason::tap_no_memory, skb->id());
    }
    return skb;
  }
  return skb;
}

}  // namespace host::device
