// SPDX-License-Identifier: Apache-2.0
// Receive coalescing behind the parser: what leaves, cut into segments again, is what came, in each flow's order.
#include <catch2/catch.hpp>
#include <map>

#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/rx/coalesce_bench.hpp"
#include "tests/rtl/rx/packet_maker.hpp"

using namespace tests;
using namespace tests::rx;
using namespace contract;

namespace {

/// What came, from what left: a large frame's segments by the rules of segmentation, everything else as it is.
/// Checks on the way that the large frame is correct.
std::vector<Bytes> segments_of(const Seen& s) {
  if (s.meta.gso_type == NET_HDR_GSO_NONE) return {s.bytes};
  const bool ip6 = (s.meta.gso_type & 0x7F) == NET_HDR_GSO_TCPV6;
  REQUIRE(s.meta.flags == NET_HDR_F_NEEDS_CSUM);
  REQUIRE(s.meta.csum_offset == 16);
  const std::size_t l4 = s.meta.csum_start, l3 = l4 - (ip6 ? 40 : 20), headers = s.meta.hdr_len;
  const std::size_t total = s.bytes.size();
  REQUIRE(headers == l4 + (s.bytes[l4 + 12] >> 4) * std::size_t{4});
  const unsigned length = static_cast<unsigned>(s.bytes[l3 + (ip6 ? 4 : 2)] << 8 | s.bytes[l3 + (ip6 ? 5 : 3)]);
  REQUIRE(length == total - l3 - (ip6 ? 40 : 0));
  if (!ip6) REQUIRE(ones_sum(slice(s.bytes, l3, 20)) == 0xFFFF);
  // The checksum field holds the pseudo header's sum: the driver's final sum has to come out right.
  Bytes whole = s.bytes;
  put16(whole, l4 + 16, 0xFFFF ^ ones_sum(slice(whole, l4, total - l4)));
  REQUIRE(tcp_sum(whole, l3, l4, ip6, total) == 0xFFFF);
  std::vector<Bytes> result;
  for (std::size_t at = headers; at < total; at += s.meta.gso_size) {
    const std::size_t n = std::min<std::size_t>(s.meta.gso_size, total - at);
    Bytes f = slice(s.bytes, 0, headers);
    const Bytes payload = slice(s.bytes, at, n);
    f.insert(f.end(), payload.begin(), payload.end());
    put32(f, l4 + 4, get32(s.bytes, l4 + 4) + static_cast<std::uint32_t>(at - headers));
    if (!ip6)
      put16(
          f, l3 + 4,
          (static_cast<unsigned>(s.bytes[l3 + 4] << 8 | s.bytes[l3 + 5]) + (at - headers) / s.meta.gso_size) & 0xFFFF);
    if (at + n < total) f[l4 + 13] &= static_cast<std::uint8_t>(~kPsh);
    if (at > headers) f[l4 + 13] &= static_cast<std::uint8_t>(~kCwr);
    finish(f, l3, l4, ip6);
    result.push_back(padded(f));
  }
  return result;
}

/// Without the fields that a large frame has of its last segment only.
Bytes blind(Bytes frame) {
  const Headers h = read_headers(frame);
  if (!h.tcp) return frame;
  std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(h.l4 + 8), 4, std::uint8_t{0});
  std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(h.l4 + 14), 4, std::uint8_t{0});
  return frame;
}

}  // namespace

TEST_CASE("A stream becomes large frames and can be cut into itself again", "[rtl][rx]") {
  const bool ip6 = GENERATE(false, true);
  const unsigned tags = GENERATE(0U, 1U, 2U);
  const bool stamps = GENERATE(false, true);
  const unsigned mss = GENERATE(1U, 100U, 536U, 1448U, 1447U);
  Coalesce dut;
  Random random(mss + tags);
  Flow flow{.ip6 = ip6, .number = 3, .tags = tags, .timestamps = stamps, .fragments_allowed = tags == 1};
  std::vector<Bytes> sent;
  for (int i = 0; i < 30; ++i) {
    const std::size_t n = i % 10 == 9 ? 1 + mss / 2 : mss;
    sent.push_back(padded(segment(flow, random_frame(random, n), i % 15 == 14 ? kAck | kPsh : kAck)));
    dut.send(sent.back());
  }
  dut.drain();
  std::vector<Bytes> got;
  for (const Seen& s : dut.seen)
    for (const Bytes& f : segments_of(s)) got.push_back(f);
  REQUIRE(got == sent);
  REQUIRE(dut.seen.size() <= (mss == 1 ? 3U : 5U));
  REQUIRE(dut.merged == sent.size() - dut.seen.size());
}

