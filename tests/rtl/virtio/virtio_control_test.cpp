// SPDX-License-Identifier: Apache-2.0
// The registers of 64 queue pairs, walked as drivers do and as they should not.
#include "tests/rtl/virtio/control_bench.hpp"

using namespace tests::virtio;

namespace {

struct Rule {
  unsigned bit;
  std::vector<unsigned> needs;  // all of them
  std::vector<unsigned> any;    // one of them
};
const std::vector<Rule> kRules = {
    {contract::NET_F_HOST_TSO4, {contract::NET_F_CSUM}, {}},
    {contract::NET_F_HOST_TSO6, {contract::NET_F_CSUM}, {}},
    {contract::NET_F_HOST_UFO, {contract::NET_F_CSUM}, {}},
    {contract::NET_F_HOST_USO, {contract::NET_F_CSUM}, {}},
    {contract::NET_F_HOST_ECN, {contract::NET_F_CSUM}, {contract::NET_F_HOST_TSO4, contract::NET_F_HOST_TSO6}},
    {contract::NET_F_RSC_EXT, {contract::NET_F_CSUM}, {contract::NET_F_HOST_TSO4, contract::NET_F_HOST_TSO6}},
    {contract::NET_F_GUEST_TSO4, {contract::NET_F_GUEST_CSUM}, {}},
    {contract::NET_F_GUEST_TSO6, {contract::NET_F_GUEST_CSUM}, {}},
    {contract::NET_F_GUEST_UFO, {contract::NET_F_GUEST_CSUM}, {}},
    {contract::NET_F_GUEST_ECN, {contract::NET_F_GUEST_CSUM}, {contract::NET_F_GUEST_TSO4, contract::NET_F_GUEST_TSO6}},
    {contract::NET_F_CTRL_GUEST_OFFLOADS, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_CTRL_RX, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_CTRL_VLAN, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_CTRL_RX_EXTRA, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_GUEST_ANNOUNCE, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_MQ, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_CTRL_MAC_ADDR, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_VQ_NOTF_COAL, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_NOTF_COAL, {contract::NET_F_CTRL_VQ}, {}},
    {contract::NET_F_RSS, {contract::NET_F_CTRL_VQ}, {}},
};

/// What the rules leave of a set, found by going round until nothing falls any more.
std::uint64_t sound(std::uint64_t features) {
  for (std::uint64_t before = 0; before != features;) {
    before = features;
    for (const Rule& rule : kRules) {
      bool ok = rule.any.empty();
      for (const unsigned bit : rule.any) ok = ok || (features & feature(bit)) != 0;
      for (const unsigned bit : rule.needs) ok = ok && (features & feature(bit)) != 0;
      if (!ok) features &= ~feature(rule.bit);
    }
  }
  return features;
}

}  // namespace

TEST_CASE("What is offered is what the prerequisites leave of the mask", "[rtl][virtio]") {
  std::mt19937_64 random(5);
  REQUIRE(ControlBench(~std::uint64_t{0}).offered() == ~std::uint64_t{0});
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t mask = random() | random();
    REQUIRE(ControlBench(mask).offered() == sound(mask));
  }
  for (const Rule& rule : kRules) {
    for (const unsigned need : rule.needs) {
      REQUIRE((ControlBench(~feature(need)).offered() & feature(rule.bit)) == 0);
    }
  }
}

TEST_CASE("FEATURES_OK is refused for what was not offered, without VERSION_1, or without prerequisites",
          "[rtl][virtio]") {
  std::mt19937_64 random(6);
  for (unsigned bit = 0; bit < 64; ++bit) {
    ControlBench r;
    INFO("bit " << bit);
    REQUIRE(r.accept(kNeeded | feature(bit)) == ((kOffered & feature(bit)) != 0));
  }
  for (int round = 0; round < 200; ++round) {
    ControlBench r(~std::uint64_t{0});
    const std::uint64_t wish = (random() | random()) & (round % 4 == 0 ? ~feature(contract::F_VERSION_1) : ~0ull);
    const std::uint64_t set = round % 2 == 0 ? wish : sound(wish);
    REQUIRE(r.accept(set) == (set == sound(set) && (set & feature(contract::F_VERSION_1)) != 0));
  }
  ControlBench r;
  REQUIRE_FALSE(r.accept(0));
  REQUIRE(r.dut->features_o == 0);
  r.set_status(kAcked | contract::STATUS_FEATURES_OK | contract::STATUS_DRIVER_OK);
  REQUIRE(r.status() == kAcked);                      // DRIVER_OK needs FEATURES_OK
  REQUIRE(r.accept(feature(contract::F_VERSION_1)));  // split rings
  REQUIRE(r.dut->mode_o == 0);
  r.write(contract::COMMON_DRIVER_FEATURE, 0, 4);  // too late
  REQUIRE(r.dut->features_o == feature(contract::F_VERSION_1));
  const unsigned modes[] = {contract::NET_F_MRG_RXBUF, contract::RING_F_INDIRECT_DESC, contract::F_NOTIFICATION_DATA,
                            contract::F_IN_ORDER,      contract::RING_F_EVENT_IDX,     contract::F_RING_PACKED};
  for (unsigned k = 0; k < 6; ++k) {
    ControlBench mode;
    REQUIRE(mode.accept(feature(contract::F_VERSION_1) | feature(modes[k])));
    REQUIRE(mode.dut->mode_o == 1u << k);
  }
}

