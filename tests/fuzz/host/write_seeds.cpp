// SPDX-License-Identifier: Apache-2.0
// What the fuzzers begin with, one file an input: write_seeds FOLDER makes FOLDER/TARGET/N.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "host/device/bpf_code.hpp"
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
      ipv6_frame(headers::NextHeader::hop_by_hop, data),
      ipv6_frame(headers::NextHeader::fragment, data),
      ipv6_frame(headers::NextHeader::routing, data)};
}

void write_headers(const std::filesystem::path& folder) {
  Folder seeds(folder, "headers");
  for (const Frame& frame : frames()) {
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
  return 0;
}
