// SPDX-License-Identifier: Apache-2.0
// What an administrator has decided about received packets before any protocol sees them, and about packets that are
// sent before the qdisc does (Linux: tc with clsact, sch_handle_ingress, sch_handle_egress, net/sched/cls_u32.c,
// cls_bpf.c, act_police.c, act_mirred.c).
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "host/base/drop_reason.hpp"
#include "host/base/result.hpp"
#include "host/device/bpf.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

class NetDevice;

/// A word of the packet, from the network header on (Linux: struct tc_u32_key).
struct U32Key {
  std::uint32_t offset = 0;
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
};
/// All of them must agree; none: every packet does.
using U32Match = std::vector<U32Key>;
/// From the Ethernet header on; every answer but 0 is a match (Linux: cls_bpf).
using BpfMatch = BpfProgram;

/// So many bytes a second, and so many (below 4 GiB) at once. What exceeds them is dropped (`conform-exceed drop`).
struct Police {
  std::uint64_t rate_bytes = 0;
  std::uint64_t burst_bytes = 0;
};

/// Linux: TC_ACT_OK, TC_ACT_SHOT, mirred egress redirect and mirror (a copy goes there, the packet goes on); none: the
/// rule says nothing, so the packet goes on.
enum class IngressAction : std::uint8_t { ok, shot, redirect, mirror, none };
/// What `tc` calls a rule; a matchall has no keys.
enum class IngressKind : std::uint8_t { u32, matchall, bpf };
/// The qdisc that the rules belong to.
enum class IngressQdisc : std::uint8_t { none, ingress, clsact };

struct IngressRule {
  unsigned preference = 0;     // the lowest is asked first; the first match decides
  std::uint16_t protocol = 0;  // EtherType; 0: all
  std::variant<U32Match, BpfMatch> match;
  IngressAction action = IngressAction::ok;
  NetDevice* target = nullptr;  // of redirect and mirror
  std::optional<Police> police = {};
  unsigned handle = 0;  // within the preference; 0: the next
  IngressKind kind = IngressKind::u32;
  std::uint32_t class_id = 0;  // `flowid`, which nobody asks for here
  unsigned action_index = 0;   // given by the filter
};

/// `tc -s filter show`.
struct IngressStats {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;
  std::uint64_t overlimits = 0;
};

/// One interface's, of one direction (`tc filter ... ingress`, `... egress`).
class IngressFilter {
 public:
  static constexpr std::size_t kMostRules = 1024;

  struct Entry {
    IngressRule rule;
    IngressStats stats;
    platform::Nanoseconds tokens = 0;  // at the police's rate
    platform::Nanoseconds filled = 0;  // when they were counted
  };

  /// `dropped`: under which reason its packets end.
  explicit IngressFilter(base::DropReason dropped) : dropped_(dropped) {}

  /// exists: the handle of that preference is taken; invalid: redirect to nowhere, a police without a rate or a burst,
  /// or another kind or protocol than that preference has; no_buffers: kMostRules.
  [[nodiscard]] base::Result<void> add(IngressRule rule);
  /// All of that preference. no_entry.
  [[nodiscard]] base::Result<void> remove(unsigned preference);
  void clear() { entries_.clear(); }
  /// By preference, then by handle.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// An interface goes: rules that send there drop instead, as Linux's do.
  void forget(const NetDevice& target);
  /// `tc qdisc add dev eth0 ingress`; without one the rules are still asked.
  [[nodiscard]] IngressQdisc qdisc() const { return qdisc_; }
  void set_qdisc(IngressQdisc qdisc) { qdisc_ = qdisc; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Of the first rule of that preference. no_entry.
  [[nodiscard]] base::Result<IngressStats> stats(unsigned preference) const;

  /// The packet if it goes on, data behind the Ethernet header; else null.
  [[nodiscard]] skb::Skb run(kernel::Cpu& cpu, skb::Skb skb);
  /// A frame that is about to leave, data at the Ethernet header as it stays: null when it left by another interface.
  /// no_buffers: it was dropped. Keys count from behind a VLAN's tag.
  [[nodiscard]] base::Result<skb::Skb> run_sent(kernel::Cpu& cpu, skb::Skb skb);

 private:
  [[nodiscard]] base::Result<skb::Skb> classify(kernel::Cpu& cpu, skb::Skb skb, std::uint16_t protocol);
  [[nodiscard]] base::Result<skb::Skb> drop(kernel::Cpu& cpu, Entry& entry, skb::Skb skb) const;
  [[nodiscard]] static bool matches(const IngressRule& rule, skb::SkBuff& skb, std::uint16_t protocol, unsigned cpu);
  /// Linux: tcf_police_act.
  [[nodiscard]] static bool conforms(Entry& entry, std::uint32_t bytes, platform::Nanoseconds now);

  base::DropReason dropped_;
  std::vector<Entry> entries_;
  IngressQdisc qdisc_ = IngressQdisc::none;
  unsigned last_action_ = 0;
};

}  // namespace host::device
