// SPDX-License-Identifier: Apache-2.0
// Large packets and unfinished checksums wait as they are and are finished in front of the driver.
#include "host/device/validate_xmit.hpp"

#include <cstdlib>
#include <numeric>

#include "host/base/checksum.hpp"
#include "host/device/gso.hpp"
#include "host/headers/ipv4.hpp"
#include "host/qdisc/create.hpp"
#include "tests/host/device/egress_world.hpp"

using namespace host;
using namespace host_test;
using base::DropReason;

namespace {

constexpr std::uint32_t kHeaders = 14 + 20 + 8;
constexpr std::uint16_t kSegment = 1'000;

/// A UDP packet of so many payload bytes for segmentation.
skb::Skb large_packet(EgressWorld& world, std::uint32_t mark, std::uint32_t payload) {
  skb::Skb skb = world.frame(mark, {.bytes = kHeaders + payload});
  headers::write_ipv4(skb->writable().subspan(14), {.total_length = static_cast<std::uint16_t>(28 + payload),
                                                    .protocol = headers::IpProtocol::udp,
                                                    .source = headers::Ipv4Address::of(10, 0, 0, 1),
                                                    .destination = headers::Ipv4Address::of(10, 0, 0, 2)});
  base::store_be16(skb->writable(), 34 + 4, static_cast<std::uint16_t>(8 + payload));
  skb->request_checksum(34, 6);
  skb->gso_size = kSegment;
  skb->gso_type = skb::GsoType::udp_l4;
  return skb;
}

}  // namespace

