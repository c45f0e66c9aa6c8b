// SPDX-License-Identifier: Apache-2.0
// The five places on a packet's way where others may look at it and end it (Linux: net/netfilter/core.c).
#pragma once

#include <array>
#include <climits>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "host/device/net_device.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::netfilter {

/// Linux: enum nf_inet_hooks, in the order of its numbers.
enum class Hook : std::uint8_t { prerouting, input, forward, output, postrouting, count };
inline constexpr std::size_t kHooks = static_cast<std::size_t>(Hook::count);
inline constexpr std::array<std::string_view, kHooks> kHookNames = {"prerouting", "input", "forward", "output",
                                                                    "postrouting"};

[[nodiscard]] constexpr std::string_view hook_name(Hook hook) {
  return kHookNames[static_cast<std::size_t>(hook)];
}

/// What becomes of the packet. stolen: the function has taken the skb (left null) and answers for it.
enum class Verdict : std::uint8_t { accept, drop, stolen };

/// Lower is earlier (Linux: enum nf_ip_hook_priorities).
namespace priority {
inline constexpr int kRaw = -300;
inline constexpr int kConntrack = -200;
inline constexpr int kMangle = -150;
inline constexpr int kDestinationNat = -100;
inline constexpr int kFilter = 0;
inline constexpr int kSecurity = 50;
inline constexpr int kSourceNat = 100;
inline constexpr int kConntrackConfirm = INT_MAX;
}  // namespace priority

/// What the sender of a dropped packet is told. icmpx: in either family's words.
enum class RejectType : std::uint8_t { icmp, icmpv6, icmpx, tcp_reset };
struct Reject {
  RejectType type = RejectType::icmp;
  /// Of destination-unreachable: RFC 792's, of icmpv6 RFC 4443's.
  std::uint8_t code = 3;
  friend bool operator==(const Reject&, const Reject&) = default;
};

struct NatStatement;

/// One packet at one hook (Linux: struct nf_hook_state), and what is done when all functions have seen it.
struct HookCall {
  Hook hook{};
  /// The device that it came by; null for our own packets.
  const device::NetDevice* in = nullptr;
  /// The device that it leaves by; null before that is known.
  const device::NetDevice* out = nullptr;
  platform::Nanoseconds now = 0;
  unsigned cpu = 0;
  /// Rules that were looked at.
  std::uint32_t rules = 0;
  /// Looks into the table of connections.
  std::uint32_t tracked = 0;
  /// Bytes that were summed up.
  std::uint32_t checksum_bytes = 0;
  /// What a nat chain says of the connection.
  const NatStatement* nat = nullptr;
  /// How a packet that is dropped is answered.
  std::optional<Reject> reject = std::nullopt;
};

/// Data at the network header, IPv4 or IPv6, which is linear and whose checks are done. Changes bytes only after
/// unshare(). Must not charge(), and must not add or remove functions: what it looks at stays as it is meanwhile.
using HookFunction = std::function<Verdict(HookCall&, skb::Skb&)>;

/// Answers a packet that is about to be dropped; its network header is set and data is there.
using RejectHandler = std::function<void(kernel::Cpu&, const skb::SkBuff&, const HookCall&)>;

/// One family's functions at each hook, in the order of their priorities; equal ones in that of their registration.
class Hooks {
 public:
  /// Linux: nf_register_net_hook. Returns what remove() takes.
  unsigned add(Hook hook, int priority, HookFunction function);
  void remove(unsigned id);
  [[nodiscard]] bool any(Hook hook) const { return !entries_[static_cast<std::size_t>(hook)].empty(); }

  /// IP's, which knows how to answer.
  void on_reject(RejectHandler handler) { reject_ = std::move(handler); }

  /// True: the packet goes on. False: it is gone, and counted as netfilter_drop unless somebody stole it.
  [[nodiscard]] bool pass(kernel::Cpu& cpu, skb::Skb& skb, HookCall call) {
    return !any(call.hook) || run(cpu, skb, call);
  }

 private:
  struct Entry {
    int priority;
    unsigned id;
    HookFunction function;
  };
  /// Linux: nf_hook_slow.
  [[nodiscard]] bool run(kernel::Cpu& cpu, skb::Skb& skb, HookCall& call);

  std::array<std::vector<Entry>, kHooks> entries_;
  RejectHandler reject_;
  unsigned last_id_ = 0;
};

}  // namespace host::netfilter
