// SPDX-License-Identifier: Apache-2.0
// Checksums, segmentation, merged and chained receive buffers, the hash; and devices that lie about them.
#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/device/gso.hpp"
#include "tests/host/driver/driver_world.hpp"

using namespace host;
using namespace contract;
using host_test::DriverWorld;
using host_test::FakeVirtioNic;
using host_test::Frame;
using host_test::make_frame;
using skb::GsoType;
using skb::IpSummed;

namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kTransport = 34;

std::uint64_t bit(unsigned number) {
  return 1ull << number;
}

std::uint64_t offloads() {
  return bit(NET_F_CSUM) | bit(NET_F_HOST_TSO4) | bit(NET_F_HOST_TSO6) | bit(NET_F_HOST_ECN) | bit(NET_F_HOST_USO);
}

std::uint16_t transport_sum(std::span<const std::byte> frame, std::uint16_t extra_length) {
  base::ChecksumSum sum;
  sum.add(frame.subspan(kIp + 12, 8));
  sum.add_be16(base::load_u8(frame, kIp + 9));
  sum.add_be16(extra_length);
  return sum.folded();
}

/// Ethernet, IPv4, then TCP or UDP around `payload` bytes; the checksum field holds the pseudo header's sum.
Frame ip_frame(std::uint8_t protocol, std::size_t payload, std::uint8_t tcp_flags = 0x18) {
  const std::size_t header = protocol == 6 ? 20 : 8;
  Frame frame = make_frame(kTransport + header + payload, 1);
  base::store_be16(frame, 12, 0x0800);
  base::store_be16(frame, kIp, 0x4500);
  base::store_be16(frame, kIp + 2, static_cast<std::uint16_t>(frame.size() - kIp));
  base::store_be16(frame, kIp + 4, 0xfffe);
  base::store_be16(frame, kIp + 6, 0x4000);
  base::store_u8(frame, kIp + 8, 64);
  base::store_u8(frame, kIp + 9, protocol);
  base::store_be16(frame, kIp + 10, 0);
  base::store_be16(frame, kIp + 10, base::internet_checksum(std::span(frame).subspan(kIp, 20)));
  const auto length = static_cast<std::uint16_t>(frame.size() - kTransport);
  if (protocol == 6) {
    base::store_be32(frame, kTransport + 4, 0xffffff00);
    base::store_u8(frame, kTransport + 12, 0x50);
    base::store_u8(frame, kTransport + 13, tcp_flags);
  } else {
    base::store_be16(frame, kTransport + 4, length);
  }
  base::store_be16(frame, kTransport + (protocol == 6 ? 16 : 6), transport_sum(frame, length));
  return frame;
}

skb::Skb offloaded(DriverWorld& world, const Frame& frame, std::uint16_t gso_size = 0) {
  auto skb = world.packet(frame);
  const bool tcp = frame[kIp + 9] == std::byte{6};
  skb->request_checksum(kTransport, tcp ? 16 : 6);
  skb->gso_size = gso_size;
  if (gso_size != 0) skb->gso_type = tcp ? GsoType::tcpv4 : GsoType::udp_l4;
  return skb;
}

/// The IP checksum and the transport's are right.
bool sums_right(const Frame& frame) {
  const std::span<const std::byte> bytes(frame);
  base::ChecksumSum sum;
  sum.add_be16(transport_sum(bytes, static_cast<std::uint16_t>(frame.size() - kTransport)));
  sum.add(bytes.subspan(kTransport));
  return base::internet_checksum(bytes.subspan(kIp, 20)) == 0 && sum.checksum() == 0;
}

/// What a device with CSUM makes of a frame and its header (5.1.6.2).
Frame device_sums(const FakeVirtioNic::Sent& sent) {
  Frame frame = sent.frame;
  if ((sent.header[0] & std::byte{NET_HDR_F_NEEDS_CSUM}) == std::byte{0}) return frame;
  const std::size_t start = base::load_le16(sent.header, 6);
  const std::uint16_t sum = base::internet_checksum(std::span(frame).subspan(start));
  base::store_be16(frame, start + base::load_le16(sent.header, 8), sum == 0 ? std::uint16_t{0xffff} : sum);
  return frame;
}

}  // namespace

