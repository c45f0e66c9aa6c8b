// SPDX-License-Identifier: Apache-2.0
// Binding connections to new addresses and ports (Linux: nf_nat_inet_fn, nf_nat_setup_info).
#include "host/netfilter/nat.hpp"

#include <algorithm>

#include "host/netfilter/address_value.hpp"
#include "host/netfilter/key.hpp"
#include "host/netfilter/nat_packet.hpp"
#include "host/netfilter/program.hpp"

namespace host::netfilter {
namespace {

constexpr Interval kAnyPort{1, 65'535};
/// Linux: the ports of one range that are tried at most.
constexpr std::size_t kAttempts = 128;

Manipulation manipulation_at(Hook hook) {
  return hook == Hook::prerouting || hook == Hook::output ? Manipulation::destination : Manipulation::source;
}

std::uint32_t done_bit(Manipulation which) {
  return which == Manipulation::source ? ct_status::kSourceNatDone : ct_status::kDestinationNatDone;
}

std::uint32_t nat_bit(Manipulation which) {
  return which == Manipulation::source ? ct_status::kSourceNat : ct_status::kDestinationNat;
}

Manipulation opposite(Manipulation which) {
  return which == Manipulation::source ? Manipulation::destination : Manipulation::source;
}

headers::IpAddress& address(Tuple& tuple, Manipulation which) {
  return which == Manipulation::source ? tuple.source : tuple.destination;
}

/// The number that may be changed: of an echo its identifier, whichever end.
std::uint16_t& port(Tuple& tuple, Manipulation which) {
  return which == Manipulation::source || is_icmp(tuple) ? tuple.source_port : tuple.destination_port;
}

/// Ports that are as privileged as the original one (Linux: nf_nat_l4proto_unique_tuple).
Interval alike(std::uint16_t port) {
  if (port < 512) {
    return {1, 511};
  }
  return port < 1'024 ? Interval{600, 1'023} : Interval{1'024, 65'535};
}

bool has_ports(const Tuple& tuple) {
  return tuple.protocol == kTcp || tuple.protocol == kUdp || is_icmp(tuple);
}

bool sees(const EntryPoint& chain, bool ipv6) {
  return chain.family == Family::inet || chain.family == (ipv6 ? Family::ip6 : Family::ip);
}

}  // namespace

void Nat::unhook() {
  for (const unsigned id : registered_) {
    hooks_.remove(id);
  }
  for (const unsigned id : registered6_) {
    hooks6_.remove(id);
  }
  registered_.clear();
  registered6_.clear();
}

void Nat::use(std::vector<const EntryPoint*> chains, PacketLog& log) {
  unhook();
  log_ = &log;
  for (auto& at_hook : chains_) {
    at_hook.clear();
  }
  std::stable_sort(chains.begin(), chains.end(),
                   [](const EntryPoint* a, const EntryPoint* b) { return a->base.priority < b->base.priority; });
  bool ipv4 = false;
  bool ipv6 = false;
  for (const EntryPoint* chain : chains) {
    chains_[static_cast<std::size_t>(chain->base.hook)].push_back(chain);
    ipv4 = ipv4 || sees(*chain, false);
    ipv6 = ipv6 || sees(*chain, true);
  }
  if (ipv4) {
    hook_up(hooks_, registered_);
  }
  if (ipv6) {
    hook_up(hooks6_, registered6_);
  }
}

void Nat::hook_up(Hooks& hooks, std::vector<unsigned>& registered) {
  for (const Hook hook : {Hook::prerouting, Hook::input, Hook::output, Hook::postrouting}) {
    const int at =
        manipulation_at(hook) == Manipulation::destination ? priority::kDestinationNat : priority::kSourceNat;
    registered.push_back(hooks.add(hook, at, [this](HookCall& call, skb::Skb& skb) { return translate(call, skb); }));
  }
}

Verdict Nat::translate(HookCall& call, skb::Skb& skb) {
  Connection* connection = connection_of(*skb);
  if (connection == nullptr) {
    return Verdict::accept;
  }
  const Manipulation which = manipulation_at(call.hook);
  const Direction direction = direction_of(*skb);
  // What happened to one end of the original packet happens to the other end of a reply.
  const std::uint32_t changed = nat_bit(direction == Direction::original ? which : opposite(which));
  const Tuple& other_way = connection->tuple(opposite(direction));
  if ((skb->nfctinfo & ct_state::kRelated) != 0) {
    const bool fine = !connection->has(changed) || translate_icmp_error(*skb, other_way, which);
    return fine ? Verdict::accept : Verdict::drop;
  }
  if ((skb->nfctinfo & ct_state::kNew) != 0 && !connection->has(done_bit(which))) {
    const Verdict verdict = bind(call, *skb, *connection, which);
    if (verdict != Verdict::accept) {
      return verdict;
    }
  }
  if (!connection->has(changed)) {
    return Verdict::accept;
  }
  const auto target = inverted(other_way);
  return target && translate_packet(*skb, *target, which) ? Verdict::accept : Verdict::drop;
}

Verdict Nat::bind(HookCall& call, skb::SkBuff& skb, Connection& connection, Manipulation which) {
  const bool ipv6 = connection.tuple(Direction::original).ipv6;
  for (const EntryPoint* chain : chains_[static_cast<std::size_t>(call.hook)]) {
    if (!sees(*chain, ipv6)) {
      continue;
    }
    call.nat = nullptr;
    if (evaluate(*chain, skb, call, *log_) == Verdict::drop) {
      return Verdict::drop;
    }
    if (call.nat == nullptr) {
      continue;
    }
    const auto range = range_of(*call.nat, call, connection);
    if (!range) {
      return Verdict::drop;
    }
    set_up(connection, *range, which, call.now);
    return Verdict::accept;
  }
  set_up(connection, {}, which, call.now);  // no rule: only out of others' way
  return Verdict::accept;
}

std::optional<NatRange> Nat::range_of(const NatStatement& statement, const HookCall& call,
                                      const Connection& connection) const {
  NatRange range{.addresses = statement.addresses,
                 .ports = statement.ports,
                 .random = statement.random,
                 .persistent = statement.persistent};
  const Tuple& original = connection.tuple(Direction::original);
  const auto from_device = [&](const device::NetDevice* device) {
    const DeviceAddress& address = original.ipv6 ? device_address6_ : device_address_;
    const auto own = device != nullptr && address ? address(*device, original.destination) : std::nullopt;
    if (own) {
      range.addresses = Interval{address_value(*own, original.ipv6), address_value(*own, original.ipv6)};
    }
    return own.has_value();
  };
  if (statement.kind == NatKind::masquerade && !from_device(call.out)) {
    return std::nullopt;
  }
  if (statement.kind == NatKind::redirect) {
    if (call.hook == Hook::output) {
      constexpr Value kLoopback = 0x7f00'0001;
      const Value here = original.ipv6 ? Value{1} : kLoopback;
      range.addresses = Interval{here, here};
    } else if (!from_device(call.in)) {
      return std::nullopt;
    }
  }
  return range;
}

void Nat::set_up(Connection& connection, const NatRange& range, Manipulation which, platform::Nanoseconds now) {
  const auto current = inverted(connection.tuple(Direction::reply));
  INVARIANT(current.has_value(), "a connection without a way back");
  const Tuple bound = unique_tuple(connection, *current, range, which, now);
  if (bound != *current) {
    connection.tuple(Direction::reply) = inverted(bound).value();
    connection.status |= nat_bit(which);
  }
  connection.status |= done_bit(which);
}

bool Nat::taken(const Connection& connection, const Tuple& tuple, platform::Nanoseconds now) {
  const auto reply = inverted(tuple);
  const auto found = reply ? conntrack_.find(*reply, now) : std::nullopt;
  return found && found->connection != &connection;
}

Tuple Nat::unique_tuple(const Connection& connection, const Tuple& current, const NatRange& range, Manipulation which,
                        platform::Nanoseconds now) {
  Tuple tuple = current;
  const std::uint64_t random = hash_of(current, seed_);
  if (range.addresses && !range.addresses->contains(address_value(address(tuple, which), tuple.ipv6))) {
    // Of a range with more addresses than 64 bits count, those at its beginning.
    const Value width = range.addresses->high - range.addresses->low;
    const std::uint64_t size = width < UINT64_MAX ? static_cast<std::uint64_t>(width) + 1 : UINT64_MAX;
    // Persistent: one client has one address, whomever it talks to.
    const Tuple client{.source = current.source, .destination = {}, .ipv6 = current.ipv6};
    const std::uint64_t pick = range.persistent ? hash_of(client, seed_) : random;
    address(tuple, which) = ip_address(range.addresses->low + pick % size, tuple.ipv6);
  }
  if (!has_ports(tuple)) {
    return tuple;
  }
  const bool in_range = !range.ports || range.ports->contains(port(tuple, which));
  if (in_range && !range.random && !taken(connection, tuple, now)) {
    return tuple;
  }
  // Only a rule moves a service to another port.
  if (which == Manipulation::destination && !range.ports) {
    return tuple;
  }
  const Interval ports = range.ports ? *range.ports : is_icmp(tuple) ? kAnyPort : alike(port(tuple, which));
  const auto size = static_cast<std::uint64_t>(ports.high - ports.low) + 1;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(size, kAttempts); ++i) {
    port(tuple, which) = static_cast<std::uint16_t>(ports.low + (random + i) % size);
    if (!taken(connection, tuple, now)) {
      break;
    }
  }
  return tuple;  // when all are taken the connection will not be confirmed
}

}  // namespace host::netfilter
