// SPDX-License-Identifier: Apache-2.0
// What the NIC sees of the host: reads, writes, messages, faults, credits.
#include "sim/pcie/root_complex.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "rtl/contract/pci_contract.hpp"
#include "tests/sim/pcie/fake_nic.hpp"

using namespace sim::pcie;
using tests::kMemoryBase;
using tests::World;

namespace {

/// Puts the completions of every tag together as a NIC would; checks that each tag's come in order.
std::map<unsigned, std::vector<std::byte>> collect(const tests::FakeNic& nic) {
  std::map<unsigned, std::vector<std::byte>> data;
  for (const auto& [tlp, at] : nic.received) {
    const auto completion = parse_completion(tlp);
    REQUIRE(completion);
    REQUIRE(completion->status == contract::CPL_SC);
    auto& bytes = data[completion->tag];
    const std::size_t lead = completion->lower_address & 3;
    const std::size_t carried = std::min<std::size_t>(completion->byte_count, tlp.payload.size() - lead);
    const auto first = tlp.payload.begin() + static_cast<std::ptrdiff_t>(lead);
    bytes.insert(bytes.end(), first, first + static_cast<std::ptrdiff_t>(carried));
  }
  return data;
}

struct Read {
  std::uint64_t offset;
  std::size_t bytes;
};

/// Many reads of all alignments; the trace of what came back and when.
std::string read_many(World& world) {
  SeededRandom random(3);
  std::map<unsigned, Read> reads;
  for (unsigned tag = 0; tag < 64; ++tag) {
    const std::size_t bytes = 1 + random.below(512);
    const std::uint64_t offset = random.below(256) * 4096 + random.below(4096 - bytes + 1);
    reads[tag] = {offset, bytes};
    world.nic_read(kMemoryBase + offset, bytes, static_cast<std::uint8_t>(tag), 1000 + 20'000 * tag);
  }
  World::run(20'000'000);
  auto data = collect(world.nic);
  REQUIRE(data.size() == reads.size());
  for (const auto& [tag, read] : reads) {
    const auto from = world.memory.bytes().subspan(read.offset, read.bytes);
    REQUIRE(data[tag] == std::vector<std::byte>(from.begin(), from.end()));
  }
  CHECK(world.complaints().empty());
  CHECK(world.root.checker().outstanding_reads() == 0);
  std::string trace;
  for (const auto& [tlp, at] : world.nic.received) trace += std::to_string(at) + describe(tlp) + "\n";
  return trace;
}

bool overtaken(const tests::FakeNic& nic) {
  unsigned last = 0;
  bool result = false;
  for (const auto& [tlp, at] : nic.received) {
    result = result || parse_completion(tlp)->tag < last;
    last = parse_completion(tlp)->tag;
  }
  return result;
}

}  // namespace

TEST_CASE("Reads come back whole, split as the rules allow, and overtake each other", "[root]") {
  RootComplexConfig config;
  config.read_completion_boundary = 64;
  config.split_randomly = true;
  World world(config);
  read_many(world);
  CHECK(overtaken(world.nic));
  CHECK(world.nic.received.size() > 64 * 2);
}

TEST_CASE("With a boundary of 128 every inner split stands on 128", "[root]") {
  RootComplexConfig config;
  config.read_completion_boundary = 128;
  config.split_randomly = true;
  World world(config);
  read_many(world);
  for (const auto& [tlp, at] : world.nic.received) {
    const auto completion = *parse_completion(tlp);
    const std::size_t lead = completion.lower_address & 3;
    if (tlp.payload.size() - lead >= completion.byte_count) continue;  // the last one
    CHECK((completion.lower_address + tlp.payload.size() - lead) % 128 == 0);
  }
}

TEST_CASE("Without reordering, reads are answered in the order of asking", "[root]") {
  RootComplexConfig config;
  config.reorder = false;
  World world(config);
  read_many(world);
  CHECK_FALSE(overtaken(world.nic));
}

TEST_CASE("Latency lies between its bounds, and a seed is a trace", "[root]") {
  // SystemC elaborates once: two worlds side by side
  RootComplexConfig config;
  config.memory_latency_min = 300'000;
  config.memory_latency_max = 900'000;
  config.seed = 11;
  World one(config);
  World two(config);
  config.seed = 12;
  World three(config);
  sim::Picoseconds shortest = INT64_MAX;
  sim::Picoseconds longest = 0;
  for (World* world : {&one, &two, &three}) {
    for (unsigned i = 0; i < 200; ++i) {
      world->nic_read(kMemoryBase + 64 * i, 4, static_cast<std::uint8_t>(i), 1'000'000 * (i + 1));
    }
  }
  World::run(300'000'000);
  const sim::Picoseconds transit = 2 * config.link.latency;
  for (const auto& [tlp, at] : one.nic.received) {
    const sim::Picoseconds took = at - 1'000'000 * (parse_completion(tlp)->tag + 1) - transit;
    shortest = std::min(shortest, took);
    longest = std::max(longest, took);
  }
  CHECK(one.nic.received.size() == 200);
  CHECK(shortest > 300'000);
  CHECK(shortest < 330'000);
  CHECK(longest > 870'000);
  CHECK(longest < 930'000);
  const auto times = [](const World& world) {
    std::vector<sim::Picoseconds> result;
    for (const auto& [tlp, at] : world.nic.received) result.push_back(at);
    return result;
  };
  CHECK(times(one) == times(two));
  CHECK(times(one) != times(three));
}

TEST_CASE("Writes reach memory in order, byte for byte", "[root]") {
  World world;
  const std::vector<std::byte> first(5, std::byte{0xAA});
  const std::vector<std::byte> second(2, std::byte{0xBB});
  world.nic_write(kMemoryBase + 3, first, 1000);
  world.nic_write(kMemoryBase + 4, second, 2000);
  const std::byte before = world.memory.bytes()[2];
  World::run(1'000'000);
  CHECK(world.memory.bytes()[2] == before);
  CHECK(world.memory.bytes()[3] == std::byte{0xAA});
  CHECK(world.memory.bytes()[4] == std::byte{0xBB});
  CHECK(world.memory.bytes()[5] == std::byte{0xBB});
  CHECK(world.memory.bytes()[7] == std::byte{0xAA});
  CHECK(world.memory.bytes()[8] == static_cast<std::byte>(8 * 7));
  CHECK(world.root.counters().writes == 2);
  CHECK(world.complaints().empty());
}

TEST_CASE("A write with holes in its byte enables leaves the holes alone", "[root]") {
  World world;
  Request request = World::request(RequestKind::memory_write, kMemoryBase + 0x100, 8);
  request.first_be = 0x5;
  request.last_be = 0xA;
  const auto old = world.memory.bytes()[0x101];
  world.root.from_nic(make_request(request, std::vector<std::byte>(8, std::byte{0x55})), 1000);
  World::run(1'000'000);
  for (const std::size_t i : {0U, 2U, 5U, 7U}) CHECK(world.memory.bytes()[0x100 + i] == std::byte{0x55});
  CHECK(world.memory.bytes()[0x101] == old);
  CHECK(world.memory.bytes()[0x106] != std::byte{0x55});
}

TEST_CASE("A read after a write sees it", "[root]") {
  RootComplexConfig config;
  config.memory_latency_min = 0;
  config.memory_latency_max = 0;
  World world(config);
  world.nic_write(kMemoryBase + 64, std::vector<std::byte>(4, std::byte{0x77}), 1000);
  world.nic_read(kMemoryBase + 64, 4, 1, 1001);
  World::run(2'000'000);
  REQUIRE(world.nic.received.size() == 1);
  CHECK(world.nic.received[0].first.payload == std::vector<std::byte>(4, std::byte{0x77}));
}

TEST_CASE("Writes to the MSI range are messages, in order behind the data", "[root]") {
  World world;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> messages;
  std::byte seen{};
  world.root.on_message([&](std::uint64_t address, std::uint32_t data) {
    messages.emplace_back(address, data);
    seen = world.memory.bytes()[0];
  });
  world.nic_write(kMemoryBase, {std::byte{0x99}}, 1000);
  world.nic_write(0xFEE0'1000, {std::byte{0x21}, std::byte{0x01}, {}, {}}, 1001);
  World::run(1'000'000);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0] == std::pair<std::uint64_t, std::uint32_t>{0xFEE0'1000, 0x121});
  CHECK(seen == std::byte{0x99});
}

TEST_CASE("What is not mapped is refused and told: UR for reads, nothing for writes", "[root]") {
  World world;
  std::vector<std::string> faults;
  world.iommu.on_fault([&](const sim::memory::IommuFault& fault) { faults.push_back(fault.text); });
  world.nic_read(0x9'0000'0000, 64, 5, 1000);
  world.nic_write(0x9'0000'0000, {std::byte{1}}, 2000);
  Request io = World::request(RequestKind::io_read, 0x80, 4, 6);
  world.root.from_nic(make_request(io), 3000);
  World::run(3'000'000);
  CHECK(faults.size() == 2);
  REQUIRE(world.nic.received.size() == 2);
  for (const auto& [tlp, at] : world.nic.received) CHECK(parse_completion(tlp)->status == contract::CPL_UR);
  CHECK(world.root.counters().unsupported == 3);
}

TEST_CASE("A zero-length read is answered with one DW that means nothing", "[root]") {
  World world;
  Request flush = World::request(RequestKind::memory_read, 0x1234'5678'0000, 4, 9);
  flush.first_be = 0;
  world.root.from_nic(make_request(flush), 1000);
  World::run(3'000'000);
  REQUIRE(world.nic.received.size() == 1);
  CHECK(parse_completion(world.nic.received[0].first)->byte_count == 1);
  CHECK(world.complaints().empty());
  CHECK(world.iommu.faults() == 0);
}

TEST_CASE("Completions fill the link to its rate", "[root]") {
  RootComplexConfig config;
  config.link.generation = 1;
  config.link.width = 1;
  config.link.dllp_percent = 0;
  World world(config);
  for (unsigned i = 0; i < 32; ++i) world.nic_read(kMemoryBase + 512 * i, 512, static_cast<std::uint8_t>(i), 1000);
  World::run(200'000'000);
  REQUIRE(world.nic.received.size() == 128);
  const auto span = world.nic.received.back().second - world.nic.received.front().second;
  CHECK(span == Approx(127 * (128 + 20) * 4000.0).epsilon(0.001));
}

TEST_CASE("Credits for what has arrived go back to the NIC", "[root]") {
  World world;
  world.nic_write(kMemoryBase, std::vector<std::byte>(100), 1000);
  world.nic_read(kMemoryBase, 4, 0, 2000);
  World::run(3'000'000);
  REQUIRE(world.nic.credits.size() == 3);
  const CreditConfig initial;
  CHECK(world.nic.credits[0].first.posted_headers == initial.posted_headers);
  CHECK(world.nic.credits[1].first.posted_headers == initial.posted_headers + 1);
  CHECK(world.nic.credits[1].first.posted_data == initial.posted_data + 7);
  CHECK(world.nic.credits[2].first.nonposted_headers == initial.nonposted_headers + 1);
  CHECK(world.nic.credits[1].second > 1000 + 2 * world.root.config().link.latency);
}

TEST_CASE("INTx messages are a level to the host, and each must change it", "[root]") {
  World world;
  std::vector<bool> levels;
  world.root.on_intx([&](bool asserted) { levels.push_back(asserted); });
  const auto message = [&](unsigned code, sim::Picoseconds at) {
    Tlp tlp;
    tlp.header = {contract::TLP_MSG_LOCAL << 24, 0x0100'0000U | code, 0, 0};
    world.root.from_nic(tlp, at);
  };
  message(contract::MSG_ASSERT_INTA, 1000);
  message(contract::MSG_DEASSERT_INTA, 50'000);
  message(contract::MSG_ASSERT_INTA, 100'000);
  World::run(10'000'000);
  CHECK(levels == std::vector<bool>{true, false, true});
  CHECK(world.complaints().empty());
  message(contract::MSG_ASSERT_INTA, 11'000'000);
  message(0x21, 12'000'000);  // Assert_INTB: there is no such pin
  World::run(10'000'000);
  CHECK(levels.size() == 3);
  CHECK(world.root.counters().intx == 4);
  CHECK(world.root.checker().violations().size() == 2);
}
