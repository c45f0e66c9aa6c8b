// SPDX-License-Identifier: Apache-2.0
// One measurement of the NIC at line rate, in a process of its own: SystemC elaborates only once.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "host/driver/virtio_net.hpp"
#include "sim/board/config.hpp"

namespace sim::app {

/// What the NIC does while it is measured: the host's work costs no time, memory answers after 400 to 600 ns,
/// completions overtake each other.
struct NicProbe {
  enum class Direction : std::uint8_t {
    receive,   ///< the wire full, a sink behind it
    transmit,  ///< as fast as it goes, from every queue
    duplex,    ///< both
    lone       ///< one frame at a time, now this way, now that
  };
  board::NicKind nic = board::NicKind::rtl;
  Direction direction = Direction::duplex;
  unsigned length = 64;  ///< on the wire, FCS included; 0: an IMIX of 7 x 64, 4 x 594, 1 x 1518
  host::driver::RingKind ring = host::driver::RingKind::packed;
  unsigned queues = 8;      ///< pairs, each with a CPU
  unsigned frames = 20000;  ///< that are measured

  /// "rtl/duplex/64/packed/8".
  [[nodiscard]] std::string name() const;
  /// The same with the frames behind it, and back.
  [[nodiscard]] std::string text() const;
  /// Throws UserError.
  [[nodiscard]] static NicProbe parse(const std::string& text);
};

/// The report's JSON, and "measured" beside it: `receive` and `transmit` with `frames`, `line_rate_percent`
/// and percentiles of latency, `drops`, `pcie_overhead_bytes`.
[[nodiscard]] nlohmann::json run_nic_probe(const NicProbe& probe);

}  // namespace sim::app
