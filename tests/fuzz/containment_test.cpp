// SPDX-License-Identifier: Apache-2.0
// Every hostile host and completer that the NIC is known by name to contain, one test each, on packed and on split
// rings: traffic goes on while it lasts, the counter that speaks of it has moved, nothing outside of what was granted
// is touched (sim/fuzz), and after a function level reset the RTL does what the reference model does.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "rtl/contract/nic_contract.hpp"
#include "sim/fuzz/bench.hpp"
#include "sim/nic_model/model_engine.hpp"

namespace {

using namespace contract;
using sim::fuzz::Operation;
using sim::fuzz::Outcome;
using sim::fuzz::Plan;
using sim::fuzz::RingKind;
using sim::fuzz::Rule;
using sim::pcie::Misdeed;
using Kind = Operation::Kind;

constexpr unsigned kPairs = 2;
constexpr unsigned kRounds = 8;
constexpr sim::Picoseconds kMicrosecond = 1'000'000;

class Scene {
 public:
  explicit Scene(RingKind ring) {
    const auto bit = [](unsigned number) { return std::uint64_t{1} << number; };
    plan_.machine.pairs = kPairs;
    plan_.machine.ring = ring;
    plan_.machine.features = bit(F_VERSION_1) | bit(F_RING_RESET) | bit(NET_F_MRG_RXBUF) | bit(NET_F_CSUM) |
                             bit(NET_F_HOST_TSO4) | bit(RING_F_INDIRECT_DESC) | bit(RING_F_EVENT_IDX) |
                             (ring == RingKind::packed ? bit(F_RING_PACKED) : 0);
    plan_.machine.reorder = true;
    plan_.machine.completion_timeout = 7000;
    plan_.chaos = true;
    for (unsigned pair = 0; pair < kPairs; ++pair) {
      plan_.epilogue.push_back({Kind::receive_buffers, pair, 12, next_++});
      plan_.epilogue.push_back({Kind::transmit, pair, 4, next_++});
    }
    plan_.epilogue.push_back({Kind::wire, 0, 12, next_++});
  }

  sim::fuzz::Machine& machine() { return plan_.machine; }
  Scene& then(Kind kind, unsigned pair = 0, unsigned count = 0) {
    plan_.operations.push_back({kind, pair, count, next_++});
    return *this;
  }
  /// Both directions of every pair, busy for a few microseconds from now on.
  Scene& traffic() {
    for (unsigned pair = 0; pair < kPairs; ++pair) then(Kind::receive_buffers, pair, 16).then(Kind::transmit, pair, 8);
    return then(Kind::wire, 0, 16);
  }
  Scene& quiet() { return then(Kind::sync); }

  /// Plays it. `witnesses`: counters, of which one at least must have moved, in the model too unless that is a
  /// matter of its times.
  void contained(const std::vector<StatIndex>& witnesses, bool also_in_model = true) const {
    const Outcome rtl = run_plan(plan_, sim::rtl_bridge::make_nic_engine);
    const Outcome model = run_plan(plan_, [](const sim::rtl_bridge::EngineOptions& options) {
      return std::unique_ptr<sim::rtl_bridge::NicEngine>(sim::nic_model::make_model_engine(options));
    });
    const std::string verdict = judge(rtl, "rtl", model, "model");
    INFO(verdict);
    REQUIRE(verdict.empty());
    REQUIRE(rtl.writes > 0);
    require_moved(rtl, witnesses);
    if (also_in_model) require_moved(model, witnesses);
  }

 private:
  static void require_moved(const Outcome& outcome, const std::vector<StatIndex>& witnesses) {
    REQUIRE(outcome.counters.size() == STAT_COUNT);
    std::string text;
    for (unsigned i = 0; i < STAT_COUNT; ++i) {
      if (outcome.counters[i] != 0) text += fmt::format("{} {}\n", kStatNames[i], outcome.counters[i]);
    }
    INFO(text);
    std::uint64_t seen = 0;
    for (const StatIndex witness : witnesses) seen += outcome.counters[witness];
    REQUIRE(seen > 0);
  }