TEST_CASE("What the device says of itself takes no write", "[rtl][virtio]") {
  ControlBench r;
  for (const unsigned select : {0u, 1u}) {
    r.write(contract::COMMON_DEVICE_FEATURE_SELECT, select, 4);
    const auto offered = r.read(contract::COMMON_DEVICE_FEATURE, 4);
    r.write(contract::COMMON_DEVICE_FEATURE, ~offered & 0xffffffff, 4);
    REQUIRE(r.read(contract::COMMON_DEVICE_FEATURE, 4) == offered);
    REQUIRE(r.read(contract::COMMON_DEVICE_FEATURE_SELECT, 4) == select);
  }
  r.write(contract::COMMON_NUM_QUEUES, 1, 2);
  REQUIRE(r.read(contract::COMMON_NUM_QUEUES, 2) == kQueues);
}

TEST_CASE("128 queues have their defaults, any width of access, and freeze while enabled", "[rtl][virtio]") {
  ControlBench r;
  REQUIRE(r.accept(kOffered));
  REQUIRE(r.read(contract::COMMON_NUM_QUEUES, 2) == kQueues);
  for (unsigned queue = 0; queue < kQueues; ++queue) {
    r.select(queue);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
    REQUIRE(r.read(contract::COMMON_QUEUE_MSIX_VECTOR, 2) == contract::MSI_NO_VECTOR);
    REQUIRE(r.read(contract::COMMON_QUEUE_NOTIFY_OFF, 2) == queue);
    REQUIRE(r.read(contract::COMMON_QUEUE_DESC_LO, 4) == 0);
    r.write(contract::COMMON_QUEUE_SIZE, 100 + queue, 2);
    for (unsigned k = 0; k < 6; ++k) r.write(contract::COMMON_QUEUE_DESC_LO + 4 * k, 0x89ab0000 + 16 * queue + k, 4);
  }
  for (unsigned queue = 0; queue < kQueues; ++queue) {
    r.select(queue);
    for (unsigned k = 0; k < 6; ++k) {
      REQUIRE(r.read(contract::COMMON_QUEUE_DESC_LO + 4 * k, 4) == 0x89ab0000 + 16 * queue + k);
    }
    r.write(contract::COMMON_QUEUE_DESC_LO + 1, 0x77, 1);
    r.write(contract::COMMON_QUEUE_DESC_HI + 2, 0x5566, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 2, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 0, 2);
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
    r.configs.clear();
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    const std::uint64_t base = 0x89ab0000 + 16 * queue;
    const std::uint64_t desc = 0x5566ull << 48 | ((base + 1) & 0xffff) << 32 | (base & 0xffff00ff) | 0x7700;
    REQUIRE(r.configs == std::vector<ConfigWrite>{{queue, 3, 100 + queue},
                                                  {queue, 0, desc},
                                                  {queue, 1, (base + 3) << 32 | (base + 2)},
                                                  {queue, 2, (base + 5) << 32 | (base + 4)}});
    r.write(contract::COMMON_QUEUE_ENABLE, 0, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    REQUIRE(r.configs.size() == 4);
    r.write(contract::COMMON_QUEUE_SIZE, 8, 2);
    r.write(contract::COMMON_QUEUE_DRIVER_LO, 0, 4);
    r.write(contract::COMMON_QUEUE_MSIX_VECTOR, queue, 2);  // the vector may change
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 1);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == 100 + queue);
    REQUIRE(r.read(contract::COMMON_QUEUE_MSIX_VECTOR, 2) == queue);
    REQUIRE(r.read(contract::COMMON_QUEUE_DRIVER_LO, 4) == base + 2);
    REQUIRE_FALSE(r.enabled(queue));  // only with DRIVER_OK
  }
  r.set_status(contract::STATUS_DRIVER_OK);
  REQUIRE((r.dut->rx_enabled_o == ~0ull && r.dut->tx_enabled_o == ~0ull));
}

