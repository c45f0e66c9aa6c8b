// SPDX-License-Identifier: Apache-2.0
// A world as its file describes it: hosts, switches, taps, the wires between them, and what runs on the hosts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/mac_address.hpp"
#include "host/headers/ip_address.hpp"
#include "host/headers/ipv4_address.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::world {

inline constexpr Picoseconds kNanosecond = 1'000;
inline constexpr Picoseconds kMicrosecond = 1'000'000;
inline constexpr Picoseconds kMillisecond = 1'000'000'000;

/// X(enumerator, name): what stands between a host and its wire.
#define WORLD_NICS(X) X(native, "native") X(model, "model") X(rtl, "rtl") X(rtl128, "rtl128")
/// X(enumerator, name): the programs of host/apps.
#define WORLD_APPS(X)               \
  X(udp_echo, "udp-echo")           \
  X(udp_check, "udp-check")         \
  X(ping, "ping")                   \
  X(udp_blast, "udp-blast")         \
  X(udp_sink, "udp-sink")           \
  X(latency_probe, "latency-probe") \
  X(dns, "dns") X(udp_forward, "udp-forward") X(multicast, "multicast") X(replay, "replay")

#define WORLD_ITEM(name, text) name,
#define WORLD_TEXT(name, text) text,
enum class Nic : std::uint8_t { WORLD_NICS(WORLD_ITEM) };
enum class App : std::uint8_t { WORLD_APPS(WORLD_ITEM) };
inline constexpr auto kNicNames = std::to_array<std::string_view>({WORLD_NICS(WORLD_TEXT)});
inline constexpr auto kAppNames = std::to_array<std::string_view>({WORLD_APPS(WORLD_TEXT)});

struct PortPlan {
  std::string name = "eth0";
  Nic nic = Nic::native;
  std::optional<host::base::MacAddress> mac;  ///< none: one of its own, by its place in the file
  std::uint32_t mtu = 1500;
  std::vector<std::string> addresses;  ///< with prefix lengths, as `ip addr add` takes them
  unsigned queues = 64;                ///< pairs wanted of a PCIe NIC; it and the CPUs cap them
  unsigned ring = 256;                 ///< descriptors
};

/// One program on one host. Of the fields below `start`, each program reads those that it knows.
struct AppPlan {
  App kind = App::udp_echo;
  std::string name;  ///< in the results
  unsigned cpu = 0;
  Picoseconds start = 0;
  std::uint16_t port = 7;
  host::headers::IpAddress to;
  std::uint64_t count = 0;
  std::size_t size = 64;
  Picoseconds interval = 0;
  Picoseconds timeout = 0;
  double rate = 1000;  ///< datagrams a second
  std::string distribution = "constant";
  unsigned burst = 16;
  bool reuse_port = false;
  std::int64_t receive_buffer = 0;
  Picoseconds work = 0;  ///< of the application, for each datagram
  std::uint16_t to_port = 0;
  host::headers::IpAddress group;
  std::vector<std::pair<std::string, host::headers::Ipv4Address>> names;
  std::string file;
  std::string device = "eth0";
  double speed = 1;
};

struct HostPlan {
  std::string name;
  bool router = false;
  unsigned cpus = 1;
  std::optional<std::uint64_t> seed;  ///< none: from the world's and its place in the file
  double speed = 1;                   ///< of its CPUs; 0: work costs no time
  std::map<std::string, double> costs;
  std::vector<std::pair<std::string, std::string>> sysctls;
  std::vector<std::string> routes;  ///< as `ip route add` takes them
  std::vector<std::string> start;   ///< for the console, once the ports are up
  std::vector<std::string> script;  ///< commands, or `at TIME COMMAND`, `every TIME COMMAND`
  std::vector<PortPlan> ports;
  std::vector<AppPlan> apps;
};

struct SwitchPlan {
  std::string name;
  unsigned queue = 100;  ///< frames that wait for each wire, at most
  unsigned table = 4096;
  Picoseconds age = 300'000 * kMillisecond;
};

struct TapPlan {
  std::string name;
  std::string device;
  std::string netns;  ///< empty: where cosnic runs
};

/// What a wire does to frames, each way by itself. Chances are of 0 to 1.
struct Impairment {
  double loss = 0;
  double corrupt = 0;  ///< the receiver's FCS check finds it
  double damage = 0;   ///< a bit flipped behind the FCS: only the protocols' checksums can find it
  double duplicate = 0;
  double reorder = 0;  ///< held back for `hold`, so that others overtake
  Picoseconds hold = 50 * kMicrosecond;
};

struct WirePlan {
  std::string name;
  std::array<std::string, 2> ends;  ///< "host:port", a switch or a tap
  double gbps = 10;
  Picoseconds delay = 200 * kNanosecond;
  unsigned queue = 1000;  ///< frames that wait for a wire that is slower than its sender
  Impairment impairment;
  std::optional<std::uint64_t> seed;
  std::string capture;  ///< a pcapng file; empty: none
};

struct WorldPlan {
  std::string file;
  std::string title;
  std::uint64_t seed = 1;
  Picoseconds duration = 0;  ///< 0: until every program and script has ended
  std::vector<HostPlan> hosts;
  std::vector<SwitchPlan> switches;
  std::vector<TapPlan> taps;
  std::vector<WirePlan> wires;
};

}  // namespace sim::world
