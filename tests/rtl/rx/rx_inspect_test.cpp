// SPDX-License-Identifier: Apache-2.0
// Parser, checksum, hash, steering and filter together against references written from the RFCs.
#include <catch2/catch.hpp>
#include <deque>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/rx/frame_reference.hpp"
#include "tests/rtl/rx/packet_maker.hpp"
#include "tests/rtl/rx/wide_beats.hpp"
#include MODEL_HEADER

using namespace tests;
using namespace tests::rx;
using namespace contract;

namespace {

constexpr unsigned kAllTypes = 0x1FF;
constexpr unsigned kGuestCsum = 16, kHashReport = 1;  // of rx_pkg::offload_t
const HashKey kKey = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
                      0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
                      0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};
const Bytes kMac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

struct Seen {
  Bytes bytes;
  unsigned err = 0;
  Meta meta;
};

class Inspect {
 public:
  Inspect() {
    std::uint64_t mac = 0;
    for (unsigned b = 0; b < 6; ++b) mac |= std::uint64_t{kMac[b]} << (8 * b);
    dut_->mac_i = mac;
    dut_->offload_i = kGuestCsum | kHashReport;
  }

  void offload(unsigned bits) { dut_->offload_i = static_cast<std::uint8_t>(bits); }

  void cycle(const WideBeat* beat) {
    dut_->in_valid_i = beat != nullptr;
    if (beat != nullptr) put_wide_beat(dut_->in_i, *beat);
    dut_.tick();
    if (!dut_->out_valid_o) return;
    const WideBeat out = take_wide_beat(dut_->out_o);
    current_.insert(current_.end(), out.data.begin(), out.data.begin() + out.used);
    if (out.last) {
      seen.push_back({current_, out.err, take_meta(dut_->out_meta_o)});
      current_.clear();
    }
  }
  void send(const Bytes& frame, unsigned err = FRAME_OK, std::uint8_t filler = 0) {
    for (const WideBeat& beat : to_wide(frame, err, filler)) cycle(&beat);
  }
  void idle(int cycles = 30) {
    for (int i = 0; i < cycles; ++i) cycle(nullptr);
  }
  Meta meta_of(const Bytes& frame) {
    send(frame);
    idle();
    return seen.back().meta;
  }

  void write_rss(unsigned addr, std::uint32_t value) {
    access(dut_->rss_req_valid_i, dut_->rss_req_i, addr, true, value);
    REQUIRE(dut_->rss_rsp_valid_o);
  }
  std::uint32_t read_rss(unsigned addr) {
    access(dut_->rss_req_valid_i, dut_->rss_req_i, addr, false, 0);
    REQUIRE(dut_->rss_rsp_valid_o);
    return dut_->rss_rsp_rdata_o;
  }
  void write_filter(unsigned addr, std::uint32_t value) {
    access(dut_->filter_req_valid_i, dut_->filter_req_i, addr, true, value);
    REQUIRE(dut_->filter_rsp_valid_o);
  }
  std::uint32_t read_filter(unsigned addr) {
    access(dut_->filter_req_valid_i, dut_->filter_req_i, addr, false, 0);
    REQUIRE(dut_->filter_rsp_valid_o);
    return dut_->filter_rsp_rdata_o;
  }
  void write_key(const HashKey& key) {
    for (unsigned w = 0; w < 10; ++w) {
      std::uint32_t value = 0;
      for (unsigned b = 0; b < 4; ++b) value |= std::uint32_t{key.at(4 * w + b)} << (8 * b);
      write_rss(RSS_KEY + 4 * w, value);
      REQUIRE(read_rss(RSS_KEY + 4 * w) == value);
    }
  }
  void set_entry(unsigned entry, const Bytes& mac, bool valid = true) {
    std::uint64_t value = 0;
    for (unsigned b = 0; b < 6; ++b) value |= std::uint64_t{mac[b]} << (8 * b);
    write_filter(RXF_MAC_TABLE + 8 * entry, static_cast<std::uint32_t>(value));
    write_filter(RXF_MAC_TABLE + 8 * entry + 4, static_cast<std::uint32_t>(value >> 32) | (valid ? 1U << 31 : 0U));
  }

  std::deque<Seen> seen;

 private:
  template <typename Valid, typename Port>
  void access(Valid& valid, Port& port, unsigned addr, bool write, std::uint32_t value) {
    valid = 1;
    port = std::uint64_t{write} << 44 | std::uint64_t{addr} << 32 | value;
    dut_.tick();
    valid = 0;
    dut_->eval();
  }

  Clocked<MODEL> dut_;
  Bytes current_;
};