TEST_CASE("Sizes: anything up to the maximum for packed rings, powers of two for split ones", "[rtl][virtio]") {
  for (const bool packed : {true, false}) {
    ControlBench r;
    REQUIRE(r.accept(feature(contract::F_VERSION_1) | (packed ? feature(contract::F_RING_PACKED) : 0)));
    r.select(77);
    unsigned old = contract::QUEUE_SIZE_DEFAULT;
    for (const unsigned size :
         {0u, 1u, 2u, 3u, 255u, 512u, 4096u, 5000u, 32767u, 32768u, 32769u, 40000u, 65535u, 64u}) {
      r.write(contract::COMMON_QUEUE_SIZE, size, 2);
      if (size != 0 && size <= contract::QUEUE_SIZE_MAX && (packed || std::has_single_bit(size))) old = size;
      REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == old);
    }
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    REQUIRE(r.configs.front() == ConfigWrite{77, 3, 64});
  }
}

TEST_CASE("A queue that does not exist reads as size 0 and takes nothing", "[rtl][virtio]") {
  ControlBench r;
  REQUIRE(r.accept(kOffered));
  for (const unsigned queue : {kQueues, kQueues + 1, 0x100u, 0xffffu}) {
    r.select(queue);
    r.write(contract::COMMON_QUEUE_SIZE, 16, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    for (std::uint32_t at = contract::COMMON_QUEUE_SIZE; at < contract::COMMON_CFG_BYTES; at += 4)
      REQUIRE(r.read(at, 4) == 0);
  }
  REQUIRE(r.configs.empty());
  for (std::uint32_t at = contract::COMMON_CFG_BYTES; at < contract::BAR_WINDOW_BYTES; at += 4) {
    r.write(at, 0xffffffff, 4);
    REQUIRE(r.read(at, 4) == 0);
  }
}

TEST_CASE("Vectors up to 128 are taken, others read back as none", "[rtl][virtio]") {
  ControlBench r;
  for (const std::uint32_t at : {contract::COMMON_CONFIG_MSIX_VECTOR, contract::COMMON_QUEUE_MSIX_VECTOR}) {
    for (const unsigned vector : {0u, 1u, 64u, 128u}) {
      r.write(at, vector, 2);
      REQUIRE(r.read(at, 2) == vector);
    }
    for (const unsigned vector : {129u, 0x100u, 0xfffeu, 0xffffu}) {
      r.write(at, vector, 2);
      REQUIRE(r.read(at, 2) == contract::MSI_NO_VECTOR);
    }
  }
}

TEST_CASE("Doorbells reach their queue, with what NOTIFICATION_DATA says; others are counted", "[rtl][virtio]") {
  for (const bool data : {false, true}) {
    ControlBench r;
    REQUIRE(r.accept(kNeeded | (data ? feature(contract::F_NOTIFICATION_DATA) : 0)));
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      const std::uint32_t at = contract::BAR_NOTIFY + contract::NOTIFY_OFF_MULTIPLIER * queue;
      r.doorbells.clear();
      r.write(at, 0xabc0'0000 + queue, 4);
      REQUIRE(r.doorbells == std::vector<Doorbell>{{queue, 0xabc0}});
      r.write(at, queue, 2);
      REQUIRE(r.doorbells.size() == (data ? 1 : 2));
      r.write(at, queue ^ 1u, 4);
      r.write(at, queue, 1);
      REQUIRE(r.doorbells.size() == (data ? 1 : 2));
    }
    REQUIRE(r.good == kQueues * (data ? 1 : 2));
    REQUIRE(r.bad == kQueues * (data ? 3 : 2));
    r.bad = 0;
    r.write(contract::BAR_NOTIFY + 4 * kQueues, kQueues, 4);
    r.write(contract::BAR_NOTIFY + 0xffc, 0x3ff, 4);
    r.write(contract::BAR_NOTIFY, 0xffff, 4);
    REQUIRE(r.bad == 3);
    REQUIRE(r.read(contract::BAR_NOTIFY, 4) == 0);
    REQUIRE(r.bad == 3);
  }
}

TEST_CASE("Device configuration: address, link, pairs, MTU; generation and interrupt on change", "[rtl][virtio]") {
  ControlBench r;
  for (unsigned k = 0; k < 6; ++k) REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MAC + k, 1) == k + 1);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_STATUS, 2) == contract::NET_S_LINK_UP);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MAX_PAIRS, 2) == kPairs);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MTU, 2) == 9000);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_BYTES, 4) == 0);
  r.run();
  r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 128, 2);
  r.cycles(10);
  r.requests.clear();
  const unsigned generation = r.read(contract::COMMON_CONFIG_GENERATION, 1);
  r.dut->link_up_i = 0;
  r.cycles(10);
  REQUIRE(r.requests == std::vector<unsigned>{128});
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_STATUS, 2) == 0);
  REQUIRE(r.read(contract::COMMON_CONFIG_GENERATION, 1) == ((generation + 1) & 0xff));
}