TEST_CASE("Checksums by the device and by the stack are the same bytes on the wire", "[driver][csum]") {
  const std::uint8_t protocol = GENERATE(std::uint8_t{6}, std::uint8_t{17});
  for (std::size_t payload = 0; payload < 200; ++payload) {
    const Frame frame = ip_frame(protocol, payload);
    DriverWorld with;
    with.nic.offered |= bit(NET_F_CSUM);
    with.up();
    REQUIRE(with.core.dev_queue_xmit(with.cpu(), offloaded(with, frame)).ok());
    with.run();
    const auto& sent = with.nic.sent_with_header.back();
    REQUIRE(sent.header[0] == std::byte{NET_HDR_F_NEEDS_CSUM});
    REQUIRE(base::load_le16(sent.header, 6) == kTransport);
    REQUIRE(sent.frame == frame);

    DriverWorld without;
    without.nic.offered |= bit(NET_F_CSUM);
    without.up({.features_off = bit(NET_F_CSUM)});
    REQUIRE(without.core.dev_queue_xmit(without.cpu(), offloaded(without, frame)).ok());
    without.run();
    REQUIRE(without.nic.sent.back() == device_sums(sent));
    REQUIRE(sums_right(without.nic.sent.back()));
    REQUIRE(without.nic.bad_headers == 0);
  }
}

