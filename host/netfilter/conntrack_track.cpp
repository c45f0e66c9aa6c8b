// SPDX-License-Identifier: Apache-2.0
// A packet finds its connection or begins one (Linux: nf_conntrack_in, nf_conntrack_confirm).
#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/headers/checksum.hpp"
#include "host/headers/icmp.hpp"
#include "host/netfilter/conntrack.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {

using headers::Ipv4View;
using platform::Nanoseconds;

namespace {

constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kSynAckRst = 0x16;
constexpr std::size_t kTcpFlags = 13;
/// UDP that talks both ways for longer is a stream (Linux: udp_packet).
constexpr Nanoseconds kStreamAge = 2'000'000'000;

/// A request that may begin a connection (Linux: icmp_new).
bool is_request(const Tuple& tuple) {
  const unsigned type = tuple.destination_port >> 8;
  return type == 8 || type == 13 || type == 15 || type == 17;
}

/// A fresh SYN over a connection that has ended makes a new one.
bool reopens(const Connection& connection, const Ipv4View& packet) {
  const bool ended = connection.tcp == TcpState::time_wait || connection.tcp == TcpState::close;
  return ended && packet.payload().size() > kTcpFlags &&
         (base::load_u8(packet.payload(), kTcpFlags) & kSynAckRst) == kSyn;
}

}  // namespace

Verdict Conntrack::track(HookCall& call, skb::Skb& skb) {
  if (skb->nfct || skb->nfctinfo == ct_state::kUntracked) {
    return Verdict::accept;  // our own, back from the loopback device
  }
  ++call.tracked;
  const Ipv4View packet = Ipv4View::parse_quoted(skb->bytes()).value();
  skb->nfctinfo = ct_state::kInvalid;
  if (static_cast<std::uint8_t>(packet.protocol()) == kIcmp && track_icmp_error(call, *skb, packet)) {
    return Verdict::accept;
  }
  const auto tuple = packet.more_fragments() ? std::nullopt : tuple_of(packet);
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
    if (tuple->protocol == kIcmp && !is_request(*tuple)) {
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

bool Conntrack::checksum_ok(HookCall& call, const skb::SkBuff& skb, const Ipv4View& packet) const {
  const bool to_check = settings_.checksum.value != 0 && call.hook == Hook::prerouting &&
                        skb.ip_summed == skb::IpSummed::none && !packet.is_fragment();
  if (!to_check) {
    return true;
  }
  const headers::Bytes payload = packet.payload();
  const auto bytes = static_cast<std::uint16_t>(packet.total_length() - packet.header_bytes());
  const auto protocol = static_cast<std::uint8_t>(packet.protocol());
  const bool summed = protocol == kTcp || protocol == kIcmp || (protocol == kUdp && base::load_be16(payload, 6) != 0);
  if (!summed) {
    return true;
  }
  call.checksum_bytes += bytes;
  auto sum = protocol == kIcmp ? base::ChecksumSum{}
                               : headers::pseudo_header(packet.source(), packet.destination(), protocol, bytes);
  sum.add(payload);
  std::size_t rest = bytes - payload.size();
  for (const skb::Fragment& fragment : skb.fragments()) {
    const headers::Bytes part = fragment.bytes().first(std::min<std::size_t>(rest, fragment.length));
    sum.add(part);
    rest -= part.size();
  }
  return sum.checksum() == 0;
}

bool Conntrack::track_icmp_error(HookCall& call, skb::SkBuff& skb, const Ipv4View& packet) {
  const auto message = headers::IcmpView::parse(packet.payload());
  using headers::IcmpType;
  const bool reports = message && packet.fragment_offset() == 0 &&
                       (message->type() == IcmpType::destination_unreachable ||
                        message->type() == IcmpType::source_quench || message->type() == IcmpType::redirect ||
                        message->type() == IcmpType::time_exceeded || message->type() == IcmpType::parameter_problem);
  if (!reports) {
    return false;
  }
  const auto quoted = Ipv4View::parse_quoted(message->payload());
  const auto inner = quoted ? tuple_of(*quoted) : std::nullopt;
  // The packet that is reported went one way; the report comes the other way.
  const auto way_back = inner ? inverted(*inner) : std::nullopt;
  const auto found = way_back && checksum_ok(call, skb, packet) ? find(*way_back, call.now) : std::nullopt;
  if (!found) {
    ++stats(call).icmp_error;
    ++stats(call).invalid;
    return true;
  }
  attach(skb, *found->connection, found->direction, ct_state::kRelated);
  return true;
}

bool Conntrack::update(HookCall& call, Connection& connection, Direction direction, const Ipv4View& packet) {
  switch (static_cast<std::uint8_t>(packet.protocol())) {
    case kTcp:
      return update_tcp(connection, direction, packet.payload(), call.now);
    case kUdp: {
      const bool stream = connection.has(ct_status::kSeenReply) && call.now >= connection.stream_since;
      connection.status |= stream ? ct_status::kAssured : 0U;
      refresh(connection, seconds(stream ? settings_.udp_timeout_stream : settings_.udp_timeout), call.now);
      return true;
    }
    case kIcmp:
      refresh(connection, seconds(settings_.icmp_timeout), call.now);
      return true;
    default:
      refresh(connection, seconds(settings_.generic_timeout), call.now);
      return true;
  }
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
