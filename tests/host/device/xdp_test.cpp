// SPDX-License-Identifier: Apache-2.0
// XDP: each verdict, and a program that changes the frame.
#include "host/device/xdp.hpp"
#include "host/device/bpf_code.hpp"
#include "tests/host/device/wire_world.hpp"

using namespace host;
using base::DropReason;
using base::Errno;
using device::XdpAction;
using device::XdpFrame;
using host_test::wire_frame;
using host_test::WireWorld;

namespace {

void attach(WireWorld& world, device::XdpProgram program) {
  REQUIRE(world.eth0.device.set_xdp(std::move(program)).ok());
}

}  // namespace

TEST_CASE("A program passes, drops or sends back each frame", "[device][xdp]") {
  WireWorld world;
  attach(world, [](XdpFrame& frame) {
    switch (base::load_u8(frame.bytes(), 20)) {
      case 1:
        return XdpAction::drop;
      case 2:
        return XdpAction::tx;
      case 3:
        return XdpAction::aborted;
      default:
        return XdpAction::pass;
    }
  });
  for (unsigned verdict = 0; verdict < 4; ++verdict) {
    auto frame = wire_frame(0x800);
    base::store_u8(frame, 20, static_cast<std::uint8_t>(verdict));
    world.receive(world.eth0, frame);
    if (verdict == 0) CHECK(world.taken == std::vector<host_test::WireFrame>{frame});
    if (verdict == 2) CHECK(world.eth0.sent == std::vector<host_test::WireFrame>{frame});
  }
  CHECK(world.taken.size() == 1);
  CHECK(world.eth0.sent.size() == 1);
  CHECK(world.drops(DropReason::xdp_drop) == 1);
  CHECK(world.drops(DropReason::xdp_aborted) == 1);
  CHECK(world.kernel.drops().total() == 2);
  const auto& stats = world.eth0.device.xdp_stats();
  CHECK(stats.packets == 4);
  CHECK(stats.drops == 1);
  CHECK(stats.aborted == 1);
  CHECK(stats.tx == 1);
  CHECK(world.pool.in_use() == 0);
  attach(world, {});
  auto frame = wire_frame(0x800);
  base::store_u8(frame, 20, 1);
  world.receive(world.eth0, frame);
  CHECK(world.taken.size() == 2);
}

TEST_CASE("A program sends frames out of another interface", "[device][xdp]") {
  WireWorld world;
  bool somewhere = true;
  attach(world, [&](XdpFrame& frame) {
    if (somewhere) frame.redirect_to(world.eth1.device);
    return XdpAction::redirect;
  });
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.eth1.sent == std::vector<host_test::WireFrame>{wire_frame(0x800)});
  somewhere = false;
  world.receive(world.eth0, wire_frame(0x800));
  world.eth1.device.close(world.cpu());
  somewhere = true;
  world.receive(world.eth0, wire_frame(0x800));
  CHECK(world.eth1.sent.size() == 1);
  CHECK(world.eth0.device.xdp_stats().redirects == 1);
  CHECK(world.eth0.device.xdp_stats().redirect_errors == 2);
  CHECK(world.drops(DropReason::xdp_redirect) == 1);
  CHECK(world.drops(DropReason::interface_down) == 1);
}

TEST_CASE("What a program does to a frame is what the stack sees", "[device][xdp]") {
  WireWorld world;
  attach(world, [](XdpFrame& frame) {
    CHECK(frame.shrink_head(4).ok());
    const auto bytes = frame.bytes();
    host_test::kWireMac.store(bytes, 0);
    base::store_be16(bytes, 12, 0x800);
    CHECK(frame.trim(50).ok());
    CHECK(frame.trim(51).error() == Errno::invalid);
    CHECK(frame.trim(13).error() == Errno::invalid);
    CHECK(frame.shrink_head(37).error() == Errno::invalid);
    CHECK(frame.grow_head(1'000).error() == Errno::invalid);
    CHECK(frame.grow_head(4).ok());
    CHECK(frame.bytes().size() == 54);
    CHECK(frame.shrink_head(4).ok());
    return XdpAction::pass;
  });
  world.receive(world.eth0, wire_frame(0x86dd));
  REQUIRE(world.taken.size() == 1);
  CHECK(world.taken.front().size() == 50);
  CHECK(base::load_u8(world.taken.front(), 14) == 18);
}

TEST_CASE("A program changes its own copy of what a tap holds", "[device][xdp]") {
  WireWorld world;
  std::vector<skb::Skb> kept;
  const auto tap = world.core.add_tap([&](kernel::Cpu&, skb::Skb skb) { kept.push_back(std::move(skb)); });
  world.receive(world.eth1, wire_frame(0x800));
  REQUIRE(kept.size() == 1);
  skb::Skb twin = kept.front()->clone();
  twin->dev = &world.eth0.device;
  attach(world, [](XdpFrame& frame) {
    base::store_u8(frame.bytes(), 30, 0xff);
    return XdpAction::drop;
  });
  CHECK(device::xdp_run(world.cpu(), std::move(twin)) == nullptr);
  CHECK(base::load_u8(kept.front()->bytes(), 30) == 30);
  world.core.remove_tap(tap);
}

TEST_CASE("A classic BPF program's number is the action", "[device][xdp]") {
  using namespace host::device::bpf;
  WireWorld world;
  // The byte at 20 is the answer.
  const std::vector<device::BpfInstruction> program{{kLd | kB | kAbs, 0, 0, 20}, {kRet | kA, 0, 0, 0}};
  attach(world, device::xdp_from_bpf(*device::BpfProgram::make(program), &world.eth1.device));
  for (const unsigned answer : {0u, 1u, 2u, 3u, 4u, 5u, 255u}) {
    auto frame = wire_frame(0x800);
    base::store_u8(frame, 20, static_cast<std::uint8_t>(answer));
    world.receive(world.eth0, frame);
  }
  const auto& stats = world.eth0.device.xdp_stats();
  CHECK(stats.aborted == 3);
  CHECK(stats.drops == 1);
  CHECK(world.taken.size() == 1);
  CHECK(stats.tx == 1);
  CHECK(stats.redirects == 1);
}