TEST_CASE("A large packet goes down whole, or leaves in right segments", "[driver][gso]") {
  const std::uint8_t protocol = GENERATE(std::uint8_t{6}, std::uint8_t{17});
  const auto payload = GENERATE(std::size_t{1}, std::size_t{999}, std::size_t{1'000}, std::size_t{1'001},
                                std::size_t{20'500}, std::size_t{65'000});
  const Frame frame = ip_frame(protocol, payload, 0x99);  // CWR, ACK, PSH, FIN
  const std::size_t headers = kTransport + (protocol == 6 ? 20u : 8u);
  DriverWorld world;
  world.nic.offered |= offloads();
  const bool by_device = GENERATE(true, false);
  const bool summed_by_device = by_device || GENERATE(true, false);
  world.up({.features_off = (by_device ? 0 : bit(NET_F_HOST_TSO4) | bit(NET_F_HOST_USO)) |
                            (summed_by_device ? 0 : bit(NET_F_CSUM))});
  REQUIRE(world.core.dev_queue_xmit(world.cpu(), offloaded(world, frame, 1'000)).ok());
  world.run();
  if (by_device) {
    REQUIRE(world.nic.sent.size() == 1);
    const auto& header = world.nic.sent_with_header.back().header;
    CHECK(world.nic.sent.back() == frame);
    CHECK(header[1] == static_cast<std::byte>(protocol == 6 ? NET_HDR_GSO_TCPV4 : NET_HDR_GSO_UDP_L4));
    CHECK(base::load_le16(header, 2) == headers);
    CHECK(base::load_le16(header, 4) == 1'000);
    CHECK(world.net->stats().tx_gso_packets == 1);
    return;
  }
  REQUIRE(world.nic.sent.size() == (payload + 999) / 1'000);
  Frame together;
  for (std::size_t i = 0; i < world.nic.sent.size(); ++i) {
    const Frame& segment = world.nic.sent[i];
    const bool last = i + 1 == world.nic.sent.size();
    const auto& sent = world.nic.sent_with_header[i];
    CHECK(((sent.header[0] & std::byte{NET_HDR_F_NEEDS_CSUM}) != std::byte{0}) == summed_by_device);
    CHECK(sums_right(device_sums(sent)));
    CHECK(base::load_be16(segment, kIp + 2) == segment.size() - kIp);
    CHECK(base::load_be16(segment, kIp + 4) == static_cast<std::uint16_t>(0xfffe + i));
    if (protocol == 6) {
      CHECK(base::load_be32(segment, kTransport + 4) == static_cast<std::uint32_t>(0xffffff00 + 1'000 * i));
      CHECK(base::load_u8(segment, kTransport + 13) == (0x10 | (last ? 0x09 : 0) | (i == 0 ? 0x80 : 0)));
    } else {
      CHECK(base::load_be16(segment, kTransport + 4) == segment.size() - kTransport);
    }
    together.insert(together.end(), segment.begin() + static_cast<std::ptrdiff_t>(headers), segment.end());
  }
  CHECK(std::ranges::equal(together, std::span(frame).subspan(headers)));
}

TEST_CASE("An offload that makes no sense is refused and counted", "[driver][gso][fault]") {
  DriverWorld world;
  world.nic.offered |= offloads();
  world.up();
  auto outside = world.packet(make_frame(60));
  outside->request_checksum(59, 0);
  CHECK(world.core.dev_queue_xmit(world.cpu(), std::move(outside)).ok());
  auto wrong = offloaded(world, ip_frame(17, 3'000), 1'000);
  wrong->gso_type = GsoType::tcpv4;
  CHECK(world.core.dev_queue_xmit(world.cpu(), std::move(wrong)).ok());
  CHECK(world.kernel.drops()[base::DropReason::tx_bad_offload] == 2);
  world.run();
  CHECK(world.nic.sent.empty());
}

TEST_CASE("A header outside the packet carries the offload too", "[driver][csum][tap]") {
  DriverWorld world;
  world.nic.offered |= bit(NET_F_CSUM);
  world.up();
  std::vector<skb::Skb> tapped;
  world.core.add_tap([&](kernel::Cpu&, skb::Skb skb) { tapped.push_back(std::move(skb)); });
  for (int i = 0; i < 600; ++i)
    REQUIRE(world.core.dev_queue_xmit(world.cpu(), offloaded(world, ip_frame(17, 40))).ok());
  world.run();
  CHECK(world.nic.sent.size() == 600);
  for (const auto& sent : world.nic.sent_with_header) {
    CHECK(sent.chain_length == 2);
    CHECK(sums_right(device_sums(sent)));
  }
}

TEST_CASE("What the device says of a checksum reaches the skb", "[driver][csum][rx]") {
  const bool negotiated = GENERATE(true, false);
  DriverWorld world;
  if (negotiated) world.nic.offered |= bit(NET_F_GUEST_CSUM);
  world.up();
  const Frame frame = ip_frame(17, 40);
  REQUIRE(world.nic.deliver(frame, {.flags = NET_HDR_F_DATA_VALID}));
  REQUIRE(world.nic.deliver(frame, {.flags = NET_HDR_F_NEEDS_CSUM, .csum_start = kTransport, .csum_offset = 6}));
  REQUIRE(world.nic.deliver(frame));
  world.run();
  REQUIRE(world.meta.size() == 3);
  CHECK(world.meta[0].ip_summed == (negotiated ? IpSummed::unnecessary : IpSummed::none));
  CHECK(world.meta[1].ip_summed == (negotiated ? IpSummed::partial : IpSummed::none));
  if (negotiated) CHECK(world.meta[1].csum_start == kTransport);
  CHECK(world.meta[2].ip_summed == IpSummed::none);
}

TEST_CASE("The device's hash is the skb's", "[driver][hash][rx]") {
  DriverWorld world;
  world.nic.offered |= bit(NET_F_HASH_REPORT);
  world.up();
  REQUIRE(world.nic.deliver(ip_frame(17, 40), {.hash = 0x12345678, .hash_report = HASH_UDPV4}));
  REQUIRE(world.nic.deliver(make_frame(60)));
  REQUIRE(world.send(make_frame(60, 7)));
  world.run();
  REQUIRE(world.meta.size() == 2);
  CHECK(world.meta[0].hash_valid);
  CHECK(world.meta[0].hash == 0x12345678);
  CHECK_FALSE(world.meta[1].hash_valid);
  CHECK(world.nic.sent.back() == make_frame(60, 7));
}

TEST_CASE("Jumbo and merged frames arrive whole in every kind of buffer", "[driver][rx][large]") {
  const std::uint64_t kind = GENERATE(0ull, bit(NET_F_MRG_RXBUF), bit(RING_F_INDIRECT_DESC));
  const bool split = GENERATE(false, true);
  const bool large = GENERATE(false, true);
  DriverWorld world;
  world.nic.mtu = 9'000;
  world.nic.offered |= kind | bit(NET_F_GUEST_CSUM);
  if (large) world.nic.offered |= bit(NET_F_GUEST_TSO4);
  world.up({.rx_ring = 64, .ring = split ? driver::RingKind::split : driver::RingKind::packed});
  for (const std::size_t bytes : {60u, 4'019u, 4'020u, 4'021u, 8'115u, 8'116u, 8'117u, 9'014u, 9'018u}) {
    REQUIRE(world.nic.deliver(make_frame(bytes, 5)));
    world.run();
    REQUIRE(world.received.back() == make_frame(bytes, 5));
  }
  REQUIRE(world.send(make_frame(9'018)));
  world.run();
  CHECK(world.nic.sent.back() == make_frame(9'018));
  CHECK((world.net->stats().rx_merged > 0) == (kind == bit(NET_F_MRG_RXBUF)));
  if (!large) return;
  const Frame frame = ip_frame(6, 65'000);
  REQUIRE(world.nic.deliver(frame, {.flags = NET_HDR_F_NEEDS_CSUM,
                                    .gso_type = NET_HDR_GSO_TCPV4,
                                    .gso_size = 1'448,
                                    .csum_start = kTransport,
                                    .csum_offset = 16}));
  world.run();
  REQUIRE(world.received.back() == frame);
  CHECK(world.meta.back().gso_type == GsoType::tcpv4);
  CHECK(world.meta.back().gso_size == 1'448);
  CHECK(world.meta.back().gso_segs == 45);
}

TEST_CASE("A merged frame without a checksum request gets the sender's", "[driver][rx][large]") {
  DriverWorld world;
  world.nic.offered |= bit(NET_F_GUEST_CSUM) | bit(NET_F_GUEST_TSO4);
  world.up();
  Frame frame = ip_frame(6, 5'000);
  const Frame wanted = frame;
  base::store_be16(frame, kTransport + 16, 0xbeef);
  REQUIRE(world.nic.deliver(frame, {.flags = NET_HDR_F_DATA_VALID, .gso_type = NET_HDR_GSO_TCPV4, .gso_size = 1'000}));
  world.run();
  CHECK(world.received.back() == wanted);
  CHECK(world.meta.back().ip_summed == IpSummed::partial);
  CHECK(world.meta.back().csum_start == kTransport);
}

TEST_CASE("A header that contradicts its frame is a counted error", "[driver][rx][fault]") {
  DriverWorld world;
  world.nic.offered |= bit(NET_F_GUEST_CSUM) | bit(NET_F_GUEST_TSO4);
  world.up();
  const Frame udp = ip_frame(17, 40);
  const Frame tcp = ip_frame(6, 40);
  const std::vector<std::pair<Frame, FakeVirtioNic::Meta>> lies = {
      {udp, {.flags = NET_HDR_F_NEEDS_CSUM, .csum_start = 0xffff, .csum_offset = 0xffff}},
      {udp, {.flags = NET_HDR_F_NEEDS_CSUM, .csum_start = 81, .csum_offset = 0}},
      {udp, {.gso_type = NET_HDR_GSO_TCPV4, .gso_size = 10}},
      {tcp, {.gso_type = NET_HDR_GSO_TCPV4, .gso_size = 0}},
      {tcp, {.gso_type = NET_HDR_GSO_TCPV6, .gso_size = 10}},
      {tcp, {.gso_type = NET_HDR_GSO_TCPV4 | NET_HDR_GSO_ECN, .gso_size = 10}},
      {tcp, {.gso_type = NET_HDR_GSO_UDP, .gso_size = 10}},
      {make_frame(20), {.gso_type = NET_HDR_GSO_TCPV4, .gso_size = 10}},
  };
  for (const auto& [frame, meta] : lies) REQUIRE(world.nic.deliver(frame, meta));
  world.run();
  CHECK(world.received.empty());
  CHECK(world.kernel.drops()[base::DropReason::rx_bad_offload] == lies.size());
  CHECK(world.dev().stats().rx_frame_errors == lies.size());
  REQUIRE(world.nic.deliver(udp));
  world.run();
  CHECK(world.received.size() == 1);
}

TEST_CASE("num_buffers that lies is a counted error and the ring goes on", "[driver][rx][fault]") {
  DriverWorld world;
  world.nic.mtu = 9'000;
  world.nic.offered |= bit(NET_F_MRG_RXBUF);
  world.up();
  SECTION("none") {
    REQUIRE(world.nic.deliver(make_frame(60), {.buffers_off = -1}));
  }
  SECTION("more than came") {
    REQUIRE(world.nic.deliver(make_frame(5'000), {.buffers_off = 40}));
  }
  SECTION("more than an skb holds") {
    REQUIRE(world.nic.deliver(make_frame(60), {.buffers_off = 29}));
    for (unsigned i = 0; i < 29; ++i) REQUIRE(world.nic.deliver(make_frame(60)));
  }
  world.run();
  CHECK(world.net->stats().rx_bad_merges == 1);
  CHECK(world.dev().stats().rx_length_errors == 1);
  CHECK(world.received.empty());
  CHECK_FALSE(world.net->broken());
  for (unsigned i = 0; i < 300; ++i) {
    REQUIRE(world.nic.deliver(make_frame(8'500, i)));
    world.run();
    REQUIRE(world.received.back() == make_frame(8'500, i));
  }
}

TEST_CASE("A received packet that is reflected keeps its offload requests", "[driver][reflect]") {
  DriverWorld world;
  world.nic.offered |= offloads() | bit(NET_F_GUEST_CSUM) | bit(NET_F_GUEST_TSO4);
  const bool by_device = GENERATE(true, false);
  world.up({.features_off = by_device ? 0 : bit(NET_F_CSUM)});
  world.dev().set_rx_handler([&](kernel::Cpu& cpu, skb::Skb& skb) {
    skb->restore(skb->mac_offset());
    static_cast<void>(world.core.dev_queue_xmit(cpu, std::move(skb)));
    return device::RxHandlerResult::consumed;
  });
  const Frame frame = ip_frame(6, 5'000);
  REQUIRE(world.nic.deliver(frame, {.flags = NET_HDR_F_DATA_VALID, .gso_type = NET_HDR_GSO_TCPV4, .gso_size = 1'000}));
  world.run();
  CHECK(world.nic.sent.size() == (by_device ? 1 : 5));
  if (by_device) CHECK(world.nic.sent.back() == frame);
  if (!by_device) CHECK(std::ranges::all_of(world.nic.sent, sums_right));
}
