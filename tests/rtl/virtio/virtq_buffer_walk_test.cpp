// SPDX-License-Identifier: Apache-2.0
// Descriptors, good and malformed, against a plain reading of the rules.
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtq_buffer_walk_test_rtl.h"

namespace {

using tests::virtio::bits;
using tests::virtio::set_bits;

struct Desc {
  std::uint64_t addr = 0x1000;
  std::uint64_t len = 64;
  unsigned id = 0;
  unsigned flags = 0;
};

struct Chain {
  unsigned id = 0;
  unsigned descs = 0;
  unsigned total = 0;
  bool operator==(const Chain&) const = default;
};

class Walk {
 public:
  explicit Walk(unsigned size, unsigned seed) : random_(seed) { dut_->size_i = static_cast<std::uint16_t>(size); }

  /// Feeds all descriptors (or as many as are taken before an error) with random stalls on every side.
  void feed(const std::vector<Desc>& descs) {
    std::size_t next = 0;
    bool offering = false;
    for (int quiet = 0; quiet < 200; ++quiet) {
      offering = next < descs.size() && (offering || random_() % 4 != 0);
      dut_->desc_valid_i = offering;
      if (offering) {
        set_bits(dut_->desc_i, 0, 64, descs[next].addr);
        set_bits(dut_->desc_i, 64, 32, descs[next].len);
        set_bits(dut_->desc_i, 96, 16, descs[next].id);
        set_bits(dut_->desc_i, 112, 16, descs[next].flags);
      }
      dut_->segment_ready_i = random_() % 3 != 0;
      dut_->chain_ready_i = random_() % 3 != 0;
      dut_.settle();
      if (offering && dut_->desc_ready_o) {
        offering = false;
        ++next;
        quiet = 0;
      }
      if (dut_->segment_valid_o && dut_->segment_ready_i) {
        segments.push_back({bits(dut_->segment_o, 0, 64), bits(dut_->segment_o, 64, 16)});
        segment_last.push_back(bits(dut_->segment_o, 80, 1) != 0);
      }
      if (dut_->chain_valid_o && dut_->chain_ready_i) {
        const std::uint64_t chain = dut_->chain_o;
        chains.push_back({.id = static_cast<unsigned>(chain >> 33 & 0xffff),
                          .descs = static_cast<unsigned>(chain >> 17 & 0xffff),
                          .total = static_cast<unsigned>(chain & 0x1ffff)});
      }
      dut_.tick();
    }
    taken = next;
  }
  unsigned error() { return dut_->error_o; }

  std::vector<std::pair<std::uint64_t, std::uint64_t>> segments;
  std::vector<bool> segment_last;
  std::vector<Chain> chains;
  std::size_t taken = 0;

 private:
  std::mt19937 random_;
  tests::Clocked<Vvirtq_buffer_walk_test_rtl> dut_;
};

unsigned error_of(const std::vector<Desc>& descs, unsigned size = 256) {
  Walk walk(size, 5);
  walk.feed(descs);
  if (walk.error() != contract::DESC_ERR_NONE) {
    CHECK(walk.chains.empty());
    CHECK(walk.taken == descs.size());
  }
  return walk.error();
}

std::vector<Desc> chain_of(unsigned count) {
  std::vector<Desc> descs(count);
  for (unsigned k = 0; k + 1 < count; ++k) descs[k].flags = contract::DESC_F_NEXT;
  return descs;
}

}  // namespace

