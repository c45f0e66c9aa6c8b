// SPDX-License-Identifier: Apache-2.0
// Frames both ways: bytes, order, bounds, doorbells, interrupts.
#include <random>

#include "host/skb/skb_list.hpp"
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using host_test::DriverWorld;
using host_test::Frame;
using host_test::make_frame;

TEST_CASE("Frames of every length arrive unchanged", "[driver][rx]") {
  DriverWorld world;
  world.up();
  for (std::size_t bytes = 14; bytes <= 1518; ++bytes) {
    REQUIRE(world.nic.deliver(make_frame(bytes, 3)));
    world.run();
    REQUIRE(world.received.back() == make_frame(bytes, 3));
  }
  CHECK(world.dev().stats().rx_packets == 1505);
  CHECK(world.kernel.drops().total() == 0);
}

TEST_CASE("Frames of every length leave unchanged", "[driver][tx]") {
  DriverWorld world;
  world.up();
  std::uint64_t bytes_sent = 0;
  for (std::size_t bytes = 14; bytes <= 1518; ++bytes) {
    REQUIRE(world.send(make_frame(bytes, 5)));
    world.run();
    REQUIRE(world.nic.sent.back() == make_frame(bytes, 5));
    bytes_sent += bytes;
  }
  CHECK(world.dev().stats().tx_bytes == bytes_sent);
  CHECK(world.nic.bad_headers == 0);
  CHECK(world.nic.sent.size() == 1505);
  REQUIRE(world.send(make_frame(1519)));  // accepted by the queue, refused by the driver
  CHECK(world.kernel.drops()[base::DropReason::tx_too_long] == 1);
}

