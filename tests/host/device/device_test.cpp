// SPDX-License-Identifier: Apache-2.0
// Interfaces, delivery, taps, handlers, the qdisc, checksum help.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/net_core.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using base::MacAddress;
using device::NetDevice;
using device::RxHandlerResult;
using device::TxResult;
using device::XmitMore;
using skb::Skb;

namespace {

constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kOther{{2, 0, 0, 0, 0, 2}};

/// A driver with room for so many packets.
class Driver final : public device::NetDeviceOps {
 public:
  base::Result<void> open(kernel::Cpu&, NetDevice& dev) override {
    if (broken) return Errno::io;
    dev.carrier_on();
    return {};
  }
  void stop(kernel::Cpu&, NetDevice&) override { ++stops; }
  TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, Skb& skb, XmitMore more) override {
    CHECK_FALSE(dev.queue_stopped());
    cpu.charge_ns(cost);
    if (room == 0) {
      if (stop_when_full) dev.stop_queue();
      return TxResult::busy;
    }
    --room;
    marks.push_back(skb->mark);
    doorbells += more == XmitMore::no ? 1 : 0;
    skb.reset();
    return TxResult::ok;
  }
  bool broken = false;
  bool stop_when_full = true;
  int room = 1'000'000;
  int stops = 0;
  int doorbells = 0;
  platform::Nanoseconds cost = 0;
  std::vector<std::uint32_t> marks;
};

struct World {
  World() : kernel(machine.machine()), pool(kernel), core(kernel, pool), dev("eth0", kOurs, 1500, driver) {
    REQUIRE(core.register_device(dev).ok());
    REQUIRE(dev.open(cpu()).ok());
  }
  ~World() { dev.close(cpu()); }
  kernel::Cpu& cpu() { return kernel.cpu(0); }
  Skb frame(const MacAddress& destination, std::uint16_t ether_type, std::uint32_t bytes = 60) {
    Skb skb = pool.allocate(bytes);
    const auto data = skb->put(bytes);
    destination.store(data, 0);
    kOther.store(data, 6);
    base::store_be16(data, 12, ether_type);
    skb->dev = &dev;
    return skb;
  }
  void receive(Skb skb) {
    REQUIRE(device::eth_type_trans(*skb, dev));
    core.netif_receive_skb(cpu(), std::move(skb));
  }
  base::Result<void> send(std::uint32_t mark) {
    Skb skb = frame(kOther, 0x800);
    skb->mark = mark;
    return core.dev_queue_xmit(cpu(), std::move(skb));
  }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
  skb::SkbPool pool;
  device::NetCore core;
  Driver driver;
  NetDevice dev;
};

std::vector<std::uint32_t> counting(std::uint32_t count) {
  std::vector<std::uint32_t> result;
  for (std::uint32_t i = 0; i < count; ++i) result.push_back(i);
  return result;
}

}  // namespace

TEST_CASE("Interfaces have names and indices", "[device]") {
  World world;
  Driver driver;
  NetDevice second("eth1", kOther, 9000, driver);
  NetDevice twin("eth1", kOther, 9000, driver);
  REQUIRE(world.core.register_device(second).ok());
  CHECK(world.core.register_device(twin).error() == Errno::exists);
  CHECK(world.core.device_by_index(2) == &second);
  CHECK(world.core.device_by_name("eth1") == &second);
  CHECK(world.core.device_by_name("eth9") == nullptr);
  world.core.unregister_device(second);
  CHECK(world.core.device_by_name("eth1") == nullptr);
  CHECK(world.core.register_device(twin).ok());
  CHECK(twin.ifindex() == 3);
}

TEST_CASE("An interface that does not open stays down", "[device]") {
  World world;
  Driver driver;
  driver.broken = true;
  NetDevice dev("eth1", kOther, 1500, driver);
  CHECK(dev.open(world.cpu()).error() == Errno::io);
  CHECK_FALSE(dev.is_up());
  dev.close(world.cpu());
  CHECK(driver.stops == 0);
}

