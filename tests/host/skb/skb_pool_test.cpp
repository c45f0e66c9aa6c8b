// SPDX-License-Identifier: Apache-2.0
// Who has what, when memory is taken and given back, and who writes where he may not.
#include <catch2/catch.hpp>
#include <vector>

#include "host/skb/pool.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using skb::Skb;

namespace {

struct World {
  explicit World(skb::SkbPoolOptions options = {}) : kernel(machine.machine()), pool(kernel, options) {}
  std::string read(const std::string& path) { return kernel.files().read(path).value(); }
  void write(const std::string& path, const std::string& text) {
    const auto written = kernel.files().write(kernel.cpu(0), path, text);
    REQUIRE(written.ok());
  }
  std::string slab(const std::string& file) { return read("/sys/kernel/slab/skb_data-2048/" + file); }

  host_test::FakeMachine machine;
  kernel::Kernel kernel;
  skb::SkbPool pool;
};

std::string here(unsigned line) {
  return "tests/host/skb/skb_pool_test.cpp:" + std::to_string(line);
}

}  // namespace

TEST_CASE("A leak is named by the file and line that allocated it", "[skb][pool]") {
  World world;
  CHECK(world.pool.leaks().empty());
  Skb skb = world.pool.allocate(10);
  const unsigned first = __LINE__ - 1;
  skb->put(3);
  const Skb twin = skb->clone();
  const unsigned second = __LINE__ - 1;
  const Skb third = skb->copy(200);
  const unsigned last = __LINE__ - 1;
  CHECK(world.pool.leaks() == here(first) + ": 1\n" + here(second) + ": 1\n" + here(last) + ": 1\n");
  CHECK(world.read("/sys/kernel/debug/slab/skbuff_head_cache/alloc_traces") == world.pool.leaks());
  skb.reset();
  CHECK(world.pool.in_use() == 2);
  CHECK(world.pool.live() ==
        "skb 2, 3 bytes, allocated in " + here(second) + "\nskb 3, 3 bytes, allocated in " + here(last) + "\n");
}

TEST_CASE("Slabs are taken before they are needed and given back when many are free", "[skb][pool]") {
  World world;
  std::vector<Skb> held;
  const auto take = [&](unsigned count) {
    for (unsigned i = 0; i < count; ++i) held.push_back(world.pool.allocate(10));
  };
  take(1);
  CHECK(world.slab("slabs") == "1\n");
  world.write("/sys/kernel/slab/skb_data-2048/reserve", "31");  // 31 are free: that is few now
  take(1);
  CHECK(world.slab("slabs") == "2\n");
  world.write("/sys/kernel/slab/skb_data-2048/reserve", "0");
  take(62);
  CHECK(world.slab("slabs") == "2\n");
  take(1);
  CHECK(world.slab("slabs") == "3\n");
  take(32 * 20);
  const auto most = world.machine.dma.allocated;
  held.clear();
  CHECK(world.slab("slabs") == "16\n");  // of 23
  CHECK(world.machine.dma.allocated == most - 7UL * 32 * 2048);
  world.write("/sys/kernel/slab/skb_data-2048/min_partial", "1");
  take(1);
  held.clear();
  CHECK(world.slab("slabs") == "1\n");
  CHECK(world.slab("objects") == "0\n");
  take(100);  // and in the places of those that went
  CHECK(world.slab("slabs") == "4\n");
  const auto bad = world.kernel.files().write(world.kernel.cpu(0), "/sys/kernel/slab/skb_data-2048/reserve", "many");
  CHECK(bad.error() == base::Errno::invalid);
}

TEST_CASE("slabinfo tells objects and slabs in Linux's columns", "[skb][pool]") {
  World world;
  const Skb first = world.pool.allocate(10);
  const Skb second = first->clone();
  const std::string text = world.read("/proc/slabinfo");
  CHECK(text.starts_with("slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize>"));
  CHECK(text.find("\nskbuff_head_cache      2      2") != std::string::npos);
  CHECK(text.find("\nskb_data-2048          1     32   2048   32   16 : tunables    0    0    0 : slabdata      1      "
                  "1      0\n") != std::string::npos);
}

TEST_CASE("A write to a freed buffer is found when it is used again", "[skb][poison]") {
  World world({.poison = true});
  Skb skb = world.pool.allocate(100);
  const auto stale = skb->put(100);
  for (auto& byte : stale) byte = std::byte{1};
  skb.reset();
  CHECK(stale[0] == skb::Poison::kFree);  // who reads there sees that
  skb = world.pool.allocate(100);         // nobody wrote
  const unsigned line = __LINE__ - 1;
  CHECK(world.pool.poison().overwritten() == 0);
  skb.reset();
  stale[7] = std::byte{0x41};
  skb = world.pool.allocate(100);
  CHECK(world.pool.poison().overwritten() == 1);
  CHECK(
      world.pool.poison().reports() ==
      std::vector{"Poison overwritten: a buffer of 2048 bytes at offset 135 is 0x41, last allocated in " + here(line)});
  skb.reset();
  skb = world.pool.allocate(100);
  CHECK(world.pool.poison().overwritten() == 1);  // found once
}

TEST_CASE("So is one to the last byte, and one that nobody looks at until the slab goes", "[skb][poison]") {
  World world({.poison = true});
  world.write("/sys/kernel/slab/skb_data-2048/min_partial", "0");
  Skb skb = world.pool.allocate(10);
  auto other = world.pool.allocate(10);
  const auto memory = skb->memory();
  skb.reset();
  memory.back() = std::byte{0};
  other.reset();  // nothing of the slab is used any more
  CHECK(world.pool.poison().overwritten() == 1);
  CHECK(world.slab("slabs") == "0\n");
}

TEST_CASE("A write to a freed skb is found, and a second free does no harm", "[skb][poison]") {
  World world({.poison = true});
  Skb skb = world.pool.allocate(100);
  skb::SkBuff* const stale = skb.get();
  skb.reset();
  skb::SkbRelease{}(stale);
  CHECK(world.pool.poison().double_frees() == 1);
  CHECK(world.pool.in_use() == 0);
  stale->mark = 5;
  skb = world.pool.allocate(100);
  CHECK(skb.get() == stale);
  CHECK(skb->mark == 0);
  CHECK(world.pool.poison().overwritten() == 1);
  const Skb second = world.pool.allocate(100);
  CHECK(second.get() != stale);  // it is not free twice
  skb.reset();
  stale->control[3] = std::byte{9};
  skb = world.pool.allocate(100);
  CHECK(world.pool.poison().overwritten() == 2);
}
