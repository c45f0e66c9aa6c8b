// SPDX-License-Identifier: Apache-2.0
// The cable's delay and the feeder's window, against a NIC that is a few lines long.
#include <catch2/catch.hpp>
#include <vector>

#include "sim/wire/feeder.hpp"

using namespace sim::wire;
using sim::Picoseconds;

namespace {

constexpr Picoseconds kPropagation = 200'000;

class HandAgenda final : public Agenda {
 public:
  [[nodiscard]] Picoseconds now() const override { return now_; }
  void at(Picoseconds when, Rank rank, Action action) override {
    REQUIRE(when >= now_);
    queue_.add(when, rank, std::move(action));
  }
  void run_to(Picoseconds end) {
    while (queue_.next() <= end) {
      now_ = queue_.next();
      queue_.run(now_);
    }
    now_ = end;
  }

 private:
  ActionQueue queue_;
  Picoseconds now_ = 0;
};

/// Sends every good frame back 1 us after it came, unless told to swallow it.
class Mirror final : public FrameSource {
 public:
  Mirror(HandAgenda& agenda, Cable& cable) : agenda_(agenda), cable_(cable) {}
  void frame_to_nic(Frame frame, Picoseconds earliest) override {
    REQUIRE(earliest >= agenda_.now() + kPropagation);
    if (frame.fault != Fault::none || swallow) return;
    agenda_.at(earliest, Rank::peer, [this, frame = std::move(frame)] {
      most = std::max(most, ++under_way);
      agenda_.at(agenda_.now() + 1'000'000, Rank::peer, [this, frame] {
        --under_way;
        cable_.frame_from_nic(frame.bytes, FrameSink::Verdict::good, agenda_.now(), agenda_.now() + 100'000);
      });
    });
  }
  bool swallow = false;
  unsigned under_way = 0;
  unsigned most = 0;

 private:
  HandAgenda& agenda_;
  Cable& cable_;
};

struct Bench {
  Bench() { cable.attach_nic(mirror); }
  HandAgenda agenda;
  Cable cable{agenda, kPropagation};
  Mirror mirror{agenda, cable};
};

Feeder::Source frames(int count, std::size_t length) {
  return [count, length]() mutable -> std::optional<std::vector<std::byte>> {
    if (count-- <= 0) return std::nullopt;
    return std::vector<std::byte>(length, static_cast<std::byte>(count));
  };
}

}  // namespace

TEST_CASE("a window is never exceeded and every frame comes back in order", "[wire][unit]") {
  Bench bench;
  Feeder feeder(bench.cable, frames(500, 60), {.window = 8});
  bench.cable.attach_peer(feeder);
  std::vector<std::byte> order;
  feeder.on_arrival([&](const std::vector<std::byte>& bytes, FrameSink::Verdict) { order.push_back(bytes[0]); });
  feeder.begin(1000);
  bench.agenda.run_to(1'000'000'000);
  CHECK(feeder.done());
  CHECK(feeder.returned() == 500);
  CHECK(bench.mirror.most <= 8);
  REQUIRE(order.size() == 500);
  for (int i = 0; i < 500; ++i) CHECK(order[static_cast<std::size_t>(i)] == static_cast<std::byte>(499 - i));
}

TEST_CASE("the window closes by bytes too", "[wire][unit]") {
  Bench bench;
  Feeder feeder(bench.cable, frames(100, 60), {.window = 64, .window_bytes = 240});
  bench.cable.attach_peer(feeder);
  feeder.begin(0);
  bench.agenda.run_to(10'000'000'000);
  CHECK(feeder.returned() == 100);
  CHECK(bench.mirror.most <= 4);
  CHECK(bench.mirror.most > 1);
}

TEST_CASE("without a window frames leave at line rate", "[wire][unit]") {
  Bench bench;
  bench.mirror.swallow = true;
  Feeder feeder(bench.cable, frames(1'000'000, 60), {});
  feeder.begin(0);
  bench.agenda.run_to(1'000'000'000);  // 1 ms
  CHECK(feeder.sent() == Approx(14881).margin(100));
}

TEST_CASE("faulty copies come on top and are not waited for", "[wire][unit]") {
  Bench bench;
  Feeder feeder(bench.cable, frames(1000, 100), {.window = 4, .faults_per_thousand = 300});
  bench.cable.attach_peer(feeder);
  feeder.begin(0);
  bench.agenda.run_to(10'000'000'000);
  CHECK(feeder.done());
  CHECK(feeder.returned() == 1000);
  CHECK(feeder.given_up() == 0);
  CHECK(feeder.faulty_sent() > 200);
  CHECK(bench.cable.to_nic().faulty == feeder.faulty_sent());
}

TEST_CASE("frames that never come back are given up", "[wire][unit]") {
  Bench bench;
  bench.mirror.swallow = true;
  Feeder feeder(bench.cable, frames(10, 60), {.window = 4, .patience = 1'000'000});
  bench.cable.attach_peer(feeder);
  feeder.begin(0);
  bench.agenda.run_to(100'000'000);
  CHECK(feeder.done());
  CHECK(feeder.given_up() == 10);
}

TEST_CASE("an interval keeps frames apart and stop() ends them", "[wire][unit]") {
  Bench bench;
  bench.mirror.swallow = true;
  Feeder feeder(bench.cable, frames(1'000'000, 60), {.interval = 10'000'000});
  feeder.begin(0);
  bench.agenda.run_to(1'000'000'000);
  CHECK(feeder.sent() == Approx(100).margin(2));
  feeder.stop();
  const auto sent = feeder.sent();
  bench.agenda.run_to(2'000'000'000);
  CHECK(feeder.sent() == sent);
  CHECK(feeder.done());
}
