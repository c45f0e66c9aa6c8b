// SPDX-License-Identifier: Apache-2.0
// Addresses and ports in place; checksums follow by RFC 1624.
#include "host/netfilter/nat_packet.hpp"

#include <algorithm>
#include <array>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/ipv6.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

using headers::MutableBytes;

constexpr std::size_t kIpChecksum = 10;
/// Where a network header has its addresses.
struct AddressField {
  std::size_t at;
  std::size_t bytes;
};

constexpr AddressField address_field(bool ipv6, bool source) {
  return ipv6 ? AddressField{source ? 8U : 24U, 16} : AddressField{source ? 12U : 16U, 4};
}

/// The address' bytes as its family writes them.
headers::Bytes bytes_of(const headers::IpAddress& address, bool ipv6) {
  return std::as_bytes(std::span(address.value.octets)).last(address_field(ipv6, true).bytes);
}

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
  void address(headers::Bytes before, headers::Bytes after) {
    for (std::size_t i = 0; i < before.size(); i += 2) {
      word(base::load_be16(before, i), base::load_be16(after, i));
    }
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
std::optional<std::size_t> checksum_offset(const PacketView& packet, std::size_t available) {
  const bool icmp6 = packet.is_ipv6() && packet.protocol() == kIcmp6;
  const std::size_t at = packet.protocol() == kTcp ? 16 : icmp6 ? 2 : 6;
  const bool known = packet.protocol() == kTcp || packet.protocol() == kUdp || icmp6;
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

constexpr std::size_t kEchoId = 4;

void change_echo_id(MutableBytes message, std::uint16_t to) {
  constexpr std::size_t kChecksum = 2;
  const std::uint16_t before = base::load_be16(message, kEchoId);
  base::store_be16(message, kEchoId, to);
  base::store_be16(message, kChecksum, base::checksum_update(base::load_be16(message, kChecksum), before, to));
}

/// The transport header below an address that has changed.
void change_transport(MutableBytes transport, const PacketView& packet, headers::Bytes before, headers::Bytes after,
                      const Tuple& to, Manipulation which, bool partial) {
  const bool source = which == Manipulation::source;
  const bool icmp6 = packet.is_ipv6() && packet.protocol() == kIcmp6;
  if (is_icmp(to) && !packet.is_ipv6() && transport.size() >= headers::kIcmpHeaderBytes) {
    change_echo_id(transport, to.source_port);
  }
  const std::size_t port_at = icmp6 ? kEchoId : source ? 0 : 2;
  const bool has_ports = packet.protocol() == kTcp || packet.protocol() == kUdp || icmp6;
  if (!has_ports || transport.size() < port_at + 2) {
    return;
  }
  const std::uint16_t port = source || icmp6 ? to.source_port : to.destination_port;
  const auto checksum_at = checksum_offset(packet, transport.size());
  if (!checksum_at) {
    change_port(transport, port_at, port, nullptr);
    return;
  }
  using Kind = ChecksumField::Kind;
  ChecksumField checksum(transport, *checksum_at,
                         partial                     ? Kind::partial
                         : packet.protocol() == kUdp ? Kind::udp
                                                     : Kind::plain);
  checksum.address(before, after);
  change_port(transport, port_at, port, &checksum);
  checksum.store();
}

/// The packet in `bytes` (perhaps a quote, cut short) gets the tuple's end. Of another protocol than the tuple's it
/// gets the address alone.
void change(MutableBytes bytes, const PacketView& packet, const Tuple& to, Manipulation which, bool partial) {
  const bool source = which == Manipulation::source;
  const auto [at, length] = address_field(packet.is_ipv6(), source);
  std::array<std::byte, headers::Ipv6Address::kBytes> kept{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, kept.begin());
  const headers::Bytes before = headers::Bytes(kept).first(length);
  const headers::Bytes after = bytes_of(source ? to.source : to.destination, packet.is_ipv6());
  std::copy(after.begin(), after.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  if (!packet.is_ipv6()) {
    ChecksumField ip(bytes, kIpChecksum, ChecksumField::Kind::plain);
    ip.address(before, after);
    ip.store();
  }
  if (packet.fragment_offset() == 0 && packet.protocol() == to.protocol) {
    change_transport(bytes.subspan(packet.transport_at(), packet.transport().size()), packet, before, after, to, which,
                     partial);
  }
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
  change(bytes, PacketView::parse(bytes).value(), target, which, skb.ip_summed == skb::IpSummed::partial);
  skb.hash_valid = false;
  return true;
}

bool translate_icmp_error(skb::SkBuff& skb, const Tuple& other_way, Manipulation which) {
  if (!skb.linearize().ok() || !skb.unshare().ok()) {
    return false;
  }
  const MutableBytes bytes = skb.writable();
  const PacketView outer = PacketView::parse(bytes).value();
  const MutableBytes message = bytes.subspan(outer.transport_at(), outer.transport().size());
  const MutableBytes quote = message.subspan(headers::kIcmpHeaderBytes);
  const auto inner = PacketView::parse(quote);
  if (!inner) {
    return true;  // not one of those that belong to a connection
  }
  const Manipulation inside = which == Manipulation::source ? Manipulation::destination : Manipulation::source;
  change(quote, *inner, other_way, inside, false);
  auto target = inverted(other_way);
  if (target) {
    target->protocol = 0;  // the message's own header has the connection's address and no port of it
    change(bytes, outer, *target, which, false);
  }
  const PacketView changed = PacketView::parse(bytes).value();
  auto sum = changed.is_ipv6()
                 ? headers::pseudo_header(changed.source().value, changed.destination().value,
                                          headers::NextHeader::icmp6, static_cast<std::uint32_t>(message.size()))
                 : base::ChecksumSum{};
  base::store_be16(message, 2, 0);
  sum.add(message);
  base::store_be16(message, 2, sum.checksum());
  return true;
}

}  // namespace host::netfilter
