// SPDX-License-Identifier: Apache-2.0
// prio and tbf: classes in strict order, and a rate that is kept.
#include "host/qdisc/tbf.hpp"
#include "tests/host/qdisc/link.hpp"

using namespace host;
using namespace host_test;
using base::DropReason;
using base::Errno;
using qdisc::FifoOptions;
using qdisc::PrioOptions;
using qdisc::TbfOptions;
using qdisc::Verdict;

TEST_CASE("prio gives the first band that has a packet, by priomap or by a class's name", "[qdisc][prio]") {
  QdiscWorld world;
  const auto prio = world.make("prio");
  prio->set_handle(qdisc::make_handle(1, 0));
  const auto send = [&](std::uint32_t mark, std::uint32_t priority) {
    static_cast<void>(prio->enqueue(world.cpu(), world.packet(mark, 100, priority)));
  };
  send(0, 2);                         // bulk: the last band
  send(1, 0);                         // the middle one
  send(2, 6);                         // the first
  send(3, qdisc::make_handle(1, 1));  // class 1:1
  send(4, qdisc::make_handle(1, 3));  // class 1:3
  send(5, qdisc::make_handle(1, 9));  // there is none: as priority 0
  send(6, qdisc::make_handle(2, 1));  // another qdisc's: the same
  CHECK(prio->backlog_packets() == 7);
  CHECK(world.drain(*prio) == Marks{2, 3, 1, 5, 6, 0, 4});
  CHECK(prio->stats().packets == 7);
  CHECK(prio->classes().size() == 3);
  CHECK(prio->classes()[0].leaf->stats().packets == 2);
}

TEST_CASE("prio takes 2 to 16 bands and a map within them; bands that go drop what they hold", "[qdisc][prio]") {
  QdiscWorld world;
  const auto prio = world.make("prio");
  static_cast<void>(prio->enqueue(world.cpu(), world.packet(0, 100, 2)));
  static_cast<void>(prio->enqueue(world.cpu(), world.packet(1, 100, 6)));
  PrioOptions options;
  options.bands = 2;
  CHECK(prio->change(world.cpu(), options).error() == Errno::invalid);  // the map has a third one
  options.priomap.fill(1);
  options.bands = 1;
  CHECK(prio->change(world.cpu(), options).error() == Errno::invalid);
  options.bands = 17;
  CHECK(prio->change(world.cpu(), options).error() == Errno::invalid);
  CHECK(prio->backlog_packets() == 2);
  options.bands = 2;
  REQUIRE(prio->change(world.cpu(), options).ok());
  CHECK(world.drops(DropReason::queue_purge) == 1);
  CHECK(prio->classes().size() == 2);
  CHECK(world.drain(*prio) == Marks{1});
}

TEST_CASE("A class may have any qdisc; its drops are the parent's too", "[qdisc][prio]") {
  QdiscWorld world;
  const auto prio = world.make("prio");
  auto old = prio->graft(1, world.make("pfifo", FifoOptions{.limit = 1}));
  REQUIRE(old.ok());
  CHECK((*old)->kind() == "pfifo");
  CHECK(prio->graft(4, nullptr).error() == Errno::no_entry);
  CHECK(world.make("pfifo")->graft(1, nullptr).error() == Errno::not_supported);
  CHECK(prio->enqueue(world.cpu(), world.packet(0, 100, 6)) == Verdict::success);
  CHECK(prio->enqueue(world.cpu(), world.packet(1, 100, 6)) == Verdict::drop);
  CHECK(prio->stats().drops == 1);
  CHECK(prio->classes()[0].leaf->stats().drops == 1);
}