TEST_CASE("The last segment's acknowledgement and window are the large frame's", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  for (int i = 0; i < 4; ++i) {
    dut.send(segment(flow, Bytes(200, 1), i == 3 ? kAck | kPsh : kAck));
    flow.ack += 10;
  }
  dut.idle(400);
  REQUIRE(dut.seen.size() == 1);
  const Bytes& f = dut.seen[0].bytes;
  REQUIRE(get32(f, 34 + 8) == 1030);
  REQUIRE((f[34 + 14] << 8 | f[34 + 15]) == 530);
  REQUIRE(f[34 + 13] == (kAck | kPsh));
  REQUIRE(dut.seen[0].meta.gso_size == 200);
  REQUIRE(dut.seen[0].meta.hdr_len == 54);
}

TEST_CASE("What does not continue a flow sends it ahead and stays apart", "[rtl][rx]") {
  struct Case {
    const char* name;
    unsigned flags;
    void (*spoil)(Flow&);
    bool bad_sum = false;
    std::size_t payload = 100;
  };
  const auto c =
      GENERATE(Case{"FIN", kAck | kFin, [](Flow&) {}}, Case{"SYN", kAck | kSyn, [](Flow&) {}},
               Case{"gap", kAck, [](Flow& f) { f.seq += 1; }}, Case{"old", kAck, [](Flow& f) { f.seq -= 50; }},
               Case{"ack back", kAck, [](Flow& f) { f.ack -= 1; }}, Case{"stamp", kAck, [](Flow& f) { f.stamp += 1; }},
               Case{"options", kAck, [](Flow& f) { f.timestamps = false; }},
               Case{"tos", kAck, [](Flow& f) { f.tos = 4; }}, Case{"id", kAck, [](Flow& f) { f.id += 3; }},
               Case{"vlan", kAck, [](Flow& f) { f.tags = 1; }}, Case{"sum", kAck, [](Flow&) {}, true},
               Case{"larger", kAck, [](Flow&) {}, false, 101}, Case{"no payload", kAck, [](Flow&) {}, false, 0},
               Case{"ECE", kAck | kEce, [](Flow&) {}}, Case{"CWR", kAck | kCwr, [](Flow&) {}});
  INFO(c.name);
  Coalesce dut;
  Flow flow{.number = 1, .timestamps = true, .fragments_allowed = true};
  std::vector<Bytes> sent;
  for (int i = 0; i < 2; ++i) sent.push_back(segment(flow, Bytes(100, 1), kAck));
  c.spoil(flow);
  sent.push_back(padded(segment(flow, Bytes(c.payload, 2), c.flags)));
  if (c.bad_sum) sent.back()[sent.back().size() - 1] ^= 1;
  for (const Bytes& f : sent) dut.send(f);
  dut.drain();
  REQUIRE(dut.seen.size() == 2);
  REQUIRE(dut.seen[0].meta.gso_type == NET_HDR_GSO_TCPV4);
  REQUIRE(dut.seen[1].meta.gso_type == NET_HDR_GSO_NONE);
  REQUIRE(dut.seen[1].meta.flags == (c.bad_sum ? 0 : NET_HDR_F_DATA_VALID));
  std::vector<Bytes> got;
  for (const Seen& s : dut.seen)
    for (const Bytes& f : segments_of(s)) got.push_back(f);
  REQUIRE(got == sent);
}

TEST_CASE("With GUEST_ECN a flow may begin with CWR", "[rtl][rx]") {
  Coalesce dut(kTso | kEcn);
  Flow flow{.number = 1};
  dut.send(segment(flow, Bytes(100, 1), kAck | kCwr));
  dut.send(segment(flow, Bytes(100, 1), kAck));
  dut.drain();
  REQUIRE(dut.seen.size() == 1);
  REQUIRE(dut.seen[0].meta.gso_type == (NET_HDR_GSO_TCPV4 | NET_HDR_GSO_ECN));
}

TEST_CASE("A lone segment is held as long as it may be and leaves as it came", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  const Bytes frame = segment(flow, Bytes(100, 1), kAck);
  dut.send(frame);
  dut.idle(1600);
  REQUIRE(dut.seen.empty());
  dut.idle(700);
  REQUIRE(dut.seen.size() == 1);
  REQUIRE(dut.seen[0].bytes == frame);
  REQUIRE(dut.seen[0].meta.flags == NET_HDR_F_DATA_VALID);
}

