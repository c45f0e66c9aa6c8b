// SPDX-License-Identifier: Apache-2.0
// Everything about a simulated machine that can be chosen, with its defaults, and how a file says it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "host/driver/virtio_net.hpp"
#include "sim/pcie/adversary.hpp"
#include "sim/wire/xgmii_encoder.hpp"

namespace sim::board {

struct LinkConfig {
  unsigned generation = 3;
  unsigned width = 4;
  unsigned mps = 256;
  unsigned mrrs = 512;
  unsigned rcb = 64;
  std::int64_t latency_ns = 250;  ///< one way, from pin to pin
};

struct MemoryConfig {
  std::int64_t latency_ns = 200;
  std::int64_t jitter_ns = 0;  ///< up to this much more, drawn for each read
  bool reorder = false;        ///< completions of different tags overtake each other
  bool split = false;          ///< completions of any legal size, not only the largest
};

struct ClockConfig {
  double core_mhz = 250;
  bool tied = false;  ///< all three clocks are the MAC's
};

/// Which NIC stands on the board: the RTL, or the reference model, which knows no cycles.
enum class NicKind : std::uint8_t { rtl, rtl128, model };
/// Throws UserError for anything but "rtl", "rtl128" (a data path of 128 bits) and "model".
[[nodiscard]] NicKind parse_nic_kind(const std::string& text);

struct NicConfig {
  NicKind kind = NicKind::rtl;
  std::array<std::uint8_t, 6> mac = {0x52, 0x54, 0x00, 0xC0, 0x51, 0x0C};
  std::uint16_t mtu = 1500;
  std::int64_t completion_timeout_us = 10'000;
};

struct WireConfig {
  unsigned gbps = 10;  ///< 10 or 25: the MAC's clocks are a 64-bit word's
  std::int64_t propagation_ns = 200;
  wire::StartLane start_lane = wire::StartLane::any;
  unsigned random_gap = 0;           ///< columns of 4 bytes more than the standard gap, at most
  unsigned faults_per_thousand = 0;  ///< frames of a capture that are preceded by a faulty copy
};

struct HostConfig {
  unsigned cpus = 1;
  unsigned queue_size = 256;
  std::string cost_file;                        ///< all costs (host/kernel/costs.toml); empty: the defaults
  std::map<std::string, double> costs;          ///< operation -> nanoseconds, over those
  std::map<std::string, std::int64_t> sysctls;  ///< tunable -> value
};

struct DriverConfig {
  unsigned queue_pairs = 64;  ///< wanted; the NIC's and the CPUs' numbers cap them
  host::driver::RingKind ring = host::driver::RingKind::packed;
  unsigned rx_ring = 0;  ///< descriptors; 0: host.queue_size
  unsigned tx_ring = 0;
  host::driver::Features features_off = 0;  ///< never accepted
  host::driver::InterruptMode interrupts = host::driver::InterruptMode::per_queue;
  bool napi = true;                 ///< false: each received packet interrupts
  unsigned rx_buffer = 0;           ///< bytes of mergeable buffers; 0: a frame's
  host::driver::Coalesce coalesce;  ///< interrupt moderation of all pairs
  unsigned lro_usecs = 8;           ///< how long the NIC may hold a TCP segment; 0: not at all
};

struct BoardConfig {
  LinkConfig link;
  MemoryConfig memory;
  ClockConfig clocks;
  NicConfig nic;
  WireConfig wire;
  HostConfig host;
  pcie::AdversaryConfig adversary;  ///< its seed is the run's
  DriverConfig driver;
  unsigned batch = 64;  ///< core cycles that the NIC may run ahead at most
  std::uint64_t seed = 1;
};

/// Reads the TOML file over the defaults. Throws UserError naming file, line and key for what it cannot
/// use: unknown keys, wrong types, values out of range.
[[nodiscard]] BoardConfig load_config(const std::string& path);

}  // namespace sim::board