TEST_CASE("A large packet waits as one and leaves as frames, with one doorbell", "[device][gso]") {
  EgressWorld world;
  std::vector<std::uint32_t> seen;
  world.core.add_tap([&](kernel::Cpu&, skb::Skb skb) { seen.push_back(skb->len()); });
  world.dev.stop_queue();
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), large_packet(world, 7, 3'500)).ok());
  CHECK(world.dev.backlog_packets() == 1);
  CHECK(world.dev.qdisc().backlog_bytes() == kHeaders + 3'500 + 3 * kHeaders);
  CHECK(seen.empty());
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{7, 7, 7, 7});
  CHECK(seen == std::vector<std::uint32_t>{1'042, 1'042, 1'042, 542});
  CHECK(world.driver.doorbells == 1);
  CHECK(world.dev.qdisc_stats().packets == 4);
  CHECK(world.dev.qdisc_stats().bytes == 3 * 1'042 + 542);
}

TEST_CASE("A device that segments gets the large packet whole", "[device][gso]") {
  EgressWorld world;
  world.dev.set_offloads({.checksum = true, .uso = true});
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), large_packet(world, 7, 3'500)).ok());
  CHECK(world.driver.marks == Marks{7});
}

TEST_CASE("The device sums the frames that the CPU cuts, if it can", "[device][gso]") {
  using Bytes = std::vector<std::byte>;
  EgressWorld world({.costs = kernel::CostTable::typical()});
  std::vector<std::vector<Bytes>> cut;
  std::vector<platform::Nanoseconds> times;
  for (const bool device_sums : {false, true}) {
    world.dev.set_offloads({.checksum = device_sums});
    const skb::Skb large = large_packet(world, 7, 3'500);
    const auto start = world.cpu().now();
    const auto frames = device::segment_in_software(world.cpu(), world.dev, *large);
    times.push_back(world.cpu().now() - start);
    REQUIRE(frames.ok());
    auto& bytes = cut.emplace_back();
    for (const skb::Skb& frame : *frames) {
      CHECK((frame->ip_summed == skb::IpSummed::partial) == device_sums);
      if (device_sums) REQUIRE(device::checksum_help(*frame).ok());
      bytes.emplace_back(frame->bytes().begin(), frame->bytes().end());
    }
  }
  CHECK(cut[0].size() == 4);
  CHECK(cut[0] == cut[1]);
  const auto& costs = world.kernel.costs();
  const auto saved = (kHeaders + 3'500) * costs.picoseconds(kernel::Op::checksum_per_byte) / 1'000;
  CHECK(std::abs(times[0] - times[1] - saved) <= 1);  // rounded
}

TEST_CASE("Frames that the driver did not take any more stay first and whole", "[device][gso]") {
  EgressWorld world;
  world.driver.room = 2;
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), large_packet(world, 1, 5'000)).ok());
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), large_packet(world, 2, 2'000)).ok());
  CHECK(world.driver.marks == Marks{1, 1});
  CHECK(world.dev.backlog_packets() == 4);
  CHECK(world.dev.qdisc().stats().requeues == 3);
  world.driver.room = 100;
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == Marks{1, 1, 1, 1, 1, 2, 2});
  CHECK(world.dev.qdisc_stats().packets == 7);  // each counted once
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("tbf lets large packets through at its rate", "[device][gso][tbf]") {
  EgressWorld world;
  auto tbf = qdisc::create(world.cpu(), "tbf", world.dev.qdisc_context(),
                           qdisc::TbfOptions{.rate = 1'000'000, .burst = 1'100, .limit = 100'000});
  REQUIRE(tbf.ok());
  world.dev.set_root_qdisc(world.cpu(), std::move(*tbf));
  for (std::uint32_t i = 0; i < 10; ++i) {
    REQUIRE(world.core.dev_queue_xmit(world.cpu(), large_packet(world, i, 4'000)).ok());
  }
  world.machine.cpus.stop_at = 20'000'000;
  world.kernel.run(0);
  CHECK(world.driver.marks.size() == 20);  // 1042 bytes a millisecond
  world.machine.cpus.stop_at = 1'000'000'000;
  world.kernel.run(0);
  CHECK(world.driver.marks.size() == 40);
}

TEST_CASE("A request that makes no sense is a drop behind the qdisc", "[device][gso]") {
  EgressWorld world;
  SECTION("a checksum outside the packet") {
    skb::Skb skb = world.frame(0);
    skb->request_checksum(50, 20);
    CHECK(world.core.dev_queue_xmit(world.cpu(), std::move(skb)).ok());
  }
  SECTION("segments of what is no UDP") {
    skb::Skb skb = world.frame(0, {.bytes = 2'000});
    skb->gso_size = 500;
    skb->gso_type = skb::GsoType::udp_l4;
    CHECK(world.core.dev_queue_xmit(world.cpu(), std::move(skb)).ok());
  }
  CHECK(world.driver.marks.empty());
  CHECK(world.kernel.drops()[DropReason::tx_bad_offload] == 1);
  CHECK(world.dev.stats().tx_dropped == 1);
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("A segment whose sum is zero says all ones", "[device][gso]") {
  EgressWorld world;
  const auto first_segment = [&](std::uint16_t word) {
    skb::Skb skb = large_packet(world, 0, 3'500);
    std::ranges::fill(skb->writable().subspan(kHeaders), std::byte{0});
    base::store_be16(skb->writable(), kHeaders, word);
    const auto segments = device::gso_segment(*skb);
    REQUIRE(segments.ok());
    return base::load_be16(segments->front()->bytes(), 34 + 6);
  };
  const std::uint16_t missing = first_segment(0);  // what the payload lacks for a sum of all ones
  CHECK(missing != 0xffff);
  CHECK(first_segment(missing) == 0xffff);  // RFC 768: zero would say that there is none
}

TEST_CASE("Only a device that knows ECN segments what carries it", "[device][gso]") {
  EgressWorld world;
  const skb::Skb skb = large_packet(world, 0, 3'500);
  skb->gso_type = skb::GsoType::tcpv4;
  CHECK(device::device_segments({.checksum = true, .tso4 = true}, *skb));
  skb->gso_ecn = true;
  CHECK_FALSE(device::device_segments({.checksum = true, .tso4 = true}, *skb));
  CHECK(device::device_segments({.checksum = true, .tso4 = true, .tso_ecn = true}, *skb));
}

TEST_CASE("What is forwarded leaves by the queue of its arrival", "[device][queues]") {
  EgressWorld world({.tx_queues = 3});
  for (const unsigned recorded : {1U, 3U, 5U}) {  // one more than the queue; the fifth of three is the second
    skb::Skb skb = world.frame(0);
    skb->rx_queue = static_cast<std::uint16_t>(recorded);
    REQUIRE(world.core.dev_queue_xmit(world.cpu(), std::move(skb)).ok());
  }
  CHECK(world.driver.queues == std::vector<unsigned>{0, 2, 1});
}
