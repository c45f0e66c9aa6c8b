// SPDX-License-Identifier: Apache-2.0
// The whole machine around one NIC: root complex, memory, CPUs, host stack, cable; and a run on it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <systemc>

#include "host/driver/virtio_net.hpp"
#include "sim/board/agenda_module.hpp"
#include "sim/board/config.hpp"
#include "sim/board/journey_recorder.hpp"
#include "sim/board/machine.hpp"
#include "sim/board/scenario.hpp"
#include "sim/board/sim_pci_device.hpp"
#include "sim/pcie/adversary.hpp"
#include "sim/pcie/enumeration.hpp"
#include "sim/pcie/root_complex.hpp"
#include "sim/rtl_bridge/pin_tape.hpp"
#include "sim/rtl_bridge/rtl_nic.hpp"
#include "sim/wire/cable.hpp"

namespace sim::board {

struct BoardOptions {
  std::string trace_file;
  Picoseconds trace_from = 0;
  Picoseconds trace_to = INT64_MAX;
  rtl_bridge::PinTape* record = nullptr;
  bool observe_journey = true;
  double cpu_speed = 1.0;  ///< 0: the host's work costs no time
};

/// One in a process: SystemC elaborates once.
class Board {
 public:
  explicit Board(const BoardConfig& config, const BoardOptions& options = {});
  ~Board();

  [[nodiscard]] const BoardConfig& config() const { return config_; }
  [[nodiscard]] AgendaModule& agenda() { return agenda_; }
  [[nodiscard]] wire::Cable& cable() { return cable_; }
  [[nodiscard]] Machine& machine() { return machine_; }
  [[nodiscard]] host::apps::Host& host() { return machine_.host(); }
  [[nodiscard]] rtl_bridge::NicEngine& nic() { return nic_.engine(); }
  /// With which the engine was made.
  [[nodiscard]] const rtl_bridge::EngineOptions& engine_options() const { return engine_options_; }
  [[nodiscard]] pcie::RootComplex& root() { return root_; }
  [[nodiscard]] const pcie::Adversary& adversary() const { return adversary_; }
  [[nodiscard]] host::device::NetDevice& device() { return driver_->netdev(); }
  [[nodiscard]] const host::driver::VirtioNet& driver() const { return *driver_; }
  [[nodiscard]] host::driver::VirtioNet& driver() { return *driver_; }
  [[nodiscard]] const JourneyRecorder& journey() const { return journey_; }
  /// Empty, or the address, the length and who asked.
  [[nodiscard]] const std::string& first_iommu_fault() const { return first_iommu_fault_; }
  /// After the run: what enumeration found, with the configuration space as it stood at the end.
  [[nodiscard]] const pcie::Enumeration& function() const { return function_; }

  /// From power-on to the end: boots, lets the scenario happen, waits until all is quiet, reads every
  /// counter, closes the interface, compares the layers.
  [[nodiscard]] Report run(Scenario& scenario, const RunOptions& options);

 private:
  class Supervisor;

  void boot();
  [[nodiscard]] host::kernel::Task<void> bring_up(host::kernel::Process& self);
  [[nodiscard]] host::kernel::Task<void> shut_down(host::kernel::Process& self);
  [[nodiscard]] std::string open_interface(host::kernel::Cpu& cpu);
  void supervise(Scenario& scenario, const RunOptions& options);
  void watch(Scenario& scenario, const RunOptions& options);
  void settle();
  void end_world();
  [[nodiscard]] std::uint64_t activity() const;

  BoardConfig config_;
  AgendaModule agenda_;
  wire::Cable cable_;
  JourneyRecorder journey_;
  Machine machine_;
  pcie::RootComplex root_;
  pcie::Adversary adversary_;
  rtl_bridge::EngineOptions engine_options_;
  rtl_bridge::RtlNic nic_;
  std::unique_ptr<Supervisor> supervisor_;
  pcie::Enumeration function_;
  std::optional<SimPciDevice> pci_;
  std::unique_ptr<host::driver::VirtioNet> driver_;
  Scenario* scenario_ = nullptr;
  Report report_;
  std::string problem_;
  std::string first_iommu_fault_;
  bool up_ = false;
  bool closed_ = false;
};

}  // namespace sim::board
