// SPDX-License-Identifier: Apache-2.0
// Each misdeed as the NIC sees it, alone and together; famines of credits; the same seed, the same misdeeds.
#include "sim/pcie/adversary.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/user_error.hpp"
#include "tests/sim/pcie/fake_nic.hpp"

using namespace sim::pcie;
using tests::kMemoryBase;
using tests::World;

namespace {

constexpr unsigned kReads = 200;
constexpr std::size_t kBytes = 64;

AdversaryConfig only(Misdeed misdeed, unsigned per_mille = 1000) {
  AdversaryConfig config;
  config.per_mille[static_cast<std::size_t>(misdeed)] = per_mille;
  return config;
}

/// 200 reads of a line each, one after the other.
void read_lines(World& world) {
  for (unsigned k = 0; k < kReads; ++k) {
    world.nic_read(kMemoryBase + k * kBytes, kBytes, static_cast<std::uint8_t>(k), 1000 + 40'000 * k);
  }
  World::run(50'000'000);
}

std::vector<Completion> completions(const World& world) {
  std::vector<Completion> all;
  for (const auto& [tlp, at] : world.nic.received) {
    if (const auto completion = parse_completion(tlp)) all.push_back(*completion);
  }
  return all;
}

bool as_asked(const Completion& c, const Tlp& tlp, unsigned k) {
  return c.status == contract::CPL_SC && !c.poisoned && c.tag == static_cast<std::uint8_t>(k) &&
         c.requester == 0x0100 && c.byte_count == kBytes && c.lower_address == (k * kBytes & 0x7F) &&
         tlp.payload.size() == kBytes;
}

/// Every completion meets `misdeed`: what the NIC sees then.
void check_misdeed(Misdeed misdeed) {
  RootComplexConfig root;
  root.reorder = false;
  World world(root);
  Adversary adversary(only(misdeed));
  adversary.join(world.root);
  read_lines(world);
  const auto all = completions(world);
  REQUIRE(adversary.count(misdeed) == kReads);
  REQUIRE(all.size() == (misdeed == Misdeed::drop ? 0 : misdeed == Misdeed::duplicate ? 2 * kReads : kReads));
  CHECK(world.complaints().empty());  // the checker sees what the root complex meant to send
  unsigned odd = 0;
  unsigned overtaken = 0;
  std::map<unsigned, unsigned> statuses;
  for (unsigned k = 0; k < all.size(); ++k) {
    const Completion& c = all[k];
    const Tlp& tlp = world.nic.received[k].first;
    const unsigned asked = misdeed == Misdeed::duplicate ? k / 2 : k;
    if (!as_asked(c, tlp, asked)) ++odd;
    if (misdeed == Misdeed::corrupt) {
      unsigned other = 0;
      for (std::size_t i = 0; i < kBytes; ++i) other += tlp.payload[i] != world.memory.bytes()[k * kBytes + i];
      CHECK(other == 1);
    }
    if (misdeed == Misdeed::delay && k > 0 && c.tag < all[k - 1].tag) ++overtaken;
    ++statuses[c.status];
    if (misdeed == Misdeed::shorten) CHECK(tlp.payload.size() == kBytes - 4);
    if (misdeed == Misdeed::lengthen) CHECK(tlp.payload.size() == kBytes + 4);
    if (misdeed == Misdeed::poison) CHECK(c.poisoned);
    if (misdeed == Misdeed::misdirect) CHECK((c.tag != static_cast<std::uint8_t>(k)) != (c.requester != 0x0100));
    if (misdeed == Misdeed::miscount) CHECK(c.tag == static_cast<std::uint8_t>(k));
  }
  switch (misdeed) {
    case Misdeed::duplicate:
    case Misdeed::corrupt:
    case Misdeed::drop:
      CHECK(odd == 0);
      break;
    case Misdeed::delay:
      CHECK(overtaken > 10);
      break;
    case Misdeed::refuse:
      CHECK(statuses.size() == 3);
      CHECK(statuses[contract::CPL_SC] == 0);
      break;
    case Misdeed::miscount:
      CHECK(odd >= kReads * 9 / 10);  // a byte count drawn at random may be the right one
      break;
    default:
      CHECK(odd == kReads);
  }
}

}  // namespace

TEST_CASE("A delayed completion is overtaken by those behind it", "[adversary]") {
  check_misdeed(Misdeed::delay);
}

TEST_CASE("A dropped completion never arrives", "[adversary]") {
  check_misdeed(Misdeed::drop);
}

TEST_CASE("A duplicated completion arrives twice", "[adversary]") {
  check_misdeed(Misdeed::duplicate);
}

TEST_CASE("A misdirected completion names another tag or requester", "[adversary]") {
  check_misdeed(Misdeed::misdirect);
}

TEST_CASE("A miscounted completion says another byte count or lower address", "[adversary]") {
  check_misdeed(Misdeed::miscount);
}

TEST_CASE("A shortened completion lacks a DW", "[adversary]") {
  check_misdeed(Misdeed::shorten);
}

TEST_CASE("A lengthened completion brings a DW more", "[adversary]") {
  check_misdeed(Misdeed::lengthen);
}

TEST_CASE("A poisoned completion says so", "[adversary]") {
  check_misdeed(Misdeed::poison);
}

TEST_CASE("A refused read is told UR, CA or CRS", "[adversary]") {
  check_misdeed(Misdeed::refuse);
}

TEST_CASE("A corrupted completion differs in one bit of its payload", "[adversary]") {
  check_misdeed(Misdeed::corrupt);
}

TEST_CASE("A mix strikes each completion once at most, the same way from the same seed", "[adversary]") {
  std::vector<std::string> traces;
  AdversaryConfig config;
  config.per_mille.fill(50);
  World world;
  Adversary adversary(config);
  Adversary twin(config);
  adversary.join(world.root);
  read_lines(world);
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k < kMisdeedNames.size(); ++k) {
    sum += adversary.count(static_cast<Misdeed>(k));
    CHECK(adversary.count(static_cast<Misdeed>(k)) > 0);
  }
  CHECK(sum > kReads * 3 / 10);
  CHECK(sum < kReads * 7 / 10);
  Completion completion;
  completion.length = 16;
  completion.byte_count = 64;
  for (unsigned k = 0; k < 500; ++k) {
    Adversary first(config);
    Tlp a = make_completion(completion, std::vector<std::byte>(64));
    Tlp b = a;
    const auto x = twin.act(a, 0);
    if (k == 0) {
      const auto y = first.act(b, 0);
      CHECK(x.copies == y.copies);
      CHECK(x.delay == y.delay);
      CHECK(a.header == b.header);
      CHECK(a.payload == b.payload);
    }
  }
}

