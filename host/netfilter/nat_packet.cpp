// SPDX-License-Identifier: Apache-2.0
// Addresses and ports in place; checksums follow by RFC 1624.
#include "host/netfilter/nat_packet.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/icmp.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

using headers::Ipv4View;
using headers::MutableBytes;

constexpr std::size_t kIpChecksum = 10;
constexpr std::size_t kSourceAddress = 12;
constexpr std::size_t kDestinationAddress = 16;

/// A checksum field, how it is kept, and what changes below it.
class ChecksumField {
 public:
  enum class Kind : std::uint8_t {
    plain,
    /// 0 says that there is none, and a sum of 0 is written as 0xffff (RFC 768).
    udp,
    /// The sum of the pseudo header, not complemented: the device does the rest.
    partial,
  };
  ChecksumField(MutableBytes bytes, std::size_t at, Kind kind)
      : bytes_(bytes), at_(at), kind_(kind), value_(base::load_be16(bytes, at)) {}

  void word(std::uint16_t before, std::uint16_t after) {
    if (kind_ == Kind::partial) {
      const auto sum = static_cast<std::uint16_t>(~value_);
      value_ = static_cast<std::uint16_t>(~base::checksum_update(sum, before, after));
    } else {
      value_ = base::checksum_update(value_, before, after);
    }
  }
  void address(std::uint32_t before, std::uint32_t after) {
    word(static_cast<std::uint16_t>(before >> 16), static_cast<std::uint16_t>(after >> 16));
    word(static_cast<std::uint16_t>(before), static_cast<std::uint16_t>(after));
  }
  void store() {
    const bool none = kind_ == Kind::udp && base::load_be16(bytes_, at_) == 0;
    if (!none) {
      base::store_be16(bytes_, at_, kind_ == Kind::udp && value_ == 0 ? std::uint16_t{0xffff} : value_);
    }
  }
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  MutableBytes bytes_;
  std::size_t at_;
  Kind kind_;
  std::uint16_t value_;
};

/// Where a transport keeps its checksum; nothing: it has none that covers addresses, or it is cut off.
std::optional<std::size_t> checksum_offset(std::uint8_t protocol, std::size_t available) {
  const std::size_t at = protocol == kTcp ? 16 : 6;
  const bool known = protocol == kTcp || protocol == kUdp;
  return known && at + 2 <= available ? std::optional(at) : std::nullopt;
}

void change_port(MutableBytes transport, std::size_t at, std::uint16_t to, ChecksumField* checksum) {
  const std::uint16_t before = base::load_be16(transport, at);
  base::store_be16(transport, at, to);
  // The device adds the ports up itself.
  if (checksum != nullptr && checksum->kind() != ChecksumField::Kind::partial) {
    checksum->word(before, to);
  }
}

void change_echo_id(MutableBytes message, std::uint16_t to) {
  constexpr std::size_t kId = 4;
  constexpr std::size_t kChecksum = 2;
  const std::uint16_t before = base::load_be16(message, kId);
  base::store_be16(message, kId, to);
  base::store_be16(message, kChecksum, base::checksum_update(base::load_be16(message, kChecksum), before, to));
}

/// The IPv4 packet in `bytes` (perhaps a quote, cut short) gets the tuple's end.
void change(MutableBytes bytes, const Ipv4View& packet, const Tuple& to, Manipulation which, bool partial) {
  const bool source = which == Manipulation::source;
  const std::size_t at = source ? kSourceAddress : kDestinationAddress;
  const std::uint32_t before = base::load_be32(bytes, at);
  const std::uint32_t after = (source ? to.source : to.destination).value;
  const auto protocol = static_cast<std::uint8_t>(packet.protocol());
  const MutableBytes transport = bytes.subspan(packet.header_bytes(), packet.payload().size());
  base::store_be32(bytes, at, after);
  ChecksumField ip(bytes, kIpChecksum, ChecksumField::Kind::plain);
  ip.address(before, after);
  ip.store();
  if (packet.fragment_offset() != 0 || protocol != to.protocol) {
    return;
  }
  if (protocol == kIcmp && transport.size() >= headers::kIcmpHeaderBytes) {
    change_echo_id(transport, to.source_port);
  }
  if ((protocol != kTcp && protocol != kUdp) || transport.size() < 4) {
    return;
  }
  const std::size_t port_at = source ? 0 : 2;
  const std::uint16_t port = source ? to.source_port : to.destination_port;
  const auto checksum_at = checksum_offset(protocol, transport.size());
  if (!checksum_at) {
    change_port(transport, port_at, port, nullptr);
    return;
  }
  using Kind = ChecksumField::Kind;
  ChecksumField checksum(transport, *checksum_at, partial ? Kind::partial : protocol == kUdp ? Kind::udp : Kind::plain);
  checksum.address(before, after);
  change_port(transport, port_at, port, &checksum);
  checksum.store();
}

}  // namespace

bool translate_packet(skb::SkBuff& skb, const Tuple& target, Manipulation which) {
  if (!skb.unshare().ok()) {
    return false;
  }
  if (skb.ip_summed == skb::IpSummed::complete) {
    skb.ip_summed = skb::IpSummed::none;  // the sum was over bytes that change now
  }
  const MutableBytes bytes = skb.writable();
  change(bytes, Ipv4View::parse_quoted(bytes).value(), target, which, skb.ip_summed == skb::IpSummed::partial);
  skb.hash_valid = false;
  return true;
}

bool translate_icmp_error(skb::SkBuff& skb, const Tuple& other_way, Manipulation which) {
  if (!skb.linearize().ok() || !skb.unshare().ok()) {
    return false;
  }
  const MutableBytes bytes = skb.writable();
  const Ipv4View outer = Ipv4View::parse_quoted(bytes).value();
  const MutableBytes message = bytes.subspan(outer.header_bytes(), outer.payload().size());
  const MutableBytes quote = message.subspan(headers::kIcmpHeaderBytes);
  const auto inner = Ipv4View::parse_quoted(quote);
  if (!inner) {
    return true;  // not one of those that belong to a connection
  }
  const Manipulation inside = which == Manipulation::source ? Manipulation::destination : Manipulation::source;
  change(quote, *inner, other_way, inside, false);
  base::store_be16(message, 2, 0);
  base::store_be16(message, 2, base::internet_checksum(message));
  auto target = inverted(other_way);
  if (target) {
    target->protocol = 0;  // the message's own header has the connection's address and no port of it
    change(bytes, outer, *target, which, false);
  }
  return true;
}

}  // namespace host::netfilter
