// SPDX-License-Identifier: Apache-2.0
// What CPUs see of the NIC: blocking reads, posted writes, errors, credits, faults on purpose.
#include <catch2/catch.hpp>

#include "rtl/contract/pci_contract.hpp"
#include "tests/sim/pcie/fake_nic.hpp"

using namespace sim::pcie;
using tests::in_thread;
using tests::World;

namespace {

constexpr sim::Picoseconds kNicDelay = 100'000;

/// Answers every read with `value` after kNicDelay.
void answer_reads(World& world, std::uint32_t value, std::uint8_t status = 0) {
  world.nic.hook = [&world, value, status](const Tlp& tlp, sim::Picoseconds at) {
    const auto request = parse_request(tlp);
    if (!request || class_of(tlp) != TlpClass::nonposted) return;
    Completion completion;
    completion.completer = 0x0100;
    completion.status = status;
    completion.tag = request->tag;
    completion.byte_count = completion_byte_count(*request);
    completion.lower_address = completion_lower_address(*request);
    const bool data = request->kind != RequestKind::config_write && status == 0;
    completion.length = data ? 1 : 0;
    std::vector<std::byte> bytes(4);
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
    world.root.from_nic(make_completion(completion, bytes), at + kNicDelay);
  };
}

}  // namespace

