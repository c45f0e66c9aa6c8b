// SPDX-License-Identifier: Apache-2.0
// The control window of the BAR: the registers of rtl/contract/control_contract.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>

#include "sim/nic_model/controls.hpp"
#include "sim/nic_model/model_config.hpp"

namespace sim::nic_model {

class ControlRegisters {
 public:
  /// What is told, not set.
  struct State {
    bool link_up = true;
    std::uint64_t negotiated = 0;
  };
  ControlRegisters(const ModelConfig& config, Controls& controls, std::function<State()> state,
                   std::function<void(unsigned queue)> moderated)
      : config_(config), controls_(controls), state_(std::move(state)), moderated_(std::move(moderated)) {}

  /// Offsets from BAR_CONTROL.
  [[nodiscard]] std::uint32_t read(std::uint32_t offset);
  void write(std::uint32_t offset, unsigned byte_enables, std::uint32_t data);

 private:
  [[nodiscard]] std::uint32_t general(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t filter(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t scaling(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t* moderation(std::uint32_t place);
  [[nodiscard]] std::uint32_t* share(std::uint32_t place);
  [[nodiscard]] std::uint32_t counter(std::uint32_t place);
  void write_filter(std::uint32_t place, std::uint32_t data);
  void write_scaling(std::uint32_t place, std::uint32_t data);
  void write_moderation(std::uint32_t place, std::uint32_t data);
  void write_schedule(std::uint32_t place, std::uint32_t data);

  const ModelConfig& config_;
  Controls& controls_;
  std::function<State()> state_;
  std::function<void(unsigned)> moderated_;
  std::uint32_t scratch_ = 0;
  std::map<std::uint32_t, std::uint32_t> filter_words_;  // tables, as they were written
  std::uint32_t address_low_ = 0;
  std::uint32_t held_place_ = UINT32_MAX;  // the high half that was kept with a low one
  std::uint32_t held_ = 0;
};

}  // namespace sim::nic_model
