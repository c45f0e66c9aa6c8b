// SPDX-License-Identifier: Apache-2.0
#include "sim/stack/stack_world.hpp"

#include "host/headers/ethernet.hpp"
#include "host/headers/ipv4.hpp"
#include "host/headers/udp.hpp"

namespace sim::stack {
namespace {

using namespace host;
using headers::Ipv4Address;

constexpr std::uint64_t kFirstMac = 0x02'00'00'00'00'01;
constexpr const char* kPeerMac = "02:00:00:00:00:09";
constexpr std::size_t kEthernetBytes = 14;
constexpr Nanoseconds kMillisecond = 1'000'000;

}  // namespace

StackWorld::StackWorld(const StackOptions& options) : machine_(options.cpus), host_(machine_.machine()) {
  for (unsigned i = 0; i < options.nics; ++i) {
    nics_.push_back(std::make_unique<RingNic>(
        machine_,
        RingNicOptions{.pairs = options.pairs, .mac = kFirstMac + i, .checksum_offload = options.checksum_offload}));
    const std::string name = "eth" + std::to_string(i);
    auto probed = driver::VirtioNet::probe(
        kernel().cpu(0), host_.net(), *nics_.back(),
        {.name = name, .bus_name = "virtio" + std::to_string(i), .queue_pairs = options.pairs, .lro_usecs = 0});
    INVARIANT(probed.ok(), "a NIC without insides is refused by its driver");
    drivers_.push_back(std::move(*probed));
    const std::string network = i == 0 ? "10.0.0." : "192.168.1.";
    command("ip link set " + name + " up");
    command("ip addr add " + network + "1/24 dev " + name);
    command("ip neigh add " + network + "2 lladdr " + kPeerMac + " nud permanent dev " + name);
    drivers_.back()->netdev().set_gro(false);
  }
  for (int i = 0; i < 4000; ++i) {  // addresses of IPv6 become sure of themselves
    machine_.cpus.pass(kMillisecond);
    settle();
  }
}

StackWorld::~StackWorld() {
  kernel().terminate_processes();
  for (const auto& driver : drivers_) {
    driver->netdev().close(kernel().cpu(0));
    host_.forget_device(driver->netdev());
  }
}

std::string StackWorld::command(const std::string& line) {
  std::string out;
  const console::Sink sink = [&](console::Stream stream, std::string_view text) {
    if (stream == console::Stream::err) {
      std::fprintf(stderr, "%s: %.*s\n", line.c_str(), static_cast<int>(text.size()), text.data());
      INVARIANT(false, "a command of the bench is refused");
    }
    out += text;
  };
  bool done = false;
  kernel().spawn(0, "bash", [&](kernel::Process& self) -> kernel::Task<void> {
    static_cast<void>(co_await host_.console().run(self, line, sink));
    done = true;
  });
  run();
  INVARIANT(done, "a command of the bench does not end");
  return out;
}

void StackWorld::run() {
  bool again = true;
  while (again) {
    again = false;
    for (unsigned cpu = 0; cpu < kernel().cpu_count(); ++cpu) kernel().run(cpu);
    for (unsigned cpu = 0; cpu < kernel().cpu_count(); ++cpu) again = machine_.irqs.take_reason(cpu) || again;
  }
}

void StackWorld::settle() {
  unsigned sent = 0;
  do {
    run();
    sent = 0;
    for (const auto& nic : nics_) sent += nic->transmit();
  } while (sent != 0);
}

Frame udp_frame(const UdpFrame& wanted) {
  constexpr Ipv4Address source = Ipv4Address::of(10, 0, 0, 2);
  const std::size_t datagram = headers::kUdpHeaderBytes + wanted.payload_bytes;
  Frame frame(kEthernetBytes + headers::kIpv4HeaderBytes + datagram);
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::byte>(i);
  const std::span bytes(frame);
  const auto mac = base::MacAddress{{2, 0, 0, 0, 0, 1}};
  headers::write_ethernet(bytes,
                          {.destination = mac, .source = {{2, 0, 0, 0, 0, 9}}, .type = headers::EtherType::ipv4});
  headers::write_ipv4(bytes.subspan(kEthernetBytes),
                      {.total_length = static_cast<std::uint16_t>(headers::kIpv4HeaderBytes + datagram),
                       .protocol = headers::IpProtocol::udp,
                       .source = source,
                       .destination = wanted.destination});
  headers::write_udp(bytes.subspan(kEthernetBytes + headers::kIpv4HeaderBytes), wanted.source_port,
                     wanted.destination_port, source, wanted.destination);
  return frame;
}

}  // namespace sim::stack