TEST_CASE("tbf sends a burst at once and then its rate, within one per cent", "[qdisc][tbf]") {
  QdiscWorld world;
  const std::uint32_t rate = GENERATE(125'000u, 1'250'000u, 12'500'000u);
  const std::uint32_t size = GENERATE(64u, 1514u);
  const std::uint32_t count = 40 + 20'000 / size;
  const auto tbf = world.make("tbf", TbfOptions{.rate = rate, .burst = 5'000, .limit = 1'000'000});
  Link link(world, *tbf);
  for (std::uint32_t i = 0; i < count; ++i) link.send(world.packet(i, size));
  const std::size_t burst = 5'000 / size;
  CHECK(link.departures.size() == burst);
  world.kernel.run(0);
  REQUIRE(link.departures.size() == count);
  for (std::uint32_t i = 0; i < count; ++i) REQUIRE(link.departures[i].mark == i);
  const double bytes = static_cast<double>(link.bytes()) - 5'000;
  const double seconds = static_cast<double>(link.departures.back().at) / 1e9;
  CHECK(bytes / seconds == Approx(rate).epsilon(0.01));
  CHECK(tbf->stats().overlimits >= count - burst);
}

TEST_CASE("tbf saves tokens up to its burst and no more", "[qdisc][tbf]") {
  QdiscWorld world;
  const auto tbf = world.make("tbf", TbfOptions{.rate = 1'000'000, .burst = 3'000, .limit = 100'000});
  Link link(world, *tbf);
  for (std::uint32_t i = 0; i < 3; ++i) link.send(world.packet(i, 1'000));
  world.machine.cpus.at(500 * kMillisecond, [&] {
    for (std::uint32_t i = 3; i < 10; ++i) link.send(world.packet(i, 1'000));
    CHECK(link.departures.size() == 6);
  });
  world.kernel.run(0);
  CHECK(link.departures.size() == 10);
  CHECK(link.departures.back().at == 504 * kMillisecond);
}

TEST_CASE("tbf's peak rate bounds the burst", "[qdisc][tbf]") {
  QdiscWorld world;
  const auto tbf = world.make(
      "tbf",
      TbfOptions{.rate = 1'000'000, .burst = 50'000, .limit = 100'000, .peak_rate = 2'000'000, .peak_burst = 1'000});
  Link link(world, *tbf);
  for (std::uint32_t i = 0; i < 20; ++i) link.send(world.packet(i, 1'000));
  world.kernel.run(0);
  REQUIRE(link.departures.size() == 20);
  for (std::size_t i = 1; i < 20; ++i) {
    CHECK(link.departures[i].at - link.departures[i - 1].at == 500 * kMicrosecond);
  }
}

TEST_CASE("tbf's limit is its child's; what exceeds the bucket is refused or cut", "[qdisc][tbf]") {
  QdiscWorld world;
  world.context.segment = [&](kernel::Cpu&, const skb::SkBuff& large) {
    std::vector<skb::Skb> frames;
    for (std::uint32_t i = 0; i < large.gso_segs; ++i) frames.push_back(world.packet(10 + i, large.gso_size));
    return base::Result<std::vector<skb::Skb>>(std::move(frames));
  };
  const auto tbf = world.make("tbf", TbfOptions{.rate = 1'000'000, .burst = 2'000, .limit = 3'000});
  CHECK(tbf->enqueue(world.cpu(), world.packet(0, 2'001)) == Verdict::drop);
  CHECK(world.drops(DropReason::qdisc_too_big) == 1);
  skb::Skb large = world.packet(1, 2'500);
  large->gso_size = 900;
  large->gso_segs = 3;
  CHECK(tbf->enqueue(world.cpu(), std::move(large)) == Verdict::success);
  CHECK(tbf->backlog_packets() == 3);
  CHECK(tbf->backlog_bytes() == 2'700);
  CHECK(tbf->enqueue(world.cpu(), world.packet(2, 400)) == Verdict::drop);
  CHECK(world.drops(DropReason::qdisc_full) == 1);
  CHECK(tbf->stats().drops == 2);
  CHECK(tbf->classes()[0].leaf->stats().drops == 1);
  CHECK(world.drain(*tbf) == Marks{10, 11});
}

TEST_CASE("tbf changes its rate under way and refuses what makes no sense", "[qdisc][tbf]") {
  QdiscWorld world;
  const auto tbf = world.make("tbf", TbfOptions{.rate = 100'000, .burst = 1'000, .limit = 100'000});
  const TbfOptions good{.rate = 1'000'000, .burst = 1'000, .limit = 100'000};
  const auto with = [&](auto spoil) {
    TbfOptions bad = good;
    spoil(bad);
    return tbf->change(world.cpu(), bad);
  };
  CHECK(with([](TbfOptions& o) { o.rate = 0; }).error() == Errno::invalid);
  CHECK(with([](TbfOptions& o) { o.burst = 0; }).error() == Errno::invalid);
  CHECK(with([](TbfOptions& o) {
          o.peak_rate = o.rate;
          o.peak_burst = 1'500;
        }).error() == Errno::invalid);
  CHECK(qdisc::create(world.cpu(), "tbf", world.context, FifoOptions{}).error() == Errno::invalid);
  Link link(world, *tbf);
  for (std::uint32_t i = 0; i < 101; ++i) link.send(world.packet(i, 1'000));
  world.machine.cpus.at(500 * kMillisecond, [&] { REQUIRE(tbf->change(world.cpu(), good).ok()); });
  world.kernel.run(0);
  REQUIRE(link.departures.size() == 101);
  CHECK(link.departures.back().at >= 545 * kMillisecond);  // 50 at 10 ms, 50 at 1 ms
  CHECK(link.departures.back().at <= 560 * kMillisecond);
}

TEST_CASE("Times on the wire are exact at any rate", "[qdisc][tbf]") {
  CHECK(qdisc::wire_time(1'500, 125'000'000) == 12'000);
  CHECK(qdisc::wire_time(1, 12'500'000'000) == 0);
  CHECK(qdisc::wire_time(5'000'000'000, 1'000) == 5'000'000 * kSecond);
}
