// SPDX-License-Identifier: Apache-2.0
// Classic BPF against libpcap's compiler and its own interpreter, and against programs that must not run.
#include <pcap/pcap.h>

#include <catch2/catch.hpp>
#include <random>

#include "host/device/bpf.hpp"
#include "host/device/bpf_code.hpp"
#include "host/skb/pool.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using namespace host::device;
using namespace host::device::bpf;
using base::Errno;
using Program = std::vector<BpfInstruction>;

namespace {

struct Bench {
  host_test::FakeMachine machine;
  kernel::Kernel kernel{machine.machine()};
  skb::SkbPool pool{kernel};

  /// In a linear part and, where `linear` is less than the frame, a fragment.
  skb::Skb packet(const std::vector<std::byte>& frame, std::size_t linear) {
    skb::Skb skb = pool.allocate(static_cast<std::uint32_t>(frame.size()));
    REQUIRE(skb);
    const auto head = skb->put(static_cast<std::uint32_t>(linear));
    std::copy_n(frame.begin(), linear, head.begin());
    if (linear < frame.size()) {
      const auto rest = static_cast<std::uint32_t>(frame.size() - linear);
      auto buffer = pool.allocate_buffer(rest);
      std::copy(frame.begin() + static_cast<std::ptrdiff_t>(linear), frame.end(), buffer.memory().begin());
      REQUIRE(skb->add_fragment(std::move(buffer), 0, rest).ok());
    }
    return skb;
  }
};

/// What libpcap makes of an expression; it frees what it made.
class Compiled {
 public:
  explicit Compiled(const std::string& expression) : pcap_(pcap_open_dead(DLT_EN10MB, 65535)) {
    INFO(expression);
    REQUIRE(pcap_compile(pcap_, &program_, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0);
  }
  ~Compiled() {
    pcap_freecode(&program_);
    pcap_close(pcap_);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  [[nodiscard]] Program ours() const {
    Program program;
    for (unsigned i = 0; i < program_.bf_len; ++i) {
      const bpf_insn& from = program_.bf_insns[i];
      program.push_back({from.code, from.jt, from.jf, from.k});
    }
    return program;
  }

 private:
  pcap_t* pcap_;
  bpf_program program_{};
};

std::uint32_t peer_run(const Program& program, const std::vector<std::byte>& frame) {
  std::vector<bpf_insn> instructions;
  for (const auto& each : program) instructions.push_back({each.code, each.jump_true, each.jump_false, each.k});
  const auto length = static_cast<unsigned>(frame.size());
  return bpf_filter(instructions.data(), reinterpret_cast<const unsigned char*>(frame.data()), length, length);
}

/// Mostly plausible: an EtherType that is known, small fields, so that filters take every branch.
std::vector<std::byte> random_frame(std::mt19937& random) {
  std::vector<std::byte> frame(random() % 120);
  for (auto& byte : frame) byte = static_cast<std::byte>(random());
  const auto put = [&](std::size_t at, unsigned value) {
    if (at < frame.size()) frame[at] = static_cast<std::byte>(value);
  };
  constexpr std::array<unsigned, 5> kTypes{0x0800, 0x0800, 0x86dd, 0x0806, 0x8100};
  const unsigned type = kTypes[random() % kTypes.size()];
  put(12, type >> 8);
  put(13, type & 0xff);
  const std::size_t ip = type == 0x8100 ? 18 : 14;
  if (type == 0x8100) {
    put(16, 0x08);
    put(17, 0x00);
  }
  constexpr std::array<unsigned, 5> kProtocols{1, 6, 17, 58, 132};
  const unsigned protocol = kProtocols[random() % kProtocols.size()];
  if (type == 0x86dd) {
    put(14, 0x60);
    put(20, protocol);
  } else {
    put(ip, 0x45 + static_cast<unsigned>(random() % 3));
    put(ip + 6, random() % 4 == 0 ? 0x20 : 0);
    put(ip + 7, random() % 4 == 0 ? 1 : 0);
    put(ip + 9, protocol);
    for (std::size_t i = 12; i < 20; ++i) put(ip + i, i % 4 == 0 ? 10U : static_cast<unsigned>(random() % 2));
  }
  const std::size_t ports = ip + (type == 0x86dd ? 40 : 20);
  put(ports, 0);
  put(ports + 1, random() % 2 == 0 ? 53 : 80);
  put(ports + 2, 0);
  put(ports + 3, random() % 2 == 0 ? 53 : 67);
  return frame;
}

/// A program of loads within reach, arithmetic and forward jumps. Where it loads by X, X stays small: Linux lets the
/// sum of X and K wrap, libpcap does not.
Program random_program(std::mt19937& random) {
  constexpr std::array<unsigned, 34> kCodes{kLd | kW | kAbs,
                                            kLd | kH | kAbs,
                                            kLd | kB | kAbs,
                                            kLd | kW | kInd,
                                            kLd | kH | kInd,
                                            kLd | kB | kInd,
                                            kLd | kImm,
                                            kLd | kW | kLen,
                                            kLdx | kImm,
                                            kLdx | kW | kLen,
                                            kLdx | kB | kMsh,
                                            kLd | kMem,
                                            kLdx | kMem,
                                            kSt,
                                            kStx,
                                            kAlu | kAdd | kK,
                                            kAlu | kSub | kX,
                                            kAlu | kMul | kK,
                                            kAlu | kDiv | kX,
                                            kAlu | kDiv | kK,
                                            kAlu | kOr | kX,
                                            kAlu | kAnd | kK,
                                            kAlu | kLsh | kK,
                                            kAlu | kRsh | kK,
                                            kAlu | kNeg,
                                            kAlu | kMod | kX,
                                            kAlu | kXor | kX,
                                            kJmp | kJa,
                                            kJmp | kJeq | kK,
                                            kJmp | kJgt | kX,
                                            kJmp | kJge | kK,
                                            kJmp | kJset | kX,
                                            kMisc | kTax,
                                            kMisc | kTxa};
  const std::size_t length = 2 + random() % 24;
  const bool by_x = random() % 2 == 0;
  Program program;
  for (std::size_t i = 0; i + 1 < length; ++i) {
    const auto rest = static_cast<unsigned>(length - i - 1);
    BpfInstruction each{static_cast<std::uint16_t>(kCodes[random() % kCodes.size()]), 0, 0,
                        static_cast<std::uint32_t>(random() % 14)};
    const unsigned mode = each.code & ~(kH | kB);
    if (!by_x && mode == (kLd | kInd)) each.code = kLd | kImm;
    if (by_x && (mode == (kLdx | kMem) || each.code == (kMisc | kTax))) each.code = kLdx | kB | kMsh;
    if ((each.code & kClassMask) == kJmp) {
      each.jump_true = static_cast<std::uint8_t>(random() % rest);
      each.jump_false = static_cast<std::uint8_t>(random() % rest);
      each.k = each.code == (kJmp | kJa) ? each.k % rest : each.k;
    }
    program.push_back(each);
  }
  program.push_back({static_cast<std::uint16_t>(kRet | (random() % 2 == 0 ? kA : kK)), 0, 0, 77});
  return program;
}

}  // namespace

TEST_CASE("Expressions that libpcap compiles take the frames that libpcap takes", "[device][bpf]") {
  Bench bench;
  std::mt19937 random(1);
  for (const char* expression :
       {"", "ip", "arp", "tcp port 80", "udp and (port 53 or port 67)", "net 10.0.0.0/8 and not icmp", "ip6",
        "ip6 and udp port 53", "vlan and udp", "greater 64", "len <= 60", "ether[0] & 1 != 0", "tcp[13] & 2 != 0",
        "ip[6:2] & 0x3fff != 0", "host 10.1.0.1 or host 10.0.1.0", "udp[0:2] + udp[2:2] > 100", "ether multicast",
        "ip[0] & 0xf > 5 and udp"}) {
    const Compiled compiled(expression);
    const auto program = BpfProgram::make(compiled.ours());
    INFO(expression);
    REQUIRE(program.ok());
    int taken = 0;
    int left = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto frame = random_frame(random);
      const auto skb = bench.packet(frame, frame.empty() ? 0 : random() % (frame.size() + 1));
      const auto wanted = program->run({*skb});
      REQUIRE(wanted == peer_run(compiled.ours(), frame));
      ++(wanted != 0 ? taken : left);
    }
    CHECK(taken > 0);
    if (*expression != '\0') CHECK(left > 0);
  }
}

TEST_CASE("Random programs give what libpcap's interpreter gives", "[device][bpf]") {
  Bench bench;
  std::mt19937 random(2);
  int ran = 0;
  int nonzero = 0;
  for (int i = 0; i < 60'000; ++i) {
    const Program program = random_program(random);
    const auto made = BpfProgram::make(program);
    if (!made) continue;
    ++ran;
    const auto frame = random_frame(random);
    const auto skb = bench.packet(frame, frame.size() / 2);
    const auto wanted = made->run({*skb});
    REQUIRE(wanted == peer_run(program, frame));
    nonzero += wanted != 0 ? 1 : 0;
  }
  CHECK(ran > 5'000);
  CHECK(nonzero > 1'000);
}

TEST_CASE("Programs that could do harm are refused", "[device][bpf]") {
  const BpfInstruction all{kRet | kK, 0, 0, 0xffff};
  const auto refused = [&](Program program) { return BpfProgram::make(program).ok() ? 0 : 1; };
  CHECK(refused({}));
  CHECK(refused(Program(kBpfMaxInstructions + 1, all)));
  CHECK_FALSE(refused(Program(kBpfMaxInstructions, all)));
  CHECK(refused({{kLd | kImm, 0, 0, 1}}));                // does not return
  CHECK(refused({{kJmp | kJa, 0, 0, 1}, all}));           // jumps out
  CHECK(refused({{kJmp | kJa, 0, 0, 0xffffffff}, all}));  // jumps back
  CHECK(refused({{kJmp | kJeq | kK, 1, 0, 0}, all}));
  CHECK(refused({{kJmp | kJeq | kK, 0, 1, 0}, all}));
  CHECK_FALSE(refused({{kJmp | kJeq | kK, 0, 0, 0}, all}));
  CHECK(refused({{kAlu | kDiv | kK, 0, 0, 0}, all}));
  CHECK(refused({{kAlu | kMod | kK, 0, 0, 0}, all}));
  CHECK(refused({{kAlu | kLsh | kK, 0, 0, 32}, all}));
  CHECK(refused({{kSt, 0, 0, kBpfMemoryWords}, all}));
  CHECK(refused({{kLd | kMem, 0, 0, 0}, all}));                                               // reads what nobody wrote
  CHECK(refused({{kJmp | kJeq | kK, 0, 1, 0}, {kSt, 0, 0, 3}, {kLd | kMem, 0, 0, 3}, all}));  // on one path only
  CHECK_FALSE(refused({{kSt, 0, 0, 3}, {kJmp | kJeq | kK, 0, 1, 0}, {kSt, 0, 0, 2}, {kLd | kMem, 0, 0, 3}, all}));
  CHECK(refused({{kLd | kW | kAbs, 0, 0, kAncillary + 2}, all}));  // no such ancillary
  CHECK(refused({{kLd | kH | kImm, 0, 0, 0}, all}));
  CHECK(refused({{kMisc | 0x40, 0, 0, 0}, all}));
  CHECK(refused({{kRet | kX, 0, 0, 0}}));
  CHECK(refused({{0xffff, 0, 0, 0}, all}));
}

TEST_CASE("Ancillary loads and offsets from headers", "[device][bpf]") {
  Bench bench;
  std::vector<std::byte> frame(64);
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::byte>(i);
  const auto skb = bench.packet(frame, 40);
  skb->reset_mac_header();
  skb->pull(14);
  skb->reset_network_header();
  skb->pull(8);
  skb->protocol = 0x0800;
  skb->mark = 7;
  skb->queue_mapping = 3;
  skb->packet_type = skb::PacketType::multicast;
  std::minstd_rand random(99);
  std::minstd_rand same(99);
  const auto load = [&](std::uint32_t k, unsigned width = kW) {
    const Program program{{static_cast<std::uint16_t>(kLd | width | kAbs), 0, 0, k}, {kRet | kA, 0, 0, 0}};
    return BpfProgram::make(program)->run({*skb, 5, &random});
  };
  const auto ancillary = [&](Ancillary what) { return load(kAncillary + static_cast<std::uint32_t>(what)); };
  CHECK(ancillary(Ancillary::protocol) == 0x0800);
  CHECK(ancillary(Ancillary::mark) == 7);
  CHECK(ancillary(Ancillary::queue) == 3);
  CHECK(ancillary(Ancillary::packet_type) == 2);
  CHECK(ancillary(Ancillary::cpu) == 5);
  CHECK(random == same);  // nobody asked yet
  const std::uint32_t drawn = ancillary(Ancillary::random);
  CHECK(drawn == same());
  CHECK(load(0, kB) == 22);                        // data
  CHECK(load(kFromNetworkHeader + 1, kB) == 15);   // in front of it
  CHECK(load(kFromNetworkHeader + 30, kB) == 44);  // in the fragment
  CHECK(load(kFromLinkHeader + 2, kH) == 0x0203);
  CHECK(load(kFromLinkHeader + 64, kB) == 0);
  CHECK(load(41, kH) == 0);
  CHECK(load(40, kH) == 0x3e3f);
  const Program wraps{{kLdx | kImm, 0, 0, 0xfffffffe}, {kLd | kB | kInd, 0, 0, 3}, {kRet | kA, 0, 0, 0}};
  CHECK(BpfProgram::make(wraps)->run({*skb}) == 23);
}
