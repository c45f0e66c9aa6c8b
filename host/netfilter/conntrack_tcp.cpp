// SPDX-License-Identifier: Apache-2.0
// A connection's TCP state by the flags that pass (Linux: nf_conntrack_proto_tcp.c, without its windows: as with
// nf_conntrack_tcp_be_liberal).
#include "host/base/byte_order.hpp"
#include "host/netfilter/conntrack.hpp"

namespace host::netfilter {
namespace {

constexpr std::size_t kTcpHeaderBytes = 20;
enum Flag : std::uint8_t { kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10 };

/// What a segment says, its most telling flag first.
enum class Says : std::uint8_t { rst, syn, syn_ack, fin, ack, nothing };

Says says_of(std::uint8_t flags) {
  if ((flags & kRst) != 0) {
    return Says::rst;
  }
  if ((flags & kSyn) != 0) {
    return (flags & kAck) != 0 ? Says::syn_ack : Says::syn;
  }
  if ((flags & kFin) != 0) {
    return Says::fin;
  }
  return (flags & kAck) != 0 ? Says::ack : Says::nothing;
}

/// Combinations that no sender makes: none at all, SYN with FIN or RST, FIN or RST without ACK where one is due.
bool is_sane(std::uint8_t flags) {
  const unsigned telling = flags & (kFin | kSyn | kRst | kAck);
  return telling == kSyn || telling == (kSyn | kAck) || telling == kRst || telling == (kRst | kAck) ||
         telling == (kFin | kAck) || telling == kAck;
}

/// The next state; nothing: the segment does not belong here.
std::optional<TcpState> next_state(TcpState state, Direction direction, Says says) {
  const bool forth = direction == Direction::original;
  switch (says) {
    case Says::rst:
      return state == TcpState::none ? std::nullopt : std::optional(TcpState::close);
    case Says::syn:
      if (state == TcpState::none) {
        return forth ? std::optional(TcpState::syn_sent) : std::nullopt;
      }
      return state;  // a repetition, or answered by a challenge ACK
    case Says::syn_ack:
      if (state == TcpState::none) {
        return std::nullopt;
      }
      if (forth) {
        return state == TcpState::syn_sent ? std::nullopt : std::optional(state);
      }
      return state == TcpState::syn_sent ? TcpState::syn_recv : state;
    case Says::fin:
      switch (state) {
        case TcpState::none:
        case TcpState::syn_sent:
          return std::nullopt;
        case TcpState::syn_recv:
        case TcpState::established:
          return TcpState::fin_wait;
        case TcpState::fin_wait:
        case TcpState::close_wait:
          return TcpState::last_ack;
        default:
          return state;
      }
    case Says::ack:
      switch (state) {
        case TcpState::none:
          return forth ? std::optional(TcpState::established) : std::nullopt;
        case TcpState::syn_sent:
          return forth ? std::nullopt : std::optional(state);
        case TcpState::syn_recv:
          return forth ? TcpState::established : state;
        case TcpState::fin_wait:
          return TcpState::close_wait;
        case TcpState::last_ack:
          return TcpState::time_wait;
        default:
          return state;
      }
    case Says::nothing:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool Conntrack::update_tcp(Connection& connection, Direction direction, headers::Bytes segment,
                           platform::Nanoseconds now) {
  if (segment.size() < kTcpHeaderBytes) {
    return false;
  }
  const std::uint8_t flags = base::load_u8(segment, 13);
  const auto header = static_cast<std::size_t>(base::load_u8(segment, 12) >> 4U) * 4;
  if (!is_sane(flags) || header < kTcpHeaderBytes || header > segment.size()) {
    return false;
  }
  const TcpState before = connection.tcp;
  const auto after = next_state(before, direction, says_of(flags));
  const bool in_the_middle = before == TcpState::none && after == TcpState::established;
  if (!after || (in_the_middle && settings_.tcp_loose.value == 0)) {
    return false;
  }
  const bool answered = connection.has(ct_status::kSeenReply);
  if (*after == TcpState::close && !answered && connection.has(ct_status::kConfirmed)) {
    remove(connection);  // refused before it began
    return true;
  }
  connection.tcp = *after;
  if (answered && (before == TcpState::syn_recv || before == TcpState::established) &&
      *after == TcpState::established) {
    connection.status |= ct_status::kAssured;
  }
  const bool one_sided = *after == TcpState::established && !answered && direction == Direction::original;
  const kernel::Sysctl& timeout =
      one_sided ? settings_.tcp_timeout_unacknowledged : *settings_.tcp_timeouts[static_cast<std::size_t>(*after)];
  refresh(connection, seconds(timeout), now);
  return true;
}

}  // namespace host::netfilter
