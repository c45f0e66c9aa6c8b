// SPDX-License-Identifier: Apache-2.0
#include "sim/board/agenda_module.hpp"

#include <algorithm>
#include <utility>

namespace sim::board {
namespace {

constexpr Picoseconds kNanosecond = 1000;
constexpr Picoseconds kHalf = 500;

/// The first half nanosecond at or after `when`.
Picoseconds half_nanosecond(Picoseconds when) {
  return (when + kNanosecond - kHalf - 1) / kNanosecond * kNanosecond + kHalf;
}

}  // namespace

AgendaModule::AgendaModule(sc_core::sc_module_name name) : sc_core::sc_module(name) {
  SC_HAS_PROCESS(AgendaModule);
  SC_METHOD(run);
  sensitive << due_;
  dont_initialize();
}

Picoseconds AgendaModule::now() const {
  return static_cast<Picoseconds>(sc_core::sc_time_stamp().value());
}

void AgendaModule::at(Picoseconds when, wire::Rank rank, Action action) {
  const Picoseconds moment = half_nanosecond(std::max(when, now()));
  queue_.add(moment, rank, std::move(action));
  if (moment >= armed_) return;
  armed_ = moment;
  due_.cancel();
  due_.notify(sc_core::sc_time::from_value(static_cast<sc_core::sc_time::value_type>(moment - now())));
}

void AgendaModule::run() {
  queue_.run(now());
  armed_ = queue_.next();
  if (armed_ == wire::ActionQueue::kNever) return;
  due_.notify(sc_core::sc_time::from_value(static_cast<sc_core::sc_time::value_type>(armed_ - now())));
}

}  // namespace sim::board
