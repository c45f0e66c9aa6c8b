// SPDX-License-Identifier: Apache-2.0
#include "sim/board/board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <utility>

#include "sim/board/costs.hpp"
#include "sim/board/statistics.hpp"
#include "sim/nic_model/model_engine.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::board {
namespace {

constexpr Picoseconds kNanosecond = 1'000;
constexpr Picoseconds kMicrosecond = 1'000'000;
constexpr Picoseconds kWatchInterval = 50 * kMicrosecond;
constexpr Picoseconds kQuiet = 400 * kMicrosecond;  // longer than any timer of the transmit or receive path
constexpr Picoseconds kSettleAtMost = 100'000 * kMicrosecond;
constexpr Picoseconds kBootAtMost = 1'000'000 * kMicrosecond;

sc_core::sc_time sc_picoseconds(Picoseconds time) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(time));
}

Picoseconds lookahead_of(const BoardConfig& config) {
  return std::min(config.link.latency_ns, config.wire.propagation_ns) * kNanosecond;
}

Picoseconds byte_time_of(const WireConfig& wire) {
  return 8'000 / wire.gbps;
}

rtl_bridge::Clocks clocks_of(const BoardConfig& config) {
  const Picoseconds mac_period = 8 * byte_time_of(config.wire);
  if (config.clocks.tied) return rtl_bridge::tied_clocks(mac_period);
  rtl_bridge::Clocks clocks;
  clocks.core_period = static_cast<Picoseconds>(std::llround(1e6 / config.clocks.core_mhz));
  clocks.mac_period = mac_period;
  clocks.mac_tx_phase %= mac_period;
  return clocks;
}

pcie::RootComplexConfig root_config(const BoardConfig& config) {
  pcie::RootComplexConfig root;
  root.link.generation = config.link.generation;
  root.link.width = config.link.width;
  root.link.latency = config.link.latency_ns * kNanosecond;
  root.memory_latency_min = config.memory.latency_ns * kNanosecond;
  root.memory_latency_max = (config.memory.latency_ns + config.memory.jitter_ns) * kNanosecond;
  root.read_completion_boundary = config.link.rcb;
  root.max_payload = config.link.mps;
  root.reorder = config.memory.reorder;
  root.split_randomly = config.memory.split;
  root.seed = config.seed;
  return root;
}

pcie::AdversaryConfig adversary_config(const BoardConfig& config) {
  pcie::AdversaryConfig adversary = config.adversary;
  adversary.seed = config.seed;
  return adversary;
}

rtl_bridge::EngineOptions make_engine_options(const BoardConfig& config, const BoardOptions& options,
                                              rtl_bridge::JourneyObserver* observer) {
  rtl_bridge::EngineOptions engine;
  engine.clocks = clocks_of(config);
  engine.wide = config.nic.kind == NicKind::rtl128;
  engine.mac_address = 0;
  for (std::size_t i = 0; i < config.nic.mac.size(); ++i) {
    engine.mac_address |= static_cast<std::uint64_t>(config.nic.mac[i]) << (8 * i);
  }
  engine.mtu = config.nic.mtu;
  engine.completion_timeout =
      static_cast<std::uint32_t>(config.nic.completion_timeout_us * kMicrosecond / engine.clocks.core_period);
  engine.lookahead = lookahead_of(config);
  engine.seed = config.seed;
  engine.encoder = {.start_lane = config.wire.start_lane,
                    .random_gap = config.wire.random_gap,
                    .seed = config.seed,
                    .byte_time = byte_time_of(config.wire)};
  engine.observer = observer;
  engine.record = options.record;
  engine.trace_file = options.trace_file;
  engine.trace_from = options.trace_from;
  engine.trace_to = options.trace_to;
  return engine;
}

/// The journey is told by the RTL's pins; the model has none.
bool observes(const BoardConfig& config, const BoardOptions& options) {
  return options.observe_journey && config.nic.kind != NicKind::model;
}

std::unique_ptr<rtl_bridge::NicEngine> make_engine(const BoardConfig& config,
                                                   const rtl_bridge::EngineOptions& options) {
  if (!options.trace_file.empty() && config.nic.kind != NicKind::rtl) {
    throw UserError("waves are of the 64-bit RTL only: --trace needs --nic rtl");
  }
  if (config.nic.kind != NicKind::model) return rtl_bridge::make_nic_engine(options);
  return nic_model::make_model_engine(options);
}

