// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/offload_rx.hpp"

#include <algorithm>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kUdpHeader = 8;
constexpr std::uint64_t kBroadcast = 0xFFFF'FFFF'FFFF;

/// Only what was verified in full counts as good; a UDP datagram without a checksum was not.
bool checksum_good(FrameView frame, const Packet& packet) {
  if (packet.transport == Transport::none || !packet.header_checksum_good) return false;
  if (packet.detour) return false;
  const std::size_t room = packet.end - packet.transport_at;
  if (packet.transport == Transport::udp) {
    const std::uint32_t length = read_be(frame, packet.transport_at + 4, 2);
    const bool unsummed = read_be(frame, packet.transport_at + 6, 2) == 0;
    if (unsummed || length < kUdpHeader || length > room) return false;
  } else {
    const std::size_t header = 4 * (read_be(frame, packet.transport_at + 12, 1) >> 4);
    if (header < kTcpHeader || header > room) return false;
  }
  return transport_sum(frame, packet) == 0xFFFF;
}

struct HashKind {
  Network network;
  Transport transport;
  bool extended;  ///< only with extension headers, and with the addresses that they tell
  std::uint32_t report;
};

/// The most specific first: what is not enabled falls back to the next (5.1.6.4.3).
constexpr HashKind kHashKinds[] = {
    {Network::ipv4, Transport::tcp, false, HASH_TCPV4}, {Network::ipv4, Transport::udp, false, HASH_UDPV4},
    {Network::ipv4, Transport::none, false, HASH_IPV4}, {Network::ipv6, Transport::tcp, true, HASH_TCP_EX},
    {Network::ipv6, Transport::udp, true, HASH_UDP_EX}, {Network::ipv6, Transport::tcp, false, HASH_TCPV6},
    {Network::ipv6, Transport::udp, false, HASH_UDPV6}, {Network::ipv6, Transport::none, true, HASH_IP_EX},
    {Network::ipv6, Transport::none, false, HASH_IPV6}};

void hash_frame(FrameView frame, const Packet& packet, const ReceiveScaling& scaling, ReceiveMeta& meta) {
  for (const HashKind& kind : kHashKinds) {
    const bool applies = kind.network == packet.network && (!kind.extended || packet.extensions) &&
                         (kind.transport == Transport::none || kind.transport == packet.transport);
    if (!applies || ((scaling.hash_types >> (kind.report - 1)) & 1) == 0) continue;
    std::vector<std::byte> input;
    const auto append = [&](std::size_t at, std::size_t bytes) {
      for (const std::byte byte : frame.subspan(at, bytes)) input.push_back(byte);
    };
    const std::size_t address = packet.network == Network::ipv4 ? 4 : 16;
    append(kind.extended ? packet.home_source_at : packet.source_at, address);
    append(kind.extended ? packet.home_destination_at : packet.destination_at, address);
    if (kind.transport != Transport::none) append(packet.transport_at, 4);
    meta.hash = toeplitz(scaling.key, input);
    meta.report = static_cast<std::uint16_t>(kind.report);
    return;
  }
}

}  // namespace

bool ReceiveFilter::passes(FrameView frame, const Packet& packet) const {
  if (has(RXF_MODE_PROMISC)) return true;
  if (has(RXF_MODE_VLAN) && packet.vlan && vlans.count(*packet.vlan) == 0) return false;
  const std::uint64_t destination = read_le(frame, 0, 6);
  const auto listed = [&] {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const auto& a) { return a.valid && a.value == destination; });
  };
  if (destination == kBroadcast) return !has(RXF_MODE_NOBCAST);
  const bool multicast = (destination & 1) != 0;
  if (multicast) return !has(RXF_MODE_NOMULTI) && (has(RXF_MODE_ALLMULTI) || listed());
  return !has(RXF_MODE_NOUNI) && (has(RXF_MODE_ALLUNI) || destination == own_address || listed());
}

ReceiveMeta examine(FrameView frame, const ReceiveFilter& filter, const ReceiveScaling& scaling) {
  const Packet packet = parse_packet(frame);
  ReceiveMeta meta;
  meta.wanted = filter.passes(frame, packet);
  meta.checksum_good = checksum_good(frame, packet);
  hash_frame(frame, packet, scaling, meta);
  meta.pair = meta.report == HASH_NONE ? scaling.unclassified : scaling.table[meta.hash & scaling.mask];
  if (meta.pair >= scaling.pairs) meta.pair = 0;
  return meta;
}

}  // namespace sim::nic_model
