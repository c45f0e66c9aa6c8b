// SPDX-License-Identifier: Apache-2.0
// Input pins of nic_sim_top by name, for any verilated model of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "sim/rtl_bridge/clock_schedule.hpp"
#include "sim/rtl_bridge/pin_tape.hpp"
#include "sim/rtl_bridge/tlp_pins.hpp"

namespace sim::rtl_bridge {

/// Ports of up to 64 bits are integers, wider ones words of 32.
template <class Port>
void set_words(Port& port, std::uint64_t low, std::uint64_t high) {
  if constexpr (std::is_integral_v<Port>) {
    port = static_cast<Port>(low);
  } else {
    for (unsigned k = 0; k < 4; ++k) port[k] = static_cast<std::uint32_t>((k < 2 ? low : high) >> (32 * (k % 2)));
  }
}

template <class Port>
[[nodiscard]] BeatData words_of(const Port& port) {
  if constexpr (std::is_integral_v<Port>) {
    return {port, 0};
  } else {
    return {port[0] | std::uint64_t{port[1]} << 32, port[2] | std::uint64_t{port[3]} << 32};
  }
}

/// Bytes of a TLP beat: the width of the model's data path.
template <class Model>
inline constexpr std::size_t kBeatBytes = sizeof(Model::tlp_in_data_i);

template <class Model>
void set_clocks(Model& model, std::uint8_t rises) {
  model.core_clk_i = rises & 1;
  model.mac_rx_clk_i = (rises >> 1) & 1;
  model.mac_tx_clk_i = (rises >> 2) & 1;
}

template <class Model>
void set_pin(Model& model, Pin pin, std::uint64_t low, std::uint64_t high) {
  switch (pin) {
    case Pin::core_reset:
      model.core_rst_i = low & 1;
      break;
    case Pin::mac_rx_reset:
      model.mac_rx_rst_i = low & 1;
      break;
    case Pin::mac_tx_reset:
      model.mac_tx_rst_i = low & 1;
      break;
    case Pin::link_up:
      model.link_up_i = low & 1;
      break;
    case Pin::xgmii_data:
      model.xgmii_rx_data_i = low;
      break;
    case Pin::xgmii_ctrl:
      model.xgmii_rx_ctrl_i = low & 0xFF;
      break;
    case Pin::tlp_valid:
      model.tlp_in_valid_i = low & 1;
      break;
    case Pin::tlp_header:
      model.tlp_in_hdr_lo_i = low;
      model.tlp_in_hdr_hi_i = high;
      break;
    case Pin::tlp_flags:
      model.tlp_in_flags_i = low & 3;
      break;
    case Pin::tlp_data:
      set_words(model.tlp_in_data_i, low, high);
      break;
    case Pin::tlp_out_ready:
      model.tlp_out_ready_i = low & 1;
      break;
    case Pin::credits:
      model.credit_limit_i = low & 0xFFF'FFFF;
      break;
  }
}

/// Everything as it stands before the first edge: clocks low, in reset, wire idle.
template <class Model>
void set_initial_pins(Model& model, const EngineOptions& options) {
  set_clocks(model, 0);
  model.strap_mac_i = options.mac_address & 0xFFFF'FFFF'FFFFU;
  model.strap_mtu_i = options.mtu;
  model.strap_completion_timeout_i = options.completion_timeout;
  for (const Pin pin : {Pin::core_reset, Pin::mac_rx_reset, Pin::mac_tx_reset, Pin::link_up, Pin::tlp_out_ready}) {
    set_pin(model, pin, 1, 0);
  }
  for (const Pin pin : {Pin::tlp_valid, Pin::tlp_header, Pin::tlp_flags, Pin::tlp_data, Pin::credits}) {
    set_pin(model, pin, 0, 0);
  }
  set_pin(model, Pin::xgmii_data, wire::kIdleWord.data, 0);
  set_pin(model, Pin::xgmii_ctrl, wire::kIdleWord.ctrl, 0);
}

}  // namespace sim::rtl_bridge
