// SPDX-License-Identifier: Apache-2.0
// The verilated NIC without SystemC: clocks it edge by edge and turns pins into TLPs and frames.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/pcie/ports.hpp"
#include "sim/wire/ports.hpp"
#include "sim/wire/xgmii_decoder.hpp"
#include "sim/wire/xgmii_encoder.hpp"

namespace sim::rtl_bridge {

class PinTape;

enum class Domain : std::uint8_t { core, mac_rx, mac_tx };

/// Sees the NIC's journey events (rtl/nic_pkg.sv): one call for each edge at which any bit was set.
/// `bits` is the packed struct of the domain, its first member in the highest bit.
class JourneyObserver {
 public:
  virtual ~JourneyObserver() = default;
  virtual void events(Domain domain, std::uint32_t bits, Picoseconds at) = 0;
};

/// Rising edges are at phase + n * period. Tied: all three clocks have the core's.
struct Clocks {
  Picoseconds core_period = 4000;
  Picoseconds mac_period = 6400;
  Picoseconds core_phase = 0;
  Picoseconds mac_rx_phase = 1000;  // these phases put a MAC edge between any two core edges,
  Picoseconds mac_tx_phase = 5000;  // so no evaluation is spent on a falling clock alone
};
/// One clock for everything, the MAC's: the fastest simulation.
[[nodiscard]] constexpr Clocks tied_clocks(Picoseconds mac_period = 6400) {
  return {mac_period, mac_period, 0, 0, 0};
}

struct EngineOptions {
  bool wide = false;  ///< a data path of 128 bits instead of 64
  Clocks clocks;
  std::uint64_t mac_address = 0x0000'0100'005E'0002;  ///< first byte of the address in [7:0]
  std::uint16_t mtu = 1500;                           ///< frames may be 22 longer, with a VLAN tag and FCS
  std::uint32_t completion_timeout = 2'500'000;       ///< core cycles
  Picoseconds reset_time = 100'000;
  /// Least time in which anything that the NIC emits can reach the world, or the other way round.
  Picoseconds lookahead = 100'000;
  unsigned output_stall_percent = 0;  ///< core cycles in which the host's TLP input is not ready
  std::uint64_t seed = 1;             ///< of the stalls
  wire::EncoderOptions encoder;
  JourneyObserver* observer = nullptr;
  PinTape* record = nullptr;  ///< every input pin change goes there, for replay without the world
  std::string trace_file;     ///< FST of [trace_from, trace_to); needs the traced model
  Picoseconds trace_from = 0;
  Picoseconds trace_to = INT64_MAX;
};

/// What an engine does not know by itself.
struct World {
  pcie::HostPort* host = nullptr;
  wire::FrameSink* wire = nullptr;
};

class NicEngine : public pcie::NicPort, public wire::FrameSource {
 public:
  /// Evaluates every clock edge before `horizon`, at most about `max_core_cycles` of them; stops two
  /// look-aheads after the first thing it emitted, when the world could have answered it. After a
  /// failure it does nothing. Returns the time of the next edge.
  virtual Picoseconds run(Picoseconds horizon, std::uint64_t max_core_cycles) = 0;

  virtual void connect(World world) = 0;
  /// The PHY's link state from `at` on; up from the start unless told.
  virtual void link_up(bool up, Picoseconds at) = 0;
  [[nodiscard]] virtual Picoseconds lookahead() const = 0;
  /// The time of the next edge: everything before it has been evaluated.
  [[nodiscard]] virtual Picoseconds present() const = 0;
  [[nodiscard]] virtual std::uint64_t core_cycles() const = 0;
  [[nodiscard]] virtual std::uint64_t evals() const = 0;
  /// Empty, or what went wrong in the RTL, when and where.
  [[nodiscard]] virtual const std::string& failure() const = 0;
  [[nodiscard]] virtual wire::XgmiiEncoder& encoder() = 0;
  [[nodiscard]] virtual const wire::XgmiiDecoder& decoder() const = 0;
};

using EngineFactory = std::function<std::unique_ptr<NicEngine>(const EngineOptions&)>;

/// The verilated nic_top, fast or wide, of either the model that can write waves when `trace_file` is set.
[[nodiscard]] std::unique_ptr<NicEngine> make_nic_engine(const EngineOptions& options);

}  // namespace sim::rtl_bridge
