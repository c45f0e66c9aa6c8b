// SPDX-License-Identifier: Apache-2.0
// The NIC's MAC as the host and the wire see it: limits, loopback, pause and statistics over the control window.
#include <catch2/catch.hpp>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/mac_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "tests/sim/rtl_bridge/nic_machine.hpp"

using namespace contract;
using sim::Picoseconds;
using tests::Machine;

namespace {

constexpr Picoseconds kUs = 1'000'000;

std::uint64_t window(const Machine& machine, unsigned number) {
  return machine.function.bars[0].address + BAR_CONTROL + CTL_WINDOW_BYTES * number;
}
std::uint32_t mac_read(Machine& machine, unsigned reg) {
  return machine.root.mmio_read(window(machine, CTL_MAC) + reg, 4);
}
void mac_write(Machine& machine, unsigned reg, std::uint32_t value) {
  machine.root.mmio_write(window(machine, CTL_MAC) + reg, 4, value);
}
std::uint64_t stat(Machine& machine, unsigned index) {
  const std::uint64_t at = window(machine, CTL_MAC_STATS) + 8 * index;
  const std::uint64_t low = machine.root.mmio_read(at, 4);
  return low | std::uint64_t{machine.root.mmio_read(at + 4, 4)} << 32;
}
std::uint64_t nic_stat(Machine& machine, unsigned index) {
  return machine.root.mmio_read(machine.function.bars[0].address + BAR_STATS + 8 * index, 4);
}
void run(Machine& machine, const std::function<void(Machine&)>& then) {
  machine.then = then;
  sc_core::sc_start(sim::pcie::sc_ps(tests::kEnd));
  INFO(machine.complaints());
  REQUIRE(machine.complaints().empty());
  REQUIRE(machine.finished > 0);
}
void hear(Machine& machine, std::size_t bytes, unsigned count = 1) {
  for (unsigned i = 0; i < count; ++i) {
    machine.nic.engine().frame_to_nic(tests::frame_of(bytes, 2 * i), machine.nic.engine().present());
  }
  sc_core::wait(sim::pcie::sc_ps(15 * kUs));
}

}  // namespace

TEST_CASE("The strapped MTU is the driver's and sets what the wire may bring", "[nic][mac]") {
  sim::rtl_bridge::EngineOptions options;
  options.mtu = 9000;
  Machine machine(0, options);
  run(machine, [](Machine& m) {
    const std::uint64_t device = m.function.bars[0].address + BAR_DEVICE;
    CHECK(m.root.mmio_read(device + NETCFG_MTU, 2) == 9000);
    CHECK(mac_read(m, MACREG_MAX_FRAME) == 9022);
    hear(m, 9018);
    hear(m, 9019);
    CHECK(stat(m, MACSTAT_RX_GOOD) == 1);
    CHECK(stat(m, MACSTAT_RX_GOOD_OCTETS) == 9022);
    CHECK(stat(m, MACSTAT_RX_OVERSIZE) == 1);
    CHECK(nic_stat(m, STAT_RX_DROP_OVERSIZE) == 1);
    CHECK(nic_stat(m, STAT_RX_FRAMES) == 2);
    mac_write(m, MACREG_MAX_FRAME, 9023);
    CHECK(mac_read(m, MACREG_MAX_FRAME) == 9023);  // it has arrived
    hear(m, 9019);
    CHECK(stat(m, MACSTAT_RX_GOOD) == 2);
    CHECK(m.root.mmio_read(device + NETCFG_MTU, 2) == 9001);
  });
}

TEST_CASE("A receive buffer that fills tells the other side to stop, and to go on", "[nic][mac]") {
  Machine machine;
  run(machine, [](Machine& m) {
    mac_write(m, MACREG_XON_LEVEL, 300);
    mac_write(m, MACREG_XOFF_LEVEL, 1000);
    mac_write(m, MACREG_CONTROL, MAC_CONTROL_TX_PAUSE);
    hear(m, 900);
    CHECK(m.wire.frames.empty());
    hear(m, 1200);
    REQUIRE(m.wire.frames.size() == 2);  // nobody wants the frame, so it goes as it came
    CHECK(m.wire.frames[0].size() == 60);
    CHECK(m.wire.frames[0][16] == std::byte{0xFF});
    CHECK(m.wire.frames[1][16] == std::byte{0});
    CHECK(stat(m, MACSTAT_TX_FIRST + MACSTAT_TX_PAUSE) == 2);
    CHECK(nic_stat(m, STAT_TX_FRAMES) == 0);
  });
}

TEST_CASE("The link is down for the driver while the wire tells of a fault or the PHY does", "[nic][mac]") {
  Machine machine;
  run(machine, [](Machine& m) {
    const std::uint64_t status = m.function.bars[0].address + BAR_DEVICE + NETCFG_STATUS;
    CHECK(m.root.mmio_read(status, 2) == NET_S_LINK_UP);
    CHECK(mac_read(m, MACREG_STATUS) == MAC_STATUS_LINK_UP);
    m.nic.engine().link_up(false, m.nic.engine().present());
    sc_core::wait(sim::pcie::sc_ps(kUs));
    CHECK(m.root.mmio_read(status, 2) == 0);
    CHECK(mac_read(m, MACREG_STATUS) == 0);
  });
}
