// SPDX-License-Identifier: Apache-2.0
// Several routing tables and the rules that choose among them (Linux: fib_rules.c, fib_frontend.c, fib_semantics.c).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/ip/route_table.hpp"

namespace host::ip {

/// What a rule does with the packets that it is about (Linux: FR_ACT_*).
enum class RuleAction : std::uint8_t { to_table, blackhole, unreachable, prohibit };

/// `ip rule`: packets that have everything that is told look into a table.
struct RoutingRule {
  std::uint32_t priority = 0;
  headers::Ipv4Prefix from{};
  headers::Ipv4Prefix to{};
  std::string in{};   // the name of the device that it came by; `lo`: our own packets; empty: any
  std::string out{};  // of the device that its socket is bound to
  std::uint32_t mark = 0;
  std::uint32_t mark_mask = 0;
  std::uint8_t tos = 0;
  RuleAction action = RuleAction::to_table;
  std::uint32_t table = kMainTable;

  friend bool operator==(const RoutingRule&, const RoutingRule&) = default;
};

/// Linux: priorities of the rules that are there from the start, to the tables local, main and default.
inline constexpr std::uint32_t kLocalRule = 0;
inline constexpr std::uint32_t kMainRule = 32'766;
inline constexpr std::uint32_t kDefaultRule = 32'767;

class Fib {
 public:
  /// More than a table of the whole Internet; beyond it: no_buffers.
  static constexpr std::size_t kMaxRoutes = 1U << 21;
  static constexpr std::size_t kMaxRules = 4'096;

  Fib();

  /// `ip route add`, into the table that the route names. Finds the gateway's device when the route names none.
  /// Errors: invalid (host bits, a scope or preferred source that cannot be, a route that leads nowhere with a
  /// device), no_device, network_down, network_unreachable the gateway is not on a link, and those of RouteTable::add.
  [[nodiscard]] base::Result<void> add(Route route, RouteAdd how = RouteAdd::create);
  /// no_process: there is none.
  [[nodiscard]] base::Result<void> remove(const RouteSelector& which);
  /// Every route through the device goes.
  void remove_all(const device::NetDevice& device);

  /// The first rule whose table has a route decides. Errors: network_unreachable none has; invalid (blackhole),
  /// host_unreachable, access (prohibit) as the route or rule says. Linux: fib_lookup.
  [[nodiscard]] base::Result<const Route*> lookup(const Flow& flow) const {
    base::Errno error{};
    const Route* route = lookup(flow, error);
    return route != nullptr ? base::Result<const Route*>(route) : base::Result<const Route*>(error);
  }
  /// The same; null: `error` says why.
  [[nodiscard]] const Route* lookup(const Flow& flow, base::Errno& error) const;
  /// What the address is to this host: local, broadcast, multicast, or unicast: somebody else's. Linux: inet_addr_type.
  [[nodiscard]] RouteType address_type(headers::Ipv4Address address) const {
    const AddressAnswer& answer = address_answers_[place_of(address)];
    if (answer.generation == generation_ && answer.address == address) return answer.type;
    return find_type(address);
  }

  /// Made when it is not there.
  [[nodiscard]] RouteTable& table(std::uint32_t id) {
    changed();
    return tables_[id];
  }
  /// Something that answers depend on is another than it was: a device came, went, rose or fell. Linux: rt_genid_bump.
  void changed() { ++generation_; }
  /// How often that was so.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  /// In the order of their numbers.
  [[nodiscard]] const std::map<std::uint32_t, RouteTable>& tables() const { return tables_; }

  /// `ip rule add`. exists: the same rule is there; invalid: host bits set in a prefix; no_buffers.
  [[nodiscard]] base::Result<void> add_rule(const RoutingRule& rule);
  /// `ip rule del` of exactly this one. no_entry.
  [[nodiscard]] base::Result<void> remove_rule(const RoutingRule& rule);
  /// The priority that `ip rule add` takes when it is told none: just before the second rule.
  [[nodiscard]] std::uint32_t next_rule_priority() const;
  /// By priority; of equals, the one that was added first.
  [[nodiscard]] const std::vector<RoutingRule>& rules() const { return rules_; }

 private:
  /// An answer of lookup() that was true when the tables were of this generation. Whom a flow's hash throws out makes
  /// room: an answer costs a search again, nothing else. What no rule asks for is the same in every flow here.
  struct Answer {
    Flow flow{};
    std::uint64_t generation = 0;
    const Route* route = nullptr;
    base::Errno error{};
  };
  static constexpr std::size_t kAnswers = 256;
  /// Of address_type(), likewise.
  struct AddressAnswer {
    headers::Ipv4Address address;
    std::uint64_t generation = 0;
    RouteType type = RouteType::unicast;
  };
  static constexpr std::size_t kAddressAnswers = 16;
  [[nodiscard]] static std::size_t place_of(headers::Ipv4Address address) {
    return (address.value * 0x9e37'79b9U) >> 28;
  }
  [[nodiscard]] RouteType find_type(headers::Ipv4Address address) const;

  [[nodiscard]] base::Result<const Route*> search(const Flow& flow) const;
  void note_rules();
  [[nodiscard]] base::Result<void> check(Route& route) const;
  [[nodiscard]] base::Result<void> check_gateway(Route& route) const;

  std::map<std::uint32_t, RouteTable> tables_;
  std::vector<RoutingRule> rules_;
  bool rules_ask_source_ = false;
  bool rules_ask_in_ = false;
  bool rules_ask_mark_ = false;
  std::uint64_t generation_ = 1;
  mutable std::array<Answer, kAnswers> answers_{};
  mutable std::array<AddressAnswer, kAddressAnswers> address_answers_{};
};

}  // namespace host::ip
