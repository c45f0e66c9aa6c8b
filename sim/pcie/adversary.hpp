// SPDX-License-Identifier: Apache-2.0
// A root complex that misbehaves: named behaviours, any mix of them, drawn from a seed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/pcie/filter_verdict.hpp"
#include "sim/pcie/ports.hpp"
#include "sim/pcie/seeded_random.hpp"

namespace sim::pcie {

class RootComplex;

/// What can become of a completion on its way to the NIC. At most one of them strikes a completion.
enum class Misdeed : std::uint8_t {
  delay,      ///< arrives later; those behind it, of its own read too, overtake it
  drop,       ///< never arrives
  duplicate,  ///< arrives twice
  misdirect,  ///< another tag, or another requester
  miscount,   ///< byte count or lower address of another place
  shorten,    ///< loses a DW of payload, and says so
  lengthen,   ///< brings a DW more, and says so
  poison,     ///< EP set
  refuse,     ///< UR, CA or CRS instead of data
  corrupt,    ///< one bit of the payload is another
};
inline constexpr std::array<std::string_view, 10> kMisdeedNames = {
    "delay", "drop", "duplicate", "misdirect", "miscount", "shorten", "lengthen", "poison", "refuse", "corrupt"};

struct AdversaryConfig {
  std::array<unsigned, kMisdeedNames.size()> per_mille{};  ///< of the completions, by Misdeed
  Picoseconds delay = 2'000'000;                           ///< at most
  Picoseconds after = 0;                                   ///< behaves until then
  Picoseconds starve_every = 0;  ///< 0: never; else a famine of credits begins at each multiple ...
  Picoseconds starve_for = 0;    ///< ... and what the host frees meanwhile is told at its end
  std::uint64_t seed = 1;

  [[nodiscard]] bool idle() const;
};

/// Sits between a root complex and the NIC. Only completions of the NIC's own reads are touched, so that the
/// host's software still reaches the device.
class Adversary {
 public:
  explicit Adversary(const AdversaryConfig& config);

  /// Takes over the TLPs and the credits toward the NIC; must outlive the root complex's last event.
  void join(RootComplex& root);

  [[nodiscard]] FilterVerdict act(Tlp& tlp, Picoseconds now);
  /// When a credit update that would arrive at `at` arrives.
  [[nodiscard]] Picoseconds credits_at(Picoseconds at) const;
  [[nodiscard]] std::uint64_t count(Misdeed misdeed) const { return counts_.at(static_cast<std::size_t>(misdeed)); }

 private:
  FilterVerdict strike(Misdeed misdeed, Tlp& tlp);
  void rewrite(Misdeed misdeed, Tlp& tlp);

  AdversaryConfig config_;
  SeededRandom random_;
  std::array<std::uint64_t, kMisdeedNames.size()> counts_{};
};

}  // namespace sim::pcie
