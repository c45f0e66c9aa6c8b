// SPDX-License-Identifier: Apache-2.0
// Checksums and segments against packets that were put together in another way.
#include "sim/nic_model/offload_tx.hpp"

#include <catch2/catch.hpp>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/nic_model/model_config.hpp"
#include "tests/sim/nic_model/packets.hpp"

namespace {

using namespace tests::nic_model;
using namespace sim::nic_model;
using namespace contract;

constexpr std::size_t kJumbo = 9216;

TransmitRequest request_for(const Options& o, unsigned kind, std::uint16_t size) {
  TransmitRequest request;
  request.checksum = true;
  request.segmentation = static_cast<std::uint8_t>(kind);
  request.segment_size = size;
  request.checksum_start = static_cast<std::uint16_t>(transport_at(o));
  request.checksum_offset = o.udp ? 6 : 16;
  return request;
}

/// What a driver hands over: the checksum field holds the pseudo-header's sum.
Bytes seeded(const Options& o) {
  Bytes frame = packet(o);
  const std::size_t place = transport_at(o) + (o.udp ? 6 : 16);
  const std::uint16_t sum = pseudo_sum(frame, o);
  frame[place] = static_cast<std::byte>(sum >> 8);
  frame[place + 1] = static_cast<std::byte>(sum & 0xFF);
  return frame;
}

bool sums_right(const Bytes& frame, const Options& o) {
  const bool transport = naive_sum(frame, transport_at(o), frame.size(), pseudo_sum(frame, o)) == 0xFFFF;
  return transport && (o.ipv6 || naive_sum(frame, network_at(o), network_at(o) + 20) == 0xFFFF);
}

}  // namespace

TEST_CASE("The checksum is inserted where the driver wants it", "[sim][nic_model]") {
  for (const bool ipv6 : {false, true}) {
    for (const bool udp : {false, true}) {
      for (std::size_t payload = 0; payload < 70; ++payload) {
        const Options o{.ipv6 = ipv6, .udp = udp, .payload = payload};
        const auto frames = make_frames(seeded(o), request_for(o, NET_HDR_GSO_NONE, 0), kJumbo);
        REQUIRE(frames.has_value());
        REQUIRE(frames->size() == 1);
        REQUIRE(frames->front() == packet(o));
      }
    }
  }
}

TEST_CASE("A UDP checksum that comes out as zero is sent as all ones", "[sim][nic_model]") {
  const Options o{.udp = true, .payload = 2};
  Bytes frame = seeded(o);
  const std::uint32_t rest = naive_sum(frame, transport_at(o), frame.size() - 2);
  put(frame, 0, 0);
  frame[frame.size() - 2] = static_cast<std::byte>((0xFFFF - rest) >> 8);
  frame[frame.size() - 1] = static_cast<std::byte>((0xFFFF - rest) & 0xFF);
  const auto frames = make_frames(frame, request_for(o, NET_HDR_GSO_NONE, 0), kJumbo);
  REQUIRE(get(frames->front(), transport_at(o) + 6, 2) == 0xFFFF);
}

TEST_CASE("A checksum field outside of the frame is refused", "[sim][nic_model]") {
  const Options o{};
  TransmitRequest request = request_for(o, NET_HDR_GSO_NONE, 0);
  request.checksum_start = static_cast<std::uint16_t>(packet(o).size() - 17);
  REQUIRE_FALSE(make_frames(packet(o), request, kJumbo).has_value());
  request.checksum_start = static_cast<std::uint16_t>(packet(o).size() - 18);
  REQUIRE(make_frames(packet(o), request, kJumbo).has_value());
}

