// SPDX-License-Identifier: Apache-2.0
// GRO's framework, with a protocol that merges all that may be of one flow: what is held together, how much, how long.
#include "host/device/gro.hpp"

#include "host/skb/skb_list.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using device::GroComplete;
using device::GroList;
using device::GroPacket;
using host_test::wire_frame;
using host_test::WireFrame;
using host_test::WireWorld;

namespace {

constexpr std::uint16_t kType = 0x800;
constexpr std::uint32_t kHeader = device::kEthernetHeaderBytes;

/// A NAPI whose packets a test hands in one by one.
class HandFed final : public device::GroNapi {
 public:
  explicit HandFed(device::NetCore& core) : GroNapi("hand", core) { kernel::napi_enable(*this); }
  int poll(kernel::Cpu& cpu, int) override {
    static_cast<void>(kernel::napi_complete_done(cpu, *this, 0));
    return 0;
  }
  [[nodiscard]] bool holds() const { return gro_holds(); }
  void flush(kernel::Cpu& cpu, kernel::GroFlush which) { gro_flush(cpu, which); }
};

struct GroWorld : WireWorld {
  GroWorld() : napi(core) {
    const auto join = [](kernel::Cpu&, GroList& held, GroPacket& packet, std::uint32_t offset) -> GroComplete {
      packet.segment_bytes = static_cast<std::uint16_t>(packet.skb->len() - offset);
      for (std::size_t i = 0; i < held.size(); ++i) {
        if (!held[i].same_flow) continue;
        if (!device::gro_merge(held[i], packet, offset)) return i;
        return std::nullopt;
      }
      return std::nullopt;
    };
    REQUIRE(core.add_offload(kType, {.receive = join, .complete = [](GroPacket&, std::uint32_t) {}}).ok());
  }
  ~GroWorld() { kernel::napi_disable(cpu(), napi); }
  void feed(skb::Skb skb) {
    const kernel::BottomHalfGuard guard(cpu());
    napi.gro_receive(cpu(), std::move(skb));
  }
  void feed(const WireFrame& frame, std::uint16_t gso_size = 0) {
    skb::Skb skb = made(eth0, frame);
    skb->gso_size = gso_size;
    if (gso_size != 0) skb->gso_type = skb::GsoType::udp_l4;
    feed(std::move(skb));
  }
  std::vector<std::size_t> sizes() {
    napi.flush(cpu(), kernel::GroFlush::all);
    std::vector<std::size_t> all;
    for (const WireFrame& frame : taken) all.push_back(frame.size() - kHeader);
    return all;
  }

  HandFed napi;
};

using Sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("Frames with other Ethernet headers are other flows", "[device][gro]") {
  GroWorld world;
  WireFrame other = wire_frame(kType, 114);
  base::store_u8(other, 11, 0x55);
  world.feed(wire_frame(kType, 114));
  world.feed(other);
  world.feed(wire_frame(kType, 114));
  world.feed(other);
  CHECK(world.sizes() == Sizes{200, 200});
  CHECK(world.napi.gro_merged() == 2);
}

TEST_CASE("A packet of GRO is at most 65535 bytes", "[device][gro]") {
  GroWorld world;
  for (int i = 0; i < 5; ++i) world.feed(wire_frame(kType, kHeader + 16'384));
  CHECK(world.sizes() == Sizes{3 * 16'384, 2 * 16'384});
}

TEST_CASE("Beyond 17 fragments a packet goes on in its frag list, and in the fragments of what is in that",
          "[device][gro]") {
  GroWorld world;
  std::vector<std::byte> expected;
  for (unsigned i = 0; i < 50; ++i) {
    WireFrame frame = wire_frame(kType, 114);
    base::store_be16(frame, kHeader, static_cast<std::uint16_t>(i));
    expected.insert(expected.end(), frame.begin() + kHeader, frame.end());
    world.feed(frame);
  }
  CHECK(world.pool.in_use() == 3);  // itself and 17, one and 17, one and 13
  CHECK(world.sizes() == Sizes{5000});
  CHECK(std::ranges::equal(std::span(world.taken[0]).subspan(kHeader), expected));
  CHECK(world.pool.in_use() == 0);
}

TEST_CASE("What comes behind a packet in the frag list stays behind it", "[device][gro]") {
  GroWorld world;
  std::vector<std::byte> expected;
  const auto numbered = [&](unsigned number) {
    WireFrame frame = wire_frame(kType, 114);
    base::store_be16(frame, kHeader, static_cast<std::uint16_t>(number));
    expected.insert(expected.end(), frame.begin() + kHeader, frame.end());
    return world.made(world.eth0, frame);
  };
  for (unsigned i = 0; i < 17; ++i) world.feed(numbered(i));  // one fragment is free
  skb::Skb two_pieces = numbered(17);
  const skb::Skb second = numbered(18);
  REQUIRE(two_pieces->add_fragment(second->buffer(), second->headroom(), second->headlen()).ok());
  world.feed(std::move(two_pieces));
  world.feed(numbered(19));
  CHECK(world.sizes() == Sizes{2000});
  CHECK(std::ranges::equal(std::span(world.taken[0]).subspan(kHeader), expected));
}

TEST_CASE("Nothing is merged into a packet that came with a frag list", "[device][gro]") {
  GroWorld world;
  skb::Skb skb = world.made(world.eth0, wire_frame(kType, 1014));
  skb::SkbList rest;
  rest.push_back(world.made(world.eth0, wire_frame(kType, 514)));
  skb->set_frag_list(std::move(rest));
  world.feed(std::move(skb));
  world.feed(wire_frame(kType, 1014));
  CHECK(world.sizes() == Sizes{1500, 1000});
}

TEST_CASE("What the device merged goes up as it is", "[device][gro]") {
  GroWorld world;
  world.feed(wire_frame(kType, 1014));
  world.feed(wire_frame(kType, 3014), 1000);
  CHECK(world.taken.size() == 1);
  world.feed(wire_frame(kType, 1014));
  CHECK(world.sizes() == Sizes{3000, 2000});
}

TEST_CASE("A packet with a frag list is not merged into another", "[device][gro]") {
  GroWorld world;
  world.feed(wire_frame(kType, 1014));
  skb::Skb skb = world.made(world.eth0, wire_frame(kType, 1014));
  skb::SkbList rest;
  rest.push_back(world.made(world.eth0, wire_frame(kType, 514)));
  skb->set_frag_list(std::move(rest));
  world.feed(std::move(skb));
  CHECK(world.sizes() == Sizes{1000, 1500});
}

TEST_CASE("A flush of the old leaves those of this jiffy", "[device][gro]") {
  GroWorld world;
  world.feed(wire_frame(kType, 114));
  world.napi.flush(world.cpu(), kernel::GroFlush::old);
  CHECK(world.taken.empty());
  CHECK(world.napi.holds());
  world.machine.cpus.at(2'000'000, [&world] { world.napi.flush(world.cpu(), kernel::GroFlush::old); });
  world.kernel.run(0);
  CHECK(world.taken.size() == 1);
  CHECK_FALSE(world.napi.holds());
}
