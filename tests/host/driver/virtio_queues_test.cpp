// SPDX-License-Identifier: Apache-2.0
// Many pairs, their vectors and CPUs; the shared vector and the INTx line; ring features that are offered.
#include "host/device/link_stats.hpp"
#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using namespace contract;
using driver::InterruptMode;
using driver::RingKind;
using host_test::DriverWorld;
using host_test::make_frame;

namespace {

std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

std::uint64_t counter(const DriverWorld& world, std::string_view name) {
  for (const auto& [key, value] : world.net->statistics()) {
    if (key == name) return value;
  }
  FAIL("no counter " << name);
  return 0;
}

/// Both ways on every pair, each frame once.
void exchange(DriverWorld& world, unsigned pairs, unsigned rounds) {
  for (unsigned i = 0; i < rounds; ++i) {
    for (unsigned pair = 0; pair < pairs; ++pair) {
      REQUIRE(world.nic.deliver(make_frame(60 + i, pair), {}, pair));
      auto skb = world.packet(make_frame(100 + i, pair));
      REQUIRE(world.core.dev_queue_xmit(world.kernel.cpu(pair % world.kernel.cpu_count()), std::move(skb)).ok());
    }
    world.run_all();
  }
  CHECK(world.received.size() == std::size_t{pairs} * rounds);
  CHECK(world.nic.sent.size() == std::size_t{pairs} * rounds);
  CHECK(world.nic.bad_headers == 0);
  CHECK(world.nic.bad_doorbells == 0);
}

}  // namespace

TEST_CASE("As many pairs as device, CPUs and option allow", "[driver][mq]") {
  const auto [device, cpus, option, expected] = GENERATE(std::tuple(4u, 2u, 64u, 2u), std::tuple(2u, 4u, 64u, 2u),
                                                         std::tuple(8u, 8u, 3u, 3u), std::tuple(1u, 4u, 64u, 1u));
  DriverWorld world({}, cpus);
  world.nic.set_pairs(device);
  REQUIRE(world.probe({.queue_pairs = option}).ok());
  CHECK(world.net->queue_pairs() == expected);
  CHECK(world.dev().tx_queues() == expected);
  CHECK(world.net->vectors().size() == 2 * expected + 1);
}