TEST_CASE("TCP segments carry their share, their place and right sums", "[sim][nic_model]") {
  for (const bool ipv6 : {false, true}) {
    for (const unsigned tags : {0U, 1U, 2U}) {
      for (const std::size_t payload : {1U, 99U, 100U, 101U, 1000U, 60000U}) {
        const Options o{.ipv6 = ipv6, .tags = tags, .payload = payload, .flags = 0x99};  // CWR ACK PSH FIN
        const Bytes source = seeded(o);
        const auto frames =
            make_frames(source, request_for(o, ipv6 ? NET_HDR_GSO_TCPV6 : NET_HDR_GSO_TCPV4, 100), kJumbo);
        REQUIRE(frames.has_value());
        REQUIRE(frames->size() == (payload + 99) / 100);
        Bytes together;
        for (std::size_t i = 0; i < frames->size(); ++i) {
          const Bytes& f = (*frames)[i];
          const bool last = i + 1 == frames->size();
          CHECK(sums_right(f, o));
          CHECK(get(f, transport_at(o) + 4, 4) == static_cast<std::uint32_t>(0xFFFFFF00 + 100 * i));
          CHECK(get(f, transport_at(o) + 13, 1) == (0x10U | (i == 0 ? 0x80U : 0U) | (last ? 0x09U : 0U)));
          if (!ipv6) {
            CHECK(get(f, network_at(o) + 2, 2) == f.size() - network_at(o));
            CHECK(get(f, network_at(o) + 4, 2) == ((0xFFFE + i) & 0xFFFF));
          } else {
            CHECK(get(f, network_at(o) + 4, 2) == f.size() - transport_at(o));
          }
          together.insert(together.end(), f.begin() + static_cast<std::ptrdiff_t>(header_end(o)), f.end());
        }
        CHECK(together == Bytes(source.begin() + static_cast<std::ptrdiff_t>(header_end(o)), source.end()));
      }
    }
  }
}

TEST_CASE("UDP segments are datagrams of their own", "[sim][nic_model]") {
  for (const bool ipv6 : {false, true}) {
    const Options o{.ipv6 = ipv6, .udp = true, .payload = 1001};
    const auto frames = make_frames(seeded(o), request_for(o, NET_HDR_GSO_UDP_L4, 500), kJumbo);
    REQUIRE(frames->size() == 3);
    for (const Bytes& f : *frames) {
      CHECK(sums_right(f, o));
      CHECK(get(f, transport_at(o) + 4, 2) == f.size() - transport_at(o));
    }
    CHECK(frames->back().size() == header_end(o) + 1);
  }
}

TEST_CASE("A request that does not fit its packet is refused", "[sim][nic_model]") {
  const Options v4{};
  CHECK_FALSE(make_frames(seeded(v4), request_for(v4, NET_HDR_GSO_TCPV6, 10), kJumbo).has_value());
  CHECK_FALSE(make_frames(seeded(v4), request_for(v4, NET_HDR_GSO_UDP_L4, 10), kJumbo).has_value());
  CHECK_FALSE(make_frames(seeded(v4), request_for(v4, NET_HDR_GSO_TCPV4, 0), kJumbo).has_value());
  CHECK_FALSE(make_frames(seeded(v4), request_for(v4, NET_HDR_GSO_TCPV4, 100), 100).has_value());
  CHECK_FALSE(make_frames(seeded(v4), request_for(v4, NET_HDR_GSO_NONE, 0), 100).has_value());
}

TEST_CASE("Nothing is permitted that was not negotiated", "[sim][nic_model]") {
  const Options o{};
  const TransmitRequest tso = request_for(o, NET_HDR_GSO_TCPV4, 100);
  CHECK_FALSE(permitted(tso, feature(NET_F_CSUM)));
  CHECK(permitted(tso, feature(NET_F_CSUM) | feature(NET_F_HOST_TSO4)));
  TransmitRequest unsummed = tso;
  unsummed.checksum = false;
  CHECK_FALSE(permitted(unsummed, kFeatures));
  TransmitRequest ecn = tso;
  ecn.ecn = true;
  CHECK_FALSE(permitted(ecn, feature(NET_F_CSUM) | feature(NET_F_HOST_TSO4)));
  CHECK(permitted(ecn, kFeatures));
  TransmitRequest ufo = tso;
  ufo.segmentation = NET_HDR_GSO_UDP;
  CHECK_FALSE(permitted(ufo, kFeatures));
}

TEST_CASE("A VLAN tag stands behind the addresses", "[sim][nic_model]") {
  const Bytes plain = packet({});
  const Bytes tagged = with_vlan(plain, 0xA123);
  REQUIRE(tagged.size() == plain.size() + 4);
  REQUIRE(get(tagged, 12, 4) == 0x8100A123);
  REQUIRE(Bytes(tagged.begin() + 16, tagged.end()) == Bytes(plain.begin() + 12, plain.end()));
}
