// SPDX-License-Identifier: Apache-2.0
// A world at work: builds what its plan says, boots every host, lets it run, and counts.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/attach/capture_writer.hpp"
#include "sim/board/agenda_module.hpp"
#include "sim/board/scenario.hpp"
#include "sim/world/bridge.hpp"
#include "sim/world/station.hpp"
#include "sim/world/tap_end.hpp"
#include "sim/world/wire.hpp"

namespace sim::world {

struct WorldOptions {
  std::string prefix;  ///< of the simulator's names, for several worlds in one process
  Printer print = [](std::string_view) {};
};

class World {
 public:
  /// Throws UserError for what cannot be built: files for captures, costs that nobody knows.
  explicit World(WorldPlan plan, WorldOptions options = {});
  ~World();

  /// From power-on to the end, once. `options.limit`: 0 takes the plan's.
  [[nodiscard]] board::Report run(const board::RunOptions& options);

  [[nodiscard]] const WorldPlan& plan() const { return plan_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Wire>>& wires() const { return wires_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Bridge>>& bridges() const { return bridges_; }
  [[nodiscard]] Station& station(std::size_t index) { return *stations_[index]; }

 private:
  class Supervisor;

  void make_wires();
  void make_stations();
  void plug_bridges_and_taps();
  void capture(std::size_t wire);
  void supervise(const board::RunOptions& options);
  [[nodiscard]] bool wait_until_up();
  void watch(const board::RunOptions& options);
  void settle();
  void close_all();
  void end_world();
  [[nodiscard]] std::uint64_t activity() const;
  [[nodiscard]] std::uint64_t core_cycles() const;
  void report_wires(board::Report& report) const;

  WorldPlan plan_;
  WorldOptions options_;
  board::AgendaModule agenda_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::vector<std::unique_ptr<Bridge>> bridges_;
  TapEnds taps_;
  std::vector<std::unique_ptr<Station>> stations_;
  std::vector<std::unique_ptr<attach::CaptureWriter>> captures_;
  std::unique_ptr<Supervisor> supervisor_;
  board::Report report_;
};

}  // namespace sim::world
