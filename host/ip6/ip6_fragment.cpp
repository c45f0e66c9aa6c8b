// SPDX-License-Identifier: Apache-2.0
// A packet that is larger than the path's MTU leaves in pieces: one of ours, or one that came in pieces (Linux:
// ip6_fragment; RFC 8200 section 4.5).
#include "host/ip6/ip6_fragment.hpp"

#include <algorithm>
#include <vector>

#include "host/ip/fragment_piece.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip6/ip6_output.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;
using headers::Bytes;
using headers::Ipv6View;
using headers::NextHeader;
using ip::Pieces;

namespace {

constexpr std::size_t kFragmentHeaderBytes = 8;
constexpr std::uint32_t kUnit = 8;
constexpr std::size_t kPayloadLengthAt = 4;
constexpr std::uint32_t kNextHeaderAt = 6;
constexpr std::uint32_t kEthernetHeaderBytes = 14;
constexpr unsigned kMore = 1;

/// Nobody who has not seen one guesses the next (RFC 7739). Linux: ipv6_select_ident.
std::uint32_t choose_id(Ip6Layer& ip6) {
  const auto low = static_cast<std::uint32_t>(ip6.random());
  const auto high = static_cast<std::uint32_t>(ip6.random());
  return std::max<std::uint32_t>(low ^ high << 16U, 1);
}

/// What stays in front of the fragment header in every piece, and where it names what follows.
struct Unfragmentable {
  std::uint32_t bytes = headers::kIpv6HeaderBytes;
  std::uint32_t named_at = kNextHeaderAt;
};

/// Linux: ip6_find_1stfragopt. Headers that routers read; the packet's are in one piece.
Unfragmentable unfragmentable_of(const Ipv6View& view) {
  Unfragmentable front;
  for (auto next = view.next_header(); next == NextHeader::hop_by_hop || next == NextHeader::routing;) {
    const Bytes rest = view.packet().subspan(front.bytes);
    if (rest.size() < kUnit) {
      break;
    }
    front.named_at = front.bytes;
    front.bytes += static_cast<std::uint32_t>((base::load_u8(rest, 1) + 1U) * kUnit);
    if (front.bytes > view.packet().size()) {
      return {};
    }
    next = NextHeader{base::load_u8(rest, 0)};
  }
  return front;
}

/// The headers of one piece but for what differs from piece to piece.
std::vector<std::byte> common_headers(const Ipv6View& whole, const Unfragmentable& front, std::uint32_t id) {
  const Bytes before = whole.packet().first(front.bytes);
  std::vector<std::byte> bytes(before.begin(), before.end());
  bytes.resize(front.bytes + kFragmentHeaderBytes);
  base::store_u8(bytes, front.bytes, base::load_u8(bytes, front.named_at));
  base::store_u8(bytes, front.named_at, static_cast<std::uint8_t>(NextHeader::fragment));
  base::store_be32(bytes, front.bytes + 4, id);
  return bytes;
}

void write_headers(const Pieces::Piece& piece, Bytes common) {
  const std::uint32_t bytes = piece.packet->len();
  const auto out = piece.packet->push(static_cast<std::uint32_t>(common.size()));
  std::ranges::copy(common, out.begin());
  base::store_be16(out, kPayloadLengthAt,
                   static_cast<std::uint16_t>(common.size() - headers::kIpv6HeaderBytes + bytes));
  base::store_be16(out, common.size() - kFragmentHeaderBytes + 2,
                   static_cast<std::uint16_t>(piece.offset | (piece.last ? 0U : kMore)));
  piece.packet->reset_network_header();
}

base::Result<void> send_pieces(Ip6Layer& ip6, kernel::Cpu& cpu, Pieces& pieces, Bytes common,
                               const OutputRoute6& route) {
  while (!pieces.done()) {
    Pieces::Piece piece = pieces.next(cpu);
    if (piece.packet == nullptr) {
      return Errno::no_memory;
    }
    write_headers(piece, common);
    ++ip6.counters.frag_creates;
    const auto sent = ip6_finish_output(ip6, cpu, std::move(piece.packet), route);
    if (!sent.ok()) {
      return sent;
    }
  }
  return {};
}

base::Result<void> refuse(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, DropReason reason, Errno error) {
  ++ip6.counters.frag_fails;
  drop(cpu, std::move(skb), reason);
  return error;
}

}  // namespace

base::Result<void> ip6_fragment(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute6& route) {
  const std::uint32_t came_in = ip::ip_control(*skb).frag_max_size;
  const std::uint32_t mtu =
      came_in != 0 ? std::min(mtu_of(route), std::max(came_in, headers::kIpv6MinimumMtu)) : mtu_of(route);
  const Ipv6View view = Ipv6View::parse_quoted(skb->bytes()).value();
  const Unfragmentable front = unfragmentable_of(view);
  const auto own = static_cast<std::uint32_t>(front.bytes + kFragmentHeaderBytes);
  if (mtu < own + kUnit) {
    return refuse(ip6, cpu, std::move(skb), DropReason::ip_too_big, Errno::message_size);
  }
  const auto common = common_headers(view, front, choose_id(ip6));
  if (const auto prepared = ip::prepare_for_pieces(*skb); !prepared.ok()) {
    return refuse(ip6, cpu, std::move(skb), DropReason::ip_fragment_failed, prepared.error());
  }
  Pieces pieces(std::move(skb), {front.bytes, own + kEthernetHeaderBytes, mtu - own});
  const auto done = send_pieces(ip6, cpu, pieces, common, route);
  ++(done.ok() ? ip6.counters.frag_oks : ip6.counters.frag_fails);
  if (!done.ok()) {
    pieces.drop_rest(cpu, DropReason::ip_fragment_failed);
  }
  return done;
}

}  // namespace host::ip6
