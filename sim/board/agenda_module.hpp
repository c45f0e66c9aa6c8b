// SPDX-License-Identifier: Apache-2.0
// The cable's agenda on SystemC's clock.
#pragma once

#include <systemc>

#include "sim/wire/agenda.hpp"

namespace sim::board {

/// Acts only at half nanoseconds: CPUs act on whole ones and the bus on odd picoseconds, so that no two
/// processes ever meet on one instant and their order never depends on the simulator.
class AgendaModule final : public sc_core::sc_module, public wire::Agenda {
 public:
  explicit AgendaModule(sc_core::sc_module_name name);

  [[nodiscard]] Picoseconds now() const override;
  void at(Picoseconds when, wire::Rank rank, Action action) override;

 private:
  void run();

  wire::ActionQueue queue_;
  sc_core::sc_event due_;
  Picoseconds armed_ = wire::ActionQueue::kNever;
};

}  // namespace sim::board