void check(const Seen& seen, const Bytes& frame, unsigned err, unsigned types, const HashKey& key) {
  const Headers h = read_headers(frame);
  const Hash hash = hash_of(h, types, key);
  CAPTURE(frame);
  REQUIRE(seen.bytes == frame);
  REQUIRE(seen.err == err);
  REQUIRE_FALSE(seen.meta.drop);
  REQUIRE(seen.meta.hash_report == hash.report);
  REQUIRE(seen.meta.hash == hash.value);
  REQUIRE(seen.meta.flags == (h.checksum_good && err == FRAME_OK ? NET_HDR_F_DATA_VALID : 0));
  REQUIRE(seen.meta.gso_type == 0);
}

Bytes ip4_packet(const Bytes& src, const Bytes& dst, unsigned sport, unsigned dport, unsigned protocol) {
  Bytes f(14 + 20 + 20);
  f[12] = 8;
  f[14] = 0x45;
  f[17] = 40;
  f[23] = static_cast<std::uint8_t>(protocol);
  std::copy(src.begin(), src.end(), f.begin() + 26);
  std::copy(dst.begin(), dst.end(), f.begin() + 30);
  f[34] = static_cast<std::uint8_t>(sport >> 8), f[35] = static_cast<std::uint8_t>(sport);
  f[36] = static_cast<std::uint8_t>(dport >> 8), f[37] = static_cast<std::uint8_t>(dport);
  f[46] = 0x50;
  return padded(f);
}

Bytes ip6_packet(const Bytes& src, const Bytes& dst, unsigned sport, unsigned dport) {
  Bytes f(14 + 40 + 20);
  f[12] = 0x86, f[13] = 0xDD;
  f[14] = 0x60;
  f[19] = 20;
  f[20] = 6;
  std::copy(src.begin(), src.end(), f.begin() + 22);
  std::copy(dst.begin(), dst.end(), f.begin() + 38);
  f[54] = static_cast<std::uint8_t>(sport >> 8), f[55] = static_cast<std::uint8_t>(sport);
  f[56] = static_cast<std::uint8_t>(dport >> 8), f[57] = static_cast<std::uint8_t>(dport);
  f[66] = 0x50;
  return f;
}

}  // namespace

