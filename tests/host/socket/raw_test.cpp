// SPDX-License-Identifier: Apache-2.0
// Raw sockets: copies of whole packets in, packets of any protocol out.
#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

using namespace host;
using namespace host_test;
using base::Errno;
using kernel::Process;
using kernel::Task;
using socket::SocketAddress;
using socket::SocketCalls;
using socket::SocketKind;

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kOspf = 89;

/// Every packet that waits in the socket.
Task<std::vector<Frame>> read_all(Process& self, SocketCalls& calls, int fd) {
  std::vector<Frame> all;
  while (true) {
    Frame buffer(2000);
    const auto message = co_await calls.recvfrom(self, fd, buffer, {.dont_wait = true});
    if (!message.ok()) break;
    CHECK(message->from.address == headers::IpAddress(address_of(2)));
    buffer.resize(message->bytes);
    all.push_back(std::move(buffer));
  }
  co_return all;
}

Frame packet_of(const Frame& frame, std::size_t bytes) {
  return {frame.begin() + kIpAt, frame.begin() + static_cast<std::ptrdiff_t>(kIpAt + bytes)};
}

}  // namespace

TEST_CASE("A raw socket reads whole packets of its protocol, and so does the protocol", "[socket][raw]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int icmp = *calls.raw_socket(self, kIcmp);
    const int udp = *calls.raw_socket(self, kUdp);
    const Frame request = echo_request(20);
    world.station().nic.deliver(request);
    co_await self.sleep_for(kMillisecond);
    auto seen = co_await read_all(self, calls, icmp);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0] == packet_of(request, 48));
    seen = co_await read_all(self, calls, udp);
    CHECK(seen.empty());
    CHECK(world.take().size() == 1);  // the echo reply
    const auto listed = *world.station().host.kernel().files().read("/proc/net/raw");
    CHECK(listed.find("\n   1: 00000000:0001 00000000:0000 07 ") != std::string::npos);
    CHECK(listed.find("\n  17: 00000000:0011 00000000:0000 07 ") != std::string::npos);
    CHECK(calls.raw_socket(self, 0).error() == Errno::protocol_not_supported);
  });
  CHECK(world.station().host.pool().in_use() == 0);
}

TEST_CASE("A protocol that only a raw socket knows is no unknown one", "[socket][raw]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const Frame hello = ipv4_frame(headers::IpProtocol{kOspf}, Frame(30));
    world.station().nic.deliver(hello);
    co_await self.sleep_for(kMillisecond);
    CHECK(world.counter("Ip.InUnknownProtos") == 1);
    CHECK(world.take().size() == 1);  // ICMP says so

    const int fd = *calls.raw_socket(self, kOspf);
    const auto delivers = world.counter("Ip.InDelivers");
    world.station().nic.deliver(hello);
    co_await self.sleep_for(kMillisecond);
    const auto seen = co_await read_all(self, calls, fd);
    CHECK(seen.size() == 1);
    CHECK(world.counter("Ip.InUnknownProtos") == 1);
    CHECK(world.counter("Ip.InDelivers") == delivers + 1);
    CHECK(world.take().empty());

    CHECK(calls.close(self, fd).ok());
    world.station().nic.deliver(hello);
    co_await self.sleep_for(kMillisecond);
    CHECK(world.counter("Ip.InUnknownProtos") == 2);
  });
}

