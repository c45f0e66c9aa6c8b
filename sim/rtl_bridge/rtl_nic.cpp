// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/rtl_nic.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sim::rtl_bridge {
namespace {

constexpr std::uint64_t kLongestBatch = 16'384;  // core cycles: the kernel hears of us now and then

Picoseconds picoseconds(const sc_core::sc_time& time) {
  return static_cast<Picoseconds>(time.value());
}

sc_core::sc_time sc_picoseconds(Picoseconds time) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(time));
}

}  // namespace

RtlNic::RtlNic(sc_core::sc_module_name name, std::unique_ptr<NicEngine> engine, std::uint64_t max_batch)
    : sc_module(name), engine_(std::move(engine)), max_batch_(max_batch == 0 ? kLongestBatch : max_batch) {
  sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
  SC_METHOD(run);
}

/// Whatever the world does from now on reaches the NIC a look-ahead later; and while nothing is pending,
/// it does nothing before the next pending moment.
Picoseconds RtlNic::horizon(Picoseconds now) const {
  Picoseconds first_act = now;
  const auto* context = sc_core::sc_get_curr_simcontext();
  if (!sc_core::sc_pending_activity_at_current_time(context)) {
    const auto idle = sc_core::sc_time_to_pending_activity(context).value();
    first_act = now + static_cast<Picoseconds>(std::min<sc_dt::uint64>(idle, INT64_MAX / 4));
  }
  return std::min(first_act + engine_->lookahead(), end_);
}

void RtlNic::run() {
  ++wakeups_;
  const Picoseconds now = picoseconds(sc_core::sc_time_stamp());
  const Picoseconds until = horizon(now);
  const std::uint64_t cycles = engine_->core_cycles();
  const Picoseconds present = engine_->run(until, max_batch_);
  if (!engine_->failure().empty()) {
    std::fprintf(stderr, "error: %s\n", engine_->failure().c_str());
    return sc_core::sc_stop();
  }
  if (present >= end_) return;

  // What the NIC does next reaches the world a look-ahead after `present`: until just before then, the
  // world may go on alone. A batch that ended by its length goes on when its time has come.
  const bool cut_short = engine_->core_cycles() - cycles >= max_batch_;
  const Picoseconds wake = cut_short ? present : present + engine_->lookahead() - 1;
  next_trigger(sc_picoseconds(std::max<Picoseconds>(wake - now, 0)));
}

void RtlNic::catch_up(Picoseconds until) {
  const Picoseconds end = std::min(until, end_);
  while (engine_->present() < end && engine_->failure().empty()) {
    static_cast<void>(engine_->run(end, kLongestBatch));
  }
}

}  // namespace sim::rtl_bridge
