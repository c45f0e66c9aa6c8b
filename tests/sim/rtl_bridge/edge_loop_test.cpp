// SPDX-License-Identifier: Apache-2.0
// The bridge without SystemC, around a loop: what goes in comes out, at the right edge.
#include <Vloop_nic.h>

#include "sim/rtl_bridge/edge_loop.hpp"

#include <catch2/catch.hpp>

#include "sim/rtl_bridge/bare_loop.hpp"
#include "sim/rtl_bridge/pin_tape.hpp"
#include "tests/sim/rtl_bridge/recorder.hpp"

using namespace sim::rtl_bridge;
using sim::Picoseconds;
using tests::frame_of;
using tests::write_tlp;

namespace {

constexpr sim::pcie::Credits kPlenty{64, 1024, 64, 64};

struct Bench {
  explicit Bench(EngineOptions options = {}) {
    options.observer = &world;
    options.lookahead = 1'000'000'000;  // nobody answers here
    engine = std::make_unique<EdgeLoop<Vloop_nic>>(options);
    engine->connect({&world, &world});
    engine->host_credits(kPlenty, 0);
  }
  void run(Picoseconds until) {
    while (engine->present() < until && engine->failure().empty()) static_cast<void>(engine->run(until, 1'000'000));
  }
  tests::Recorder world;
  std::unique_ptr<NicEngine> engine;
};

}  // namespace

