// SPDX-License-Identifier: Apache-2.0
// The NIC at a root complex, with a CPU that looks for it and reads its registers.
#pragma once

#include <functional>
#include <string>

#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/memory/sparse_memory.hpp"
#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/enumeration.hpp"
#include "sim/pcie/root_complex.hpp"
#include "sim/rtl_bridge/rtl_nic.hpp"
#include "tests/sim/rtl_bridge/recorder.hpp"

namespace tests {

inline constexpr sim::Picoseconds kEnd = 160'000'000;

struct Machine {
  explicit Machine(std::uint64_t batch = 0, const sim::rtl_bridge::EngineOptions& options = {})
      : iommu(0x1'0000'0000, 1 << 20),
        memory(sc_core::sc_gen_unique_name("memory"), 0x1'0000'0000, 1 << 20),
        root(sc_core::sc_gen_unique_name("root"), {}, iommu),
        nic(sc_core::sc_gen_unique_name("nic"), sim::rtl_bridge::make_nic_engine(with(options, root)), batch) {
    root.memory.bind(memory.socket);
    root.attach(nic.engine());
    nic.connect(root, wire);
    nic.stop_at(kEnd);
    sc_core::sc_spawn_options spawn;
    spawn.set_stack_size(1 << 20);
    sc_core::sc_spawn([this] { program(); }, sc_core::sc_gen_unique_name("cpu"), &spawn);
  }
  static sim::rtl_bridge::EngineOptions with(sim::rtl_bridge::EngineOptions options,
                                             const sim::pcie::RootComplex& root) {
    options.lookahead = root.config().link.latency;
    return options;
  }
  void program() {
    sc_core::wait(sim::pcie::sc_ps(1'000'000));  // PCIe gives a device 100 ms; ours needs its reset time
    function = sim::pcie::enumerate(root);
    const std::uint64_t bar = function.bars[0].address;
    features = root.mmio_read(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_FEATURE, 4);
    mac_0 = root.mmio_read(bar + contract::BAR_DEVICE + contract::NETCFG_MAC, 1);
    root.mmio_write(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_STATUS, 1, contract::STATUS_ACKNOWLEDGE);
    status = root.mmio_read(bar + contract::BAR_COMMON + contract::COMMON_DEVICE_STATUS, 1);
    if (then) then(*this);
    finished = sim::pcie::now_ps();
  }
  [[nodiscard]] std::string complaints() {
    std::string text = nic.engine().failure();
    for (const auto& violation : root.checker().violations()) text += violation.text() + "\n";
    return text;
  }

  sim::memory::Iommu iommu;
  sim::memory::SparseMemory memory;
  sim::pcie::RootComplex root;
  Recorder wire;
  sim::rtl_bridge::RtlNic nic;
  sim::pcie::Enumeration function;
  std::uint32_t features = 0;
  std::uint32_t mac_0 = 0;
  std::uint32_t status = 0;
  sim::Picoseconds finished = 0;
  std::function<void(Machine&)> then;  ///< what the CPU does besides
};

}  // namespace tests