TEST_CASE("Chains of every length come out whole, behind their segments, in order", "[rtl][virtio]") {
  for (unsigned seed = 1; seed < 20; ++seed) {
    std::mt19937 random(seed);
    Walk walk(256, seed);
    std::vector<Desc> descs;
    std::vector<Chain> chains;
    for (int k = 0; k < 60; ++k) {
      const auto count = 1 + static_cast<unsigned>(random() % 32);
      unsigned total = 0;
      for (unsigned i = 0; i < count; ++i) {
        Desc d{.addr = std::uint64_t{random()} << 20 | random(),
               .len = 1 + random() % 4000,
               .id = static_cast<unsigned>(random() & 0xffff),
               .flags = i + 1 < count ? contract::DESC_F_NEXT : 0u};
        d.flags |= static_cast<unsigned>(random()) & (contract::DESC_F_AVAIL | contract::DESC_F_USED);
        total += static_cast<unsigned>(d.len);
        descs.push_back(d);
      }
      chains.push_back({.id = descs.back().id, .descs = count, .total = std::min(total, 0x1ffffu)});
    }
    walk.feed(descs);
    REQUIRE(walk.error() == contract::DESC_ERR_NONE);
    REQUIRE(walk.chains == chains);
    REQUIRE(walk.segments.size() == descs.size());
    for (std::size_t k = 0; k < descs.size(); ++k) {
      REQUIRE(walk.segments[k] == std::pair(descs[k].addr, descs[k].len));
      REQUIRE(walk.segment_last[k] == ((descs[k].flags & contract::DESC_F_NEXT) == 0));
    }
  }
}

TEST_CASE("Each broken rule stops the queue under its own name", "[rtl][virtio]") {
  CHECK(error_of({{.flags = contract::DESC_F_WRITE}}) == contract::DESC_ERR_DIRECTION);
  CHECK(error_of({{.flags = contract::DESC_F_INDIRECT}}) == contract::DESC_ERR_INDIRECT);
  CHECK(error_of({{.flags = contract::DESC_F_INDIRECT | contract::DESC_F_WRITE}}) == contract::DESC_ERR_INDIRECT);
  CHECK(error_of({{.len = 0}}) == contract::DESC_ERR_LENGTH);
  CHECK(error_of({{.len = 65536}}) == contract::DESC_ERR_LENGTH);
  CHECK(error_of({{.len = 0xffffffff}}) == contract::DESC_ERR_LENGTH);
  CHECK(error_of({{.len = 65535}}) == contract::DESC_ERR_NONE);
  CHECK(error_of({{.addr = 0}}) == contract::DESC_ERR_NONE);
}

TEST_CASE("A buffer may end at the top of memory but not wrap around it", "[rtl][virtio]") {
  const std::uint64_t top = ~std::uint64_t{0};
  CHECK(error_of({{.addr = top, .len = 1}}) == contract::DESC_ERR_NONE);
  CHECK(error_of({{.addr = top, .len = 2}}) == contract::DESC_ERR_ADDRESS);
  CHECK(error_of({{.addr = top - 63, .len = 64}}) == contract::DESC_ERR_NONE);
  CHECK(error_of({{.addr = top - 62, .len = 64}}) == contract::DESC_ERR_ADDRESS);
  CHECK(error_of({{.addr = top - 65534, .len = 65535}}) == contract::DESC_ERR_NONE);
  CHECK(error_of({{.addr = top - 65533, .len = 65535}}) == contract::DESC_ERR_ADDRESS);
  CHECK(error_of({{.addr = 0xffff, .len = 65535}}) == contract::DESC_ERR_NONE);
}

TEST_CASE("A chain longer than the ring or than 32 pieces is refused", "[rtl][virtio]") {
  CHECK(error_of(chain_of(32)) == contract::DESC_ERR_NONE);
  std::vector<Desc> endless = chain_of(33);
  endless.resize(32);  // refused at the 32nd, which says there is more
  CHECK(error_of(endless) == contract::DESC_ERR_CHAIN);
  CHECK(error_of(chain_of(5), 5) == contract::DESC_ERR_NONE);
  std::vector<Desc> longer = chain_of(6);
  longer.resize(5);
  CHECK(error_of(longer, 5) == contract::DESC_ERR_CHAIN);
  CHECK(error_of({{.flags = contract::DESC_F_NEXT}}, 1) == contract::DESC_ERR_CHAIN);
}

TEST_CASE("Buffers before a broken one are still offered, it and all later ones never", "[rtl][virtio]") {
  Walk walk(256, 9);
  walk.feed({{.id = 1}, {.id = 2}, {.len = 0, .id = 3}, {.id = 4}});
  REQUIRE(walk.error() == contract::DESC_ERR_LENGTH);
  REQUIRE(walk.taken == 3);
  REQUIRE(walk.chains == std::vector<Chain>{{.id = 1, .descs = 1, .total = 64}, {.id = 2, .descs = 1, .total = 64}});
}
