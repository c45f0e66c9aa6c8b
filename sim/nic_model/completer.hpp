// SPDX-License-Identifier: Apache-2.0
// The NIC as a completer: every request gets what PCIe says (2.3.1), accesses reach registers.
#pragma once

#include <cstdint>

#include "sim/nic_model/config_space.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/statistics.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::nic_model {

/// What stands behind BAR 0: one DW at a time.
class RegisterSpace {
 public:
  virtual ~RegisterSpace() = default;
  [[nodiscard]] virtual std::uint32_t bar_read(std::uint32_t offset, unsigned byte_enables) = 0;
  virtual void bar_write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data) = 0;
  /// Configuration software changed something.
  virtual void config_changed() = 0;
  virtual void function_level_reset() = 0;
};

class Completer {
 public:
  Completer(ConfigSpace& space, RegisterSpace& registers, Dma& dma, TlpSender& sender, Statistics& statistics)
      : space_(space), registers_(registers), dma_(dma), sender_(sender), statistics_(statistics) {}

  /// Any TLP from the host.
  void arrive(const pcie::Tlp& tlp);
  /// What the receiver has freed so far.
  [[nodiscard]] const pcie::Credits& freed() const { return freed_; }

 private:
  void request(const pcie::Tlp& tlp, const pcie::Request& request);
  void memory(const pcie::Tlp& tlp, const pcie::Request& request);
  void configuration(const pcie::Tlp& tlp, const pcie::Request& request);
  [[nodiscard]] std::uint32_t config_read(unsigned offset);
  void config_write(unsigned offset, unsigned byte_enables, std::uint32_t data);
  void answer(const pcie::Request& request, std::uint32_t data);
  void refuse(const pcie::Request& request, std::uint32_t status, bool locked = false);
  void unsupported(const pcie::Tlp& tlp, const pcie::Request& request);

  ConfigSpace& space_;
  RegisterSpace& registers_;
  Dma& dma_;
  TlpSender& sender_;
  Statistics& statistics_;
  pcie::Credits freed_;
};

}  // namespace sim::nic_model