TEST_CASE("Random bursts reflected: all come back, in order", "[driver][reflect]") {
  const unsigned ring = GENERATE(1u, 2u, 3u, 7u, 20u, 64u, 256u);
  const bool costs = GENERATE(false, true);
  DriverWorld world(costs ? kernel::CostTable::typical() : kernel::CostTable::free());
  world.nic.queue_max = ring;
  world.up();
  world.dev().set_rx_handler([&](kernel::Cpu& cpu, skb::Skb& skb) {
    skb->restore(skb->mac_offset());
    static_cast<void>(world.core.dev_queue_xmit(cpu, std::move(skb)));
    return device::RxHandlerResult::consumed;
  });
  std::minstd_rand engine(ring + 1);
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  std::vector<Frame> delivered;
  for (int burst = 0; burst < 300; ++burst) {
    const unsigned count = 1 + random() % 40;
    for (unsigned i = 0; i < count; ++i) {
      const Frame frame = make_frame(14 + random() % 1'505, random());
      if (world.nic.deliver(frame)) delivered.push_back(frame);
    }
    world.run();
  }
  CHECK(world.nic.sent == delivered);
  CHECK(delivered.size() >= 300);
  CHECK(world.dev().stats().rx_packets == delivered.size());
  CHECK(world.dev().stats().tx_packets + world.net->tx_ring()->outstanding().size() == delivered.size());
  CHECK(world.nic.bad_headers == 0);
  if (ring == 256) {
    // A reflected packet needs one descriptor: its header goes in front, into the room it arrived with.
    CHECK(std::ranges::all_of(world.nic.tx_chain_lengths, [](auto length) { return length == 1; }));
  }
}

TEST_CASE("The data path touches the device with doorbells only", "[driver][mmio]") {
  DriverWorld world;
  world.up();
  const auto reads = world.nic.mmio_reads;
  const auto writes = world.nic.other_writes;
  for (unsigned i = 0; i < 500; ++i) {
    REQUIRE(world.nic.deliver(make_frame(60, i)));
    CHECK(world.send(make_frame(60, i)));
    if (i % 7 == 0) world.run();
  }
  world.run();
  CHECK(world.nic.mmio_reads == reads);
  CHECK(world.nic.other_writes == writes);
}

TEST_CASE("A full transmit ring stops the queue; completions wake it; nothing is lost", "[driver][tx]") {
  const unsigned ring = GENERATE(1u, 2u, 5u, 16u, 64u, 256u);
  DriverWorld world;
  world.nic.queue_max = ring;
  world.up();
  world.lift_byte_limits();
  world.nic.hold_tx = true;
  std::vector<Frame> frames;
  for (unsigned i = 0; i < 600; ++i) {
    frames.push_back(make_frame(60 + i, i));
    REQUIRE(world.send(frames.back()));
  }
  world.run();
  CHECK(world.dev().queue_stopped());
  CHECK(world.nic.sent.size() < 600);
  CHECK(world.dev().qdisc().backlog_packets() > 300);
  world.nic.hold_tx = false;
  world.nic.complete_tx();
  world.run();
  CHECK(world.nic.sent == frames);
  CHECK(world.dev().queue_wakes() >= 1);
  CHECK_FALSE(world.dev().queue_stopped());
}

TEST_CASE("The driver's ring holds no more bytes than keep the device busy", "[driver][tx][bql]") {
  DriverWorld world;
  world.up();
  world.nic.hold_tx = true;
  for (unsigned i = 0; i < 50; ++i) REQUIRE(world.send(make_frame(1'000, i)));
  world.run();
  CHECK(world.dev().byte_queue_limit().in_flight() == 1'000);
  CHECK_FALSE(world.dev().queue_stopped());
  CHECK(world.dev().backlog_packets() == 49);
  world.nic.complete_tx();
  world.run();
  CHECK(world.dev().byte_queue_limit().limit == 1'000);
  CHECK(world.dev().byte_queue_limit().in_flight() <= 2'000);
  world.nic.hold_tx = false;
  world.nic.complete_tx();
  world.run();
  CHECK(world.nic.sent.size() == 50);
  CHECK(world.dev().byte_queue_limit().in_flight() == 0);
  CHECK_FALSE(world.dev().xmit_stopped());
}

TEST_CASE("The qdisc is bounded and its drops are counted", "[driver][tx][qdisc]") {
  DriverWorld world;
  world.up();
  world.nic.hold_tx = true;
  world.dev().set_tx_queue_len(10);
  unsigned accepted = 0;
  for (unsigned i = 0; i < 400; ++i) accepted += world.send(make_frame(60, i)) ? 1 : 0;
  CHECK(accepted < 400);
  CHECK(world.dev().qdisc().stats().drops == 400 - accepted);
  CHECK(world.kernel.drops()[base::DropReason::qdisc_full] == 400 - accepted);
  CHECK(world.dev().stats().tx_dropped == 0);
}

TEST_CASE("A backlog is sent with few doorbells", "[driver][tx]") {
  DriverWorld world;
  world.up();
  world.lift_byte_limits();
  world.dev().stop_queue();
  for (unsigned i = 0; i < 64; ++i) CHECK(world.send(make_frame(60, i)));
  const auto before = world.nic.doorbells;
  world.dev().wake_queue(world.cpu());
  world.run();
  CHECK(world.nic.sent.size() == 64);
  CHECK(world.nic.doorbells - before <= 2);
}

TEST_CASE("A burst is received with one interrupt", "[driver][rx]") {
  DriverWorld world;
  world.up();
  for (unsigned i = 0; i < 200; ++i) REQUIRE(world.nic.deliver(make_frame(60, i)));
  world.run();
  CHECK(world.received.size() == 200);
  CHECK(world.net->stats().rx_interrupts == 1);
  CHECK(world.cpu().softnet().processed == 200);
}

TEST_CASE("Frames that come while the poll completes are not left lying", "[driver][rx]") {
  // Costs make time pass inside the poll, so that frames arrive at every point of it.
  for (unsigned spacing = 50; spacing < 1'500; spacing += 13) {
    DriverWorld world(kernel::CostTable::typical());
    world.up();
    for (unsigned i = 0; i < 40; ++i) {
      world.machine.cpus.after(1'000 + i * spacing, [&world, i] { world.nic.deliver(make_frame(60, i)); });
    }
    world.run();
    REQUIRE(world.received.size() == 40);
  }
}

TEST_CASE("Fragments become a chain", "[driver][tx][fragments]") {
  DriverWorld world;
  world.up();
  const auto with_fragments = [&](unsigned count) {
    auto skb = world.packet(make_frame(20));
    for (unsigned i = 0; i < count; ++i) {
      auto buffer = world.pool.allocate_buffer(50);
      std::fill_n(buffer.memory().begin(), 50, static_cast<std::byte>(i));
      const auto added = skb->add_fragment(std::move(buffer), 0, 50);
      REQUIRE(added.ok());
    }
    return skb;
  };
  Frame expected = make_frame(20);
  for (unsigned i = 0; i < 17; ++i) expected.insert(expected.end(), 50, static_cast<std::byte>(i));
  SECTION("when there is room") {
    REQUIRE(world.core.dev_queue_xmit(world.cpu(), with_fragments(17)).ok());
    world.run();
    CHECK(world.nic.tx_chain_lengths.back() == 18);
  }
  SECTION("when the ring is smaller than the chain") {
    REQUIRE(world.net->resize_rings(world.cpu(), 8, 4).ok());
    REQUIRE(world.core.dev_queue_xmit(world.cpu(), with_fragments(17)).ok());
    world.run();
    CHECK(world.nic.tx_chain_lengths.back() == 1);
    CHECK(world.net->stats().tx_linearized == 1);
  }
  CHECK(world.nic.sent.back() == expected);
}

TEST_CASE("A packet with a frag list leaves as one piece", "[driver][tx][fragments]") {
  DriverWorld world;
  world.up();
  const Frame whole = make_frame(600);
  const auto part = [&](std::size_t from, std::size_t to) {
    return world.packet(Frame(whole.begin() + static_cast<long>(from), whole.begin() + static_cast<long>(to)));
  };
  auto skb = part(0, 200);
  skb::SkbList rest;
  rest.push_back(part(200, 201));
  rest.push_back(part(201, 600));
  skb->set_frag_list(std::move(rest));
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), std::move(skb)).ok());
  world.run();
  CHECK(world.nic.tx_chain_lengths.back() == 1);
  CHECK(world.net->stats().tx_linearized == 1);
  CHECK(world.nic.sent.back() == whole);
}

TEST_CASE("A packet that a tap shares leaves with a header of its own", "[driver][tx][tap]") {
  DriverWorld world;
  world.up();
  std::vector<skb::Skb> tapped;
  world.core.add_tap([&](kernel::Cpu&, skb::Skb skb) { tapped.push_back(std::move(skb)); });
  REQUIRE(world.send(make_frame(60, 1)));
  REQUIRE(world.nic.deliver(make_frame(80, 2)));
  world.run();
  CHECK(world.nic.tx_chain_lengths.back() == 2);
  CHECK(world.nic.sent.back() == make_frame(60, 1));
  REQUIRE(tapped.size() == 2);  // both directions
  CHECK(Frame(tapped[0]->bytes().begin(), tapped[0]->bytes().end()) == make_frame(60, 1));
  CHECK(Frame(tapped[1]->bytes().begin(), tapped[1]->bytes().end()) == make_frame(80, 2));
}

TEST_CASE("A packet without headroom leaves too", "[driver][tx]") {
  DriverWorld world;
  world.up();
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), world.packet(make_frame(60), 0)).ok());
  world.run();
  CHECK(world.nic.sent.back() == make_frame(60));
}

TEST_CASE("Without skbs the ring runs dry, is counted, and recovers", "[driver][rx][pool]") {
  DriverWorld world;
  world.up({.rx_ring = 4});
  std::vector<skb::Skb> hoard;
  while (auto skb = world.pool.allocate(100)) hoard.push_back(std::move(skb));
  for (unsigned i = 0; i < 4; ++i) REQUIRE(world.nic.deliver(make_frame(60, i)));
  world.core.remove_protocol(0x88b5);
  REQUIRE(world.core.add_protocol(0x88b5, [&](kernel::Cpu&, skb::Skb skb) { hoard.push_back(std::move(skb)); }).ok());
  world.machine.cpus.after(50'000, [&] { CHECK_FALSE(world.nic.deliver(make_frame(60))); });
  world.machine.cpus.after(250'000, [&] { hoard.clear(); });
  world.machine.cpus.after(400'000, [&] { CHECK(world.nic.deliver(make_frame(60))); });
  world.run();
  CHECK(world.net->stats().refill_failures >= 2);
  CHECK(world.net->stats().refill_retries >= 2);
  CHECK(hoard.size() == 1);
  hoard.clear();
}
