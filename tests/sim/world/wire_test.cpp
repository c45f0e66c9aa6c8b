// SPDX-License-Identifier: Apache-2.0
// Wires keep rate, delay and queue, do what chances say and nothing else; switches learn and flood.
#include "sim/world/wire.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "sim/world/bridge.hpp"
#include "tests/sim/world/test_agenda.hpp"

using namespace sim;
using namespace sim::world;
using sim_test::TestAgenda;

namespace {

struct Far final : Attachment {
  explicit Far(TestAgenda& its) : agenda(its) {}
  void frame_arrives(FrameBytes frame, bool intact) override {
    times.push_back(agenda.now());
    frames.push_back(std::move(frame));
    good += intact ? 1 : 0;
  }
  TestAgenda& agenda;
  std::vector<Picoseconds> times;
  std::vector<FrameBytes> frames;
  unsigned good = 0;
};

/// `number` in each byte, so that damage shows; addresses of one byte each.
FrameBytes frame(unsigned number, std::size_t size = 100, unsigned to = 0, unsigned from = 0) {
  FrameBytes bytes(size, static_cast<std::byte>(number));
  for (std::size_t i = 0; i < 12; ++i) bytes[i] = std::byte{0};
  bytes[5] = static_cast<std::byte>(to);
  bytes[11] = static_cast<std::byte>(from);
  return bytes;
}

WirePlan plan(Impairment impairment = {}) {
  WirePlan wire;
  wire.ends = {"a", "b"};
  wire.impairment = impairment;
  return wire;
}

/// Sends `count` frames far enough apart that none waits.
Wire::Counters send_many(const WirePlan& wire_plan, unsigned count, Far& far, TestAgenda& agenda,
                         std::uint64_t seed = 1) {
  Wire wire(agenda, wire_plan, seed, wire_plan.delay);
  wire.attach(1, far);
  for (unsigned i = 0; i < count; ++i) {
    wire.send(0, frame(i), agenda.now());
    agenda.run(agenda.now() + kMicrosecond);
  }
  agenda.run(agenda.now() + kMillisecond);
  return wire.counters(0);
}

bool near(std::uint64_t value, double expected) {
  return static_cast<double>(value) > 0.8 * expected && static_cast<double>(value) < 1.2 * expected;
}

}  // namespace

TEST_CASE("a frame takes its length at the wire's rate, and the delay", "[sim][world]") {
  TestAgenda agenda;
  Far far(agenda);
  Wire wire(agenda, plan(), 1, 200 * kNanosecond);
  wire.attach(1, far);
  wire.send(0, frame(1, 1000), 0);
  wire.send(0, frame(2, 20), 0);  // padded to 60 on the line
  agenda.run(kMillisecond);
  const Picoseconds first = (1000 + 24) * 800 + 200 * kNanosecond;
  CHECK(far.times == std::vector<Picoseconds>{first, first + (60 + 24) * 800});
  CHECK(far.good == 2);
}

TEST_CASE("a frame that came byte by byte is over when its last byte is there", "[sim][world]") {
  TestAgenda agenda;
  Far far(agenda);
  Wire wire(agenda, plan(), 1, 200 * kNanosecond);
  wire.attach(1, far);
  agenda.run(10 * kMicrosecond);
  wire.send(0, frame(1, 1000), agenda.now() - (1000 + 24) * 800);
  agenda.run(kMillisecond);
  CHECK(far.times == std::vector<Picoseconds>{10 * kMicrosecond + 200 * kNanosecond});
}

TEST_CASE("frames beyond the queue are dropped and counted", "[sim][world]") {
  TestAgenda agenda;
  Far far(agenda);
  WirePlan slow = plan();
  slow.gbps = 0.1;
  slow.queue = 4;
  Wire wire(agenda, slow, 1, 0);
  wire.attach(1, far);
  for (unsigned i = 0; i < 10; ++i) wire.send(0, frame(i), 0);
  CHECK(wire.waiting(0) == 4);
  agenda.run(kMillisecond);
  CHECK(wire.waiting(0) == 0);
  CHECK(wire.counters(0).queue_full == 5);  // one was under way, four waited
  CHECK(far.frames.size() == 5);
}