  Plan plan_;
  std::uint64_t next_ = 1;
};

RingKind any_ring() {
  return GENERATE(RingKind::packed, RingKind::split);
}

const std::vector<StatIndex> kDescriptorErrors = {STAT_RX_DESC_ERROR, STAT_TX_DESC_ERROR};

void breaks(Rule rule) {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) {
    scene.traffic().then(Kind::broken, round % kPairs, static_cast<unsigned>(rule)).traffic().quiet();
    if (round + 1 < kRounds) scene.then(Kind::reset);
  }
  scene.contained(kDescriptorErrors);
}

void strikes(Misdeed misdeed, unsigned per_mille, const std::vector<StatIndex>& witnesses) {
  Scene scene(any_ring());
  scene.machine().adversary.per_mille.at(static_cast<std::size_t>(misdeed)) = per_mille;
  scene.machine().adversary.delay = 3 * kMicrosecond;
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::wait, 0, 30'000);
  scene.quiet().contained(witnesses);
}

}  // namespace

// ------------------------------------------------------------------------------------------ descriptors

TEST_CASE("Descriptor loops and chains longer than the ring", "[containment]") {
  breaks(Rule::endless);
}
TEST_CASE("A descriptor of length 0", "[containment]") {
  breaks(Rule::empty);
}
TEST_CASE("A descriptor of more than 64 KB", "[containment]") {
  breaks(Rule::huge);
}
TEST_CASE("A descriptor that wraps the address space", "[containment]") {
  breaks(Rule::wraps);
}
TEST_CASE("A descriptor of the wrong direction", "[containment]") {
  breaks(Rule::direction);
}
TEST_CASE("An indirect table in an indirect table", "[containment]") {
  breaks(Rule::indirect);
}

// ------------------------------------------------------------------------------------------------ rings

TEST_CASE("A ring that is unmapped under way", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) {
    scene.traffic().then(Kind::unmap, round % kPairs, round / kPairs).traffic().quiet();
    if (round + 1 < kRounds) scene.then(Kind::reset);
  }
  scene.contained({STAT_CPL_ERROR_STATUS});
}

TEST_CASE("Ring addresses written while the queue is enabled change nothing", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::move, round % kPairs, round / kPairs);
  scene.traffic().quiet().contained({STAT_RX_DELIVERED});
}

TEST_CASE("Ring indices that jump, and rubbish in the ring", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) {
    scene.traffic().then(Kind::jump, round % kPairs, round / kPairs).traffic().quiet().then(Kind::reset);
  }
  scene.traffic().quiet().contained(kDescriptorErrors, false);
}

// -------------------------------------------------------------------------------------------- registers

TEST_CASE("Doorbells of absent queues, and a flood of them", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) {
    scene.traffic().then(Kind::stray_doorbell).then(Kind::spurious_kick, round % kPairs, round / kPairs % 2);
  }
  scene.quiet().contained({STAT_DOORBELL_BAD});
}

TEST_CASE("A flood of doorbells in the middle of a reset", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < 4 * kRounds; ++round) scene.traffic().then(Kind::reset);  // a quarter of them with
  scene.traffic().quiet().contained({STAT_DOORBELLS});
}

TEST_CASE("Feature bits that were never offered", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::bad_features);
  scene.traffic().quiet().contained({STAT_RX_DELIVERED});
}

// ----------------------------------------------------------------------------------------------- resets

TEST_CASE("Queue resets under full traffic", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < 2 * kRounds; ++round) {
    scene.traffic().then(Kind::queue_reset, round % kPairs, round / kPairs % 2);
  }
  scene.quiet().contained({STAT_RX_DROP_RESET, STAT_TX_DROP_RESET, STAT_RX_DROP_NOT_READY, STAT_RX_DROP_MISSED});
}

TEST_CASE("Device resets under full traffic", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::reset).then(Kind::wire, 0, 8);
  scene.quiet().contained({STAT_RX_DROP_RESET, STAT_TX_DROP_RESET, STAT_RX_DROP_MISSED});
}

