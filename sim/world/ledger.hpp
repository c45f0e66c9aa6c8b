// SPDX-License-Identifier: Apache-2.0
// What became of each packet that a host received: every one has exactly one end.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "host/kernel/journey.hpp"

namespace sim::world {

/// received == delivered + forwarded + consumed + merged + the sum of dropped + held, or the host loses packets in
/// silence.
struct LedgerTotals {
  std::uint64_t received = 0;   ///< handed up by drivers
  std::uint64_t delivered = 0;  ///< read by an application
  std::uint64_t forwarded = 0;  ///< on a driver's ring again, whole or in fragments
  std::uint64_t consumed = 0;   ///< by a protocol: ARP, ICMP, neighbour discovery, IGMP, pieces of what was reassembled
  std::uint64_t merged = 0;     ///< into another one (GRO)
  std::uint64_t held = 0;       ///< in a socket's or a neighbour's queue as the run ended
  std::array<std::uint64_t, host::base::kDropReasons> dropped{};
  std::uint64_t own_dropped = 0;     ///< of packets that this host made itself
  std::uint64_t copies_dropped = 0;  ///< of clones and fragments whose packet has another end

  [[nodiscard]] std::uint64_t all_dropped() const;
};

/// Follows packets by name, and their clones and fragments to where they came from.
class Ledger final : public host::kernel::JourneyObserver {
 public:
  void step(const host::kernel::JourneyEvent& event) override;
  void drop(host::kernel::SkbId skb, host::base::DropReason reason, unsigned cpu,
            host::platform::Nanoseconds at) override;
  void derived(host::kernel::SkbId parent, host::kernel::SkbId child) override;

  /// As it stands: what has no end yet is held.
  [[nodiscard]] LedgerTotals totals() const;

 private:
  /// In this order, a later one stands over an earlier one of the same packet's pieces.
  enum class End : std::uint8_t { none, dropped, consumed, merged, forwarded, delivered };
  struct Packet {
    End end = End::none;
    host::base::DropReason reason{};
    bool has_pieces = false;
  };

  void end(host::kernel::SkbId skb, End how, host::base::DropReason reason = {});
  static void settle(LedgerTotals& totals, const Packet& packet);
  [[nodiscard]] host::kernel::SkbId root_of(host::kernel::SkbId skb) const;

  std::uint64_t drops_seen_ = 0;
  LedgerTotals totals_;  // of packets that are over and forgotten
  std::unordered_map<host::kernel::SkbId, Packet> packets_;
  std::unordered_map<host::kernel::SkbId, host::kernel::SkbId> parents_;
};

}  // namespace sim::world
