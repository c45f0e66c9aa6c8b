// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/user_error.hpp"
#include "sim/world/read_plan.hpp"

namespace sim::world {
namespace {

using pcie::sc_ps;

constexpr Picoseconds kWatchInterval = 50 * kMicrosecond;
constexpr Picoseconds kQuiet = 400 * kMicrosecond;  // longer than any timer of a transmit or receive path
constexpr Picoseconds kSettleAtMost = 2'000 * kMillisecond;
constexpr Picoseconds kBootAtMost = 1'000 * kMillisecond;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

/// The thread that watches a run.
class World::Supervisor final : public sc_core::sc_module {
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

World::World(WorldPlan plan, WorldOptions options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      agenda_((options_.prefix + "agenda").c_str()),
      taps_(agenda_),
      captures_(plan_.wires.size()),
      supervisor_(std::make_unique<Supervisor>((options_.prefix + "supervisor").c_str())) {
  make_wires();
  plug_bridges_and_taps();
  make_stations();
}

World::~World() = default;

void World::make_wires() {
  for (std::size_t i = 0; i < plan_.wires.size(); ++i) {
    const WirePlan& wire = plan_.wires[i];
    Picoseconds middle = wire.delay;
    for (const std::string& text : wire.ends) {
      const auto end = find_end(plan_, text);
      const bool pcie = end->kind == WireEnd::Kind::port && plan_.hosts[end->index].ports[end->port].nic != Nic::native;
      if (pcie) middle -= nic_end_of(wire);
    }
    wires_.push_back(std::make_unique<Wire>(agenda_, wire, wire.seed.value_or(plan_.seed * 1000 + i), middle));
    if (!wire.capture.empty()) capture(i);
  }
}

/// One file a wire, both ends as interfaces; frames as they enter, in the order of time.
void World::capture(std::size_t number) {
  Wire& wire = *wires_[number];
  const auto& ends = wire.plan().ends;
  captures_[number] =
      std::make_unique<attach::CaptureWriter>(wire.plan().capture, std::vector<std::string>{ends[0], ends[1]});
  wire.observe([&writer = *captures_[number]](unsigned from, const FrameBytes& frame, Picoseconds begin) {
    writer.write(from, frame, begin, attach::CaptureWriter::Direction::outbound);
  });
}

void World::plug_bridges_and_taps() {
  for (const SwitchPlan& plan : plan_.switches) bridges_.push_back(std::make_unique<Bridge>(agenda_, plan));
  for (const auto& wire : wires_) {
    for (unsigned end = 0; end < 2; ++end) {
      const auto place = find_end(plan_, wire->plan().ends[end]);
      if (place->kind == WireEnd::Kind::bridge) bridges_[place->index]->plug(*wire, end);
      if (place->kind == WireEnd::Kind::tap) taps_.add(plan_.taps[place->index], *wire, end);
    }
  }
}

void World::make_stations() {
  std::vector<std::vector<Station::Plug>> plugs(plan_.hosts.size());
  for (std::size_t i = 0; i < plan_.hosts.size(); ++i) plugs[i].resize(plan_.hosts[i].ports.size());
  for (const auto& wire : wires_) {
    for (unsigned end = 0; end < 2; ++end) {
      const auto place = find_end(plan_, wire->plan().ends[end]);
      if (place->kind == WireEnd::Kind::port) plugs[place->index][place->port] = {wire.get(), end};
    }
  }
  for (std::size_t i = 0; i < plan_.hosts.size(); ++i) {
    const HostPlan& host = plan_.hosts[i];
    Station::Options options{.seed = host.seed.value_or(plan_.seed * 100 + i),
                             .number = i,
                             .prefix = options_.prefix,
                             .print = options_.print};
    stations_.push_back(std::make_unique<Station>(host, std::move(options), plugs[i]));
  }
}

board::Report World::run(const board::RunOptions& options) {
  report_.seed = plan_.seed;
  supervisor_->task([this, &options] { supervise(options); });
  const auto begin = std::chrono::steady_clock::now();
  sc_core::sc_start();
  for (const auto& station : stations_) {
    for (const auto& nic : station->nics()) nic->nic().catch_up(INT64_MAX);
  }
  report_.wall_seconds = seconds_since(begin);
  report_.core_cycles = core_cycles();
  for (const auto& capture : captures_) {
    if (capture) capture->close();
  }
  return std::move(report_);
}

void World::supervise(const board::RunOptions& options) {
  if (wait_until_up()) {
    watch(options);
    settle();
    report_.simulated = agenda_.now();
    report_wires(report_);
    for (const auto& station : stations_) station->report(report_);
    close_all();
    for (const auto& station : stations_) {
      if (station->closed()) station->report_after_close(report_);
    }
  }
  end_world();
}

bool World::wait_until_up() {
  const auto is_ready = [](const auto& station) { return station->is_up() || !station->problem().empty(); };
  while (!std::ranges::all_of(stations_, is_ready) && agenda_.now() < kBootAtMost) {
    sc_core::wait(sc_ps(10 * kMicrosecond));
  }
  for (const auto& station : stations_) {
    if (!station->problem().empty()) {
      report_.violations.push_back(station->problem());
    } else if (!station->is_up()) {
      report_.violations.push_back(
          fmt::format("host '{}' did not come up within a second of simulated time", station->plan().name));
    }
  }
  return report_.violations.empty();
}

/// Until programs and scripts have nothing more to do, the time is over, or somebody pressed Ctrl-C.
void World::watch(const board::RunOptions& options) {
  const auto wall_begin = std::chrono::steady_clock::now();
  const Picoseconds limit = options.limit > 0 ? options.limit : plan_.duration;
  const Picoseconds end = limit > 0 ? agenda_.now() + limit : INT64_MAX;
  for (const auto& station : stations_) station->begin();
  taps_.begin();
  const bool endless = limit > 0 || !taps_.empty();  // the operating system's programs are nobody's here
  const auto is_over = [](const auto& station) { return station->finished(); };
  while (agenda_.now() < end && (endless || !std::ranges::all_of(stations_, is_over))) {
    if (options.interrupted != nullptr && options.interrupted->load()) break;
    sc_core::wait(sc_ps(std::min(kWatchInterval, end - agenda_.now())));
    if (options.progress) options.progress({agenda_.now(), core_cycles(), seconds_since(wall_begin)});
  }
  taps_.stop();
  for (const auto& station : stations_) station->stop();
}

std::uint64_t World::core_cycles() const {
  std::uint64_t cycles = 0;
  for (const auto& station : stations_) {
    for (const auto& nic : station->nics()) cycles += nic->nic().engine().core_cycles();
  }
  return cycles;
}

std::uint64_t World::activity() const {
  std::uint64_t sum = 0;
  for (const auto& station : stations_) sum += station->activity();
  for (const auto& wire : wires_) sum += wire->counters(0).delivered + wire->counters(1).delivered;
  return sum;
}

void World::settle() {
  const auto is_busy = [](const auto& wire) {
    return wire->counters(0).under_way + wire->counters(1).under_way + wire->waiting(0) + wire->waiting(1) != 0;
  };
  const Picoseconds deadline = agenda_.now() + kSettleAtMost;
  std::uint64_t before = activity();
  Picoseconds since = agenda_.now();
  while (agenda_.now() < deadline && agenda_.now() - since < kQuiet) {
    sc_core::wait(sc_ps(kWatchInterval));
    if (const std::uint64_t after = activity(); after != before || std::ranges::any_of(wires_, is_busy)) {
      before = after;
      since = agenda_.now();
    }
  }
}

void World::close_all() {
  for (const auto& station : stations_) station->shut_down();
  const auto is_closed = [](const auto& station) { return station->closed(); };
  const Picoseconds deadline = agenda_.now() + kSettleAtMost;
  while (!std::ranges::all_of(stations_, is_closed) && agenda_.now() < deadline) {
    sc_core::wait(sc_ps(10 * kMicrosecond));
  }
  for (const auto& station : stations_) {
    if (station->closed()) continue;
    report_.violations.push_back(fmt::format("the ports of '{}' could not be closed", station->plan().name));
  }
}

/// NICs may be some look-aheads ahead; they stop at one time, whatever their batches were.
void World::end_world() {
  const Picoseconds end = agenda_.now() + 4 * kMicrosecond;
  for (const auto& station : stations_) {
    for (const auto& nic : station->nics()) nic->nic().stop_at(end);
  }
  sc_core::wait(sc_ps(end - agenda_.now()));
  for (const auto& station : stations_) station->machine().cpus().end_world();
  sc_core::wait(sc_ps(kMicrosecond));
  sc_core::sc_stop();
}

}  // namespace sim::world
