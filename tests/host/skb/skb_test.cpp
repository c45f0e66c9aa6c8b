// SPDX-License-Identifier: Apache-2.0
// The socket buffer: room, sharing, fragments, pools.
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/skb/pool.hpp"
#include "host/skb/skb_runs.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using skb::Skb;

namespace {

struct World {
  explicit World(skb::SkbPoolOptions options = {}) : kernel(machine.machine()), pool(kernel, options) {}
  /// An skb with bytes 0, 1, 2 ... in its linear part.
  Skb packet(std::uint32_t bytes, std::uint32_t headroom = 128) {
    Skb skb = pool.allocate(bytes, headroom);
    unsigned value = 0;
    for (auto& byte : skb->put(bytes)) byte = static_cast<std::byte>(value++);
    return skb;
  }
  void add_fragment(skb::SkBuff& skb, std::uint32_t bytes, unsigned first) {
    auto buffer = pool.allocate_buffer(bytes + 5);
    for (std::uint32_t i = 0; i < bytes; ++i) buffer.memory()[i + 5] = static_cast<std::byte>(first + i);
    const auto added = skb.add_fragment(std::move(buffer), 5, bytes);
    REQUIRE(added.ok());
  }
  host_test::FakeMachine machine;
  kernel::Kernel kernel;
  skb::SkbPool pool;
};

std::vector<unsigned> content(const skb::SkBuff& skb) {
  std::vector<std::byte> out(skb.len());
  REQUIRE(skb.copy_bits(0, out));
  std::vector<unsigned> result;
  for (const auto byte : out) result.push_back(static_cast<unsigned>(byte));
  return result;
}

std::vector<unsigned> counting(unsigned count, unsigned first = 0) {
  std::vector<unsigned> result(count);
  std::iota(result.begin(), result.end(), first);
  for (auto& value : result) value &= 0xff;
  return result;
}

}  // namespace

TEST_CASE("Moving the ends moves no bytes", "[skb]") {
  World world;
  const Skb skb = world.packet(100, 32);
  const auto* first = skb->bytes().data();
  CHECK(skb->headroom() == 32);
  skb->pull(14);
  CHECK(skb->len() == 86);
  CHECK(skb->bytes().data() == first + 14);
  skb->restore(14);
  CHECK(skb->bytes().data() == first);
  const auto header = skb->push(8);
  CHECK(header.data() == first - 8);
  CHECK(skb->len() == 108);
  skb->trim(20);
  CHECK(skb->len() == 20);
  CHECK(skb->tailroom() == skb->pool().allocate_buffer(1).memory().size() - 32 + 8 - 20);
}

TEST_CASE("Header offsets survive push and pull", "[skb]") {
  World world;
  const Skb skb = world.packet(60);
  skb->reset_mac_header();
  skb->pull(14);
  skb->reset_network_header();
  skb->set_transport_header(20);
  skb->pull(20);
  CHECK(skb->mac_offset() == 34);
  CHECK(skb->mac_header()[0] == std::byte{0});
  CHECK(skb->network_header()[0] == std::byte{14});
  CHECK(skb->transport_header()[0] == std::byte{34});
  CHECK_FALSE(world.packet(1)->has_mac_header());
}

TEST_CASE("A clone shares the bytes, a writer unshares them", "[skb]") {
  World world;
  Skb original = world.packet(60);
  original->reset_mac_header();
  original->pull(14);
  original->mark = 7;
  const Skb twin = original->clone();
  REQUIRE(twin);
  CHECK(twin->id() != original->id());
  CHECK(twin->mark == 7);
  CHECK(twin->bytes().data() == original->bytes().data());
  CHECK(original->shared());
  REQUIRE(original->unshare().ok());
  CHECK_FALSE(original->shared());
  CHECK_FALSE(twin->shared());
  original->writable()[0] = std::byte{0xee};
  CHECK(content(*twin) == counting(46, 14));
  CHECK(original->mac_header()[0] == std::byte{0});  // what was pulled moved along
  original.reset();
  CHECK(content(*twin) == counting(46, 14));
}

TEST_CASE("Unsharing can make headroom", "[skb]") {
  World world;
  const Skb skb = world.packet(40, 4);
  skb->reset_network_header();
  skb->request_checksum(20, 6);
  REQUIRE(skb->unshare(64).ok());
  CHECK(skb->headroom() >= 64);
  CHECK(content(*skb) == counting(40));
  CHECK(skb->network_header().size() == 40);
  CHECK(skb->csum_start_from_data() == 20);
}