TEST_CASE("each mishap happens as often as its chance says, and nothing else does", "[sim][world]") {
  constexpr unsigned kFrames = 4000;
  const auto run = [](Impairment impairment, Far& far, TestAgenda& agenda) {
    return send_many(plan(impairment), kFrames, far, agenda);
  };
  TestAgenda agenda;
  Far far(agenda);
  SECTION("none") {
    const auto c = run({}, far, agenda);
    CHECK(c.delivered == kFrames);
    CHECK(far.good == kFrames);
    for (unsigned i = 0; i < kFrames; ++i) CHECK(far.frames[i] == frame(i));
  }
  SECTION("loss") {
    const auto c = run({.loss = 0.1}, far, agenda);
    CHECK(near(c.lost, 0.1 * kFrames));
    CHECK(far.good == kFrames - c.lost);
  }
  SECTION("corrupt") {
    const auto c = run({.corrupt = 0.1}, far, agenda);
    CHECK(near(c.corrupted, 0.1 * kFrames));
    CHECK(far.frames.size() == kFrames);
    CHECK(far.good == kFrames - c.corrupted);
  }
  SECTION("damage") {
    const auto c = run({.damage = 0.1}, far, agenda);
    unsigned changed = 0;
    bool headers_whole = true;
    for (unsigned i = 0; i < kFrames; ++i) {
      const FrameBytes sent = frame(i);
      changed += far.frames[i] != sent ? 1 : 0;
      headers_whole = headers_whole && std::equal(sent.begin(), sent.begin() + 14, far.frames[i].begin());
    }
    CHECK(headers_whole);
    CHECK(near(c.damaged, 0.1 * kFrames));
    CHECK(changed == c.damaged);
    CHECK(far.good == kFrames);
  }
  SECTION("duplicate") {
    const auto c = run({.duplicate = 0.1}, far, agenda);
    CHECK(near(c.duplicated, 0.1 * kFrames));
    CHECK(far.frames.size() == kFrames + c.duplicated);
  }
  SECTION("reorder") {
    const auto c = run({.reorder = 0.1, .hold = 10 * kMicrosecond}, far, agenda);
    CHECK(near(c.reordered, 0.1 * kFrames));
    CHECK(far.frames.size() == kFrames);
    unsigned late = 0;
    for (unsigned i = 1; i < kFrames; ++i) late += far.frames[i][20] < far.frames[i - 1][20] ? 1 : 0;
    CHECK(late > c.reordered / 2);
  }
}

TEST_CASE("what is lost has taken its time of the line", "[sim][world]") {
  TestAgenda agenda;
  Far far(agenda);
  Wire wire(agenda, plan({.loss = 1}), 1, 0);
  wire.attach(1, far);
  CHECK(wire.send(0, frame(1, 1000), 0) == (1000 + 24) * 800);
  CHECK(wire.counters(0).lost == 1);
}

TEST_CASE("a mishap of chance zero draws nothing, so that it changes no other world", "[sim][world]") {
  TestAgenda agenda;
  Far far(agenda);
  static_cast<void>(send_many(plan({.loss = 0.5}), 200, far, agenda, 7));
  std::mt19937_64 random(2 * 7);
  std::vector<FrameBytes> kept;
  for (unsigned i = 0; i < 200; ++i) {
    if (static_cast<double>(random() >> 11) * 0x1p-53 >= 0.5) kept.push_back(frame(i));
  }
  CHECK(far.frames == kept);
}

TEST_CASE("equal seeds give equal digests, others do not", "[sim][world]") {
  const auto digest = [](std::uint64_t seed, double loss) {
    TestAgenda agenda;
    Far far(agenda);
    return send_many(plan({.loss = loss}), 200, far, agenda, seed).digest;
  };
  CHECK(digest(1, 0.1) == digest(1, 0.1));
  CHECK(digest(1, 0.1) != digest(2, 0.1));
  CHECK(digest(1, 0) == digest(2, 0));
  const auto delayed = [](Picoseconds delay) {
    TestAgenda agenda;
    Far far(agenda);
    WirePlan wire = plan();
    wire.delay = delay;
    return send_many(wire, 200, far, agenda).digest;
  };
  CHECK(delayed(kNanosecond) != delayed(2 * kNanosecond));
}

