// SPDX-License-Identifier: Apache-2.0
// Addresses and ports of connections that rules change (Linux: nf_nat_core.c).
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "host/netfilter/conntrack.hpp"
#include "host/netfilter/value.hpp"

namespace host::netfilter {

struct EntryPoint;
class PacketLog;

/// Which end of a packet is changed: its source where it leaves, its destination where it comes.
enum class Manipulation : std::uint8_t { source, destination };

/// What an end may become. Without addresses or ports it keeps its own if it can.
struct NatRange {
  std::optional<Interval> addresses;
  std::optional<Interval> ports;
  bool random = false;
  bool persistent = false;
};

/// An address of the device, of the peer's family, to speak with to `peer` (IP knows it).
using DeviceAddress =
    std::function<std::optional<headers::IpAddress>(const device::NetDevice&, const headers::IpAddress&)>;

/// The first packet of a connection runs through the nat chains and binds it; all others are changed alike, and the
/// replies back.
class Nat {
 public:
  Nat(Hooks& hooks, Hooks& hooks6, Conntrack& conntrack, std::uint64_t seed)
      : hooks_(hooks), hooks6_(hooks6), conntrack_(conntrack), seed_(seed) {}
  ~Nat() { unhook(); }
  Nat(const Nat&) = delete;
  Nat& operator=(const Nat&) = delete;

  void set_device_address(DeviceAddress address) { device_address_ = std::move(address); }
  void set_device_address6(DeviceAddress address) { device_address6_ = std::move(address); }
  /// The nat chains in force; none: nothing is changed any more. They and the log outlive the next call.
  void use(std::vector<const EntryPoint*> chains, PacketLog& log);

 private:
  Verdict translate(HookCall& call, skb::Skb& skb);
  /// Asks the chains what the connection's end becomes.
  Verdict bind(HookCall& call, skb::SkBuff& skb, Connection& connection, Manipulation which);
  /// Nothing: there is no such address.
  [[nodiscard]] std::optional<NatRange> range_of(const NatStatement& statement, const HookCall& call,
                                                 const Connection& connection) const;
  /// Linux: nf_nat_setup_info.
  void set_up(Connection& connection, const NatRange& range, Manipulation which, platform::Nanoseconds now);
  /// Linux: get_unique_tuple.
  [[nodiscard]] Tuple unique_tuple(const Connection& connection, const Tuple& current, const NatRange& range,
                                   Manipulation which, platform::Nanoseconds now);
  [[nodiscard]] bool taken(const Connection& connection, const Tuple& tuple, platform::Nanoseconds now);
  void hook_up(Hooks& hooks, std::vector<unsigned>& registered);
  void unhook();

  Hooks& hooks_;
  Hooks& hooks6_;
  Conntrack& conntrack_;
  std::uint64_t seed_;
  DeviceAddress device_address_;
  DeviceAddress device_address6_;
  PacketLog* log_ = nullptr;
  std::array<std::vector<const EntryPoint*>, kHooks> chains_;  // in the order of their priorities
  std::vector<unsigned> registered_;
  std::vector<unsigned> registered6_;
};

}  // namespace host::netfilter