TEST_CASE("A read blocks for the round trip and picks its bytes", "[root][host]") {
  World world;
  answer_reads(world, 0x4433'2211);
  bool done = false;
  in_thread([&] {
    sc_core::wait(sc_ps(10'000));
    const auto begin = now_ps();
    CHECK(world.root.mmio_read(0x60'0000'0000, 4) == 0x4433'2211);
    const auto took = now_ps() - begin;
    CHECK(took > 2 * world.root.config().link.latency + kNicDelay);
    CHECK(took < 2 * world.root.config().link.latency + kNicDelay + 50'000);
    CHECK(now_ps() % 1000 == 0);
    CHECK(world.root.mmio_read(0x60'0000'0002, 1) == 0x33);
    CHECK(world.root.config_read(0x0100, 0x3E, 2) == 0x4433);
    world.root.config_write(0x0100, 0x04, 2, 6);
    done = true;
  });
  World::run(10'000'000);
  CHECK(done);
  CHECK(world.complaints().empty());
  REQUIRE(world.nic.received.size() == 4);
  CHECK(parse_request(world.nic.received[1].first)->first_be == 0x4);
  CHECK(parse_request(world.nic.received[2].first)->target == 0x0100);
}

TEST_CASE("Posted writes return at once and keep their order before a read", "[root][host]") {
  World world;
  answer_reads(world, 0);
  in_thread([&] {
    const auto begin = now_ps();
    for (unsigned i = 0; i < 5; ++i) world.root.mmio_write(0x60'0000'3000 + 4 * i, 4, i);
    CHECK(now_ps() == begin);
    static_cast<void>(world.root.mmio_read(0x60'0000'0000, 4));
  });
  World::run(10'000'000);
  REQUIRE(world.nic.received.size() == 6);
  for (unsigned i = 0; i < 5; ++i) {
    CHECK(parse_request(world.nic.received[i].first)->address == 0x60'0000'3000U + 4 * i);
    CHECK(world.nic.received[i].first.payload[0] == static_cast<std::byte>(i));
  }
}

TEST_CASE("Errors, poison and silence read as all ones", "[root][host]") {
  RootComplexConfig config;
  config.host_timeout = 5'000'000;
  World world(config);
  unsigned finished = 0;
  in_thread([&] {
    answer_reads(world, 1, contract::CPL_UR);
    CHECK(world.root.mmio_read(0x60'0000'0000, 2) == 0xFFFF);
    world.nic.hook = nullptr;
    const auto begin = now_ps();
    CHECK(world.root.mmio_read(0x60'0000'0000, 4) == 0xFFFF'FFFF);
    CHECK(now_ps() == begin + 5'000'000);
    ++finished;
  });
  World::run(100'000'000);
  CHECK(finished == 1);
  CHECK(world.root.counters().host_errors == 1);
  CHECK(world.root.counters().host_timeouts == 1);
}

TEST_CASE("A NIC that never answers costs every tag once, then nobody waits", "[root][host]") {
  RootComplexConfig config;
  config.host_timeout = 1'000'000;
  World world(config);
  unsigned finished = 0;
  in_thread([&] {
    for (; finished < 40; ++finished) CHECK(world.root.mmio_read(0x60'0000'0000, 4) == 0xFFFF'FFFF);
  });
  World::run(1'000'000'000);
  CHECK(finished == 40);
  CHECK(world.root.counters().host_timeouts == 40);
}

TEST_CASE("Writes wait for the NIC's credits", "[root][host]") {
  RootComplexConfig config;
  config.link.nic.posted_headers = 4;
  World world(config);
  world.nic.host = nullptr;
  in_thread([&] {
    for (unsigned i = 0; i < 10; ++i) world.root.mmio_write(0x60'0000'3000, 4, i);
  });
  World::run(2'000'000);
  CHECK(world.nic.received.size() == 4);
  Credits freed;
  freed.posted_headers = 3;
  freed.posted_data = 3;
  world.root.nic_credits(freed, 2'000'000);
  World::run(2'000'000);
  CHECK(world.nic.received.size() == 7);
  CHECK(world.nic.received[4].second >= 2'000'000 + 2 * config.link.latency);
  CHECK(world.complaints().empty());
}

TEST_CASE("A read without credits lets later writes pass", "[root][host]") {
  RootComplexConfig config;
  config.link.nic.nonposted_headers = 1;
  World world(config);
  world.nic.host = nullptr;
  in_thread([&] { static_cast<void>(world.root.mmio_read(0x60'0000'0000, 4)); });
  in_thread([&] { static_cast<void>(world.root.mmio_read(0x60'0000'0004, 4)); });
  in_thread([&] {
    sc_core::wait(sc_ps(10'000));
    world.root.mmio_write(0x60'0000'3000, 4, 1);
  });
  World::run(3'000'000);
  REQUIRE(world.nic.received.size() == 2);
  CHECK(class_of(world.nic.received[0].first) == TlpClass::nonposted);
  CHECK(class_of(world.nic.received[1].first) == TlpClass::posted);
}

TEST_CASE("A write without credits holds back later reads and completions", "[root][host]") {
  RootComplexConfig config;
  config.link.nic.posted_headers = 1;
  World world(config);
  world.nic.host = nullptr;
  in_thread([&] {
    world.root.mmio_write(0x60'0000'3000, 4, 1);
    world.root.mmio_write(0x60'0000'3000, 4, 2);
    static_cast<void>(world.root.mmio_read(0x60'0000'0000, 4));
  });
  world.nic_read(tests::kMemoryBase, 4, 0, 1000);
  World::run(3'000'000);
  CHECK(world.nic.received.size() == 1);
  Credits freed;
  freed.posted_headers = 1;
  freed.posted_data = 1;
  world.root.nic_credits(freed, 3'000'000);
  World::run(3'000'000);
  REQUIRE(world.nic.received.size() == 4);
  CHECK(class_of(world.nic.received[1].first) == TlpClass::posted);
}

TEST_CASE("A filter drops, doubles, delays and changes TLPs behind the checker", "[root][host]") {
  World world;
  unsigned seen = 0;
  world.root.filter([&](Tlp& tlp) {
    const unsigned number = seen++;
    tlp.header[3] = number;
    FilterVerdict verdict;
    verdict.copies = number == 0 ? 0 : number == 1 ? 2 : 1;
    verdict.delay = number == 2 ? 1'000'000 : 0;
    return verdict;
  });
  in_thread([&] {
    for (unsigned i = 0; i < 4; ++i) world.root.mmio_write(0xE000'0000, 4, i);
  });
  World::run(5'000'000);
  std::vector<std::uint32_t> order;
  for (const auto& [tlp, at] : world.nic.received) order.push_back(tlp.header[3]);
  CHECK(order == std::vector<std::uint32_t>{1, 1, 3, 2});
  CHECK(world.complaints().empty());
}
