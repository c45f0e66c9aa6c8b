// SPDX-License-Identifier: Apache-2.0
// A NIC of PCIe on a world's host, the RTL or the reference model: link, root complex, driver, and its end of the wire.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <systemc>

#include "host/driver/virtio_net.hpp"
#include "sim/board/machine.hpp"
#include "sim/board/report.hpp"
#include "sim/board/sim_pci_device.hpp"
#include "sim/pcie/enumeration.hpp"
#include "sim/pcie/root_complex.hpp"
#include "sim/rtl_bridge/rtl_nic.hpp"
#include "sim/wire/cable.hpp"
#include "sim/world/wire.hpp"

namespace sim::world {

/// The machine's memory behind one more bus.
class MemoryPort final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket_optional<MemoryPort> socket;
  MemoryPort(sc_core::sc_module_name name, memory::SparseMemory& memory);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) { memory_.b_transport(payload, delay); }
  memory::SparseMemory& memory_;
};

/// How much of a wire's delay is the NIC's own end of it: the time that the NIC may run ahead of the world.
[[nodiscard]] Picoseconds nic_end_of(const WirePlan& wire);

/// Made before the simulation begins.
class PcieNic final : public Attachment, private wire::Peer {
 public:
  PcieNic(const std::string& name, board::Machine& machine, Wire& wire, unsigned end, const PortPlan& plan,
          host::base::MacAddress address, std::uint64_t seed);
  ~PcieNic() override;

  /// What firmware does; on a CPU before its kernel runs. A problem in one line, or nothing.
  [[nodiscard]] std::string enumerate();
  /// Its driver; the interface is down. A problem in one line, or nothing.
  [[nodiscard]] std::string probe(host::kernel::Cpu& cpu, host::device::NetCore& core);
  [[nodiscard]] host::device::NetDevice& device() { return driver_->netdev(); }
  [[nodiscard]] bool probed() const { return driver_ != nullptr; }
  void abandon_driver() { static_cast<void>(driver_.release()); }

  void frame_arrives(FrameBytes frame, bool intact) override;
  [[nodiscard]] Picoseconds lead(std::size_t bytes) const override;

  /// Reads every counter (from an SC_THREAD, when all is quiet) and says what does not add up.
  void report(board::Report& report, const std::string& group);
  void check_after_close(board::Report& report, const std::string& group);

  [[nodiscard]] rtl_bridge::RtlNic& nic() { return nic_; }
  [[nodiscard]] Picoseconds lookahead() const { return options_.lookahead; }

 private:
  void arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) override;

  std::string name_;
  Wire& wire_;
  unsigned end_;
  PortPlan plan_;
  Picoseconds byte_time_;
  wire::Cable cable_;
  MemoryPort memory_;
  pcie::RootComplex root_;
  rtl_bridge::EngineOptions options_;
  rtl_bridge::RtlNic nic_;
  pcie::Enumeration function_;
  std::optional<board::SimPciDevice> pci_;
  std::unique_ptr<host::driver::VirtioNet> driver_;
};

}  // namespace sim::world