TEST_CASE("Fragments count, copy, trim and become linear", "[skb][fragments]") {
  World world;
  const Skb skb = world.packet(10);
  world.add_fragment(*skb, 20, 10);
  world.add_fragment(*skb, 30, 30);
  CHECK(skb->len() == 60);
  CHECK(skb->data_len() == 50);
  CHECK(skb->headlen() == 10);
  CHECK(skb->tailroom() == 0);
  CHECK(content(*skb) == counting(60));
  std::vector<std::byte> middle(15);
  REQUIRE(skb->copy_bits(5, middle));
  CHECK(middle.front() == std::byte{5});
  CHECK(middle.back() == std::byte{19});
  CHECK_FALSE(skb->copy_bits(50, middle));

  SECTION("trim inside a fragment") {
    skb->trim(25);
    CHECK(content(*skb) == counting(25));
    CHECK(skb->fragments().size() == 1);
  }
  SECTION("trim inside the linear part") {
    skb->trim(4);
    CHECK(content(*skb) == counting(4));
    CHECK(skb->is_linear());
  }
  SECTION("pull some of it up") {
    REQUIRE(skb->may_pull(34).ok());
    CHECK(skb->headlen() >= 34);
    CHECK(content(*skb) == counting(60));
    CHECK(skb->fragments().size() == 1);
    CHECK(skb->may_pull(61).error() == base::Errno::invalid);
  }
  SECTION("linearize") {
    REQUIRE(skb->linearize().ok());
    CHECK(skb->is_linear());
    CHECK(content(*skb) == counting(60));
  }
  SECTION("a clone holds the fragments too") {
    const Skb twin = skb->clone();
    skb->trim(1);
    CHECK(content(*twin) == counting(60));
  }
  SECTION("a copy is linear and one's own") {
    const Skb twin = skb->copy(200);
    REQUIRE(twin);
    CHECK(twin->is_linear());
    CHECK_FALSE(twin->shared());
    CHECK(twin->headroom() >= 200);
    CHECK(content(*twin) == counting(60));
  }
}

TEST_CASE("A frag list's bytes are behind the others, and shared by clones", "[skb][fragments]") {
  World world;
  const Skb skb = world.packet(10);
  world.add_fragment(*skb, 20, 10);
  skb::SkbList list;
  for (const unsigned first : {30U, 41U, 50U}) {
    Skb member = world.packet(first == 41 ? 9 : first == 30 ? 11 : 5);
    for (auto& byte : member->writable()) byte = static_cast<std::byte>(static_cast<unsigned>(byte) + first);
    if (first == 50) world.add_fragment(*member, 5, 55);
    list.push_back(std::move(member));
  }
  const std::uint32_t before = skb->truesize();
  skb->set_frag_list(std::move(list));
  CHECK(skb->len() == 60);
  CHECK(skb->data_len() == 50);
  CHECK(content(*skb) == counting(60));
  CHECK(skb->truesize() == before + 3 * (2048 + skb::kMetadataBytes) + 2048);
  base::ChecksumSum sum;
  skb::add_sum(sum, *skb, 5, 55);
  std::vector<std::byte> bytes(60);
  REQUIRE(skb->copy_bits(0, bytes));
  CHECK(sum.checksum() == base::internet_checksum(std::span(bytes).subspan(5)));

  SECTION("cut inside the list, which is then not given out") {
    skb->trim(45);
    CHECK(content(*skb) == counting(45));
    CHECK(skb->take_frag_list().empty());
    skb->trim(30);
    CHECK_FALSE(skb->has_frag_list());
    CHECK(world.pool.in_use() == 1);
  }
  SECTION("pulled up into the linear part") {
    REQUIRE(skb->may_pull(43).ok());
    CHECK(content(*skb) == counting(60));
    skb->pull(43);
    CHECK(content(*skb) == counting(17, 43));
    CHECK(skb->take_frag_list().empty());
    REQUIRE(skb->linearize().ok());
    CHECK(content(*skb) == counting(17, 43));
    CHECK(world.pool.in_use() == 1);
  }
  SECTION("a clone keeps it, whatever becomes of the other") {
    const Skb twin = skb->clone();
    CHECK(skb->take_frag_list().empty());
    skb->trim(31);
    CHECK(content(*twin) == counting(60));
    CHECK(content(*skb) == counting(31));
  }
  SECTION("given out whole, the packet ends where it began") {
    skb::SkbList taken = skb->take_frag_list();
    CHECK(taken.size() == 3);
    CHECK(content(*skb) == counting(30));
    CHECK(content(*taken.pop_front()) == counting(11, 30));
    CHECK_FALSE(skb->has_frag_list());
  }
  SECTION("a copy is linear") {
    const Skb twin = skb->copy(0);
    CHECK(twin->is_linear());
    CHECK(content(*twin) == counting(60));
  }
}

TEST_CASE("The fragment list is bounded", "[skb][fragments]") {
  World world;
  const Skb skb = world.packet(1);
  for (std::size_t i = 0; i < skb::kMaxFragments; ++i) world.add_fragment(*skb, 1, 0);
  CHECK(skb->add_fragment(world.pool.allocate_buffer(1), 0, 1).error() == base::Errno::no_buffers);
}

