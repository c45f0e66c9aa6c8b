// SPDX-License-Identifier: Apache-2.0
// A packet larger than the MTU leaves in pieces (Linux: ip_fragment, ip_do_fragment; RFC 791 section 3.2).
#include "host/ip/ip_fragment.hpp"

#include <algorithm>

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

/// Where one piece's bytes come from, and where they belong.
struct Piece {
  Bytes header;
  Bytes payload;
  std::size_t offset = 0;
  bool more = false;
  bool dont_fragment = false;
};

skb::Skb build(IpLayer& ip, kernel::Cpu& cpu, const skb::SkBuff& whole, const Piece& piece) {
  skb::Skb packet = make_piece(cpu, ip.net.pool(), whole, piece.header, piece.payload);
  if (packet == nullptr) {
    return nullptr;
  }
  const MutableBytes header = packet->writable().first(piece.header.size());
  if (piece.offset != 0) {
    blank_uncopied_options(header.subspan(headers::kIpv4HeaderBytes));
  }
  base::store_be16(header, 2, static_cast<std::uint16_t>(packet->len()));
  base::store_be16(header, 6,
                   static_cast<std::uint16_t>(piece.offset / 8 | (piece.more ? kMoreFragments : 0U) |
                                              (piece.dont_fragment ? kDontFragment : 0U)));
  ip_send_check(header);
  return packet;
}

base::Result<void> send_pieces(IpLayer& ip, kernel::Cpu& cpu, skb::SkBuff& whole, const OutputRoute& route) {
  const Ipv4View view = Ipv4View::parse_quoted(whole.bytes()).value();
  const Bytes header = view.packet().first(view.header_bytes());
  const IpControl was = ip_control(whole);
  const std::size_t mtu = was.frag_max_size != 0 ? std::min<std::size_t>(was.frag_max_size, route.mtu) : route.mtu;
  const std::size_t room = mtu > header.size() ? (mtu - header.size()) & ~std::size_t{7} : 0;
  if (room == 0) {
    return Errno::message_size;
  }
  for (Bytes left = view.payload(); !left.empty();) {
    const std::size_t taken = left.size() + header.size() > mtu ? room : left.size();
    const std::size_t offset = view.fragment_offset() + view.payload().size() - left.size();
    const Piece piece{header, left.first(taken), offset, left.size() > taken || view.more_fragments(), was.frag_pmtu};
    skb::Skb packet = build(ip, cpu, whole, piece);
    if (packet == nullptr) {
      return Errno::no_memory;
    }
    if (!piece.more) {
      packet->owner = std::move(whole.owner);
    }
    ++ip.counters.frag_creates;
    const auto sent = ip_finish_output(ip, cpu, std::move(packet), route);
    if (!sent.ok()) {
      return sent;
    }
    left = left.subspan(taken);
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
  auto done = prepare_for_pieces(*skb);
  if (done.ok()) {
    done = send_pieces(ip, cpu, *skb, route);
  }
  if (done.ok()) {
    ++ip.counters.frag_oks;
    return done;
  }
  ++ip.counters.frag_fails;
  const bool too_small = done.error() == Errno::message_size;
  drop(cpu, std::move(skb), too_small ? DropReason::ip_too_big : DropReason::ip_fragment_failed);
  return done;
}

}  // namespace host::ip
