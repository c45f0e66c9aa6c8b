// SPDX-License-Identifier: Apache-2.0
// A packet larger than the MTU leaves in pieces (Linux: ip_fragment, ip_do_fragment; RFC 791 section 3.2).
#include "host/ip/ip_fragment.hpp"

#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/ip/fragment_piece.hpp"
#include "host/ip/icmp_send.hpp"
#include "host/ip/ip_control.hpp"
#include "host/ip/ip_options.hpp"
#include "host/ip/ip_output.hpp"

namespace host::ip {

using base::DropReason;
using base::Errno;
using headers::Bytes;
using headers::Ipv4View;
using headers::MutableBytes;

namespace {

constexpr unsigned kMoreFragments = 0x2000;
constexpr unsigned kDontFragment = 0x4000;
constexpr std::uint8_t kNoOperation = 1;
constexpr unsigned kCopied = 0x80;
constexpr std::uint32_t kEthernetHeaderBytes = 14;

/// Options that belong into the first piece alone become padding. Linux: ip_options_fragment.
void blank_uncopied_options(MutableBytes options) {
  while (!options.empty()) {
    const std::uint8_t kind = base::load_u8(options, 0);
    if (kind == 0) {
      return;
    }
    const std::size_t length = kind == kNoOperation || options.size() < 2 ? 1 : base::load_u8(options, 1);
    if (length == 0 || length > options.size()) {
      return;
    }
    if ((kind & kCopied) == 0) {
      std::fill_n(options.begin(), length, std::byte{kNoOperation});
    }
    options = options.subspan(length);
  }
}

/// What all pieces of a packet have in common.
struct Common {
  std::array<std::byte, headers::kIpv4HeaderBytesMost> header{};
  std::size_t header_bytes = 0;
  std::uint32_t offset = 0;  // of the packet, which may be a fragment itself
  bool more = false;
  bool dont_fragment = false;
};

Common common_of(const skb::SkBuff& whole) {
  const Ipv4View view = Ipv4View::parse_quoted(whole.bytes()).value();
  Common common{.header_bytes = view.header_bytes(),
                .offset = view.fragment_offset(),
                .more = view.more_fragments(),
                .dont_fragment = ip_control(whole).frag_pmtu};
  std::ranges::copy(view.packet().first(view.header_bytes()), common.header.begin());
  return common;
}

void write_header(const Common& common, const Pieces::Piece& piece) {
  const std::uint32_t offset = common.offset + piece.offset;
  const MutableBytes header = piece.packet->push(static_cast<std::uint32_t>(common.header_bytes));
  std::copy_n(common.header.begin(), common.header_bytes, header.begin());
  if (offset != 0) {
    blank_uncopied_options(header.subspan(headers::kIpv4HeaderBytes));
  }
  base::store_be16(header, 2, static_cast<std::uint16_t>(piece.packet->len()));
  base::store_be16(header, 6,
                   static_cast<std::uint16_t>(offset / 8 | (!piece.last || common.more ? kMoreFragments : 0U) |
                                              (common.dont_fragment ? kDontFragment : 0U)));
  ip_send_check(header);
  piece.packet->reset_network_header();
}

base::Result<void> send_pieces(IpLayer& ip, kernel::Cpu& cpu, Pieces& pieces, const Common& common,
                               const OutputRoute& route) {
  while (!pieces.done()) {
    Pieces::Piece piece = pieces.next(cpu);
    if (piece.packet == nullptr) {
      return Errno::no_memory;
    }
    write_header(common, piece);
    ++ip.counters.frag_creates;
    const auto sent = ip_finish_output(ip, cpu, std::move(piece.packet), route);
    if (!sent.ok()) {
      return sent;
    }
  }
  return {};
}

}  // namespace

base::Result<void> ip_fragment(IpLayer& ip, kernel::Cpu& cpu, skb::Skb skb, const OutputRoute& route) {
  const std::uint32_t came_in = ip_control(*skb).frag_max_size;
  const bool may_leave_so = came_in != 0 && came_in <= route.mtu;
  if (!may_leave_so && Ipv4View::parse_quoted(skb->bytes()).value().dont_fragment()) {
    ++ip.counters.frag_fails;
    icmp_send(ip, cpu, *skb, fragmentation_needed(route.mtu));
    drop(cpu, std::move(skb), DropReason::ip_too_big);
    return Errno::message_size;
  }
  const std::uint32_t mtu = came_in != 0 ? std::min(came_in, route.mtu) : route.mtu;
  const Common common = common_of(*skb);
  const auto header_bytes = static_cast<std::uint32_t>(common.header_bytes);
  if (mtu < header_bytes + 8) {
    ++ip.counters.frag_fails;
    drop(cpu, std::move(skb), DropReason::ip_too_big);
    return Errno::message_size;
  }
  if (const auto prepared = prepare_for_pieces(*skb); !prepared.ok()) {
    ++ip.counters.frag_fails;
    drop(cpu, std::move(skb), DropReason::ip_fragment_failed);
    return prepared;
  }
  Pieces pieces(std::move(skb), {header_bytes, header_bytes + kEthernetHeaderBytes, mtu - header_bytes});
  const auto done = send_pieces(ip, cpu, pieces, common, route);
  ++(done.ok() ? ip.counters.frag_oks : ip.counters.frag_fails);
  if (!done.ok()) {
    pieces.drop_rest(cpu, DropReason::ip_fragment_failed);
  }
  return done;
}

}  // namespace host::ip
