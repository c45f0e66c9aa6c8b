// SPDX-License-Identifier: Apache-2.0
// New flows first, then old ones; those that must pause stand aside, ordered by when they may go on.
#include "host/qdisc/fq.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "host/kernel/kernel.hpp"
#include "host/qdisc/tbf.hpp"

namespace host::qdisc {
namespace {

using platform::Nanoseconds;

constexpr Nanoseconds kLongestPause = 1'000'000'000;
constexpr std::uint32_t kControlPriority = 7;  // TC_PRIO_CONTROL
constexpr std::uint32_t kPriorityMask = 15;    // TC_PRIO_MAX
constexpr std::uint32_t kMostFlows = 1u << 18;

}  // namespace

Fq::Fq(const Context& context) : Qdisc("fq"), context_(context), watchdog_([this](kernel::Cpu& cpu) { wake(cpu); }) {
  options_.quantum = 2 * context.mtu;
  options_.initial_quantum = 10 * context.mtu;
  flows_.resize(options_.orphan_mask + 1);
}

base::Result<void> Fq::change(kernel::Cpu& cpu, const Options& options) {
  const auto* wanted = std::get_if<FqOptions>(&options);
  if (wanted == nullptr) return Qdisc::change(cpu, options);
  const bool flows = std::has_single_bit(wanted->orphan_mask + std::uint64_t{1}) && wanted->orphan_mask < kMostFlows;
  const bool buckets = wanted->buckets > 0 && wanted->buckets <= kMostFlows;
  if (!flows || !buckets || wanted->quantum == 0) return base::Errno::invalid;
  if (wanted->orphan_mask != options_.orphan_mask) clear(cpu);  // flows would not find themselves again
  options_ = *wanted;
  flows_.resize(options_.orphan_mask + 1);
  while (packets_ > options_.limit) {
    skb::Skb skb = take(cpu);
    if (!skb) break;
    drop(cpu, std::move(skb), base::DropReason::qdisc_full);
  }
  return {};
}

skb::Skb Fq::pop(PacketQueue& queue) {
  skb::Skb skb = queue.pop();
  if (!skb) return nullptr;
  --packets_;
  bytes_ -= wire_bytes(*skb);
  return skb;
}

Verdict Fq::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  if (packets_ >= options_.limit) {
    drop(cpu, std::move(skb), base::DropReason::qdisc_full);
    return Verdict::drop;
  }
  const bool urgent = (skb->priority & kPriorityMask) == kControlPriority;
  const std::size_t which = context_.flow_hash(*skb) & options_.orphan_mask;
  Flow& flow = flows_[which];
  if (!urgent && flow.queue.size() >= options_.flow_limit) {
    ++stats_.flows_plimit;
    drop(cpu, std::move(skb), base::DropReason::fq_flow_limit);
    return Verdict::drop;
  }
  ++packets_;
  bytes_ += wire_bytes(*skb);
  if (urgent) {
    ++stats_.urgent;
    urgent_.push(std::move(skb));
    return Verdict::success;
  }
  if (!flow.known) {
    flow.known = true;
    flow.credit = options_.initial_quantum;
    ++stats_.flows;
  }
  if (flow.row == Row::none) {
    const bool refill = cpu.now() > flow.since + options_.refill_delay;
    if (refill) flow.credit = std::max<std::int64_t>(flow.credit, options_.quantum);
    flow.row = Row::fresh;
    fresh_.push_back(which);
  }
  flow.queue.push(std::move(skb));
  return Verdict::success;
}

void Fq::release_throttled(Nanoseconds now) {
  while (!throttled_.empty() && throttled_.begin()->first <= now) {
    const std::size_t which = throttled_.begin()->second;
    throttled_.erase(throttled_.begin());
    flows_[which].row = Row::old;
    old_.push_back(which);
  }
}

void Fq::throttle(std::size_t which, Nanoseconds until) {
  flows_[which].row = Row::throttled;
  throttled_.emplace(until, which);
  ++stats_.throttled;
}

/// maxrate, or what the packet's socket asks for if that is less (SO_MAX_PACING_RATE).
std::uint64_t Fq::rate_of(const skb::SkBuff& skb) const {
  const skb::PacketOwner* owner = skb.owner.get();
  return owner == nullptr ? options_.max_rate : std::min(options_.max_rate, owner->pacing_rate);
}

/// What was sent buys a pause; the part of an earlier pause that was overslept shortens it, by half of it at most.
void Fq::pace(Flow& flow, const skb::SkBuff& sent, Nanoseconds now) {
  const std::uint64_t rate = rate_of(sent);
  if (!options_.pacing || rate == FqOptions::kNoRate) return;
  std::uint64_t paid = wire_bytes(sent);
  if (rate <= options_.low_rate_threshold) {
    flow.credit = 0;
  } else {
    paid = std::max<std::uint64_t>(paid, options_.quantum);
    if (flow.credit > 0) return;
  }
  Nanoseconds pause = kLongestPause;
  if (rate != 0) pause = wire_time(paid, rate);
  if (pause > kLongestPause) {
    pause = kLongestPause;
    ++stats_.pkts_too_long;
  }
  if (flow.next != 0) pause -= std::min(pause / 2, now - flow.next);
  flow.next = now + pause;
}

skb::Skb Fq::take(kernel::Cpu& cpu) {
  if (skb::Skb skb = pop(urgent_)) return skb;
  const Nanoseconds now = cpu.now();
  release_throttled(now);
  for (;;) {
    const bool is_fresh = !fresh_.empty();
    auto& row = is_fresh ? fresh_ : old_;
    if (row.empty()) break;
    const std::size_t which = row.front();
    Flow& flow = flows_[which];
    row.pop_front();
    if (flow.credit <= 0) {
      flow.credit += options_.quantum;
      flow.row = Row::old;
      old_.push_back(which);
      continue;
    }
    if (flow.queue.empty()) {
      const bool waits_once_more = is_fresh && !old_.empty();
      flow.row = waits_once_more ? Row::old : Row::none;
      flow.since = now;
      if (waits_once_more) old_.push_back(which);
      continue;
    }
    if (now < flow.next) {
      throttle(which, flow.next);
      continue;
    }
    row.push_front(which);
    skb::Skb skb = pop(flow.queue);
    flow.credit -= wire_bytes(*skb);
    pace(flow, *skb, now);
    return skb;
  }
  if (!throttled_.empty()) watchdog_.schedule(cpu, throttled_.begin()->first);
  return nullptr;
}

void Fq::clear(kernel::Cpu& cpu) {
  watchdog_.cancel();
  fresh_.clear();
  old_.clear();
  throttled_.clear();
  while (skb::Skb skb = pop(urgent_)) purge(cpu, std::move(skb));
  for (Flow& flow : flows_) {
    while (skb::Skb skb = pop(flow.queue)) purge(cpu, std::move(skb));
    flow = {};
  }
}

FqStats Fq::fq_stats() const {
  FqStats all = stats_;
  all.throttled_now = throttled_.size();
  all.inactive = all.flows - fresh_.size() - old_.size() - throttled_.size();
  return all;
}

}  // namespace host::qdisc