TEST_CASE("Hashes are those of Microsoft's verification suite", "[rtl][rx]") {
  struct Vector {
    Bytes src, dst;
    unsigned sport, dport;
    std::uint32_t ip, tcp;
  };
  const std::vector<Vector> v4 = {{{66, 9, 149, 187}, {161, 142, 100, 80}, 2794, 1766, 0x323e8fc2, 0x51ccc178},
                                  {{199, 92, 111, 2}, {65, 69, 140, 83}, 14230, 4739, 0xd718262a, 0xc626b0ea},
                                  {{24, 19, 198, 95}, {12, 22, 207, 184}, 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
                                  {{38, 27, 205, 30}, {209, 142, 163, 6}, 48228, 2217, 0x82989176, 0xafc7327f},
                                  {{153, 39, 163, 191}, {202, 188, 127, 2}, 44251, 1303, 0x5d1809c5, 0x10e828a2}};
  const std::vector<Vector> v6 = {
      {{0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7},
       {0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0, 0, 0, 0, 0, 0, 0, 1},
       2794,
       1766,
       0x2cc18cd5,
       0x40207d3d},
      {{0x3f, 0xfe, 0x05, 0x01, 0x00, 0x08, 0, 0, 0x02, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab},
       {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
       14230,
       4739,
       0x0f0c461c,
       0xdde51bbf},
      {{0x3f, 0xfe, 0x19, 0x00, 0x45, 0x45, 0x00, 0x03, 0x02, 0x00, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf},
       {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0x00, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf},
       44251,
       38024,
       0x4b61e985,
       0x02d1feef}};
  Inspect dut;
  dut.write_key(kKey);
  for (const Vector& v : v4) {
    dut.write_rss(RSS_TYPES, 1U << (HASH_IPV4 - 1));
    REQUIRE(dut.meta_of(ip4_packet(v.src, v.dst, v.sport, v.dport, 6)).hash == v.ip);
    dut.write_rss(RSS_TYPES, kAllTypes);
    const Meta meta = dut.meta_of(ip4_packet(v.src, v.dst, v.sport, v.dport, 6));
    REQUIRE(meta.hash == v.tcp);
    REQUIRE(meta.hash_report == HASH_TCPV4);
    REQUIRE(dut.meta_of(ip4_packet(v.src, v.dst, v.sport, v.dport, 17)).hash == v.tcp);
  }
  for (const Vector& v : v6) {
    dut.write_rss(RSS_TYPES, 1U << (HASH_IPV6 - 1));
    REQUIRE(dut.meta_of(ip6_packet(v.src, v.dst, v.sport, v.dport)).hash == v.ip);
    dut.write_rss(RSS_TYPES, kAllTypes);
    const Meta meta = dut.meta_of(ip6_packet(v.src, v.dst, v.sport, v.dport));
    REQUIRE(meta.hash == v.tcp);
    REQUIRE(meta.hash_report == HASH_TCPV6);
  }
}

TEST_CASE("Correct packets are found valid, whatever their shape", "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 4U));
  Random random(seed);
  Inspect dut;
  dut.write_key(kKey);
  dut.write_rss(RSS_TYPES, kAllTypes);
  std::vector<Bytes> sent;
  for (int i = 0; i < 1000; ++i) {
    const std::size_t max_payload = i % 100 == 0 ? 9000 : i % 3 == 0 ? 8 : 300;
    sent.push_back(random_packet(random, {.correct = true, .max_payload = max_payload}));
    REQUIRE(read_headers(sent.back()).checksum_good);
    dut.send(sent.back(), FRAME_OK, static_cast<std::uint8_t>(random()));
  }
  dut.idle();
  REQUIRE(dut.seen.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) check(dut.seen[i], sent[i], FRAME_OK, kAllTypes, kKey);
}

TEST_CASE("Spoilt, cut and malicious frames get exactly what their bytes deserve", "[rtl][rx]") {
  const auto seed = GENERATE(range(10U, 18U));
  Random random(seed);
  Inspect dut;
  HashKey key{};
  for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
  dut.write_key(key);
  const unsigned types = seed % 3 == 0 ? kAllTypes : random() & kAllTypes;
  dut.write_rss(RSS_TYPES, types);
  std::vector<Frame> sent;
  unsigned valid = 0, fragments = 0, cut = 0;
  for (int i = 0; i < 2500; ++i) {
    const unsigned err = random() % 20 == 0 ? 1 + random() % 7 : FRAME_OK;
    sent.push_back({random_packet(random, {.max_payload = i % 4 == 0 ? 0U : 120U}), err});
    dut.send(sent.back().bytes, err, static_cast<std::uint8_t>(random()));
    if (seed % 2 == 0) dut.idle(static_cast<int>(random() % 3));
    const Headers h = read_headers(sent.back().bytes);
    valid += h.checksum_good;
    fragments += h.fragment;
    cut += sent.back().bytes.size() < 60;
  }
  dut.idle();
  REQUIRE(dut.seen.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) check(dut.seen[i], sent[i].bytes, sent[i].err, types, key);
  REQUIRE(valid > 300);
  REQUIRE(fragments > 50);
  REQUIRE(cut > 50);
}

TEST_CASE("Without negotiation the header's fields stay zero", "[rtl][rx]") {
  Random random(3);
  Inspect dut;
  dut.write_key(kKey);
  dut.write_rss(RSS_TYPES, kAllTypes);
  const Bytes frame = random_packet(random, {.correct = true});
  REQUIRE(dut.meta_of(frame).flags == NET_HDR_F_DATA_VALID);
  dut.offload(kHashReport);
  REQUIRE(dut.meta_of(frame).flags == 0);
  REQUIRE(dut.meta_of(frame).hash != 0);
  dut.offload(0);
  REQUIRE(dut.meta_of(frame) == Meta{});
}

TEST_CASE("Frames go where the indirection table says", "[rtl][rx]") {
  Random random(4);
  Inspect dut;
  REQUIRE(dut.read_rss(RSS_PAIRS) == 1);
  dut.write_key(kKey);
  std::vector<unsigned> table;
  for (unsigned i = 0; i < 128; ++i) {
    table.push_back(random() % 64);
    dut.write_rss(RSS_TABLE + 4 * i, table.back());
  }
  for (unsigned i = 0; i < 128; ++i) REQUIRE(dut.read_rss(RSS_TABLE + 4 * i) == table[i]);
  dut.write_rss(RSS_UNCLASSIFIED, 5);
  for (const unsigned types : {0U, kAllTypes, 0x5U}) {
    for (const unsigned pairs : {1U, 3U, 40U, 64U}) {
      for (const unsigned mask : {0U, 7U, 127U}) {
        dut.write_rss(RSS_TYPES, types);
        dut.write_rss(RSS_PAIRS, pairs);
        dut.write_rss(RSS_MASK, mask);
        dut.seen.clear();
        std::vector<unsigned> expected;
        for (int i = 0; i < 40; ++i) {
          const Bytes frame = random_packet(random, {});
          const Hash hash = hash_of(read_headers(frame), types, kKey);
          const unsigned pair = hash.report == HASH_NONE ? 5 : table[hash.value & mask];
          expected.push_back(pair < pairs ? pair : 0);
          dut.send(frame);
        }
        dut.idle();
        for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(dut.seen[i].meta.pair == expected[i]);
      }
    }
  }
}

TEST_CASE("The filter takes what its mode, addresses and VLANs allow", "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 6U));
  Random random(seed);
  Inspect dut;
  REQUIRE(dut.read_filter(RXF_MODE) == 1U << RXF_MODE_PROMISC);
  std::vector<Bytes> listed;
  for (unsigned e = 0; e < RXF_MAC_ENTRIES; ++e) {
    listed.push_back(random_frame(random, 6));
    dut.set_entry(e, listed.back(), e % 4 != 3);
    const std::uint32_t high = std::uint32_t{listed[e][5]} << 8 | listed[e][4] | (e % 4 != 3 ? 1U << 31 : 0U);
    REQUIRE(dut.read_filter(RXF_MAC_TABLE + 8 * e + 4) == high);
  }
  std::vector<std::uint32_t> vlans;
  for (unsigned w = 0; w < 128; ++w) {
    vlans.push_back(random());
    dut.write_filter(RXF_VLAN_TABLE + 4 * w, vlans.back());
  }
  for (unsigned w = 0; w < 128; ++w) REQUIRE(dut.read_filter(RXF_VLAN_TABLE + 4 * w) == vlans[w]);
  unsigned taken = 0, refused = 0;
  for (int i = 0; i < 1500; ++i) {
    const unsigned mode = i % 20 == 0 ? random() % 128 : random() % 128 & ~1U;
    dut.write_filter(RXF_MODE, mode);
    Bytes frame = random_frame(random, 60 + random() % 20);
    const unsigned which = random() % 6;
    const unsigned entry = random() % RXF_MAC_ENTRIES;
    Bytes mac = which == 0   ? Bytes(6, 0xFF)
                : which == 1 ? kMac
                : which == 2 ? listed[entry]
                             : Bytes(frame.begin(), frame.begin() + 6);
    if (which == 4) mac[random() % 6] = 0xFF;
    if (which == 5) {  // one bit away from an address that counts
      mac = random() % 3 == 0 ? Bytes(6, 0xFF) : random() % 2 == 0 ? kMac : listed[entry];
      mac[random() % 6] ^= static_cast<std::uint8_t>(1U << random() % 8);
    }
    std::copy(mac.begin(), mac.end(), frame.begin());
    const bool tagged = random() % 2 == 0;
    frame[12] = tagged ? (random() % 2 == 0 ? 0x81 : 0x88) : 0x40;
    frame[13] = frame[12] == 0x88 ? 0xA8 : 0x00;
    const unsigned vlan = static_cast<unsigned>(frame[14] << 8 | frame[15]) & 0xFFF;
    const auto on = [&](unsigned bit) { return (mode >> bit & 1U) != 0; };
    bool in_table = false;
    for (unsigned e = 0; e < RXF_MAC_ENTRIES; ++e) in_table = in_table || (e % 4 != 3 && listed[e] == mac);
    bool wanted = false;
    if (mac == Bytes(6, 0xFF))
      wanted = !on(RXF_MODE_NOBCAST);
    else if ((mac[0] & 1) != 0)
      wanted = !on(RXF_MODE_NOMULTI) && (on(RXF_MODE_ALLMULTI) || in_table);
    else
      wanted = !on(RXF_MODE_NOUNI) && (on(RXF_MODE_ALLUNI) || mac == kMac || in_table);
    if (on(RXF_MODE_VLAN) && tagged && (vlans[vlan / 32] >> (vlan % 32) & 1U) == 0) wanted = false;
    if (on(RXF_MODE_PROMISC)) wanted = true;
    INFO("mode " << mode << " kind " << which);
    REQUIRE(dut.meta_of(frame).drop == !wanted);
    taken += wanted;
    refused += !wanted;
  }
  REQUIRE(taken > 200);
  REQUIRE(refused > 200);
}

TEST_CASE("Frames of 64 bytes without a gap are all understood", "[rtl][rx]") {
  Random random(7);
  Inspect dut;
  dut.write_key(kKey);
  dut.write_rss(RSS_TYPES, kAllTypes);
  std::vector<Bytes> sent;
  while (sent.size() < 500) {
    const Bytes frame = random_packet(random, {.correct = true, .max_payload = 4});
    if (frame.size() <= 64) sent.push_back(frame);
  }
  for (const Bytes& frame : sent) dut.send(frame);
  dut.idle();
  REQUIRE(dut.seen.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) check(dut.seen[i], sent[i], FRAME_OK, kAllTypes, kKey);
}
