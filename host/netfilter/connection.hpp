// SPDX-License-Identifier: Apache-2.0
// One conversation that is kept track of (Linux: struct nf_conn).
#pragma once

#include <array>

#include "host/netfilter/tuple.hpp"
#include "host/platform/cpu_platform.hpp"
#include "host/skb/skb.hpp"

namespace host::netfilter {

class Conntrack;

enum class Direction : std::uint8_t { original, reply };

[[nodiscard]] constexpr Direction opposite(Direction direction) {
  return direction == Direction::original ? Direction::reply : Direction::original;
}

/// Bits of Connection::status, with Linux's numbers (enum ip_conntrack_status).
namespace ct_status {
inline constexpr std::uint32_t kExpected = 0x001;
inline constexpr std::uint32_t kSeenReply = 0x002;
inline constexpr std::uint32_t kAssured = 0x004;
inline constexpr std::uint32_t kConfirmed = 0x008;
inline constexpr std::uint32_t kSourceNat = 0x010;
inline constexpr std::uint32_t kDestinationNat = 0x020;
inline constexpr std::uint32_t kSourceNatDone = 0x080;
inline constexpr std::uint32_t kDestinationNatDone = 0x100;
inline constexpr std::uint32_t kDying = 0x200;
}  // namespace ct_status

/// What a packet is to its connection, in `ct state`'s bits.
namespace ct_state {
inline constexpr std::uint8_t kInvalid = 1;
inline constexpr std::uint8_t kEstablished = 2;
inline constexpr std::uint8_t kRelated = 4;
inline constexpr std::uint8_t kNew = 8;
inline constexpr std::uint8_t kUntracked = 64;
}  // namespace ct_state

/// In SkBuff::nfctinfo beside those bits: the packet goes in the reply's direction.
inline constexpr std::uint8_t kReplyPacket = 0x80;

/// Linux: enum tcp_conntrack, without simultaneous opens.
enum class TcpState : std::uint8_t {
  none,
  syn_sent,
  syn_recv,
  established,
  fin_wait,
  close_wait,
  last_ack,
  time_wait,
  close,
  count
};

class Connection;
/// One direction's place in the hash table.
struct TupleLink {
  Connection* connection = nullptr;
  Direction direction{};
  TupleLink* next = nullptr;
  TupleLink** back = nullptr;  // what points here; null: not in the table
};

/// Held by the packets that belong to it and, once confirmed, by the table.
class Connection final : public skb::Attachment {
 public:
  explicit Connection(Conntrack& table) : table_(&table) {}

  [[nodiscard]] const Tuple& tuple(Direction direction) const { return tuples[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] Tuple& tuple(Direction direction) { return tuples[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] bool has(std::uint32_t bits) const { return (status & bits) != 0; }

  std::array<Tuple, 2> tuples;
  std::uint32_t status = 0;
  std::uint32_t mark = 0;
  /// Confirmed: gone at this time. Before: how long it will live from its confirmation on.
  platform::Nanoseconds deadline = 0;
  TcpState tcp = TcpState::none;
  /// UDP: when it is a stream, if it still talks both ways.
  platform::Nanoseconds stream_since = 0;
  /// By direction, when nf_conntrack_acct is on.
  std::array<std::uint64_t, 2> packets{};
  std::array<std::uint64_t, 2> bytes{};

 private:
  friend class Conntrack;
  void released() override;

  Conntrack* table_;             // null: it has gone
  std::size_t unconfirmed_ = 0;  // its place among the table's unconfirmed ones
  std::array<TupleLink, 2> links_;
  skb::AttachmentRef held_;  // the table's own reference
};

/// The connection that a packet belongs to; null when it belongs to none.
[[nodiscard]] Connection* connection_of(const skb::SkBuff& skb);
[[nodiscard]] Direction direction_of(const skb::SkBuff& skb);

}  // namespace host::netfilter
