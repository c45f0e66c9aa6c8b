// SPDX-License-Identifier: Apache-2.0
// cosnic run and cosnic console: a host behind the NIC, and whoever is at the other end of the wire.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "sim/app/commands.hpp"
#include "sim/app/console_command.hpp"
#include "sim/app/console_scenario.hpp"
#include "sim/app/duration.hpp"
#include "sim/app/feed_scenario.hpp"
#include "sim/app/frame_sources.hpp"
#include "sim/app/output_file.hpp"
#include "sim/app/peer_scenario.hpp"
#include "sim/app/script_scenario.hpp"
#include "sim/app/summary.hpp"
#include "sim/app/tap_scenario.hpp"
#include "sim/app/terminal.hpp"
#include "sim/board/board.hpp"
#include "sim/board/wire_capture.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

constexpr std::uint64_t kPeerFrames = 1000;           // of a peer that has no protocol to speak
constexpr Picoseconds kCaptureInterval = 10'000'000;  // a capture's frames, when nobody sends them back
constexpr unsigned kWindow = 64;

/// FILE.fst[:FROM:TO]
void parse_trace(const std::string& text, board::BoardOptions& options) {
  if (text.empty()) return;
  const auto first = text.find(':');
  options.trace_file = text.substr(0, first);
  if (options.trace_file.empty())
    throw UserError(fmt::format("'{}' names no trace file; write FILE.fst[:FROM:TO]", text));
  if (!options.trace_file.ends_with(".fst"))
    throw UserError(fmt::format("the trace '{}' would be in FST format; name it FILE.fst", options.trace_file));
  static_cast<void>(OutputFile(options.trace_file));
  if (first == std::string::npos) return;
  const auto second = text.find(':', first + 1);
  if (second == std::string::npos) {
    throw UserError(fmt::format("'{}' has a beginning but no end; write FILE.fst:FROM:TO, like t.fst:10us:20us", text));
  }
  options.trace_from = parse_duration(text.substr(first + 1, second - first - 1));
  options.trace_to = parse_duration(text.substr(second + 1));
  if (options.trace_from >= options.trace_to)
    throw UserError(fmt::format("the trace '{}' ends before it begins", text));
}

struct PcapWire {
  std::string in;
  std::string out;
};

/// IN[:OUT]; a file name that has a colon is taken whole when it exists.
PcapWire parse_pcap(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || std::filesystem::exists(text)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

/// What the wire argument asks for, opened before anything is built, so that mistakes show at once.
struct WireEnd {
  std::unique_ptr<attach::Tap> tap;
  std::shared_ptr<CaptureSource> capture;
  std::string out;
  bool peer = false;
};

/// No frame of a capture may be longer than `longest`.
WireEnd open_wire(const std::string& text, std::size_t longest) {
  WireEnd end;
  if (text == "peer") {
    end.peer = true;
  } else if (text.starts_with("tap:")) {
    end.tap = std::make_unique<attach::Tap>(text.substr(4));
  } else if (text.starts_with("pcap:")) {
    const PcapWire files = parse_pcap(text.substr(5));
    end.capture = std::make_shared<CaptureSource>(files.in, longest);
    end.out = files.out;
  } else {
    throw UserError(fmt::format("no wire '{}'; write tap:NAME, pcap:IN[:OUT] or peer", text));
  }
  return end;
}

std::unique_ptr<board::Scenario> make_scenario(board::Board& board, WireEnd& end, HostAppKind app,
                                               const HostAddresses& addresses, const PeerPlan& plan) {
  const board::BoardConfig& config = board.config();
  if (end.tap) return std::make_unique<TapScenario>(board, *end.tap, app, addresses);
  if (end.peer && app == HostAppKind::udp_echo) return std::make_unique<PeerScenario>(board, addresses.ipv4, plan);
  FeedScenario::Options options{.app = app, .addresses = addresses, .feeder = {}};
  options.feeder.seed = config.seed;
  options.feeder.faults_per_thousand = config.wire.faults_per_thousand;
  if (app == HostAppKind::reflect) {
    options.feeder.window = kWindow;
  } else if (end.capture) {
    options.feeder.interval = kCaptureInterval;
  }
  wire::Feeder::Source source = random_frames(kPeerFrames, config.seed);
  if (end.capture) source = [capture = end.capture] { return capture->next(); };
  auto scenario = std::make_unique<FeedScenario>(board, std::move(source), options);
  if (app == HostAppKind::reflect) scenario->expect_echo();
  return scenario;
}

/// Both captures, if wanted, fed by the cable.
class Captures {
 public:
  Captures(wire::Cable& cable, const std::string& both, const std::string& sent) {
    if (!both.empty()) both_.emplace(both, board::WireCapture::Content::everything);
    if (!sent.empty()) sent_.emplace(sent, board::WireCapture::Content::sent_by_nic);
    if (!both_ && !sent_) return;
    cable.observe([this](wire::Cable::Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict verdict,
                         Picoseconds start, Picoseconds) {
      if (both_) both_->on_wire(way, bytes, verdict, start);
      if (sent_) sent_->on_wire(way, bytes, verdict, start);
    });
  }
  void close() {
    if (both_) both_->close();
    if (sent_) sent_->close();
  }

 private:
  std::optional<board::WireCapture> both_;
  std::optional<board::WireCapture> sent_;
};

}  // namespace