TEST_CASE("eth_type_trans says to whom a frame is and moves data, not bytes", "[device][rx]") {
  World world;
  const auto classify = [&](const MacAddress& destination) {
    const Skb skb = world.frame(destination, 0x0806);
    REQUIRE(device::eth_type_trans(*skb, world.dev));
    CHECK(skb->protocol == 0x0806);
    CHECK(skb->len() == 46);
    CHECK(skb->mac_offset() == 14);
    return skb->packet_type;
  };
  CHECK(classify(kOurs) == skb::PacketType::host);
  CHECK(classify(kOther) == skb::PacketType::otherhost);
  CHECK(classify(MacAddress::broadcast()) == skb::PacketType::broadcast);
  CHECK(classify({{1, 0, 0x5e, 0, 0, 1}}) == skb::PacketType::multicast);
  const Skb tiny = world.pool.allocate(20);
  static_cast<void>(tiny->put(13));
  CHECK_FALSE(device::eth_type_trans(*tiny, world.dev));
}

TEST_CASE("A frame goes to its protocol; others are counted drops", "[device][rx]") {
  World world;
  int ip = 0;
  REQUIRE(world.core.add_protocol(0x800, [&](kernel::Cpu&, Skb) { ++ip; }).ok());
  CHECK(world.core.add_protocol(0x800, [&](kernel::Cpu&, Skb) {}).error() == Errno::exists);
  world.receive(world.frame(kOurs, 0x800));
  world.receive(world.frame(kOurs, 0x86dd));
  world.receive(world.frame(kOther, 0x800));
  CHECK(ip == 1);
  CHECK(world.kernel.drops()[DropReason::unknown_protocol] == 1);
  CHECK(world.kernel.drops()[DropReason::other_host] == 1);
  CHECK(world.kernel.drops().total() == 2);
  CHECK(world.cpu().softnet().processed == 3);
}

TEST_CASE("Taps see both directions, the frame of others too, from the Ethernet header on", "[device][tap]") {
  World world;
  std::vector<std::uint16_t> seen;
  const auto tap = world.core.add_tap([&](kernel::Cpu&, Skb skb) {
    CHECK(skb->len() == 60);
    seen.push_back(base::load_be16(skb->bytes(), 12));
  });
  world.receive(world.frame(kOther, 0x1111));
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), world.frame(kOther, 0x2222)).ok());
  CHECK(seen == std::vector<std::uint16_t>{0x1111, 0x2222});
  world.core.remove_tap(tap);
  world.receive(world.frame(kOurs, 0x3333));
  CHECK(seen.size() == 2);
}

TEST_CASE("An rx handler may take a frame and send it back without a copy", "[device][rx]") {
  World world;
  const std::byte* memory = nullptr;
  world.dev.set_rx_handler([&](kernel::Cpu& cpu, Skb& skb) {
    if (skb->protocol != 0x88b5) return RxHandlerResult::pass;
    skb->restore(skb->mac_offset());
    CHECK(skb->bytes().data() == memory);
    static_cast<void>(world.core.dev_queue_xmit(cpu, std::move(skb)));
    return RxHandlerResult::consumed;
  });
  Skb skb = world.frame(kOther, 0x88b5);
  memory = skb->bytes().data();
  world.receive(std::move(skb));
  CHECK(world.driver.marks.size() == 1);
  world.receive(world.frame(kOurs, 0x86dd));
  CHECK(world.kernel.drops()[DropReason::unknown_protocol] == 1);
}

TEST_CASE("A busy driver's packets wait in order and leave when it wakes the queue", "[device][tx]") {
  World world;
  world.driver.room = 3;
  for (std::uint32_t i = 0; i < 10; ++i) REQUIRE(world.send(i).ok());
  CHECK(world.driver.marks.size() == 3);
  CHECK(world.dev.qdisc().backlog_packets() == 7);
  CHECK(world.dev.qdisc().backlog_bytes() == 7 * 60);
  CHECK(world.dev.qdisc().stats().requeues == 1);
  CHECK(world.dev.queue_stops() == 1);
  world.driver.room = 100;
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == counting(10));
  CHECK(world.driver.doorbells == 4);  // three alone, then one for the seven
  CHECK(world.dev.qdisc().stats().packets == 10);
  CHECK(world.cpu().softirq_count(kernel::Softirq::net_tx) == 1);
}