TEST_CASE("Not negotiated, frames pass without a cycle of delay", "[rtl][rx]") {
  Coalesce dut(16);
  Flow flow{.number = 1};
  for (int i = 0; i < 5; ++i) {
    dut.send(segment(flow, Bytes(100, 1), kAck));
    dut.idle(14);
    REQUIRE(dut.seen.size() == static_cast<std::size_t>(i + 1));
  }
  REQUIRE(dut.merged == 0);
}

TEST_CASE("A flow grows to what a frame can hold, not beyond", "[rtl][rx]") {
  Coalesce dut;
  dut.hold(900);
  Flow flow{.number = 1};
  std::vector<Bytes> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(segment(flow, Bytes(1460, static_cast<std::uint8_t>(i)), kAck));
    dut.send(sent.back());
  }
  dut.idle(240000);
  std::vector<Bytes> got;
  std::size_t most = 0;
  for (const Seen& s : dut.seen) {
    most = std::max(most, s.bytes.size());
    for (const Bytes& f : segments_of(s)) got.push_back(f);
  }
  REQUIRE(got == sent);
  REQUIRE(most > 31000);
  REQUIRE(most <= 32768);
}

TEST_CASE("Many flows, other frames and mistakes between them: nothing is lost, no flow changes its order",
          "[rtl][rx]") {
  const auto seed = GENERATE(range(0U, 6U));
  Random random(seed);
  Coalesce dut(kTso | (seed % 2 == 0 ? kEcn : 0));
  std::vector<Flow> flows;
  for (unsigned i = 0; i < 7; ++i)
    flows.push_back(
        {.ip6 = i % 2 == 1, .number = i, .tags = i % 3, .timestamps = i % 4 == 0, .fragments_allowed = i > 3});
  // Each flow's own frames in order; what is none of theirs under key 99.
  std::map<unsigned, std::vector<Bytes>> sent, got;
  std::map<Bytes, unsigned> owner;
  unsigned bad = 0;
  for (int i = 0; i < 3000; ++i) {
    const unsigned which = random() % 10;
    Bytes frame;
    unsigned key = 99, err = FRAME_OK;
    if (which < 7) {
      Flow& flow = flows[which];
      key = which;
      const std::size_t mss = which == 6 ? 1 : 100 * (which + 1);
      if (random() % 30 == 0) flow.seq += random() % 3;
      if (random() % 30 == 0) flow.ack += random() % 5 - 1;
      if (random() % 40 == 0) flow.stamp += 1;
      const unsigned extra[] = {0, 0, 0, 0, 0, 0, 0, kPsh, kFin, kCwr};
      frame = padded(
          segment(flow, random_frame(random, random() % 12 == 0 ? random() % mss : mss), kAck | extra[random() % 10]));
    } else {
      frame = padded(random_packet(random, {.max_payload = 60}));
    }
    if (random() % 25 == 0) err = 1 + random() % 7;
    if (err == FRAME_OK) {
      sent[key].push_back(blind(frame));
      owner[blind(frame)] = key;
    } else {
      ++bad;
    }
    dut.send(frame, err);
    if (random() % 4 == 0) dut.idle(static_cast<int>(random() % 40));
    if (random() % 200 == 0) dut.drain();
    if (random() % 300 == 0) {
      dut.offload(random() % 2 == 0 ? 16 : kTso);
    }
  }
  dut.drain();
  REQUIRE(dut.lost == 0);
  unsigned bad_seen = 0;
  for (const Seen& s : dut.seen) {
    if (s.err != FRAME_OK) {
      ++bad_seen;
      continue;
    }
    for (const Bytes& f : segments_of(s)) {
      const Bytes known = blind(f);
      REQUIRE(owner.count(known) == 1);
      got[owner[known]].push_back(known);
    }
  }
  REQUIRE(bad_seen == bad);
  std::sort(sent[99].begin(), sent[99].end());  // many flows of one segment each: some are held
  std::sort(got[99].begin(), got[99].end());
  REQUIRE(got == sent);
  REQUIRE(dut.merged > 100);
}

TEST_CASE("A verdict and a filter's refusal travel on", "[rtl][rx]") {
  Coalesce dut;
  Flow flow{.number = 1};
  dut.send(segment(flow, Bytes(100, 1), kAck));
  Flow same = flow;
  dut.send(segment(flow, Bytes(100, 1), kAck), FRAME_BAD_FCS);
  dut.send(segment(same, Bytes(100, 1), kAck | kPsh));
  dut.drain();
  REQUIRE(dut.seen.size() == 2);
  REQUIRE(dut.seen[0].err == FRAME_BAD_FCS);  // nobody reads it: it need not wait
  REQUIRE(dut.seen[1].meta.gso_type == NET_HDR_GSO_TCPV4);
}
