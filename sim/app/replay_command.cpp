// SPDX-License-Identifier: Apache-2.0
// cosnic replay: each frame of a capture through the NIC to the host, and back unchanged.
#include <memory>

#include "sim/app/commands.hpp"
#include "sim/app/feed_scenario.hpp"
#include "sim/app/frame_sources.hpp"
#include "sim/app/output_file.hpp"
#include "sim/app/summary.hpp"
#include "sim/app/terminal.hpp"
#include "sim/board/board.hpp"
#include "sim/board/wire_capture.hpp"

namespace sim::app {

int replay_command(const ReplayArguments& arguments) {
  board::BoardConfig config =
      arguments.nic_config.empty() ? board::BoardConfig{} : board::load_config(arguments.nic_config);
  config.seed = arguments.seed;
  config.host.cost_file = arguments.costs;
  config.nic.kind = board::parse_nic_kind(arguments.nic);
  CaptureSource capture(arguments.in, config.nic.mtu + kOverMtu);
  OutputFile stats(arguments.stats);
  board::WireCapture out(arguments.out, board::WireCapture::Content::sent_by_nic);

  board::Board board(config);
  board.cable().observe([&out](wire::Cable::Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict verdict,
                               Picoseconds start, Picoseconds) { out.on_wire(way, bytes, verdict, start); });
  FeedScenario::Options options{.app = HostAppKind::reflect, .addresses = {}, .feeder = {}};
  options.feeder.window = arguments.window;
  options.feeder.seed = config.seed;
  options.feeder.faults_per_thousand = config.wire.faults_per_thousand;
  FeedScenario scenario(
      board, [&capture] { return capture.next(); }, options);
  scenario.expect_echo();

  board::Report report = board.run(scenario, terminal_options(0));
  end_progress();
  out.close();
  add_skipped(capture.skipped(), report);
  print_summary(report);
  stats.write(report.json());
  return exit_status(report);
}

}  // namespace sim::app