TEST_CASE("A raw socket hears its peer, its address and its device, and what its filters let through",
          "[socket][raw]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int filtered = *calls.raw_socket(self, kIcmp);
    CHECK(calls.set_icmp_filter(filtered, 1U << 8).ok());  // no echo requests
    const int connected = *calls.raw_socket(self, kIcmp);
    CHECK(calls.connect(self, connected, {address_of(3), 0}).ok());
    const int bound = *calls.raw_socket(self, kIcmp);
    CHECK(calls.bind(self, bound, {address_of(1), 0}).ok());
    CHECK(calls.bind(self, bound, {address_of(9), 0}).error() == Errno::address_not_available);
    const int elsewhere = *calls.raw_socket(self, kIcmp);
    CHECK(calls.bind_to_device(elsewhere, "lo").ok());
    const int program = *calls.raw_socket(self, kIcmp);
    // From the IP header on: its TTL is 64? Then 24 bytes of it.
    CHECK(calls
              .attach_filter(program, *device::BpfProgram::make(std::vector<device::BpfInstruction>{
                                          {0x30, 0, 0, 8}, {0x15, 0, 1, 64}, {0x06, 0, 0, 24}, {0x06, 0, 0, 0}}))
              .ok());
    world.station().nic.deliver(echo_request(20));
    world.station().nic.deliver(echo_request(20, {.ttl = 7}));
    co_await self.sleep_for(kMillisecond);
    auto seen = co_await read_all(self, calls, filtered);
    CHECK(seen.empty());
    seen = co_await read_all(self, calls, connected);
    CHECK(seen.empty());
    seen = co_await read_all(self, calls, bound);
    CHECK(seen.size() == 2);
    seen = co_await read_all(self, calls, elsewhere);
    CHECK(seen.empty());
    seen = co_await read_all(self, calls, program);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].size() == 24);
    const int udp = *calls.socket(self, SocketKind::udp);
    CHECK(calls.set_icmp_filter(udp, 1).error() == Errno::not_supported);
    const int raw_udp = *calls.raw_socket(self, 17);
    CHECK(calls.set_icmp_filter(raw_udp, 1).error() == Errno::not_supported);
  });
}

TEST_CASE("A raw socket's full buffer drops its copies alone", "[socket][raw]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.raw_socket(self, kIcmp);
    CHECK(calls.set_receive_buffer(fd, 1).ok());
    for (int i = 0; i < 4; ++i) world.station().nic.deliver(echo_request(20));
    co_await self.sleep_for(kMillisecond);
    CHECK(world.take().size() == 4);
    CHECK(world.counter("drop.tap_buffer_full") == 3);
    const auto seen = co_await read_all(self, calls, fd);
    CHECK(seen.size() == 1);
  });
}

TEST_CASE("A raw socket sends behind the stack's header, or with its own", "[socket][raw]") {
  Lone world;
  world.run([&](Process& self, SocketCalls& calls) -> Task<void> {
    const int fd = *calls.raw_socket(self, kOspf);
    const auto nowhere = co_await calls.sendto(self, fd, Frame(30));
    CHECK(nowhere.error() == Errno::destination_required);
    const SocketAddress to{address_of(2), 0};
    const auto plain = co_await calls.sendto(self, fd, Frame(44, std::byte{3}), to);
    CHECK(*plain == 44);
    const Frame frame = world.take().at(0);
    const auto ip = ip_of(frame);
    CHECK(static_cast<std::uint8_t>(ip.protocol()) == kOspf);
    CHECK(ip.source() == address_of(1));
    CHECK(Frame(ip.payload().begin(), ip.payload().end()) == Frame(44, std::byte{3}));

    const int own = *calls.raw_socket(self, 255);
    Frame packet(60);
    packet[0] = std::byte{0x45};
    packet[8] = std::byte{9};  // TTL
    packet[9] = std::byte{kOspf};
    base::store_be32(packet, 16, address_of(2).value);
    const auto whole = co_await calls.sendto(self, own, packet, to);
    CHECK(*whole == 60);
    const Frame sent = world.take().at(0);
    const auto header = ip_of(sent);
    CHECK(header.ttl() == 9);
    CHECK(header.source() == address_of(1));
    CHECK(base::load_be16(std::span(sent).subspan(kIpAt), 2) == 60);
    CHECK(base::load_be16(std::span(sent).subspan(kIpAt), 4) != 0);
    CHECK(base::internet_checksum(std::span(sent).subspan(kIpAt, 20)) == 0);

    CHECK(calls.set_header_included(fd, true).ok());
    const auto no_header = co_await calls.sendto(self, fd, Frame(30), to);
    CHECK(no_header.error() == Errno::invalid);
    packet.resize(1501);
    const auto too_long = co_await calls.sendto(self, own, packet, to);
    CHECK(too_long.error() == Errno::message_size);
    const auto large = co_await calls.sendto(self, *calls.raw_socket(self, kOspf), Frame(3000), to);
    CHECK(large.ok());
    CHECK(world.take().size() == 3);  // in pieces
  });
}