TEST_CASE("Requests of the host and everything before the start are left alone", "[adversary]") {
  AdversaryConfig config = only(Misdeed::drop);
  config.after = 5'000'000;
  Adversary adversary(config);
  Tlp request = World::request(RequestKind::memory_write, 0x1000, 4).kind == RequestKind::memory_write
                    ? make_request(World::request(RequestKind::memory_write, 0x1000, 4), std::vector<std::byte>(4))
                    : Tlp{};
  CHECK(adversary.act(request, 6'000'000).copies == 1);
  Tlp completion = make_completion({});
  CHECK(adversary.act(completion, 4'999'999).copies == 1);
  CHECK(adversary.act(completion, 5'000'000).copies == 0);
}

TEST_CASE("In a famine no credit reaches the NIC, and all of them at its end", "[adversary]") {
  AdversaryConfig config;
  config.starve_every = 10'000'000;
  config.starve_for = 4'000'000;
  World world;
  Adversary adversary(config);
  adversary.join(world.root);
  for (unsigned k = 0; k < 500; ++k) {
    world.nic_write(kMemoryBase + 64 * k, std::vector<std::byte>(64),
                    9'000'000 + 20'000 * static_cast<sim::Picoseconds>(k));
  }
  World::run(30'000'000);
  sim::pcie::Credits last;
  for (const auto& [total, at] : world.nic.credits) {
    if (at == 0) continue;
    CHECK((at < 10'000'000 || at >= 14'000'000));
    CHECK(total.posted_headers >= last.posted_headers);
    last = total;
  }
  CHECK(last.posted_headers == world.root.config().link.host.posted_headers + 500);
}

TEST_CASE("What cannot be is refused", "[adversary]") {
  AdversaryConfig config;
  config.per_mille.fill(101);
  CHECK_THROWS_AS(Adversary(config), sim::UserError);
  config.per_mille.fill(0);
  config.starve_every = 5;
  config.starve_for = 5;
  CHECK_THROWS_AS(Adversary(config), sim::UserError);
}