TEST_CASE("A broken queue is DEVICE_NEEDS_RESET, a config interrupt and the last failure", "[rtl][virtio]") {
  ControlBench r;
  r.run();
  r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 7, 2);
  r.dut->tx_fail_valid_i = 1;
  r.dut->tx_fail_pair_i = 33;
  r.dut->tx_fail_code_i = contract::DESC_ERR_CHAIN;
  r.cycle();
  r.dut->tx_fail_valid_i = 0;
  r.cycles(10);
  REQUIRE((r.status() & contract::STATUS_NEEDS_RESET) != 0);
  REQUIRE(r.requests == std::vector<unsigned>{7});
  REQUIRE((r.tx_errors == 1 && r.rx_errors == 0));
  REQUIRE(r.dut->last_fail_o == (0x8000 | 67 << 8 | contract::DESC_ERR_CHAIN));
}

TEST_CASE("Without MSI-X the causes collect in ISR, a level, which a read clears", "[rtl][virtio]") {
  ControlBench r;
  r.run();
  r.interrupt(5);
  REQUIRE(r.read(contract::BAR_ISR, 1) == 0);  // MSI-X is enabled, but no vector is set
  r.dut->msix_enabled_i = 0;
  r.interrupt(9);
  r.interrupt(127);
  REQUIRE(r.dut->intx_o);
  REQUIRE(r.read(contract::BAR_ISR, 1) == contract::ISR_QUEUE);
  REQUIRE_FALSE(r.dut->intx_o);
  r.dut->link_up_i = 0;
  r.cycles(3);
  REQUIRE(r.dut->intx_o);
  REQUIRE(r.read(contract::BAR_ISR, 1) == contract::ISR_CONFIG);
  REQUIRE(r.read(contract::BAR_ISR, 1) == 0);
  REQUIRE(r.requests.empty());
}

TEST_CASE("No interrupt is lost, equal ones merge only while they wait, in any storm", "[rtl][virtio]") {
  for (unsigned seed = 1; seed < 7; ++seed) {
    ControlBench r(kOffered, seed);
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      r.select(queue);
      if (queue % 7 != 6) r.write(contract::COMMON_QUEUE_MSIX_VECTOR, 128 - queue, 2);
    }
    std::array<unsigned, 256> raised{}, sent{};
    r.requests.clear();
    for (int i = 0; i < 4000; ++i) {
      const bool rx = r.random() % (seed * seed) == 0, tx = r.random() % (seed * seed) == 0;
      const unsigned a = static_cast<unsigned>(r.random() % (seed % 2 == 0 ? 3 : kPairs));
      const unsigned b = static_cast<unsigned>(r.random() % (seed % 2 == 0 ? 3 : kPairs));
      r.dut->rx_irq_valid_i = rx;
      r.dut->rx_irq_pair_i = static_cast<CData>(a);
      r.dut->tx_irq_valid_i = tx;
      r.dut->tx_irq_pair_i = static_cast<CData>(b);
      raised[2 * a] += rx ? 1 : 0;
      raised[2 * b + 1] += tx ? 1 : 0;
      r.cycle();
    }
    r.dut->rx_irq_valid_i = 0;
    r.dut->tx_irq_valid_i = 0;
    r.cycles(600);
    for (const unsigned vector : r.requests) ++sent[128 - vector];
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      INFO("queue " << queue);
      if (queue % 7 == 6)
        REQUIRE(sent[queue] == 0);
      else
        REQUIRE((sent[queue] <= raised[queue] && (raised[queue] == 0) == (sent[queue] == 0)));
      // the last one raised was answered after it was raised: another one is a request of its own
      r.requests.clear();
      r.interrupt(queue);
      r.cycles(12);
      REQUIRE(r.requests.size() == (queue % 7 == 6 ? 0 : 1));
    }
  }
}
