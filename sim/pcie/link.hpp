// SPDX-License-Identifier: Apache-2.0
// One direction of a PCIe link: how long a TLP occupies it, and the credits that let it go.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/pcie/ports.hpp"

namespace sim::pcie {

/// What a receiver advertises at link-up; 0 is not allowed, as PCIe needs at least one TLP of each class.
struct CreditConfig {
  unsigned posted_headers = 64;
  unsigned posted_data = 1024;  ///< units of 16 B
  unsigned nonposted_headers = 64;
  unsigned nonposted_data = 64;
};

struct LinkConfig {
  unsigned generation = 3;        ///< 1..5
  unsigned width = 4;             ///< lanes: 1, 2, 4, 8, 16
  Picoseconds latency = 150'000;  ///< one way: PHY, framing, buffers of both ends
  unsigned dllp_percent = 3;      ///< share of the link that acknowledgements and credit updates take
  CreditConfig host;              ///< the root port's receiver
  CreditConfig nic;               ///< the receiver in front of the NIC's TLP input
};

/// Framing around header and payload: 8 bytes (STP or STP token, sequence number, LCRC, END).
inline constexpr std::size_t kFramingBytes = 8;

[[nodiscard]] double link_bytes_per_second(unsigned generation, unsigned width);

/// Serialises TLPs, in order, at the link's true rate.
class LinkDirection {
 public:
  /// Throws sim::UserError when generation or width do not exist.
  explicit LinkDirection(const LinkConfig& config);

  /// A TLP of so many bytes (header and payload) is ready at `ready`: when its last symbol arrives.
  [[nodiscard]] Picoseconds transmit(std::size_t tlp_bytes, Picoseconds ready);
  /// From when on the next TLP can start.
  [[nodiscard]] Picoseconds free_at() const { return (free_fs_ + 999) / 1000; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Of headers and payloads alone.
  [[nodiscard]] std::uint64_t tlp_bytes() const { return tlp_bytes_; }

 private:
  std::int64_t byte_fs_;  // femtoseconds a byte
  Picoseconds latency_;
  std::int64_t free_fs_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t tlp_bytes_ = 0;
};

/// What a TLP consumes.
[[nodiscard]] Credits credits_of(const Tlp& tlp);
/// True when `consumed + need` does not exceed `limit` in any class that `need` uses.
[[nodiscard]] bool credits_allow(const Credits& consumed, const Credits& need, const Credits& limit);
Credits& operator+=(Credits& total, const Credits& more);
[[nodiscard]] Credits initial_credits(const CreditConfig& config);

}  // namespace sim::pcie