TEST_CASE("Truesize counts what is held", "[skb]") {
  World world;
  const Skb skb = world.packet(1);
  const auto small = skb->truesize();
  CHECK(small >= 2048 + sizeof(skb::SkBuff));
  world.add_fragment(*skb, 1, 0);
  CHECK(skb->truesize() == small + 2048);
}

TEST_CASE("Exhaustion is counted and survived", "[skb][pool]") {
  SECTION("buffers") {
    World world({.skbs = 100, .buffers = 3, .large_buffers = 1});
    std::vector<Skb> held;
    for (int i = 0; i < 3; ++i) held.push_back(world.packet(10));
    CHECK(world.pool.allocate(10) == nullptr);
    CHECK(world.pool.exhausted() == 1);
    Skb twin = held[0]->clone();
    REQUIRE(twin);  // shares the buffer
    CHECK(twin->unshare().error() == base::Errno::no_memory);
    CHECK(content(*twin) == counting(10));
    CHECK(world.pool.exhausted() == 2);
    held.pop_back();
    CHECK(world.pool.allocate(10) != nullptr);
  }
  SECTION("metadata") {
    World world({.skbs = 2});
    const Skb first = world.packet(10);
    const Skb second = world.packet(10);
    CHECK(first->clone() == nullptr);
    CHECK(world.pool.allocate(10) == nullptr);
    CHECK(world.pool.exhausted() == 2);
  }
  SECTION("larger than any buffer") {
    World world;
    CHECK(world.pool.allocate(70'000) == nullptr);
    CHECK(world.pool.allocate(65'535) != nullptr);
  }
  SECTION("the machine's DMA memory") {
    World world;
    world.machine.dma.limit = 0;
    CHECK(world.pool.allocate(10) == nullptr);
  }
}

TEST_CASE("A recycled skb starts afresh", "[skb][pool]") {
  World world;
  Skb skb = world.packet(10);
  const auto* memory = skb->memory().data();
  const auto id = skb->id();
  skb->mark = 5;
  skb->reset_mac_header();
  skb.reset();
  skb = world.pool.allocate(10);
  CHECK(skb->memory().data() == memory);  // warm memory first
  CHECK(skb->id() != id);
  CHECK(skb->mark == 0);
  CHECK(skb->len() == 0);
  CHECK_FALSE(skb->has_mac_header());
}

TEST_CASE("Dropping counts the reason", "[skb]") {
  World world;
  skb::drop(world.kernel.cpu(0), world.packet(1), base::DropReason::ip_bad_checksum);
  CHECK(world.kernel.drops()[base::DropReason::ip_bad_checksum] == 1);
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("A list gives its packets back in their order, and frees what is left", "[skb][list]") {
  World world;
  {
    skb::SkbList list;
    CHECK(list.empty());
    CHECK(list.front() == nullptr);
    CHECK(list.pop_front() == nullptr);
    for (const std::uint32_t bytes : {1u, 2u, 3u}) list.push_back(world.packet(bytes));
    CHECK(list.size() == 3);
    CHECK(list.front()->len() == 1);
    Skb first = list.pop_front();
    CHECK(first->len() == 1);
    // A packet that was in a list may be in another one, and its twin is in none.
    skb::SkbList other;
    other.push_back(std::move(first));
    other.push_back(list.front()->clone());
    CHECK(other.size() == 2);
    CHECK(other.pop_front()->len() == 1);
    CHECK(other.pop_front()->len() == 2);
    CHECK(other.empty());
    other.push_back(world.packet(9));
    other = std::move(list);
    CHECK(other.size() == 2);
    CHECK(other.pop_front()->len() == 2);
    CHECK(world.pool.in_use() == 2);
  }
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("Who follows packets hears of clones and copies", "[skb]") {
  class Family final : public kernel::JourneyObserver {
   public:
    void step(const kernel::JourneyEvent&) override {}
    void drop(kernel::SkbId, base::DropReason, unsigned, platform::Nanoseconds) override {}
    void derived(kernel::SkbId parent, kernel::SkbId child) override { children.emplace_back(parent, child); }
    std::vector<std::pair<kernel::SkbId, kernel::SkbId>> children;
  };
  World world;
  Family family;
  world.kernel.observe(&family);
  const Skb original = world.packet(10);
  const Skb twin = original->clone();
  const Skb copy = twin->copy(0);
  using Pairs = std::vector<std::pair<kernel::SkbId, kernel::SkbId>>;
  CHECK(family.children == Pairs{{original->id(), twin->id()}, {twin->id(), copy->id()}});
  world.kernel.observe(nullptr);
}
