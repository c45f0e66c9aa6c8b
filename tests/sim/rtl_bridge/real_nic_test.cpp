// SPDX-License-Identifier: Apache-2.0
// The NIC itself at the root complex: enumeration, registers, errors, the same for every batch length.
#include <catch2/catch.hpp>
#include <filesystem>

#include "sim/rtl_bridge/pin_tape.hpp"
#include "tests/sim/rtl_bridge/nic_machine.hpp"

using namespace sim::pcie;
using namespace sim::rtl_bridge;
using sim::Picoseconds;
using tests::kEnd;
using tests::Machine;

TEST_CASE("The NIC is enumerated and answers its registers", "[nic]") {
  Machine machine;
  sc_core::sc_start(sc_ps(kEnd));
  INFO(machine.complaints());
  INFO(lspci_dump(machine.function));
  CHECK(machine.complaints().empty());
  REQUIRE(machine.function.found);
  CHECK(machine.function.vendor == contract::PCI_VENDOR);
  CHECK(machine.function.device == contract::PCI_DEVICE);
  CHECK(machine.function.bars[0].bytes == contract::BAR_BYTES);
  CHECK(machine.function.bars[0].is_64bit);
  CHECK(machine.function.msix.vectors == 17);  // 8 pairs: two a pair and one
  CHECK(machine.function.msix.table_offset == contract::BAR_MSIX_TABLE);
  CHECK(machine.function.capabilities.size() == 8);
  CHECK(machine.function.max_payload == 256);
  CHECK((machine.features >> contract::NET_F_MAC & 1) == 1);
  CHECK(machine.mac_0 == 0x02);
  CHECK(machine.status == contract::STATUS_ACKNOWLEDGE);
  CHECK(machine.finished > 0);
  CHECK(machine.root.counters().host_errors == 0);
  CHECK(machine.root.counters().host_timeouts == 0);
}

TEST_CASE("The NIC gives the same times for every batch length", "[nic][batch]") {
  Machine unlimited(0);
  Machine one(1);
  Machine seven(7);
  sc_core::sc_start(sc_ps(kEnd));
  REQUIRE(unlimited.finished > 0);
  for (Machine* machine : {&one, &seven}) {
    CHECK(machine->finished == unlimited.finished);
    machine->nic.catch_up(kEnd);
  }
  unlimited.nic.catch_up(kEnd);
  CHECK(one.nic.engine().core_cycles() == unlimited.nic.engine().core_cycles());
}

TEST_CASE("What no function decodes is answered with UR, not with silence", "[nic]") {
  Machine machine;
  std::uint32_t outside = 0;
  sc_core::sc_spawn_options spawn;
  spawn.set_stack_size(1 << 20);
  sc_core::sc_spawn(
      [&] {
        sc_core::wait(sc_ps(60'000'000));
        outside = machine.root.mmio_read(0x12'3456'0000, 4);
      },
      "stray", &spawn);
  sc_core::sc_start(sc_ps(kEnd));
  INFO(machine.complaints());
  CHECK(outside == 0xFFFF'FFFF);
  CHECK(machine.root.counters().host_errors == 1);
  CHECK(machine.root.counters().host_timeouts == 0);
}

TEST_CASE("The traced model behaves as the fast one and writes waves", "[nic][waves]") {
  const auto file = std::filesystem::temp_directory_path() / "cosnic_real_nic_test.fst";
  EngineOptions options;
  options.trace_file = file.string();
  options.trace_from = 1'000'000;
  options.trace_to = 2'000'000;
  Machine fast;
  Machine traced(0, options);
  sc_core::sc_start(sc_ps(kEnd));
  CHECK(fast.finished == traced.finished);
  CHECK(std::filesystem::file_size(file) > 1000);
  std::filesystem::remove(file);
}

TEST_CASE("A recorded run of the NIC plays bare", "[nic][bare]") {
  PinTape tape;
  EngineOptions options;
  options.record = &tape;
  Machine machine(0, options);
  sc_core::sc_start(sc_ps(kEnd));
  machine.nic.catch_up(kEnd);
  const BareResult bare = run_bare_nic(tape, options, kEnd);
  CHECK(bare.core_cycles == machine.nic.engine().core_cycles());
  CHECK(bare.tlp_out_beats > 100);
  WARN("bare " << 1e-3 * static_cast<double>(bare.core_cycles) / bare.seconds << " kcycles/s");
}
