// SPDX-License-Identifier: Apache-2.0
// The NIC itself at the root complex: enumeration, registers, errors, the same for every batch length.
#include <catch2/catch.hpp>
#include <filesystem>

#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/memory/sparse_memory.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/enumeration.hpp"
#include "sim/pcie/root_complex.hpp"
#include "sim/rtl_bridge/pin_tape.hpp"
#include "sim/rtl_bridge/rtl_nic.hpp"
#include "tests/sim/rtl_bridge/recorder.hpp"

using namespace sim::pcie;
using namespace sim::rtl_bridge;
using sim::Picoseconds;

namespace {

constexpr Picoseconds kEnd = 80'000'000;

struct Machine {
  explicit Machine(std::uint64_t batch = 0, const EngineOptions& options = {})
      : iommu(0x1'0000'0000, 1 << 20),
        memory(sc_core::sc_gen_unique_name("memory"), 0x1'0000'0000, 1 << 20),
        root(sc_core::sc_gen_unique_name("root"), {}, iommu),
        nic(sc_core::sc_gen_unique_name("nic"), make_nic_engine(with(options, root)), batch) {
    root.memory.bind(memory.socket);
    root.attach(nic.engine());
    nic.connect(root, wire);
    nic.stop_at(kEnd);
    sc_core::sc_spawn_options spawn;
    spawn.set_stack_size(1 << 20);
    sc_core::sc_spawn([this] { program(); }, sc_core::sc_gen_unique_name("cpu"), &spawn);
  }
  static EngineOptions with(EngineOptions options, const RootComplex& root) {
    options.lookahead = root.config().link.latency;
    return options;
  }
  void program() {
    sc_core::wait(sc_ps(1'000'000));  // PCIe gives a device 100 ms; ours needs its reset time
    function = enumerate(root);
    const std::uint64_t bar = function.bars[0].address;
    features = root.mmio_read(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_FEATURE, 4);
    mac_0 = root.mmio_read(bar + contract::BAR_DEVICE + contract::NETCFG_MAC, 1);
    root.mmio_write(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_STATUS, 1, contract::STATUS_ACKNOWLEDGE);
    status = root.mmio_read(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_STATUS, 1);
    finished = now_ps();
  }
  [[nodiscard]] std::string complaints() {
    std::string text = nic.engine().failure();
    for (const auto& violation : root.checker().violations()) text += violation.text() + "\n";
    return text;
  }

  sim::memory::Iommu iommu;
  sim::memory::SparseMemory memory;
  RootComplex root;
  tests::Recorder wire;
  RtlNic nic;
  Enumeration function;
  std::uint32_t features = 0;
  std::uint32_t mac_0 = 0;
  std::uint32_t status = 0;
  Picoseconds finished = 0;
};

}  // namespace

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