TEST_CASE("A driver that is busy without stopping is tried again", "[device][tx]") {
  World world;
  world.driver.room = 0;
  world.driver.stop_when_full = false;
  world.driver.cost = 1'000;
  REQUIRE(world.send(0).ok());
  world.machine.cpus.after(10'000, [&] { world.driver.room = 1; });
  world.kernel.run(0);
  CHECK(world.driver.marks == counting(1));
}

TEST_CASE("One run of the queue sends a quota, then gives way to NET_TX", "[device][tx]") {
  World world;
  world.dev.stop_queue();
  for (std::uint32_t i = 0; i < 200; ++i) REQUIRE(world.send(i).ok());
  world.dev.wake_queue(world.cpu());
  world.kernel.run(0);
  CHECK(world.driver.marks == counting(200));
  CHECK(world.cpu().softirq_count(kernel::Softirq::net_tx) == 4);  // 64, 64, 64, 8
  CHECK(world.driver.doorbells == 4);
}

TEST_CASE("What may not leave is refused and counted once", "[device][tx]") {
  World world;
  std::uint64_t of_device = 1;
  SECTION("a full queue") {
    world.dev.set_tx_queue_len(2);
    world.dev.stop_queue();
    CHECK(world.send(0).ok());
    CHECK(world.send(1).ok());
    CHECK(world.send(2).error() == Errno::no_buffers);
    CHECK(world.kernel.drops()[DropReason::qdisc_full] == 1);
    CHECK(world.dev.qdisc().stats().drops == 1);
    of_device = 0;  // it is the qdisc's
  }
  SECTION("an interface that is down") {
    world.dev.close(world.cpu());
    CHECK(world.send(0).error() == Errno::network_down);
    CHECK(world.kernel.drops()[DropReason::interface_down] == 1);
  }
  SECTION("no carrier") {
    world.dev.carrier_off();
    CHECK(world.send(0).error() == Errno::network_down);
    CHECK(world.dev.stats().tx_carrier_errors == 1);
  }
  SECTION("less than an Ethernet header") {
    Skb skb = world.pool.allocate(20);
    static_cast<void>(skb->put(13));
    skb->dev = &world.dev;
    CHECK(world.core.dev_queue_xmit(world.cpu(), std::move(skb)).error() == Errno::invalid);
    CHECK(world.kernel.drops()[DropReason::short_ethernet] == 1);
  }
  CHECK(world.dev.stats().tx_dropped == of_device);
  CHECK(world.kernel.drops().total() == 1);
}

TEST_CASE("Closing empties the queue", "[device][tx]") {
  World world;
  world.dev.stop_queue();
  for (std::uint32_t i = 0; i < 5; ++i) REQUIRE(world.send(i).ok());
  world.dev.close(world.cpu());
  CHECK(world.dev.qdisc().backlog_packets() == 0);
  CHECK(world.pool.in_use() == 0);
  CHECK(world.driver.stops == 1);
}

TEST_CASE("A requested checksum is filled in for a device that cannot", "[device][checksum]") {
  World world;
  Skb skb = world.frame(kOther, 0x800, 61);
  const Skb twin = skb->clone();  // the tap's copy must not change
  base::ChecksumSum pseudo;
  pseudo.add_be32(0x0a000001);
  {
    Skb fresh = world.frame(kOther, 0x800, 61);
    base::store_be16(fresh->writable(), 40, pseudo.folded());
    fresh->request_checksum(34, 6);
    REQUIRE(device::checksum_help(*fresh).ok());
    CHECK(fresh->ip_summed == skb::IpSummed::none);
    base::ChecksumSum whole = pseudo;
    whole.add(fresh->bytes().subspan(34));
    CHECK(whole.folded() == 0xffff);
  }
  skb->request_checksum(34, 6);
  REQUIRE(device::checksum_help(*skb).ok());
  CHECK(base::load_be16(twin->bytes(), 40) == 0);
  CHECK(base::load_be16(skb->bytes(), 40) != 0);
  skb->request_checksum(50, 20);
  CHECK(device::checksum_help(*skb).error() == Errno::invalid);
}
