// SPDX-License-Identifier: Apache-2.0
// Frames from the wire to a whole host with IPv4, IPv6 and a UDP server: each packet ends once, and nothing is left
// when every timer has run out.
#include <cstdlib>
#include <set>

#include "host/apps/udp_echo.hpp"
#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/icmp6.hpp"
#include "host/headers/udp.hpp"
#include "tests/fuzz/host/frames.hpp"
#include "tests/host/apps/test_world.hpp"

using namespace host;
using namespace host_test;

namespace {

/// No packet may end twice.
class DropWatcher final : public kernel::JourneyObserver {
 public:
  void step(const kernel::JourneyEvent&) override {}
  void drop(kernel::SkbId skb, base::DropReason, unsigned, platform::Nanoseconds) override {
    if (!dropped.insert(skb).second) std::abort();
  }
  void derived(kernel::SkbId, kernel::SkbId) override {}

  std::set<kernel::SkbId> dropped;
};

constexpr std::size_t kIpAt = 14;

void mend_ipv4(Frame& frame) {
  const auto ip = std::span(frame).subspan(kIpAt);
  if (ip.size() < 20) return;
  const std::size_t bytes = (base::load_u8(ip, 0) & 0xfU) * std::size_t{4};
  if (bytes < 20 || bytes > ip.size()) return;
  base::store_be16(ip, 10, 0);
  base::store_be16(ip, 10, base::internet_checksum(ip.first(bytes)));
}

/// Of a message right behind the IPv6 header.
void mend_icmp6(Frame& frame) {
  const auto view = headers::Ipv6View::parse_quoted(std::span(frame).subspan(kIpAt));
  if (!view || view->payload().size() < headers::kIcmp6HeaderBytes) return;
  const auto message = headers::Icmp6View::parse(view->payload())->fields();
  headers::write_icmp6(std::span(frame).subspan(kIpAt + headers::kIpv6HeaderBytes, view->payload().size()), message,
                       view->source(), view->destination());
}

/// Right behind the IPv6 header, where a checksum has to be; over IPv4 one of 0 is none.
void mend_udp(Frame& frame) {
  constexpr std::size_t kChecksumAt = kIpAt + 20 + 6;
  const auto view = headers::Ipv6View::parse_quoted(std::span(frame).subspan(kIpAt));
  if (view && view->payload().size() >= headers::kUdpHeaderBytes) {
    const auto datagram = std::span(frame).subspan(kIpAt + headers::kIpv6HeaderBytes, view->payload().size());
    headers::write_udp(datagram, base::load_be16(datagram, 0), base::load_be16(datagram, 2), view->source(),
                       view->destination());
    return;
  }
  if (frame.size() >= kChecksumAt + 2) base::store_be16(frame, kChecksumAt, 0);
}

Frame take_frame(std::span<const std::byte>& input) {
  const std::size_t wanted = base::load_be16(input, 1) % host_fuzz::kLongestFrame;
  input = input.subspan(host_fuzz::kRecordHeaderBytes);
  const std::size_t length = std::min(wanted, input.size());
  Frame frame(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(length));
  input = input.subspan(length);
  return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world({.stations = 1, .cpus = 1, .mtu = 1500, .host = {}});
  Station& station = world[1];
  DropWatcher watcher;
  station.host.kernel().observe(&watcher);
  if (!station.host.add_address(station.nic.device(),
                                headers::Ipv6Prefix{*headers::Ipv6Address::parse("fd00::1"), 64})) {
    std::abort();
  }
  apps::UdpEchoStats echo;
  static_cast<void>(station.start("echo", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(
        co_await apps::udp_echo(self, station.host.sockets(), echo, apps::kEchoPort, socket::SocketKind::udp6));
  }));
  world.run_for(3 * kSecond);
  auto input = std::as_bytes(std::span(data, size));
  while (input.size() >= host_fuzz::kRecordHeaderBytes) {
    const auto mend = base::load_u8(input, 0);
    Frame frame = take_frame(input);
    if (frame.size() >= kIpAt) {
      if ((mend & host_fuzz::kMendIpv4) != 0) mend_ipv4(frame);
      if ((mend & host_fuzz::kMendUdp) != 0) mend_udp(frame);
      if ((mend & host_fuzz::kMendIcmp6) != 0) mend_icmp6(frame);
    }
    station.nic.deliver(std::move(frame));
    if ((mend & host_fuzz::kWait) != 0) world.run_for(100 * kMillisecond);
  }
  world.run_for(400 * kSecond);
  static_cast<void>(station.nic.take_sent());
  if (station.counter("skb.in_use") != 0) std::abort();
  station.host.kernel().observe(nullptr);
  return 0;
}
