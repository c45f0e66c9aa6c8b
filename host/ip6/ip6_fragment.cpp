// SPDX-License-Identifier: Apache-2.0
// A packet of ours that is larger than the path's MTU leaves in pieces (Linux: ip6_fragment; RFC 8200 section 4.5).
#include "host/ip6/ip6_fragment.hpp"

#include <algorithm>
#include <array>

#include "host/ip/fragment_piece.hpp"
#include "host/ip6/ip6_output.hpp"

namespace host::ip6 {

using base::DropReason;
using base::Errno;
using headers::Bytes;
using headers::Ipv6View;

namespace {

constexpr std::size_t kFragmentHeaderBytes = 8;
constexpr std::size_t kHeadersBytes = headers::kIpv6HeaderBytes + kFragmentHeaderBytes;
constexpr unsigned kMore = 1;

/// Nobody who has not seen one guesses the next (RFC 7739). Linux: ipv6_select_ident.
std::uint32_t choose_id(Ip6Layer& ip6) {
  const auto low = static_cast<std::uint32_t>(ip6.random());
  const auto high = static_cast<std::uint32_t>(ip6.random());
  return std::max<std::uint32_t>(low ^ high << 16U, 1);
}

/// The headers of one piece but for what differs from piece to piece.
std::array<std::byte, kHeadersBytes> common_headers(const Ipv6View& whole, std::uint32_t id) {
  std::array<std::byte, kHeadersBytes> bytes{};
  std::ranges::copy(whole.packet().first(headers::kIpv6HeaderBytes), bytes.begin());
  base::store_u8(bytes, 6, static_cast<std::uint8_t>(headers::NextHeader::fragment));
  base::store_u8(bytes, headers::kIpv6HeaderBytes, static_cast<std::uint8_t>(whole.next_header()));
  base::store_be32(bytes, headers::kIpv6HeaderBytes + 4, id);
  return bytes;
}

base::Result<void> send_pieces(Ip6Layer& ip6, kernel::Cpu& cpu, skb::SkBuff& whole, const OutputRoute6& route) {
  const Ipv6View view = Ipv6View::parse_quoted(whole.bytes()).value();
  const std::uint32_t mtu = mtu_of(route);
  const std::size_t room = mtu > kHeadersBytes ? (mtu - kHeadersBytes) & ~std::size_t{7} : 0;
  if (room == 0) {
    return Errno::message_size;
  }
  auto headers = common_headers(view, choose_id(ip6));
  for (Bytes left = view.payload(); !left.empty();) {
    const std::size_t taken = left.size() + kHeadersBytes > mtu ? room : left.size();
    const std::size_t offset = view.payload().size() - left.size();
    base::store_be16(headers, 4, static_cast<std::uint16_t>(taken + kFragmentHeaderBytes));
    base::store_be16(headers, headers::kIpv6HeaderBytes + 2,
                     static_cast<std::uint16_t>(offset | (left.size() > taken ? kMore : 0U)));
    skb::Skb packet = ip::make_piece(cpu, ip6.net.pool(), whole, headers, left.first(taken));
    if (packet == nullptr) {
      return Errno::no_memory;
    }
    if (left.size() == taken) {
      packet->owner = std::move(whole.owner);
    }
    ++ip6.counters.frag_creates;
    const auto sent = ip6_finish_output(ip6, cpu, std::move(packet), route);
    if (!sent.ok()) {
      return sent;
    }
    left = left.subspan(taken);
  }
  return {};
}

}  // namespace

base::Result<void> ip6_fragment(Ip6Layer& ip6, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute6& route) {
  auto done = ip::prepare_for_pieces(*skb);
  if (done.ok()) {
    done = send_pieces(ip6, cpu, *skb, route);
  }
  if (done.ok()) {
    ++ip6.counters.frag_oks;
    return done;
  }
  ++ip6.counters.frag_fails;
  const bool too_small = done.error() == Errno::message_size;
  drop(cpu, std::move(skb), too_small ? DropReason::ip_too_big : DropReason::ip_fragment_failed);
  return done;
}

}  // namespace host::ip6
