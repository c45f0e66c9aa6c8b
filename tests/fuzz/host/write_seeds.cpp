// SPDX-License-Identifier: Apache-2.0
// What the fuzzers begin with, one file an input: write_seeds FOLDER makes FOLDER/TARGET/N.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "host/base/byte_order.hpp"
#include "host/device/bpf_code.hpp"
#include "host/headers/igmp.hpp"
#include "tests/fuzz/host/frames.hpp"
#include "tests/host/apps/packets.hpp"
#include "tests/host/ip6/packets6.hpp"

using namespace host;
using namespace host_test;

namespace {

class Folder {
 public:
  Folder(const std::filesystem::path& parent, const char* target) : path_(parent / target) {
    std::filesystem::create_directories(path_);
  }
  void add(std::string_view bytes) {
    std::ofstream file(path_ / std::to_string(++count_), std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path path_;
  int count_ = 0;
};

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

/// With options behind its IPv4 header; the checksum is mended later.
Frame with_options(Frame frame, const Frame& options) {
  constexpr std::size_t kHeaderBytes = 20;
  const auto words = static_cast<std::uint8_t>((kHeaderBytes + options.size()) / 4);
  frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(host_test::kIpAt + kHeaderBytes), options.begin(),
               options.end());
  base::store_u8(frame, host_test::kIpAt, static_cast<std::uint8_t>(0x40 | words));
  const auto length = base::load_be16(frame, host_test::kIpAt + 2);
  base::store_be16(frame, host_test::kIpAt + 2, static_cast<std::uint16_t>(length + options.size()));
  return frame;
}

Frame option_bytes(std::initializer_list<unsigned> bytes) {
  Frame options;
  for (const unsigned byte : bytes) options.push_back(static_cast<std::byte>(byte));
  return options;
}

/// RFC 791: record route, timestamps with addresses, loose source route; RFC 2113: router alert.
std::vector<Frame> option_frames() {
  return {with_options(echo_request(8), option_bytes({7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0})),
          with_options(echo_request(8), option_bytes({68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0})),
          with_options(udp_frame(4000, 7, 8), option_bytes({131, 7, 4, 10, 0, 0, 9, 0})),
          with_options(udp_frame(4000, 7, 8), option_bytes({148, 4, 0, 0}))};
}

/// Queries of versions 2 and 3, a report.
std::vector<Frame> igmp_frames() {
  const PacketOptions all{
      .destination_mac = headers::multicast_mac(headers::kAllHosts), .destination = headers::kAllHosts, .ttl = 1};
  return {ipv4_frame(headers::IpProtocol::igmp, option_bytes({0x11, 100, 0, 0, 0, 0, 0, 0}), all),
          ipv4_frame(headers::IpProtocol::igmp, option_bytes({0x11, 0x8f, 0, 0, 239, 1, 1, 1, 2, 125, 0, 0}), all),
          ipv4_frame(headers::IpProtocol::igmp, option_bytes({0x16, 0, 0, 0, 239, 1, 1, 1}), all)};
}

std::vector<Frame> frames() {
  using headers::Icmp6Type;
  const Frame data(40, std::byte{0x33});
  Packet6Options nobody;
  nobody.source = {};
  nobody.destination = global_of(1).solicited_node();
  Packet6Options router;
  router.source = headers::link_local_of(mac_of(9));
  router.destination = headers::kAllNodes;
  router.hop_limit = 255;
  Packet6Options querier = router;
  querier.hop_limit = 1;
  const Frame quoted = udp_frame(7, 4000, 20, {.source = address_of(1), .destination = address_of(2)});
  const Frame quoted_ip(quoted.begin() + host_test::kIpAt, quoted.end());
  return {
      introduction(2),
      udp_frame(4000, 7, 100),
      udp_frame(4000, 9, 10),
      echo_request(56),
      udp_frame(4000, 7, 64, {.more_fragments = true}),
      udp_frame(4000, 7, 64, {.fragment_offset = 72}),
      icmp_frame({.type = headers::IcmpType::destination_unreachable, .code = 4, .id = 0, .sequence = 576}, quoted_ip),
      icmp_frame({.type = headers::IcmpType::timestamp_request, .code = 0, .id = 1, .sequence = 1}, Frame(12)),
      ipv4_frame(headers::IpProtocol::tcp, Frame(20)),
      solicitation(global_of(1)),
      neighbor_frame({.type = Icmp6Type::neighbor_solicitation}, global_of(1), std::nullopt, nobody),
      neighbor_frame({.type = Icmp6Type::neighbor_advertisement, .code = 0, .word = 0x6000'0000}, global_of(2),
                     mac_of(2), {}),
      icmp6_frame({.type = Icmp6Type::router_advertisement, .code = 0, .word = 1800}, Frame(8), router),
      echo6_request(40),
      with_router_alert(
          icmp6_frame({.type = Icmp6Type::multicast_listener_query, .word = 0x03e8'0000}, Frame(16), querier)),
      with_router_alert(
          icmp6_frame({.type = Icmp6Type::multicast_listener_query, .word = 0x03e8'0000}, Frame(20), querier)),
      with_router_alert(
          icmp6_frame({.type = Icmp6Type::multicast_listener_report}, Frame(16, std::byte{0xff}), querier)),
      ipv6_frame(headers::NextHeader::hop_by_hop, data),
      ipv6_frame(headers::NextHeader::fragment, data),
      ipv6_frame(headers::NextHeader::routing, data)};
}

void write_headers(const std::filesystem::path& folder) {
  Folder seeds(folder, "headers");
  std::vector<Frame> all = frames();
  for (const auto& more : {option_frames(), igmp_frames()}) all.insert(all.end(), more.begin(), more.end());
  for (const Frame& frame : all) {
    seeds.add(text_of(frame));
    seeds.add(text_of(std::span(frame).subspan(host_test::kIpAt)));
    seeds.add(text_of(std::span(frame).subspan(kTransport6At)));
  }
}

std::string record(const Frame& frame, unsigned mend) {
  const auto length = static_cast<unsigned>(frame.size());
  return std::string{static_cast<char>(mend), static_cast<char>(length >> 8), static_cast<char>(length)} +
         text_of(frame);
}

void write_frames(const std::filesystem::path& folder) {
  Folder seeds(folder, "frames");
  std::string all;
  for (const Frame& frame : frames()) {
    seeds.add(record(introduction(2), 0) + record(solicitation(global_of(1)), 0) +
              record(frame, host_fuzz::kMendIpv4 | host_fuzz::kMendIcmp6));
    all += record(frame, host_fuzz::kWait);
  }
  seeds.add(all);
  for (const auto& more : {option_frames(), igmp_frames()}) {
    for (const Frame& frame : more) seeds.add(record(frame, host_fuzz::kMendIpv4 | host_fuzz::kMendIcmp));
  }
  // Through a router: to another network, tagged, as an answer, in fragments.
  const PacketOptions through{.destination = headers::Ipv4Address::of(192, 0, 2, 7)};
  std::string routed = record(introduction(2), host_fuzz::kRouter);
  for (const Frame& frame :
       {udp_frame(4000, 9, 30, through), udp_frame(4000, 53, 30, through), echo_request(20, through),
        with_options(echo_request(8, through), option_bytes({148, 4, 0, 0}))}) {
    routed += record(frame, host_fuzz::kMendIpv4);
    Frame tagged = frame;
    const Frame tag = option_bytes({0x81, 0, 0, 5});
    tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
    routed += record(tagged, host_fuzz::kWait);
  }
  seeds.add(routed);
}

/// As FuzzedDataProvider takes them: integers from the end of the input, bytes from its beginning.
void write_bpf(const std::filesystem::path& folder) {
  using namespace device::bpf;
  Folder seeds(folder, "bpf");
  const std::vector<std::vector<device::BpfInstruction>> programs = {
      {{kRet | kK, 0, 0, 96}},
      {{kLd | kH | kAbs, 0, 0, 12}, {kJmp | kJeq | kK, 0, 1, 0x0800}, {kRet | kK, 0, 0, 96}, {kRet | kK, 0, 0, 0}},
      {{kLdx | kB | kMsh, 0, 0, 14}, {kLd | kH | kInd, 0, 0, 16}, {kAlu | kAdd | kX, 0, 0, 0}, {kRet | kA, 0, 0, 0}}};
  for (const auto& program : programs) {
    std::string numbers;
    const auto put = [&](std::uint64_t value, unsigned bytes) {
      std::string part;
      for (unsigned i = 0; i < bytes; ++i) part += static_cast<char>(value >> (8 * i) & 0xff);
      numbers.insert(0, part);
    };
    put(program.size(), 1);
    for (const auto& instruction : program) {
      put(instruction.code, 2);
      put(instruction.jump_true, 1);
      put(instruction.jump_false, 1);
      put(instruction.k, 4);
    }
    seeds.add(text_of(echo_request(20)) + numbers);
  }
}

void write_text(const std::filesystem::path& folder) {
  Folder seeds(folder, "text");
  for (const char* text :
       {"sysctl -w net.ipv4.ip_default_ttl=33 && cat /proc/sys/net/ipv4/ip_default_ttl > /proc/x; ls",
        "echo 'a b' \"c\\\"d\" e\\ f", "a || b # c", "10.0.0.1/24", "2001:db8::1/64", "::ffff:10.0.0.1", "fe80::1:2:3",
        "02:00:00:00:00:01", "ff,0000000f", "1 2", "two", "-5", "0x10"}) {
    seeds.add(text);
  }
}

void write_nft(const std::filesystem::path& folder) {
  Folder seeds(folder, "nft");
  const std::string chain = "add table ip t; add chain ip t c { type filter hook input priority 0; policy drop; }; ";
  for (const char* rule :
       {"ip saddr 10.0.0.0/8 accept", "ip saddr { 10.0.0.1, 10.0.1.0/24 } counter drop",
        "tcp dport { 22, 80-90 } accept", "tcp flags & (fin|syn) == syn limit rate over 5/second burst 3 packets drop",
        "meta mark & 0xff == 1 meta mark set 7", "iifname \"eth*\" ct state established,related accept",
        "icmp type echo-request reject with icmp type port-unreachable",
        "udp dport 53 log prefix \"dns \" level warn"}) {
    seeds.add(chain + "add rule ip t c " + rule);
  }
  seeds.add(
      "table ip n {\n set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }\n"
      " chain p { type nat hook postrouting priority srcnat; ip saddr @s snat to 192.0.2.1:1000-2000 }\n}\n");
  seeds.add(
      "define web = { 80, 443 }\ndefine lan = 10.0.0.0/8\nflush ruleset\ntable inet n {\n define wan = \"eth*\"\n"
      " set e { type ipv4_addr; flags dynamic,timeout; elements = { 1.1.1.1 limit rate 5/second timeout 1h expires 5m "
      "} }\n"
      " chain c { type filter hook input priority 0; policy drop; tcp dport $web ip saddr { $lan, 1.1.1.1 } \\\n"
      "  iifname $wan accept; update @e { ip saddr timeout 10s counter }\n }\n}\nundefine web; redefine lan = 1\n");
}

/// Sessions at a console, of every command, right and wrong.
void write_console(const std::filesystem::path& folder) {
  Folder seeds(folder, "console");
  for (
      const char* session :
      {"ip -s link\nip -d -j addr show eth0\nip link set eth0 mtu 1280 promisc on down\nip link set eth0 up",
       "ip link add v0 up type veth peer name v1 up\nip addr add 10.5.0.1/24 dev v0\nping -c 1 -W 0.01 10.5.0.9\n"
       "ip link del v1\nip addr",
       "ip link add link eth0 name eth0.5 type vlan id 5\nip link add d0 up type dummy\nip -d link\nip link del d0",
       "ip addr add 10.9.0.1/24 dev eth0\nip addr del 10.9.0.1/24 dev eth0\nip -6 addr add fd00::1/64 dev eth0",
       "ip route add 10.2.0.0/16 via 10.0.0.9 dev eth0 metric 5\nip route get 10.2.0.1\nip -j route\nip route del "
       "10.2.0.0/16",
       "ip rule add from 10.0.0.0/8 table 100 pref 7\nip rule\nip rule del pref 7\nip -6 route add fd01::/64 dev lo",
       "ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0\nip neigh\nip neigh flush dev eth0\nip maddr",
       "tc qdisc replace dev eth0 root handle 1: tbf rate 1mbit burst 10kb latency 50ms\ntc -s -j qdisc\ntc class show",
       "tc qdisc add dev eth0 root fq_codel limit 100 target 5ms\ntc qdisc change dev eth0 root fq_codel flows 7\n"
       "tc qdisc del dev eth0 root",
       "tc qdisc add dev eth0 clsact\ntc filter add dev eth0 ingress protocol ip prio 1 u32 match ip dport 53 0xffff "
       "action drop\ntc filter add dev eth0 ingress matchall action police rate 1mbit burst 10k\ntc -s filter show dev "
       "eth0 ingress\ntc filter del dev eth0 ingress",
       "tc filter add dev eth0 ingress bpf bytecode '1,6 0 0 1' action mirred egress redirect dev lo",
       "ethtool eth0\nethtool -k eth0\nethtool -K eth0 gro off\nethtool -C eth0 rx-usecs 9\nethtool -L eth0 combined 1",
       "sysctl -a\nsysctl -w net.ipv4.ip_forward=1 net.core.rmem_max=1\nsysctl net.ipv4.tcp_mem",
       "cat /proc/net/snmp /proc/interrupts; ls /sys/class/net/eth0; echo 3 > /sys/class/net/eth0/queues/rx-0/rps_cpus",
       "nft add table ip t\nnft add chain ip t c '{ type filter hook input priority 0; }'\nnft add rule ip t c ip "
       "saddr "
       "10.0.0.1 counter drop\nnft -j list ruleset\nnft flush ruleset",
       "nft -f rules.nft\nflush ruleset\ntable ip t { chain c { type filter hook input priority 0; counter accept; } }",
       "nft -f - <<< 'add table ip t'\nnft -c -f - < rules.nft\nadd rule ip t none accept",
       "ss -uan\nnstat -az\nmpstat -P ALL\ndmesg\nconntrack -L\nhelp",
       "timeout 1ms tcpdump -c 1 -ni eth0 'udp port 53 or icmp'\ntcpdump -d ip\nping -6 -c 1 -W 0.001 ::1 || echo "
       "no"}) {
    seeds.add(session);
  }
}

void write_worlds(const std::filesystem::path& folder) {
  Folder seeds(folder, "world");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(WORLDS)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.add(std::string(std::istreambuf_iterator<char>(in), {}));
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "usage: write_seeds FOLDER\n";
    return 2;
  }
  write_headers(words[1]);
  write_frames(words[1]);
  write_bpf(words[1]);
  write_text(words[1]);
  write_nft(words[1]);
  write_console(words[1]);
  write_worlds(words[1]);
  return 0;
}