TEST_CASE("A device that is no cosnic has one pair while there is no control queue", "[driver][mq]") {
  DriverWorld world({}, 4);
  world.nic.set_pairs(4);
  world.nic.config_write(CFG_SUBSYSTEM, 4, 0x0040'1af4);
  REQUIRE(world.probe().ok());
  CHECK(world.net->queue_pairs() == 1);
  CHECK(world.net->control() == nullptr);
}

TEST_CASE("Each pair has its vectors, its CPU, its counters", "[driver][mq][irq]") {
  DriverWorld world({}, 4);
  world.nic.set_pairs(4);
  world.up();
  CHECK(world.net->interrupt_mode() == InterruptMode::per_queue);
  for (unsigned pair = 0; pair < 4; ++pair) {
    const auto& actions = world.kernel.irq_actions();
    CHECK(actions[world.net->vectors()[1 + 2 * pair]]->name == "virtio0-input." + std::to_string(pair));
    CHECK(actions[world.net->vectors()[2 + 2 * pair]]->name == "virtio0-output." + std::to_string(pair));
  }
  exchange(world, 4, 50);
  for (unsigned pair = 0; pair < 4; ++pair) {
    const std::string number = std::to_string(pair);
    CHECK(counter(world, "rx" + number + "_packets") == 50);
    CHECK(counter(world, "tx" + number + "_packets") + world.net->tx_ring(pair)->outstanding().size() == 50);
    CHECK(counter(world, "rx" + number + "_interrupts") > 0);
    const auto& action = world.kernel.irq_actions()[world.net->vectors()[1 + 2 * pair]];
    CHECK(action->counts[pair] == counter(world, "rx" + number + "_interrupts"));
  }
  for (const auto& meta : world.meta) CHECK(meta.cpu + 1u == meta.rx_queue);
  for (const auto& sent : world.nic.sent_with_header) CHECK(sent.frame[20] == make_frame(100, sent.queue / 2)[20]);
  CHECK(world.nic.control.at(CTL_RX_RSS * CTL_WINDOW_BYTES + RSS_PAIRS) == 4);
}

TEST_CASE("Without XPS a flow stays on one queue and flows spread", "[driver][mq][hash]") {
  DriverWorld world({}, 4);
  world.nic.set_pairs(4);
  world.up();
  world.dev().set_xps(0, {});
  for (unsigned lap = 0; lap < 2; ++lap) {
    for (unsigned flow = 0; flow < 64; ++flow) {
      auto frame = make_frame(60);
      frame[8] = static_cast<std::byte>(flow);  // the source address
      REQUIRE(world.send(frame));
    }
    world.run_all();
  }
  std::array<unsigned, 4> counts{};
  std::map<std::byte, unsigned> queue_of;
  for (const auto& sent : world.nic.sent_with_header) {
    ++counts[sent.queue / 2];
    const auto known = queue_of.emplace(sent.frame[8], sent.queue);
    CHECK(known.first->second == sent.queue);
  }
  for (const unsigned count : counts) CHECK(count >= 16);
  REQUIRE(world.net->set_channels(2).ok());
  CHECK(world.dev().real_tx_queues() == 2);
  CHECK(world.nic.control.at(CTL_RX_RSS * CTL_WINDOW_BYTES + RSS_PAIRS) == 2);
  CHECK(world.net->set_channels(5).error() == base::Errno::invalid);
}

TEST_CASE("One queue stops, the others go on", "[driver][mq]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up({.tx_ring = 4});
  world.lift_byte_limits();
  world.nic.hold_tx = true;
  for (unsigned i = 0; i < 10; ++i) REQUIRE(world.send(make_frame(60, i)));
  CHECK(world.dev().queue_stopped(0));
  CHECK_FALSE(world.dev().queue_stopped(1));
  REQUIRE(world.core.dev_queue_xmit(world.kernel.cpu(1), world.packet(make_frame(60))).ok());
  world.nic.hold_tx = false;
  world.machine.cpus.after(10'000, [&] { world.nic.complete_tx(); });
  world.run_all();
  CHECK(world.nic.sent.size() == 11);
}

TEST_CASE("Too few vectors: one for all queues, and when none is left the line", "[driver][mq][irq]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  SECTION("the device has two") {
    world.nic.set_msix_vectors(2);
    world.up();
    CHECK(world.net->interrupt_mode() == InterruptMode::shared);
    CHECK(world.kernel.irq_actions()[world.net->vectors()[1]]->name == "virtio0-virtqueues");
  }
  SECTION("the machine has two") {
    world.machine.irqs.limit = 36;
    world.up();
    CHECK(world.net->interrupt_mode() == InterruptMode::shared);
  }
  SECTION("no messages at all") {
    world.nic.use_intx();
    world.up();
    CHECK(world.net->interrupt_mode() == InterruptMode::intx);
    CHECK(world.kernel.irq_actions()[world.net->vectors()[0]]->name == "virtio0");
    CHECK((world.nic.config_read(CFG_COMMAND, 2) & COMMAND_INTX_DISABLE) == 0);
  }
  exchange(world, 2, 30);
  world.nic.set_link(false);
  world.run_all();
  CHECK_FALSE(world.dev().carrier_ok());
}

TEST_CASE("A line that somebody else holds is not ours, and ends", "[driver][irq]") {
  DriverWorld world;
  world.nic.use_intx();
  world.up();
  world.machine.irqs.set_line(true);
  world.run();
  CHECK(world.net->stats().unclaimed_interrupts == 1);
  CHECK(world.nic.isr_reads == 1);
}

TEST_CASE("Neither messages nor a line: the device cannot be used", "[driver][irq]") {
  DriverWorld world;
  world.nic.use_intx();
  world.machine.irqs.has_line = false;
  CHECK(world.probe().error() == base::Errno::no_memory);
}

TEST_CASE("Whatever rings are negotiated, frames pass", "[driver][rings]") {
  const bool split = GENERATE(false, true);
  const std::uint64_t more = GENERATE(0ull, bit(F_IN_ORDER), bit(F_NOTIFICATION_DATA), bit(RING_F_INDIRECT_DESC),
                                      bit(F_IN_ORDER) | bit(F_NOTIFICATION_DATA) | bit(RING_F_INDIRECT_DESC));
  const bool event_index = GENERATE(false, true);
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.nic.offered |= more;
  if (!event_index) world.nic.offered &= ~bit(RING_F_EVENT_IDX);
  world.up({.rx_ring = 24, .tx_ring = 24, .ring = split ? RingKind::split : RingKind::packed});
  CHECK(world.net->rx_ring()->options().kind == (split ? RingKind::split : RingKind::packed));
  CHECK(world.net->rx_ring()->size() == (split ? 16 : 24));
  CHECK((world.net->features() & more) == more);
  exchange(world, 2, 200);
  REQUIRE(world.net->resize_rings(world.cpu(), 64, 8).ok());
  CHECK(world.net->rx_ring(1)->size() == 64);
  world.run_all();
  REQUIRE(world.nic.deliver(make_frame(77, 9), {}, 1));
  world.run_all();
  CHECK(world.received.back() == make_frame(77, 9));
}

TEST_CASE("A device without packed rings gets split ones", "[driver][rings]") {
  DriverWorld world;
  world.nic.offered &= ~bit(F_RING_PACKED);
  world.up();
  CHECK(world.net->rx_ring()->options().kind == RingKind::split);
  exchange(world, 1, 20);
}

TEST_CASE("What is switched off is not accepted, nor what needs it", "[driver][features]") {
  DriverWorld world;
  world.nic.offered = ~0ull;
  REQUIRE(world.probe({.features_off = driver::feature(*driver::feature_by_name("CSUM"))}).ok());
  for (const unsigned off : {NET_F_CSUM, NET_F_HOST_TSO4, NET_F_HOST_TSO6, NET_F_HOST_ECN, NET_F_HOST_USO}) {
    CHECK_FALSE(driver::has_feature(world.net->features(), off));
  }
  CHECK(driver::has_feature(world.net->features(), NET_F_GUEST_CSUM));
  CHECK_FALSE(driver::feature_by_name("csum"));
  CHECK_FALSE(driver::feature_by_name("ACKNOWLEDGE"));
}

TEST_CASE("The device filters unless somebody wants every frame", "[driver][control]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up();
  const auto mode = [&] { return world.nic.control.at(CTL_RX_FILTER * CTL_WINDOW_BYTES + RXF_MODE); };
  constexpr std::uint32_t kMulticast = 1u << RXF_MODE_ALLMULTI;
  constexpr std::uint32_t kAll = kMulticast | 1u << RXF_MODE_PROMISC;
  world.dev().set_rx_handler(nullptr);
  world.dev().set_promiscuous(false);
  CHECK(mode() == kMulticast);
  world.dev().set_promiscuous(true);
  CHECK(mode() == kAll);
  world.dev().set_promiscuous(false);
  CHECK(mode() == kMulticast);
  world.dev().set_rx_handler([](kernel::Cpu&, skb::Skb&) { return device::RxHandlerResult::pass; });
  CHECK(mode() == kAll);
  world.dev().close(world.cpu());
  world.dev().set_rx_handler(nullptr);
  REQUIRE(world.dev().open(world.cpu()).ok());
  CHECK(mode() == kMulticast);
}

TEST_CASE("A queue that is reset loses nothing that the device had finished", "[driver][rings]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up();
  world.lift_byte_limits();
  world.nic.hold_tx = true;
  for (unsigned i = 0; i < 5; ++i) {
    REQUIRE(world.send(make_frame(100 + i)));
  }
  world.run_all();
  world.nic.complete_tx();
  for (unsigned i = 0; i < 5; ++i) REQUIRE(world.nic.deliver(make_frame(60 + i), {}, 1));
  REQUIRE(world.net->resize_rings(world.cpu(), 64, 64).ok());
  CHECK(world.received.size() == 5);
  CHECK(world.dev().stats().tx_packets == 5);
  CHECK(world.dev().stats().tx_dropped == 0);
}

TEST_CASE("ethtool's moderation reaches the control window", "[driver][control]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up();
  REQUIRE(world.net->control() != nullptr);
  const driver::Coalesce wanted{.rx_usecs = 50, .rx_frames = 8, .tx_usecs = 100, .tx_frames = 32};
  world.net->control()->set_coalesce(1, wanted);
  CHECK(world.net->control()->coalesce(1) == wanted);
  CHECK(world.net->control()->coalesce(0) == driver::Coalesce{});
  const auto at = CTL_COALESCE * CTL_WINDOW_BYTES + COAL_PAIR_BYTES;
  CHECK(world.nic.control.at(at + COAL_RX_PACKETS) == 8);
  CHECK(world.nic.control.at(at + COAL_TX_USECS) == 100);
}

TEST_CASE("Another address of the interface is an entry of the device's filter", "[driver][control]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up();
  const auto entry = [&](std::uint32_t word) {
    return world.nic.control[CTL_RX_FILTER * CTL_WINDOW_BYTES + RXF_MAC_TABLE + word];
  };
  const base::MacAddress own = world.dev().address();
  CHECK(entry(4) == 0);
  REQUIRE(world.dev().core()->set_address(world.cpu(), world.dev(), {{2, 0, 0, 0, 0, 0x77}}).ok());
  CHECK(entry(0) == 0x2);
  CHECK(entry(4) == (1u << 31 | 0x7700));
  world.dev().close(world.cpu());
  world.nic.control[CTL_RX_FILTER * CTL_WINDOW_BYTES + RXF_MAC_TABLE + 4] = 0;
  REQUIRE(world.dev().open(world.cpu()).ok());
  CHECK(entry(4) == (1u << 31 | 0x7700));
  REQUIRE(world.dev().core()->set_address(world.cpu(), world.dev(), own).ok());
  CHECK(entry(4) == 0);
}

TEST_CASE("What the device did not deliver is among the interface's counts", "[driver][control]") {
  DriverWorld world({}, 2);
  world.nic.set_pairs(2);
  world.up();
  world.nic.statistics = {{STAT_RX_DROP_BAD_FCS, 1},       {STAT_RX_DROP_RUNT, 2},    {STAT_RX_DROP_OVERSIZE, 4},
                          {STAT_RX_DROP_FIFO_OVERFLOW, 8}, {STAT_RX_DROP_MISSED, 16}, {STAT_RX_DROP_NO_BUFFER, 32}};
  const device::AllLinkStats all = device::all_link_stats(world.dev());
  CHECK(all.rx_crc_errors == 1);
  CHECK(all.rx_length_errors == 6);
  CHECK(all.rx_over_errors == 8);
  CHECK(all.rx_missed_errors == 48);
  CHECK(all.rx_errors == 15);
  CHECK(world.dev().stats().rx_errors == 0);
}