TEST_CASE("a switch learns, forwards, floods, filters and forgets", "[sim][world]") {
  TestAgenda agenda;
  Bridge bridge(agenda, {.name = "s", .queue = 100, .table = 2, .age = kMillisecond});
  std::vector<std::unique_ptr<Wire>> wires;
  std::vector<std::unique_ptr<Far>> hosts;
  for (unsigned i = 0; i < 3; ++i) {
    wires.push_back(std::make_unique<Wire>(agenda, plan(), i, 0));
    hosts.push_back(std::make_unique<Far>(agenda));
    wires.back()->attach(0, *hosts.back());
    bridge.plug(*wires.back(), 1);
  }
  const auto send = [&](unsigned from, unsigned to) {
    wires[from]->send(0, frame(1, 60, to, from + 1), agenda.now());
    agenda.run(agenda.now() + 10 * kMicrosecond);
  };
  const auto got = [&] {
    return std::vector{hosts[0]->frames.size(), hosts[1]->frames.size(), hosts[2]->frames.size()};
  };
  send(0, 2);  // nobody knows 2
  CHECK(got() == std::vector<std::size_t>{0, 1, 1});
  send(1, 1);  // 1 is known by now
  CHECK(got() == std::vector<std::size_t>{1, 1, 1});
  send(0, 2);
  CHECK(got() == std::vector<std::size_t>{1, 2, 1});
  send(2, 1);  // no room for a third address, but for forwarding
  CHECK(got() == std::vector<std::size_t>{2, 2, 1});
  CHECK(bridge.counters().table_full == 1);
  send(0, 1);  // to where it came from
  CHECK(got() == std::vector<std::size_t>{2, 2, 1});
  CHECK(bridge.counters().filtered == 1);
  agenda.run(agenda.now() + 2 * kMillisecond);
  send(0, 2);  // 2 is forgotten
  CHECK(got() == std::vector<std::size_t>{2, 3, 2});
  send(2, 1);  // and there is room for 3 now
  CHECK(bridge.counters().table_full == 1);
  const auto& c = bridge.counters();
  CHECK(c.received + c.copies == c.bad_fcs + c.filtered + c.queue_full + c.sent);
}

TEST_CASE("a switch follows who moves, learns no group, and passes no frame with a wrong FCS", "[sim][world]") {
  TestAgenda agenda;
  Bridge bridge(agenda, {.name = "s"});
  Wire one(agenda, plan(), 1, 0);
  Wire two(agenda, plan(), 2, 0);
  Wire bad(agenda, plan({.corrupt = 1}), 3, 0);
  Far first(agenda);
  Far second(agenda);
  Far third(agenda);
  one.attach(0, first);
  two.attach(0, second);
  bad.attach(0, third);
  for (Wire* wire : {&one, &two, &bad}) bridge.plug(*wire, 1);
  const auto send = [&](Wire& wire, const FrameBytes& bytes) {
    wire.send(0, bytes, agenda.now());
    agenda.run(agenda.now() + 10 * kMicrosecond);
  };
  send(one, frame(1, 60, 9, 5));
  CHECK(bridge.counters().learned == 1);
  send(two, frame(1, 60, 9, 5));  // 5 is elsewhere now
  send(one, frame(2, 60, 5, 6));
  CHECK(second.frames.back() == frame(2, 60, 5, 6));
  FrameBytes of_group = frame(1, 60, 9, 7);
  of_group[6] = std::byte{1};
  send(one, of_group);
  CHECK(bridge.counters().learned == 2);
  const auto sent = bridge.counters().sent;
  send(bad, frame(1, 60, 5, 8));
  CHECK(bridge.counters().bad_fcs == 1);
  CHECK(bridge.counters().sent == sent);
}

TEST_CASE("a switch drops what waits too long for a wire", "[sim][world]") {
  TestAgenda agenda;
  Bridge bridge(agenda, {.name = "s", .queue = 3});
  Wire in(agenda, plan(), 1, 0);
  WirePlan slow = plan();
  slow.gbps = 0.01;
  Wire out(agenda, slow, 2, 0);
  Far near_host(agenda);
  Far far(agenda);
  in.attach(0, near_host);
  out.attach(0, far);
  bridge.plug(in, 1);
  bridge.plug(out, 1);
  for (unsigned i = 0; i < 10; ++i) in.send(0, frame(i, 60, 9, 1), agenda.now());
  agenda.run(100 * kMillisecond);
  CHECK(bridge.counters().queue_full == 6);
  CHECK(far.frames.size() == 4);
}
