// SPDX-License-Identifier: Apache-2.0
// Tokens are time: the bucket holds as much as the burst takes on the wire at the rate.
#include "host/qdisc/tbf.hpp"

#include <algorithm>
#include <utility>

#include "host/kernel/kernel.hpp"
#include "host/qdisc/create.hpp"
#include "host/qdisc/packet_queue.hpp"

namespace host::qdisc {
namespace {

using platform::Nanoseconds;

constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

Nanoseconds wire_time(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  const std::uint64_t whole = bytes / bytes_per_second;  // seconds, so that nothing overflows
  const std::uint64_t rest = bytes % bytes_per_second;
  const double part = static_cast<double>(rest) * static_cast<double>(kSecond) / static_cast<double>(bytes_per_second);
  return static_cast<Nanoseconds>(whole * kSecond + static_cast<std::uint64_t>(part));
}

Tbf::Tbf(const Context& context) : Qdisc("tbf"), context_(context), watchdog_([this](kernel::Cpu& cpu) { wake(cpu); }) {
  set_child(create_bfifo(context_));
}

void Tbf::set_child(std::unique_ptr<Qdisc> child) {
  child_ = std::move(child);
  adopt(*child_);
}

base::Result<void> Tbf::change(kernel::Cpu& cpu, const Options& options) {
  const auto* wanted = std::get_if<TbfOptions>(&options);
  if (wanted == nullptr) return base::Errno::invalid;
  if (wanted->rate == 0 || wanted->burst == 0) return base::Errno::invalid;
  if (wanted->peak_rate != 0 && (wanted->peak_rate <= wanted->rate || wanted->peak_burst == 0)) {
    return base::Errno::invalid;
  }
  options_ = *wanted;
  if (child_->kind() == "bfifo") {
    if (const auto limited = child_->change(cpu, FifoOptions{options_.limit}); !limited) return limited;
  }
  tokens_ = wire_time(options_.burst, options_.rate);
  peak_tokens_ = options_.peak_rate == 0 ? 0 : wire_time(options_.peak_burst, options_.peak_rate);
  checked_ = cpu.now();
  return {};
}

std::uint32_t Tbf::largest() const {
  return options_.peak_rate == 0 ? options_.burst : std::min(options_.burst, options_.peak_burst);
}

Verdict Tbf::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  if (wire_bytes(*skb) <= largest()) return child_->enqueue(cpu, std::move(skb));
  if (!skb->is_gso() || !context_.segment) {
    drop(cpu, std::move(skb), base::DropReason::qdisc_too_big);
    return Verdict::drop;
  }
  auto segments = context_.segment(cpu, *skb);
  if (!segments || segments->front()->len() > largest()) {
    drop(cpu, std::move(skb), segments ? base::DropReason::qdisc_too_big : base::DropReason::tx_no_memory);
    return Verdict::drop;
  }
  bool any = false;
  for (skb::Skb& segment : *segments) {
    set_note(*segment, {.bytes = segment->len()});
    any = child_->enqueue(cpu, std::move(segment)) != Verdict::drop || any;
  }
  return any ? Verdict::success : Verdict::drop;
}

skb::Skb Tbf::take(kernel::Cpu& cpu) {
  const skb::SkBuff* next = child_->peek(cpu);
  if (next == nullptr) return nullptr;
  const Nanoseconds now = cpu.now();
  const Nanoseconds full = wire_time(options_.burst, options_.rate);
  const Nanoseconds passed = std::min(now - checked_, full);
  const Nanoseconds tokens = std::min(tokens_ + passed, full) - wire_time(wire_bytes(*next), options_.rate);
  Nanoseconds peak = 0;
  if (options_.peak_rate != 0) {
    const Nanoseconds peak_full = wire_time(options_.peak_burst, options_.peak_rate);
    peak = std::min(peak_tokens_ + passed, peak_full) - wire_time(wire_bytes(*next), options_.peak_rate);
  }
  if (tokens < 0 || peak < 0) {
    watchdog_.schedule(cpu, now + std::max(-tokens, -peak));
    count_overlimit();
    return nullptr;
  }
  checked_ = now;
  tokens_ = tokens;
  peak_tokens_ = peak;
  return child_->dequeue(cpu);
}

void Tbf::clear(kernel::Cpu& cpu) {
  child_->reset(cpu);
  tokens_ = options_.rate == 0 ? 0 : wire_time(options_.burst, options_.rate);
  peak_tokens_ = options_.peak_rate == 0 ? 0 : wire_time(options_.peak_burst, options_.peak_rate);
  checked_ = cpu.now();
  watchdog_.cancel();
}

base::Result<std::unique_ptr<Qdisc>> Tbf::graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) {
  if (minor != 1) return base::Errno::no_entry;
  std::unique_ptr<Qdisc> old = std::move(child_);
  set_child(child ? std::move(child) : create_bfifo(context_));
  return old;
}

}  // namespace host::qdisc
