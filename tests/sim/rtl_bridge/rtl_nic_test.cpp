// SPDX-License-Identifier: Apache-2.0
// The bridge in SystemC, around a loop: however far it runs ahead, nobody can tell.
#include <Vloop_nic.h>

#include "sim/rtl_bridge/edge_loop.hpp"
#include "sim/rtl_bridge/rtl_nic.hpp"

#include <catch2/catch.hpp>

#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/seeded_random.hpp"
#include "tests/sim/rtl_bridge/recorder.hpp"

using namespace sim::rtl_bridge;
using sim::Picoseconds;
using sim::pcie::now_ps;
using sim::pcie::sc_ps;

namespace {

constexpr Picoseconds kLatency = 150'000;
constexpr Picoseconds kEnd = 60'000'000;

/// Answers every TLP and every frame a few times, a latency after it arrived, and wakes now and then for
/// nothing; on odd instants.
class Player : public sc_core::sc_module, public sim::pcie::HostPort, public sim::wire::FrameSink {
 public:
  SC_HAS_PROCESS(Player);
  Player(sc_core::sc_module_name name, NicEngine& nic) : sc_module(name), nic_(nic) {
    nic_.host_credits(limit_, 0);
    SC_THREAD(act);
    sensitive << wake_;
    SC_THREAD(return_frames);
    SC_THREAD(begin);
    SC_THREAD(fidget);
  }
  void from_nic(sim::pcie::Tlp tlp, Picoseconds at) override {
    record.from_nic(tlp, at);
    tlps_.emplace_back(std::move(tlp), (at + kLatency) | 1);
    wake_.notify(sc_ps(tlps_.front().second - now_ps()));
  }
  void nic_credits(const sim::pcie::Credits& total, Picoseconds at) override { record.nic_credits(total, at); }
  void frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds start, Picoseconds end) override {
    record.frame_from_nic(bytes, verdict, start, end);
    if (record.frames.size() > 200) return;
    frames_.emplace_back(std::move(bytes), (end + kLatency) | 1);
    frame_wake_.notify(sc_ps(frames_.front().second - now_ps()));
  }

  tests::Recorder record;

 private:
  void begin() {
    for (unsigned i = 0; i < 3; ++i) {
      wait(sc_ps(100'000 + 37'000 * i));
      nic_.to_nic(tests::write_tlp(0x1000 * i, 1 + 7 * i, i), now_ps() + kLatency);
      nic_.frame_to_nic(tests::frame_of(60 + 50 * i, i), now_ps() + kLatency);
    }
  }
  void act() {
    for (;;) {
      wait();
      while (!tlps_.empty() && tlps_.front().second <= now_ps()) answer();
      if (!tlps_.empty()) wake_.notify(sc_ps(tlps_.front().second - now_ps()));
    }
  }
  void return_frames() {
    for (;;) {
      wait(frame_wake_);
      while (!frames_.empty() && frames_.front().second <= now_ps()) {
        nic_.frame_to_nic({std::move(frames_.front().first)}, now_ps() + kLatency);
        frames_.pop_front();
      }
      if (!frames_.empty()) frame_wake_.notify(sc_ps(frames_.front().second - now_ps()));
    }
  }
  void answer() {
    sim::pcie::Tlp tlp = std::move(tlps_.front().first);
    tlps_.pop_front();
    tlp.header[1] += 0x100;  // next tag
    limit_.posted_headers += 1;
    limit_.posted_data += tlp.payload.size();
    nic_.host_credits(limit_, now_ps() + kLatency);
    nic_.to_nic(std::move(tlp), now_ps() + kLatency + static_cast<Picoseconds>(random_.below(50'000)));
  }
  void fidget() {
    for (;;) wait(sc_ps(static_cast<Picoseconds>(1000 * (1 + random2_.below(3000)))));
  }

  NicEngine& nic_;
  sc_core::sc_event wake_;
  sc_core::sc_event frame_wake_;
  std::deque<std::pair<sim::pcie::Tlp, Picoseconds>> tlps_;
  std::deque<std::pair<std::vector<std::byte>, Picoseconds>> frames_;
  sim::pcie::Credits limit_{64, 1024, 64, 64};
  sim::pcie::SeededRandom random_{5};
  sim::pcie::SeededRandom random2_{6};
};

struct Run {
  explicit Run(std::uint64_t batch)
      : nic(sc_core::sc_gen_unique_name("nic"), make_engine(journey), batch),
        player(sc_core::sc_gen_unique_name("player"), nic.engine()) {
    nic.connect(player, player);
    nic.stop_at(kEnd);
  }
  static std::unique_ptr<NicEngine> make_engine(tests::Recorder& journey) {
    EngineOptions options;
    options.lookahead = kLatency;
    options.observer = &journey;
    return std::make_unique<EdgeLoop<Vloop_nic>>(options);
  }
  tests::Recorder journey;
  RtlNic nic;
  Player player;
};

}  // namespace

TEST_CASE("Every batch length gives the same trace", "[bridge][batch]") {
  Run unlimited(0);
  std::vector<std::unique_ptr<Run>> runs;
  for (const std::uint64_t batch : {1U, 7U, 64U, 1000U}) runs.push_back(std::make_unique<Run>(batch));
  sc_core::sc_start(sc_ps(kEnd + 1'000'000));
  unlimited.nic.catch_up(kEnd);
  CHECK(unlimited.player.record.tlps.size() > 300);
  CHECK(unlimited.player.record.frames.size() > 100);
  CHECK(unlimited.nic.engine().failure().empty());
  for (const auto& run : runs) {
    run->nic.catch_up(kEnd);
    CHECK(run->player.record.trace == unlimited.player.record.trace);
    CHECK(run->journey.trace == unlimited.journey.trace);
    CHECK(run->nic.engine().core_cycles() == unlimited.nic.engine().core_cycles());
    CHECK(run->nic.engine().evals() == unlimited.nic.engine().evals());
  }
  CHECK(unlimited.nic.engine().core_cycles() == static_cast<std::uint64_t>(kEnd / 4000));
}

TEST_CASE("The NIC runs alone while the world sleeps", "[bridge][batch]") {
  tests::Recorder world;
  EngineOptions options;
  options.lookahead = kLatency;
  RtlNic nic("nic", std::make_unique<EdgeLoop<Vloop_nic>>(options));
  nic.connect(world, world);
  nic.stop_at(400'000'000);
  sc_core::sc_start(sc_ps(400'000'000));
  CHECK(nic.engine().core_cycles() == 100'000);
  CHECK(nic.wakeups() < 20);
}

TEST_CASE("With traffic, one wake-up covers two look-aheads", "[bridge][batch]") {
  Run run(0);
  sc_core::sc_start(sc_ps(kEnd));
  const auto per_wakeup = static_cast<double>(run.nic.engine().core_cycles()) / static_cast<double>(run.nic.wakeups());
  CHECK(per_wakeup > 0.9 * 2 * kLatency / 4000);
}

TEST_CASE("A failure of the RTL stops the simulation", "[bridge]") {
  tests::Recorder world;
  EngineOptions options;
  options.lookahead = kLatency;
  RtlNic nic("nic", std::make_unique<EdgeLoop<Vloop_nic>>(options));
  nic.connect(world, world);
  sim::pcie::Tlp poisoned = tests::write_tlp(0x1000, 1, 0);
  poisoned.header[0] |= 1U << 14;
  nic.engine().to_nic(poisoned, 400'000);
  sc_core::sc_start(sc_ps(10'000'000));
  CHECK(sc_core::sc_get_status() == sc_core::SC_STOPPED);
  CHECK_FALSE(nic.engine().failure().empty());
}
