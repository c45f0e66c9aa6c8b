// SPDX-License-Identifier: Apache-2.0
// The seam between a NIC (RTL or model) and the world: TLPs and flow control on one side, XGMII frames
// on the other. Plain calls, exact time stamps.
#pragma once

#include <cstdint>

#include "sim/pcie/tlp.hpp"

namespace sim {

/// Picoseconds of simulated time.
using Picoseconds = std::int64_t;

namespace pcie {

/// Flow-control credits of one class pair, cumulative since link-up (headers; data in units of 16 B).
struct Credits {
  std::uint64_t posted_headers = 0;
  std::uint64_t posted_data = 0;
  std::uint64_t nonposted_headers = 0;
  std::uint64_t nonposted_data = 0;
};

/// What the NIC calls: everything carries the moment at which it left the NIC's pins.
class HostPort {
 public:
  virtual ~HostPort() = default;
  /// The last beat of `tlp` left the NIC at `at`.
  virtual void from_nic(Tlp tlp, Picoseconds at) = 0;
  /// The NIC's receiver has freed credits; `total` is cumulative.
  virtual void nic_credits(const Credits& total, Picoseconds at) = 0;
};

/// What the world calls. `at` must not lie before the NIC's present; a TLP is offered at the first core
/// clock edge at or after `at`, after all earlier ones.
class NicPort {
 public:
  virtual ~NicPort() = default;
  virtual void to_nic(Tlp tlp, Picoseconds at) = 0;
  /// The host's receiver allows this many in total (cumulative, all classes; completions are infinite).
  virtual void host_credits(const Credits& total, Picoseconds at) = 0;
};

}  // namespace pcie
}  // namespace sim