Machine::Options machine_options(const BoardConfig& config, const BoardOptions& options, std::function<void()> boot) {
  return {.cpus = config.host.cpus,
          .speed = options.cpu_speed,
          .host = {.seed = config.seed, .costs = costs_of(config.host), .skbs = {}},
          .boot = std::move(boot)};
}

}  // namespace

/// The thread that watches a run.
class Board::Supervisor final : public sc_core::sc_module {
 public:
  explicit Supervisor(sc_core::sc_module_name name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Supervisor);
    SC_THREAD(run);
  }
  void task(std::function<void()> task) { task_ = std::move(task); }

 private:
  void run() {
    if (task_) task_();
  }
  std::function<void()> task_;
};

Board::Board(const BoardConfig& config, const BoardOptions& options)
    : config_(config),
      agenda_("agenda"),
      cable_(agenda_, config.wire.propagation_ns * kNanosecond, byte_time_of(config.wire)),
      journey_(cable_.propagation()),
      machine_("host", machine_options(config, options, [this] { boot(); })),
      root_("root", root_config(config), machine_.iommu()),
      adversary_(adversary_config(config)),
      engine_options_(make_engine_options(config, options, observes(config, options) ? &journey_ : nullptr)),
      nic_("nic", make_engine(config, engine_options_), config.batch),
      supervisor_(std::make_unique<Supervisor>("supervisor")) {
  for (const auto& [name, value] : config.host.sysctls) {
    if (!machine_.kernel().sysctl().set(name, value)) {
      throw UserError(fmt::format("host.sysctl: '{}' is unknown or {} is out of its range", name, value));
    }
  }
  root_.memory.bind(machine_.memory().socket);
  root_.on_message(
      [this](std::uint64_t address, std::uint32_t data) { machine_.irqs().message_arrived(address, data); });
  root_.on_intx([this](bool asserted) { machine_.irqs().line_changed(asserted); });
  machine_.iommu().on_fault([this](const memory::IommuFault& fault) {
    if (first_iommu_fault_.empty()) first_iommu_fault_ = fault.text;
  });
  nic_.connect(root_, cable_);
  root_.attach(nic_.engine());
  if (!config.adversary.idle()) adversary_.join(root_);
  cable_.attach_nic(nic_.engine());
  nic_.engine().encoder().observe(
      [this](const wire::Frame& frame, Picoseconds start, Picoseconds end) { cable_.reached_nic(frame, start, end); });
  if (!observes(config, options)) return;
  machine_.kernel().observe(&journey_);
  cable_.observe([this](wire::Cable::Way way, std::span<const std::byte>, wire::FrameSink::Verdict verdict,
                        Picoseconds start, Picoseconds end) {
    if (way == wire::Cable::Way::to_nic || verdict == wire::FrameSink::Verdict::good) journey_.on_wire(way, start, end);
  });
}

/// A run that could not be brought to its end has been reported; what it left is not taken apart.
Board::~Board() {
  machine_.kernel().terminate_processes();
  if (!driver_ || !driver_->netdev().is_up()) return;
  static_cast<void>(driver_.release());
  machine_.abandon_host();
}

/// On CPU 0, before its kernel runs: what firmware does.
void Board::boot() {
  pcie::EnumerationConfig enumeration;
  enumeration.max_payload = config_.link.mps;
  enumeration.max_read_request = config_.link.mrrs;
  function_ = pcie::enumerate(root_, enumeration);
  if (!function_.found) {
    problem_ = "the NIC was not found on the bus: " + function_.problem;
    return;
  }
  root_.set_max_payload(function_.max_payload);
  pci_.emplace(root_, function_);
  machine_.kernel().spawn(0, "init", [this](host::kernel::Process& self) { return bring_up(self); });
}

host::kernel::Task<void> Board::bring_up(host::kernel::Process& self) {
  problem_ = open_interface(self.cpu());
  up_ = problem_.empty();
  co_return;
}