TEST_CASE("Function level resets under full traffic", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::function_reset);
  scene.traffic().quiet().contained({STAT_RX_DELIVERED});
}

TEST_CASE("Bus mastering switched off under full traffic", "[containment]") {
  Scene scene(any_ring());
  for (unsigned round = 0; round < kRounds; ++round) {
    scene.traffic().then(Kind::master_off, 0, 500 + 700 * round).traffic().then(Kind::reset);
  }
  scene.traffic().quiet().contained({STAT_WRITES_DISCARDED}, false);
}

// ------------------------------------------------------------------------------------------ completions

TEST_CASE("Completions that are lost", "[containment]") {
  strikes(Misdeed::drop, 60, {STAT_CPL_TIMEOUT});
}
TEST_CASE("Completions that come twice", "[containment]") {
  strikes(Misdeed::duplicate, 300, {STAT_CPL_UNEXPECTED, STAT_CPL_BAD_LENGTH, STAT_CPL_BAD_ADDRESS});
}
TEST_CASE("Completions that come late and out of order", "[containment]") {
  strikes(Misdeed::delay, 500, {STAT_RX_DELIVERED});
}
TEST_CASE("Completions that come after their time-out", "[containment]") {
  Scene scene(any_ring());
  scene.machine().adversary.per_mille.at(static_cast<std::size_t>(Misdeed::delay)) = 300;
  scene.machine().adversary.delay = 60 * kMicrosecond;  // 28 us is the limit
  for (unsigned round = 0; round < kRounds; ++round) scene.traffic().then(Kind::wait, 0, 70'000);
  scene.quiet().contained({STAT_CPL_LATE});
}
TEST_CASE("Completions with UR, CA or CRS", "[containment]") {
  strikes(Misdeed::refuse, 100, {STAT_CPL_ERROR_STATUS});
}
TEST_CASE("Completions that are too short", "[containment]") {
  strikes(Misdeed::shorten, 100, {STAT_CPL_BAD_LENGTH});
}
TEST_CASE("Completions that are too long", "[containment]") {
  strikes(Misdeed::lengthen, 100, {STAT_CPL_BAD_LENGTH});
}
TEST_CASE("Completions that are poisoned", "[containment]") {
  strikes(Misdeed::poison, 100, {STAT_CPL_POISONED});
}
TEST_CASE("Completions for somebody else", "[containment]") {
  strikes(Misdeed::misdirect, 100, {STAT_CPL_BAD_REQUESTER, STAT_CPL_UNEXPECTED});
}
TEST_CASE("Completions of another place", "[containment]") {
  strikes(Misdeed::miscount, 100, {STAT_CPL_BAD_ADDRESS, STAT_CPL_BAD_LENGTH});
}
TEST_CASE("Completions with a false bit", "[containment]") {
  strikes(Misdeed::corrupt, 300, {STAT_RX_DELIVERED});
}

// ----------------------------------------------------------------------------------- credits, interrupts, wire

TEST_CASE("Credits starved for a millisecond and given back", "[containment]") {
  Scene scene(any_ring());
  scene.machine().adversary.starve_every = 1500 * kMicrosecond;
  scene.machine().adversary.starve_for = 1000 * kMicrosecond;
  for (unsigned round = 0; round < 2 * kRounds; ++round) scene.traffic().then(Kind::wait, 0, 100'000);
  scene.quiet().contained({STAT_RX_DROP_NO_BUFFER, STAT_RX_DROP_FIFO_OVERFLOW, STAT_RX_DROP_MISSED});
}

TEST_CASE("MSI-X masked for a millisecond", "[containment]") {
  Scene scene(any_ring());
  scene.traffic().then(Kind::mask, 0, 1'000'000).traffic().then(Kind::mask, 0, 50'000).traffic();
  scene.quiet().contained({STAT_IRQ_PENDED}, false);
}

TEST_CASE("A storm of frames without buffers", "[containment]") {
  Scene scene(any_ring());
  scene.then(Kind::wire, 0, 400).traffic().then(Kind::wire, 0, 400);
  scene.quiet().contained({STAT_RX_DROP_NO_BUFFER});
}
