// SPDX-License-Identifier: Apache-2.0
// A packet finds its connection or begins one (Linux: nf_conntrack_in, nf_conntrack_confirm).
#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/icmp6.hpp"
#include "host/netfilter/conntrack.hpp"
#include "host/netfilter/key.hpp"
#include "host/skb/skb_runs.hpp"

namespace host::netfilter {

using platform::Nanoseconds;

namespace {

constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kSynAckRst = 0x16;
constexpr std::size_t kTcpFlags = 13;
/// UDP that talks both ways for longer is a stream (Linux: udp_packet).
constexpr Nanoseconds kStreamAge = 2'000'000'000;

/// Neighbours, routers and listeners speak without connections (Linux: noct_valid_new).
bool speaks_on_link(const PacketView& packet) {
  using headers::Icmp6Type;
  if (!packet.is_ipv6() || packet.protocol() != kIcmp6 || packet.transport().empty()) {
    return false;
  }
  const Icmp6Type type{base::load_u8(packet.transport(), 0)};
  return type == Icmp6Type::multicast_listener_report_v2 ||
         (type >= Icmp6Type::multicast_listener_query && type <= Icmp6Type::neighbor_advertisement);
}

/// An ICMP message that is about another packet.
bool reports(const PacketView& packet) {
  using headers::IcmpType;
  if (packet.is_fragment() || packet.transport().size() < headers::kIcmpHeaderBytes) {
    return false;
  }
  const std::uint8_t type = base::load_u8(packet.transport(), 0);
  if (packet.is_ipv6()) {
    return packet.protocol() == kIcmp6 && is_icmp6_error(headers::Icmp6Type{type});
  }
  constexpr std::array kErrors = {IcmpType::destination_unreachable, IcmpType::source_quench, IcmpType::redirect,
                                  IcmpType::time_exceeded, IcmpType::parameter_problem};
  return packet.protocol() == kIcmp && std::find(kErrors.begin(), kErrors.end(), IcmpType{type}) != kErrors.end();
}

/// A fresh SYN over a connection that has ended makes a new one.
bool reopens(const Connection& connection, const PacketView& packet) {
  const bool ended = connection.tcp == TcpState::time_wait || connection.tcp == TcpState::close;
  return ended && packet.transport().size() > kTcpFlags &&
         (base::load_u8(packet.transport(), kTcpFlags) & kSynAckRst) == kSyn;
}

}  // namespace

Verdict Conntrack::track(HookCall& call, skb::Skb& skb) {
  if (skb->nfct || skb->nfctinfo == ct_state::kUntracked) {
    return Verdict::accept;  // our own, back from the loopback device
  }
  ++call.tracked;
  const PacketView packet = PacketView::parse(skb->bytes()).value();
  skb->nfctinfo = speaks_on_link(packet) ? ct_state::kUntracked : ct_state::kInvalid;
  if (skb->nfctinfo == ct_state::kUntracked) {
    return Verdict::accept;
  }
  if (reports(packet)) {
    track_icmp_error(call, *skb, packet);
    return Verdict::accept;
  }
  const auto tuple = packet.is_fragment() ? std::nullopt : tuple_of(packet);
  const auto back = tuple ? inverted(*tuple) : std::nullopt;
  if (!back || !checksum_ok(call, *skb, packet)) {
    ++stats(call).invalid;
    return Verdict::accept;
  }
  auto found = find(*tuple, call.now);
  if (found && tuple->protocol == kTcp && reopens(*found->connection, packet)) {
    remove(*found->connection);
    found.reset();
  }
  if (found) {
    ++stats(call).found;
    const bool answered = found->direction == Direction::reply || found->connection->has(ct_status::kSeenReply);
    const bool related = !answered && found->connection->has(ct_status::kExpected);
    attach(*skb, *found->connection, found->direction,
           answered  ? ct_state::kEstablished
           : related ? ct_state::kRelated
                     : ct_state::kNew);
  } else {
    if (is_icmp(*tuple) && !is_icmp_request(*tuple)) {
      ++stats(call).invalid;
      return Verdict::accept;
    }
    Connection* fresh = begin(call, *tuple, *back);
    if (fresh == nullptr) {
      ++stats(call).drop;
      return Verdict::drop;
    }
    attach(*skb, *fresh, Direction::original, ct_state::kNew);
  }
  Connection& connection = *connection_of(*skb);
  const Direction direction = direction_of(*skb);
  if (!update(call, connection, direction, packet)) {
    ++stats(call).invalid;
    skb->nfct = {};
    skb->nfctinfo = ct_state::kInvalid;
    return Verdict::accept;
  }
  if (settings_.acct.value != 0) {
    ++connection.packets[static_cast<std::size_t>(direction)];
    connection.bytes[static_cast<std::size_t>(direction)] += skb->len();
  }
  if (direction == Direction::reply) {
    connection.status |= ct_status::kSeenReply;
  }
  return Verdict::accept;
}

void Conntrack::attach(skb::SkBuff& skb, Connection& connection, Direction direction, std::uint8_t state) {
  skb.nfct = skb::AttachmentRef(&connection);
  skb.nfctinfo = static_cast<std::uint8_t>(state | (direction == Direction::reply ? kReplyPacket : 0U));
}

Connection* Conntrack::begin(HookCall& call, const Tuple& original, const Tuple& reply) {
  const auto most = static_cast<std::size_t>(settings_.max.value);
  if (most != 0 && count() >= most) {
    if (buckets_.empty() || !early_drop(bucket_of(original), call.now)) {
      return nullptr;
    }
    ++stats(call).early_drop;
  }
  auto* connection = new Connection(*this);  // its first packet's, which attach() gives it to
  connection->tuples = {original, reply};
  connection->stream_since = call.now + kStreamAge;
  connection->unconfirmed_ = unconfirmed_.size();
  unconfirmed_.push_back(connection);
  return connection;
}

bool Conntrack::checksum_ok(HookCall& call, const skb::SkBuff& skb, const PacketView& packet) const {
  const bool to_check = settings_.checksum.value != 0 && call.hook == Hook::prerouting &&
                        skb.ip_summed == skb::IpSummed::none && !packet.is_fragment();
  if (!to_check) {
    return true;
  }
  const headers::Bytes payload = packet.transport();
  const auto bytes = static_cast<std::uint32_t>(packet.transport_bytes());
  const std::uint8_t protocol = packet.protocol();
  const bool icmp = !packet.is_ipv6() && protocol == kIcmp;
  const bool summed = protocol == kTcp || icmp || (packet.is_ipv6() && protocol == kIcmp6) ||
                      (protocol == kUdp && base::load_be16(payload, 6) != 0);
  if (!summed) {
    return true;
  }
  call.checksum_bytes += bytes;
  auto sum = icmp               ? base::ChecksumSum{}
             : packet.is_ipv6() ? headers::pseudo_header(packet.source().value, packet.destination().value,
                                                         headers::NextHeader{protocol}, bytes)
                                : headers::pseudo_header(packet.source().ipv4(), packet.destination().ipv4(), protocol,
                                                         static_cast<std::uint16_t>(bytes));
  skb::add_sum(sum, skb, static_cast<std::uint32_t>(packet.transport_at()), bytes);
  return sum.checksum() == 0;
}

void Conntrack::track_icmp_error(HookCall& call, skb::SkBuff& skb, const PacketView& packet) {
  const auto quoted = PacketView::parse(packet.transport().subspan(headers::kIcmpHeaderBytes));
  const auto inner = quoted && quoted->is_ipv6() == packet.is_ipv6() ? tuple_of(*quoted) : std::nullopt;
  // The packet that is reported went one way; the report comes the other way.
  const auto way_back = inner ? inverted(*inner) : std::nullopt;
  const auto found = way_back && checksum_ok(call, skb, packet) ? find(*way_back, call.now) : std::nullopt;
  if (!found) {
    ++stats(call).icmp_error;
    ++stats(call).invalid;
    return;
  }
  attach(skb, *found->connection, found->direction, ct_state::kRelated);
}

bool Conntrack::update(HookCall& call, Connection& connection, Direction direction, const PacketView& packet) {
  switch (packet.protocol()) {
    case kTcp:
      return update_tcp(connection, direction, packet.transport(), call.now);
    case kUdp: {
      const bool stream = connection.has(ct_status::kSeenReply) && call.now >= connection.stream_since;
      connection.status |= stream ? ct_status::kAssured : 0U;
      refresh(connection, seconds(stream ? settings_.udp_timeout_stream : settings_.udp_timeout), call.now);
      return true;
    }
    default:
      break;
  }
  const bool icmp = is_icmp(connection.tuple(Direction::original));
  const kernel::Sysctl& timeout = !icmp              ? settings_.generic_timeout
                                  : packet.is_ipv6() ? settings_.icmpv6_timeout
                                                     : settings_.icmp_timeout;
  refresh(connection, seconds(timeout), call.now);
  return true;
}

void Conntrack::refresh(Connection& connection, Nanoseconds timeout, Nanoseconds now) {
  connection.deadline = connection.has(ct_status::kConfirmed) ? now + timeout : timeout;
}

Verdict Conntrack::confirm(HookCall& call, skb::Skb& skb) {
  Connection* connection = connection_of(*skb);
  if (connection == nullptr || connection->has(ct_status::kConfirmed)) {
    return Verdict::accept;
  }
  auto clash = find(connection->tuple(Direction::original), call.now);
  if (!clash) {
    clash = find(connection->tuple(Direction::reply), call.now);
  }
  if (clash) {
    // Two first packets raced each other: the second joins the first one's connection.
    if (clash->connection->tuples == connection->tuples) {
      ++stats(call).clashres;
      attach(*skb, *clash->connection, Direction::original, ct_state::kNew);
      return Verdict::accept;
    }
    ++stats(call).insert_failed;
    ++stats(call).drop;
    return Verdict::drop;
  }
  insert(*connection);
  connection->status |= ct_status::kConfirmed;
  connection->deadline += call.now;
  if (!gc_.armed()) {
    kernel::Cpu& cpu = kernel_.cpu(call.cpu);
    gc_.start(cpu, call.now + 1'000'000'000);
  }
  return Verdict::accept;
}

}  // namespace host::netfilter
