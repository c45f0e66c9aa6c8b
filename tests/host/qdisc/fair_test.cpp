// SPDX-License-Identifier: Apache-2.0
// CoDel's control law, fq_codel's fairness and limits, fq's pacing.
#include <map>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/ipv4.hpp"
#include "host/qdisc/ecn.hpp"
#include "host/qdisc/fq.hpp"
#include "host/qdisc/fq_codel.hpp"
#include "tests/host/qdisc/link.hpp"

using namespace host;
using namespace host_test;
using base::DropReason;
using base::Errno;
using qdisc::Codel;
using qdisc::CodelParams;
using qdisc::CodelStats;
using qdisc::FqCodelOptions;
using qdisc::FqOptions;
using qdisc::Verdict;

namespace {

/// Always has packets, each of which has waited for `delay`.
class Standing final : public qdisc::CodelQueue {
 public:
  explicit Standing(QdiscWorld& world) : world_(world) {}
  skb::Skb pop() override {
    skb::Skb skb = world_.packet(0, 1'000);
    qdisc::set_note(*skb, {.bytes = 1'000, .enqueued = now - delay});
    return skb;
  }
  std::uint64_t bytes() const override { return backlog; }
  void drop(skb::Skb) override { drops.push_back(now / kMillisecond); }

  Nanoseconds now = 0;
  Nanoseconds delay = 20 * kMillisecond;
  std::uint64_t backlog = 100'000;
  std::vector<Nanoseconds> drops;

 private:
  QdiscWorld& world_;
};

using Times = std::vector<Nanoseconds>;

constexpr std::uint32_t kFlowStep = 1u << 22;  // from one of 1024 flows to the next

skb::Skb of_flow(QdiscWorld& world, std::uint32_t flow, std::uint32_t bytes) {
  skb::Skb skb = world.packet(flow, bytes);
  skb->hash = flow * kFlowStep;
  return skb;
}

skb::Skb ipv4_packet(QdiscWorld& world, std::uint8_t tos) {
  skb::Skb skb = world.packet(0, 100);
  base::store_be16(skb->writable(), 12, 0x0800);
  headers::write_ipv4(skb->writable().subspan(14), {.tos = tos, .total_length = 86, .source = {}, .destination = {}});
  return skb;
}

}  // namespace

TEST_CASE("CoDel drops by RFC 8289's law: the n-th an interval over the root of n after the last", "[qdisc][codel]") {
  QdiscWorld world;
  Standing queue(world);
  Codel codel;
  CodelStats stats;
  CodelParams params;
  params.ecn = false;
  for (queue.now = 0; queue.now < 575 * kMillisecond; queue.now += kMillisecond) {
    REQUIRE(codel.dequeue(queue.now, params, queue, stats) != nullptr);
  }
  CHECK(queue.drops == Times{101, 201, 272, 330, 380, 425, 465, 503, 539, 572});
  CHECK(codel.count() == 10);
  CHECK(codel.dropping());

  SECTION("and soon after begins again nearly as fast") {
    queue.delay = 0;
    static_cast<void>(codel.dequeue(queue.now, params, queue, stats));
    CHECK_FALSE(codel.dropping());
    queue.delay = 20 * kMillisecond;
    queue.drops.clear();
    for (; queue.now < 720 * kMillisecond; queue.now += kMillisecond) {
      static_cast<void>(codel.dequeue(queue.now, params, queue, stats));
    }
    CHECK(queue.drops == Times{676, 710});  // count is 9: 33.3 ms
  }
  SECTION("but long after from the beginning") {
    queue.delay = 0;
    static_cast<void>(codel.dequeue(queue.now, params, queue, stats));
    queue.now += 1'700 * kMillisecond;
    const Nanoseconds again = queue.now / kMillisecond;
    queue.delay = 20 * kMillisecond;
    queue.drops.clear();
    for (unsigned i = 0; i < 210; ++i, queue.now += kMillisecond) {
      static_cast<void>(codel.dequeue(queue.now, params, queue, stats));
    }
    CHECK(queue.drops == Times{again + 101, again + 201});
  }
}

TEST_CASE("CoDel leaves short waits, and a last packet, alone", "[qdisc][codel]") {
  QdiscWorld world;
  Standing queue(world);
  Codel codel;
  CodelStats stats;
  SECTION("below the target") {
    queue.delay = 5 * kMillisecond - 1;
  }
  SECTION("less than a packet in the queue") {
    queue.backlog = 1'514;
  }
  for (; queue.now < kSecond; queue.now += kMillisecond) {
    static_cast<void>(codel.dequeue(queue.now, {}, queue, stats));
  }
  CHECK(queue.drops.empty());
  CHECK(stats.max_packet == 1'000);
}

TEST_CASE("Congestion is marked on packets whose sender listens, checksum included", "[qdisc][ecn]") {
  QdiscWorld world;
  const skb::Skb capable = ipv4_packet(world, 0xb9);  // EF, ECT(1)
  const skb::Skb twin = capable->clone();
  REQUIRE(qdisc::set_congestion_experienced(*capable));
  CHECK(base::load_u8(capable->bytes(), 15) == 0xbb);
  CHECK(base::internet_checksum(capable->bytes().subspan(14, 20)) == 0);
  CHECK(base::load_u8(twin->bytes(), 15) == 0xb9);  // the tap's copy
  CHECK(qdisc::set_congestion_experienced(*capable));
  CHECK_FALSE(qdisc::set_congestion_experienced(*ipv4_packet(world, 0xb8)));
  const skb::Skb six = world.packet(0, 100);
  base::store_be16(six->writable(), 12, 0x86dd);
  base::store_be16(six->writable(), 14, 0x6020);  // ECT(0)
  CHECK(qdisc::set_congestion_experienced(*six));
  CHECK(base::load_be16(six->bytes(), 14) == 0x6030);
  CHECK_FALSE(qdisc::set_congestion_experienced(*world.packet(0, 100)));
  CHECK_FALSE(qdisc::set_congestion_experienced(*world.packet(0, 20)));
}

TEST_CASE("fq_codel marks instead of dropping, or not, and marks beyond ce_threshold", "[qdisc][fq_codel]") {
  QdiscWorld world;
  const auto run = [&](FqCodelOptions options) {
    options.quantum = 1'514;
    const auto qdisc = world.make("fq_codel", options);
    for (unsigned i = 0; i < 1'000; ++i) static_cast<void>(qdisc->enqueue(world.cpu(), ipv4_packet(world, 1)));
    for (unsigned i = 0; i < 600 && qdisc->backlog_packets() > 0; ++i) {
      world.cpu().charge_ns(kMillisecond);
      static_cast<void>(qdisc->dequeue(world.cpu()));
    }
    const auto stats = static_cast<qdisc::FqCodel&>(*qdisc).fq_codel_stats();
    return std::tuple(stats.codel.ecn_mark, stats.codel.ce_mark, qdisc->stats().drops);
  };
  const auto [marks, none, no_drops] = run({});
  CHECK(marks >= 9);
  CHECK(none == 0);
  CHECK(no_drops == 0);
  FqCodelOptions options;
  options.codel.ecn = false;
  const auto [no_marks, no_ce, drops] = run(options);
  CHECK(no_marks == 0);
  CHECK(no_ce == 0);
  CHECK(drops >= 9);
  CHECK(world.drops(DropReason::qdisc_congested) == drops);
  options.codel.ce_threshold = 500 * kMillisecond;
  options.codel.target = kSecond;
  const auto [no_marks_either, ce, no_drops_either] = run(options);
  CHECK(no_marks_either == 0);
  CHECK(ce == 100);
  CHECK(no_drops_either == 0);
}

TEST_CASE("fq_codel gives flows equal bytes whatever their packets", "[qdisc][fq_codel]") {
  QdiscWorld world;
  FqCodelOptions options;
  options.quantum = GENERATE(300u, 1'514u, 6'000u);
  const auto qdisc = world.make("fq_codel", options);
  const std::map<std::uint32_t, std::uint32_t> sizes{{1, 1'514}, {2, 500}, {3, 64}};
  for (unsigned i = 0; i < 1'000; ++i) {
    for (const auto& [flow, size] : sizes) {
      if (i * size < 150'000) static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, flow, size)));
    }
  }
  std::map<std::uint32_t, std::int64_t> bytes;
  while (bytes[1] < 60'000) {
    const skb::Skb skb = qdisc->dequeue(world.cpu());
    REQUIRE(skb != nullptr);
    bytes[skb->mark] += skb->len();
    if (bytes.size() < 3 || bytes[3] == 0) continue;
    for (const auto& [one, size] : sizes) {
      for (const auto& [other, other_size] : sizes) {
        REQUIRE(bytes[one] - bytes[other] <= 2 * options.quantum + std::max(size, other_size));
      }
    }
  }
}

TEST_CASE("A new flow's packet passes the queues of the old ones", "[qdisc][fq_codel]") {
  QdiscWorld world;
  const auto qdisc = world.make("fq_codel");
  for (unsigned i = 0; i < 100; ++i) {
    static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, 1 + i % 4, 1'514)));
  }
  static_cast<void>(world.drain(*qdisc, 10));
  static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, 9, 100)));
  CHECK(world.drain(*qdisc, 1) == Marks{9});
  const auto stats = static_cast<qdisc::FqCodel&>(*qdisc).fq_codel_stats();
  CHECK(stats.new_flow_count == 5);
}

TEST_CASE("A full fq_codel drops from the flow that holds most", "[qdisc][fq_codel]") {
  QdiscWorld world;
  FqCodelOptions options;
  options.quantum = 1'514;
  options.drop_batch = 4;
  SECTION("by packets") {
    options.limit = 50;
  }
  SECTION("by memory") {
    options.memory_limit = 50 * world.packet(0)->truesize();
  }
  const auto qdisc = world.make("fq_codel", options);
  for (unsigned i = 0; i < 10; ++i) {
    CHECK(qdisc->enqueue(world.cpu(), of_flow(world, 1, 1'000)) == Verdict::success);
  }
  for (unsigned i = 0; i < 40; ++i) {
    CHECK(qdisc->enqueue(world.cpu(), of_flow(world, 2, 1'000)) == Verdict::success);
  }
  CHECK(qdisc->enqueue(world.cpu(), of_flow(world, 3, 100)) == Verdict::success);
  CHECK(qdisc->stats().drops == 4);
  for (unsigned i = 0; i < 3; ++i) static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, 1, 1'000)));
  CHECK(qdisc->enqueue(world.cpu(), of_flow(world, 2, 1'000)) == Verdict::congested);
  CHECK(world.drops(DropReason::qdisc_full) == 8);
  const auto stats = static_cast<qdisc::FqCodel&>(*qdisc).fq_codel_stats();
  CHECK(stats.drop_overlimit == 8);
  CHECK(stats.drop_overmemory == (options.limit == 50 ? 0u : 8u));
  std::map<std::uint32_t, unsigned> left;
  for (const std::uint32_t mark : world.drain(*qdisc)) ++left[mark];
  CHECK(left == std::map<std::uint32_t, unsigned>{{1, 13}, {2, 33}, {3, 1}});
}

TEST_CASE("A flow that ran empty is an old one for a round", "[qdisc][fq_codel]") {
  QdiscWorld world;
  FqCodelOptions options;
  options.quantum = 2 * 1'514;
  const auto qdisc = world.make("fq_codel", options);
  const auto enqueue = [&](std::uint32_t flow) {
    static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, flow, 1'514)));
  };
  for (int i = 0; i < 10; ++i) enqueue(1);
  CHECK(world.drain(*qdisc, 2) == Marks{1, 1});
  enqueue(2);
  CHECK(world.drain(*qdisc, 2) == Marks{2, 1});  // new, then empty and behind flow 1
  enqueue(2);
  const auto stats = static_cast<qdisc::FqCodel&>(*qdisc).fq_codel_stats();
  CHECK(stats.new_flow_count == 2);
  CHECK(stats.new_flows == 0);
  CHECK(stats.old_flows == 2);
}

TEST_CASE("fq_codel keeps its number of flows once it has packets, and shrinks to a smaller limit",
          "[qdisc][fq_codel]") {
  QdiscWorld world;
  const auto qdisc = world.make("fq_codel");
  for (unsigned i = 0; i < 100; ++i) static_cast<void>(qdisc->enqueue(world.cpu(), of_flow(world, i, 100)));
  auto options = std::get<FqCodelOptions>(qdisc->options());
  CHECK(options.quantum == 1'514);
  options.flows = 16;
  CHECK(qdisc->change(world.cpu(), options).error() == Errno::invalid);
  options.flows = 1'024;
  options.limit = 30;
  REQUIRE(qdisc->change(world.cpu(), options).ok());
  CHECK(qdisc->backlog_packets() == 30);
  CHECK(world.drops(DropReason::qdisc_full) == 70);
}

TEST_CASE("fq paces each flow to its rate after the first turn", "[qdisc][fq]") {
  QdiscWorld world;
  const std::uint64_t rate = GENERATE(1'000'000u, 10'000'000u);
  FqOptions options;
  options.quantum = 3'028;
  options.initial_quantum = 15'140;
  options.max_rate = rate;
  options.flow_limit = 1'000;
  const auto fq = world.make("fq", options);
  Link link(world, *fq);
  for (unsigned i = 0; i < 300; ++i) {
    for (std::uint32_t flow = 1; flow <= 2; ++flow) {
      skb::Skb skb = world.packet(flow, 1'000);
      skb->hash = flow;
      link.send(std::move(skb));
    }
  }
  CHECK(link.bytes(1) == 16'000);  // the first turn: 15140 bytes and the packet that exceeds them
  world.kernel.run(0);
  REQUIRE(link.departures.size() == 600);
  const double seconds = static_cast<double>(link.departures.back().at) / 1e9;
  for (std::uint32_t flow = 1; flow <= 2; ++flow) {
    CHECK(static_cast<double>(link.bytes(flow) - 16'000) / seconds == Approx(rate).epsilon(0.02));
  }
  const auto stats = static_cast<qdisc::Fq&>(*fq).fq_stats();
  CHECK(stats.flows == 2);
  CHECK(stats.throttled > 100);
  CHECK(stats.throttled_now == 0);
}

TEST_CASE("fq at a low rate makes each packet pay for itself; without pacing none does", "[qdisc][fq]") {
  QdiscWorld world;
  FqOptions options;
  options.quantum = 3'028;
  options.initial_quantum = 15'140;
  options.max_rate = 50'000;
  SECTION("pacing") {
    const auto fq = world.make("fq", options);
    Link link(world, *fq);
    for (unsigned i = 0; i < 5; ++i) link.send(world.packet(0, 1'000));
    world.kernel.run(0);
    REQUIRE(link.departures.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(link.departures[i].at == static_cast<Nanoseconds>(i) * 20 * kMillisecond);
    }
  }
  SECTION("nopacing") {
    options.pacing = false;
    const auto fq = world.make("fq", options);
    Link link(world, *fq);
    for (unsigned i = 0; i < 100; ++i) link.send(world.packet(0, 1'000));
    CHECK(link.departures.size() == 100);
  }
}

TEST_CASE("fq bounds each flow and the whole, and lets control packets pass", "[qdisc][fq]") {
  QdiscWorld world;
  FqOptions options;
  options.quantum = 3'028;
  options.flow_limit = 5;
  options.limit = 8;
  const auto fq = world.make("fq", options);
  const auto send = [&](std::uint32_t mark, std::uint32_t hash, std::uint32_t priority) {
    skb::Skb skb = world.packet(mark, 1'000, priority);
    skb->hash = hash;
    return fq->enqueue(world.cpu(), std::move(skb));
  };
  for (std::uint32_t i = 0; i < 6; ++i) CHECK(send(i, 1, 0) == (i < 5 ? Verdict::success : Verdict::drop));
  CHECK(world.drops(DropReason::fq_flow_limit) == 1);
  CHECK(static_cast<qdisc::Fq&>(*fq).fq_stats().flows_plimit == 1);
  CHECK(send(10, 1, 7) == Verdict::success);
  CHECK(send(20, 2, 0) == Verdict::success);
  CHECK(send(21, 2, 0) == Verdict::success);
  CHECK(send(22, 2, 0) == Verdict::drop);
  CHECK(world.drops(DropReason::qdisc_full) == 1);
  CHECK(fq->backlog_packets() == 8);
  CHECK(world.drain(*fq) == Marks{10, 0, 1, 2, 3, 20, 21, 4});
  options.orphan_mask = 1'000;
  CHECK(fq->change(world.cpu(), options).error() == Errno::invalid);
}