namespace {

/// Somebody at the console, or nobody but a script.
enum class Desk : std::uint8_t { empty, taken };

int run(const RunArguments& arguments, Desk desk) {
  const HostAppKind app = parse_host_app(arguments.app);
  const HostAddresses addresses = parse_addresses(arguments.addresses);
  const Picoseconds limit = arguments.limit.empty() ? 0 : parse_duration(arguments.limit);
  board::BoardOptions options;
  parse_trace(arguments.trace, options);
  OutputFile stats(arguments.stats);
  std::vector<ScriptLine> script;
  if (!arguments.script.empty()) script = read_script(arguments.script);
  board::BoardConfig config =
      arguments.nic_config.empty() ? board::BoardConfig{} : board::load_config(arguments.nic_config);
  config.seed = arguments.seed;
  config.host.cost_file = arguments.costs;
  config.nic.kind = board::parse_nic_kind(arguments.nic);
  WireEnd end = open_wire(arguments.wire, config.nic.mtu + kOverMtu);

  board::Board board(config, options);
  Captures captures(board.cable(), arguments.capture, end.out);
  std::unique_ptr<board::Scenario> scenario = make_scenario(board, end, app, addresses, {.print = desk == Desk::empty});
  const ScriptScenario* scripted = nullptr;
  if (!script.empty()) {
    auto wrapped = std::make_unique<ScriptScenario>(std::move(scenario), std::move(script));
    scripted = wrapped.get();
    scenario = std::move(wrapped);
  }
  const ConsoleScenario* console = nullptr;
  board::RunOptions run_options = terminal_options(limit);
  if (desk == Desk::taken) {
    using WhileTyping = ConsoleScenario::WhileTyping;
    const auto while_typing = end.tap ? WhileTyping::goes_on : WhileTyping::stands_still;
    auto wrapped = std::make_unique<ConsoleScenario>(std::move(scenario), while_typing, console_interrupt());
    console = wrapped.get();
    scenario = std::move(wrapped);
    run_options.progress = nullptr;  // the terminal is somebody else's
  }
  board::Report report = board.run(*scenario, run_options);
  end_progress();
  if (scripted != nullptr) scripted->print_unfinished();
  captures.close();
  if (end.capture) add_skipped(end.capture->skipped(), report);
  stats.write(report.json());
  const int status = exit_status(report);
  if (console == nullptr || status != 0) print_summary(report);
  return console == nullptr || status != 0 ? status : console->status();
}

}  // namespace

int run_command(const RunArguments& arguments) {
  return run(arguments, Desk::empty);
}

int console_command(const RunArguments& arguments) {
  return run(arguments, Desk::taken);
}

}  // namespace sim::app