std::string Board::open_interface(host::kernel::Cpu& cpu) {
  host::driver::VirtioNetOptions options;
  options.rx_ring = config_.driver.rx_ring != 0 ? config_.driver.rx_ring : config_.host.queue_size;
  options.tx_ring = config_.driver.tx_ring != 0 ? config_.driver.tx_ring : config_.host.queue_size;
  options.queue_pairs = config_.driver.queue_pairs;
  options.ring = config_.driver.ring;
  options.features_off = config_.driver.features_off;
  options.interrupts = config_.driver.interrupts;
  options.napi = config_.driver.napi;
  options.rx_buffer = config_.driver.rx_buffer;
  options.coalesce = config_.driver.coalesce;
  options.lro_usecs = config_.driver.lro_usecs;
  auto driver = host::driver::VirtioNet::probe(cpu, host().net(), *pci_, options);
  if (!driver) return fmt::format("the driver refused the NIC: {}", errno_name(driver.error()));
  driver_ = std::move(driver).value();
  if (auto opened = driver_->netdev().open(cpu); !opened) {
    return fmt::format("the interface could not be opened: {}", errno_name(opened.error()));
  }
  return scenario_->host_is_up(host(), driver_->netdev());
}

host::kernel::Task<void> Board::shut_down(host::kernel::Process& self) {
  driver_->netdev().close(self.cpu());
  closed_ = true;
  co_return;
}

Report Board::run(Scenario& scenario, const RunOptions& options) {
  scenario_ = &scenario;
  report_ = Report{};
  report_.seed = config_.seed;
  supervisor_->task([this, &scenario, &options] { supervise(scenario, options); });
  const auto begin = std::chrono::steady_clock::now();
  sc_core::sc_start();
  nic_.catch_up(INT64_MAX);
  report_.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report_.core_cycles = nic_.engine().core_cycles();
  if (!nic_.engine().failure().empty()) report_.violations.push_back(nic_.engine().failure());
  if (!problem_.empty()) report_.violations.push_back(problem_);
  return std::move(report_);
}

void Board::supervise(Scenario& scenario, const RunOptions& options) {
  const Picoseconds boot_end = kBootAtMost;
  while (!up_ && problem_.empty() && agenda_.now() < boot_end) sc_core::wait(sc_picoseconds(10 * kMicrosecond));
  if (!up_ && problem_.empty()) problem_ = "the host did not come up within a second of simulated time";
  if (up_) {
    watch(scenario, options);
    settle();
    report_.simulated = agenda_.now();
    collect_statistics(*this, report_);
    scenario.report(report_);
    function_.config_space = pcie::read_config_space(root_, function_.bdf);
    machine_.spawn("shutdown", [this](host::kernel::Process& self) { return shut_down(self); });
    const Picoseconds deadline = agenda_.now() + kSettleAtMost;
    while (!closed_ && agenda_.now() < deadline) sc_core::wait(sc_picoseconds(10 * kMicrosecond));
    if (!closed_) report_.violations.emplace_back("the interface could not be closed");
    check_after_close(*this, report_);
  }
  end_world();
}

/// Until the scenario has nothing more to do, the time is over, or somebody pressed Ctrl-C.
void Board::watch(Scenario& scenario, const RunOptions& options) {
  const auto wall_begin = std::chrono::steady_clock::now();
  const Picoseconds end = options.limit > 0 ? agenda_.now() + options.limit : INT64_MAX;
  scenario.begin();
  while (agenda_.now() < end && !scenario.finished()) {
    if (options.interrupted != nullptr && options.interrupted->load()) break;
    sc_core::wait(sc_picoseconds(std::min(kWatchInterval, end - agenda_.now())));
    if (!options.progress) continue;
    options.progress({agenda_.now(), nic_.engine().core_cycles(),
                      std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_begin).count()});
  }
  scenario.stop();
}

std::uint64_t Board::activity() const {
  const auto& stats = driver_->netdev().stats();
  return cable_.to_nic().frames + cable_.from_nic().frames + stats.rx_packets + stats.tx_packets;
}

void Board::settle() {
  const Picoseconds deadline = agenda_.now() + kSettleAtMost;
  std::uint64_t before = activity();
  Picoseconds since = agenda_.now();
  while (agenda_.now() < deadline && agenda_.now() - since < kQuiet) {
    sc_core::wait(sc_picoseconds(kWatchInterval));
    if (const std::uint64_t after = activity(); after != before || cable_.line_free() > agenda_.now()) {
      before = after;
      since = agenda_.now();
    }
  }
}

/// The NIC may be some look-aheads ahead; it stops at one time, whatever its batches were.
void Board::end_world() {
  const Picoseconds end = agenda_.now() + 16 * lookahead_of(config_);
  nic_.stop_at(end);
  sc_core::wait(sc_picoseconds(end - agenda_.now()));
  machine_.cpus().end_world();
  sc_core::wait(sc_picoseconds(kMicrosecond));
  sc_core::sc_stop();
}

}  // namespace sim::board
