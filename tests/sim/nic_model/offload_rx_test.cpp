// SPDX-License-Identifier: Apache-2.0
// What a receiver finds out about packets, good and bent.
#include "sim/nic_model/offload_rx.hpp"

#include <catch2/catch.hpp>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/sim/nic_model/packets.hpp"

namespace {

using namespace tests::nic_model;
using namespace sim::nic_model;
using namespace contract;

ReceiveMeta look(const Bytes& frame, const ReceiveScaling& scaling = {}) {
  return examine(frame, {}, scaling);
}

}  // namespace

TEST_CASE("A right checksum is seen, behind tags and padding too, and every flipped bit", "[sim][nic_model]") {
  for (const bool ipv6 : {false, true}) {
    for (const bool udp : {false, true}) {
      for (const unsigned tags : {0U, 1U, 2U}) {
        const Options o{.ipv6 = ipv6, .udp = udp, .tags = tags, .payload = 3};
        Bytes frame = packet(o);
        const std::size_t end = frame.size();
        frame.resize(end + 20, std::byte{0x55});
        CHECK(look(frame).checksum_good);
        for (std::size_t at = transport_at(o); at < end; ++at) {
          Bytes bent = frame;
          bent[at] ^= std::byte{0x10};
          CHECK_FALSE(look(bent).checksum_good);
        }
      }
    }
  }
}

TEST_CASE("What cannot be verified is not called good", "[sim][nic_model]") {
  const Options udp{.udp = true};
  Bytes unsummed = packet(udp);
  unsummed[transport_at(udp) + 6] = unsummed[transport_at(udp) + 7] = std::byte{0};
  CHECK_FALSE(look(unsummed).checksum_good);
  const Options tcp{};
  Bytes fragment = packet(tcp);
  fragment[network_at(tcp) + 6] = std::byte{0x20};  // more fragments
  CHECK_FALSE(look(fragment).checksum_good);
  Bytes header = packet(tcp);
  header[network_at(tcp) + 8] ^= std::byte{1};  // time to live: only the header's sum sees it
  CHECK_FALSE(look(header).checksum_good);
  Bytes cut = packet(tcp);
  cut.resize(cut.size() - 1);
  CHECK_FALSE(look(cut).checksum_good);
}

TEST_CASE("The most specific hash that is enabled wins, fragments have no ports", "[sim][nic_model]") {
  ReceiveScaling scaling;
  for (std::size_t i = 0; i < scaling.key.size(); ++i) scaling.key[i] = static_cast<std::uint8_t>(37 * i + 11);
  const auto type = [](std::uint32_t report) { return 1U << (report - 1); };
  const Options tcp{};
  scaling.hash_types = type(HASH_IPV4) | type(HASH_TCPV4);
  CHECK(look(packet(tcp), scaling).report == HASH_TCPV4);
  CHECK(look(packet({.udp = true}), scaling).report == HASH_IPV4);
  CHECK(look(packet({.ipv6 = true}), scaling).report == HASH_NONE);
  Bytes fragment = packet(tcp);
  fragment[network_at(tcp) + 7] = std::byte{3};
  CHECK(look(fragment, scaling).report == HASH_IPV4);
  scaling.hash_types = type(HASH_UDPV6);
  CHECK(look(packet({.ipv6 = true, .udp = true}), scaling).report == HASH_UDPV6);
}

TEST_CASE("A TCP header that says it is too short, or longer than the packet, is none", "[sim][nic_model]") {
  ReceiveScaling scaling;
  scaling.hash_types = 1U << (HASH_TCPV4 - 1) | 1U << (HASH_TCPV6 - 1);
  for (const bool ipv6 : {false, true}) {
    const Options o{.ipv6 = ipv6, .payload = 10};
    for (unsigned words = 0; words < 16; ++words) {
      Bytes frame = packet(o);
      frame.resize(frame.size() + 40, std::byte{0});  // padding does not count
      frame[transport_at(o) + 12] = static_cast<std::byte>(words << 4);
      const bool whole = words >= 5 && 4 * words <= 20 + o.payload;
      CHECK((look(frame, scaling).report != HASH_NONE) == whole);
    }
  }
}

TEST_CASE("The table chooses by hash, what has none goes to the unclassified queue", "[sim][nic_model]") {
  ReceiveScaling scaling;
  scaling.hash_types = 1U << (HASH_TCPV4 - 1);
  scaling.key.fill(0x5A);
  scaling.table = {3, 1, 2, 0};
  scaling.mask = 3;
  scaling.unclassified = 7;
  scaling.pairs = 8;
  const ReceiveMeta meta = look(packet({}), scaling);
  CHECK(meta.pair == scaling.table[meta.hash & 3]);
  CHECK(look(packet({.ipv6 = true}), scaling).pair == 7);
  scaling.pairs = 7;
  CHECK(look(packet({.ipv6 = true}), scaling).pair == 0);
}

TEST_CASE("The filter knows own, listed, multicast and broadcast addresses, and VLANs", "[sim][nic_model]") {
  const Bytes frame = packet({.tags = 1});  // VLAN 10, to 52:54:00:c0:51:0c
  ReceiveFilter filter;
  const auto passes = [&](const Bytes& f) { return examine(f, filter, {}).wanted; };
  CHECK(passes(frame));
  const auto bit = [](std::uint32_t number) { return 1U << number; };
  filter.mode = 0;
  CHECK_FALSE(passes(frame));
  filter.own_address = 0x0C51C0005452;
  CHECK(passes(frame));
  filter.own_address = 0;
  filter.addresses[5] = {true, 0x0C51C0005452};
  CHECK(passes(frame));
  filter.mode = bit(RXF_MODE_VLAN);
  CHECK_FALSE(passes(frame));
  filter.vlans.insert(10);
  CHECK(passes(frame));
  Bytes multicast = frame;
  multicast[0] = std::byte{0x33};
  CHECK_FALSE(passes(multicast));
  filter.mode |= bit(RXF_MODE_ALLMULTI);
  CHECK(passes(multicast));
  Bytes broadcast = frame;
  std::fill_n(broadcast.begin(), 6, std::byte{0xFF});
  CHECK(passes(broadcast));
  filter.mode |= bit(RXF_MODE_NOBCAST);
  CHECK_FALSE(passes(broadcast));
  filter.mode |= bit(RXF_MODE_PROMISC);
  CHECK(passes(broadcast));
}