TEST_CASE("TLPs of every length pass the pins unchanged and in order", "[bridge]") {
  EngineOptions options;
  options.output_stall_percent = GENERATE(0U, 60U);
  if (GENERATE(false, true)) options.clocks = tied_clocks();
  Bench bench(options);
  std::vector<sim::pcie::Tlp> sent;
  for (unsigned dw = 1; dw <= 40; ++dw) {
    sent.push_back(write_tlp(dw % 2 == 0 ? 0x1000 : 0x1'0000'0000, dw, dw));
    sim::pcie::Request read;
    read.tag = static_cast<std::uint8_t>(dw);
    sent.push_back(make_request(read));
  }
  for (const auto& tlp : sent) bench.engine->to_nic(tlp, 200'000);
  // credits follow what has been used, as a root complex would do
  bench.engine->host_credits({100, 2000, 64, 64}, 0);
  bench.run(30'000'000);
  INFO(bench.engine->failure());
  REQUIRE(bench.world.tlps.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(bench.world.tlps[i].first.header == sent[i].header);
    CHECK(bench.world.tlps[i].first.payload == sent[i].payload);
  }
  CHECK(bench.world.credits.posted_headers == sent.size());
}

TEST_CASE("A TLP is offered at the first core edge at or after its time", "[bridge]") {
  Bench bench;
  bench.engine->to_nic(write_tlp(0x1000, 1, 0), 400'000);
  bench.engine->to_nic(write_tlp(0x1000, 1, 0), 500'001);
  bench.run(1'000'000);
  REQUIRE(bench.world.tlps.size() == 2);
  // skid buffer and loop take one edge each, the transfer is the one after
  CHECK(bench.world.tlps[0].second == 400'000 + 2 * 4000);
  CHECK(bench.world.tlps[1].second == 504'000 + 2 * 4000);
}

TEST_CASE("The NIC sends no more than the credits it was given", "[bridge]") {
  Bench bench;
  bench.engine->host_credits({2, 32, 64, 64}, 1000);
  for (unsigned i = 0; i < 5; ++i) bench.engine->to_nic(write_tlp(0x1000, 1, i), 200'000);
  bench.run(1'000'000);
  CHECK(bench.world.tlps.size() == 2);
  bench.engine->host_credits({3, 48, 64, 64}, 2'000'000);
  bench.run(3'000'000);
  REQUIRE(bench.world.tlps.size() == 3);
  CHECK(bench.world.tlps[2].second > 2'000'000);
}

TEST_CASE("Credit counters wrap as PCIe counters do", "[bridge]") {
  Bench bench;
  sim::pcie::Credits limit = kPlenty;
  for (unsigned i = 0; i < 1000; ++i) {
    limit.posted_headers = 64 + i;
    limit.posted_data = 1024 + i;
    bench.engine->host_credits(limit, 200'000 + 20'000 * i);
    bench.engine->to_nic(write_tlp(0x1000, 1, i), 200'000 + 20'000 * i);
  }
  bench.run(40'000'000);
  CHECK(bench.world.tlps.size() == 1000);
}

TEST_CASE("Frames of every length pass the wire, faults stay faults", "[bridge]") {
  EngineOptions options;
  if (GENERATE(false, true)) options.clocks = tied_clocks();
  Bench bench(options);
  for (unsigned bytes = 60; bytes <= 200; ++bytes) bench.engine->frame_to_nic(frame_of(bytes, bytes), 300'000);
  sim::wire::Frame bad = frame_of(100, 1);
  bad.fault = sim::wire::Fault::bad_fcs;
  bench.engine->frame_to_nic(bad, 300'000);
  bench.run(50'000'000);
  REQUIRE(bench.world.frames.size() == 142);
  for (unsigned i = 0; i < 141; ++i) {
    CHECK(bench.world.frames[i] == frame_of(60 + i, 60 + i).bytes);
    CHECK(bench.world.verdicts[i] == sim::wire::FrameSink::Verdict::good);
  }
  CHECK(bench.world.verdicts[141] == sim::wire::FrameSink::Verdict::bad_fcs);
  CHECK(bench.engine->decoder().counters().short_gap == 0);
  CHECK(bench.world.event_count > 0);
}

TEST_CASE("A broken assertion is an error with its time, not an abort", "[bridge]") {
  Bench bench;
  sim::pcie::Tlp poisoned = write_tlp(0x1000, 1, 0);
  poisoned.header[0] |= 1U << 14;
  bench.engine->to_nic(poisoned, 400'000);
  bench.run(1'000'000);
  CHECK_THAT(bench.engine->failure(), Catch::Contains("the RTL stopped at 404.000 ns (core cycle 101)"));
  const auto present = bench.engine->present();
  bench.run(2'000'000);
  CHECK(bench.engine->present() == present);
}

TEST_CASE("What comes too late for the look-ahead is an error that says so", "[bridge]") {
  Bench bench;
  bench.run(1'000'000);
  bench.engine->to_nic(write_tlp(0x1000, 1, 0), 990'000);
  CHECK_THAT(bench.engine->failure(), Catch::Contains("below the look-ahead"));
}

TEST_CASE("The engine stops when the world could answer", "[bridge]") {
  tests::Recorder world;
  EngineOptions options;
  options.lookahead = 150'000;
  EdgeLoop<Vloop_nic> engine(options);
  engine.connect({&world, &world});
  engine.host_credits(kPlenty, 0);
  engine.to_nic(write_tlp(0x1000, 1, 0), 400'000);
  const Picoseconds reached = engine.run(100'000'000, 1'000'000);
  REQUIRE(world.credits.posted_headers == 1);  // the first thing that left
  CHECK(reached >= 400'000 + 300'000);
  CHECK(reached <= 400'000 + 300'000 + 3 * 4000);
}

TEST_CASE("A recording played bare does the same work", "[bridge]") {
  PinTape tape;
  EngineOptions options;
  options.record = &tape;
  options.output_stall_percent = 30;
  Bench bench(options);
  for (unsigned i = 1; i < 50; ++i) {
    bench.engine->to_nic(write_tlp(0x1000, i % 30 + 1, i), 200'000 + 30'000 * i);
    bench.engine->frame_to_nic(frame_of(60 + i, i), 200'000 + 100'000 * i);
  }
  bench.run(10'000'000);
  std::uint64_t beats = 0;
  for (const auto& [tlp, at] : bench.world.tlps) beats += std::max<std::size_t>(1, (tlp.payload.size() + 7) / 8);
  const BareResult bare = run_bare<Vloop_nic>(tape, options, 10'000'000);
  CHECK(bare.core_cycles == bench.engine->core_cycles());
  CHECK(bare.evals == bench.engine->evals());
  CHECK(bare.tlp_out_beats == beats);
  CHECK(beats > 49);
}
