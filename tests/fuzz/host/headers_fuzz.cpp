// SPDX-License-Identifier: Apache-2.0
// Every header's parser over the same bytes: none reads outside them, and what was parsed can be asked everything.
#include <cstdlib>

#include "host/base/checksum.hpp"
#include "host/headers/arp.hpp"
#include "host/headers/ethernet.hpp"
#include "host/headers/icmp.hpp"
#include "host/headers/igmp.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/ipv6_extensions.hpp"
#include "host/headers/mld.hpp"
#include "host/headers/ndisc.hpp"
#include "host/headers/udp.hpp"

using namespace host::headers;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void ipv4(Bytes bytes) {
  const auto parsed = Ipv4View::parse(bytes);
  if (const auto* view = std::get_if<Ipv4View>(&parsed)) {
    require(view->packet().size() <= bytes.size());
    require(view->payload().size() + view->header_bytes() == view->packet().size());
    static_cast<void>(view->options());
    if (!view->has_options()) {
      // What was read is what would be written.
      std::array<std::byte, kIpv4HeaderBytes> written{};
      write_ipv4(written, view->fields());
      const auto again = Ipv4View::parse_quoted(written);
      require(again && again->source() == view->source() && again->fragment_offset() == view->fragment_offset());
    }
  }
  if (const auto quoted = Ipv4View::parse_quoted(bytes)) require(quoted->packet().size() <= bytes.size());
}

void ipv6(Bytes bytes) {
  const auto parsed = Ipv6View::parse(bytes);
  if (const auto* view = std::get_if<Ipv6View>(&parsed)) {
    const auto walked = walk_extensions(*view);
    if (const auto* upper = std::get_if<UpperLayer>(&walked)) {
      require(upper->at <= view->packet().size() && upper->named_at < view->packet().size());
    } else {
      require(std::get<ExtensionFault>(walked).pointer < view->packet().size());
    }
    std::array<std::byte, kIpv6HeaderBytes> written{};
    write_ipv6(written, view->fields());
    require(std::equal(written.begin(), written.end(), view->packet().begin()));
  }
  if (const auto quoted = Ipv6View::parse_quoted(bytes)) {
    const auto upper = find_upper_layer(*quoted);
    require(!upper || upper->at <= quoted->packet().size());
  }
}

void neighbours(Bytes bytes) {
  const auto message = Icmp6View::parse(bytes);
  if (!message) return;
  static_cast<void>(message->checksum_ok({}, {}));
  if (const auto router = parse_router_advertisement(*message)) {
    for (const auto& prefix : router->options.prefixes) require(prefix.prefix.length <= 128);
  }
  if (const auto about = parse_neighbor_message(*message)) require(!about->target.is_multicast());
  if (const auto query = parse_mld_query(*message)) {
    require(query->response_ms <= 0x1fffU << 10);  // RFC 3810: the largest mantissa and exponent
    require(!query->version2 || kMldV2QueryBytes + query->version2->sources * Ipv6Address::kBytes <= bytes.size());
  }
  if (const auto group = parse_mld_group(*message)) require(group->is_multicast());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  if (const auto frame = EthernetView::parse(bytes)) {
    static_cast<void>(frame->fields());
    static_cast<void>(frame->vlan_tag());
    require(frame->payload().size() + frame->header_bytes() == size);
  }
  static_cast<void>(parse_arp(bytes));
  ipv4(bytes);
  ipv6(bytes);
  neighbours(bytes);
  if (const auto icmp = IcmpView::parse(bytes)) {
    static_cast<void>(icmp->checksum_ok());
    static_cast<void>(icmp->fields());
  }
  if (const auto igmp = IgmpView::parse(bytes)) {
    static_cast<void>(igmp->checksum_ok());
    static_cast<void>(igmp->type());
    static_cast<void>(igmp->group());
    require(!igmp->is_v3_query() || size >= kIgmpV3QueryBytes);
    require(igmp->response_tenths() <= (0x1fU << 10));  // RFC 3376: the largest mantissa and exponent
  }
  if (const auto udp = UdpView::parse(bytes)) {
    static_cast<void>(udp->checksum_ok(Ipv4Address{}, Ipv4Address{}));
    static_cast<void>(udp->checksum_ok(Ipv6Address{}, Ipv6Address{}));
  }
  return 0;
}
