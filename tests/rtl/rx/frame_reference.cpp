// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/rx/frame_reference.hpp"

#include <optional>

#include "rtl/contract/virtio_contract.hpp"

namespace tests::rx {

namespace {

unsigned be16(const Bytes& b, std::size_t at) {
  return static_cast<unsigned>(b[at] << 8 | b[at + 1]);
}

Bytes slice(const Bytes& b, std::size_t at, std::size_t length) {
  return {b.begin() + static_cast<std::ptrdiff_t>(at), b.begin() + static_cast<std::ptrdiff_t>(at + length)};
}

void append(Bytes& to, const Bytes& what) {
  to.insert(to.end(), what.begin(), what.end());
}

/// Where the transport header stands, if there is one that counts.
struct Transport {
  std::size_t at = 0;
  std::size_t end = 0;  // of the datagram
  unsigned protocol = 0;
};

constexpr unsigned kHop = 0, kTcp = 6, kUdp = 17, kRoute = 43, kFragment = 44, kDestination = 60;

struct Reader {
  const Bytes& frame;
  Headers& h;
  bool header_sum_good = true;
  bool detour = false;

  std::optional<Transport> ip4(std::size_t at) {  // RFC 791
    if (frame.size() < at + 20 || frame[at] >> 4 != 4) return std::nullopt;
    const std::size_t length = (frame[at] & 15U) * std::size_t{4}, total = be16(frame, at + 2);
    if (length < 20 || total < length || frame.size() < at + total) return std::nullopt;
    h.ip4 = true;
    h.l3 = at;
    h.source = slice(frame, at + 12, 4);
    h.destination = slice(frame, at + 16, 4);
    h.fragment = (be16(frame, at + 6) & 0x3FFFU) != 0;
    header_sum_good = ones_sum(slice(frame, at, length)) == 0xFFFF;
    if (h.fragment) return std::nullopt;
    return Transport{at + length, at + total, frame[at + 9]};
  }

  std::optional<Transport> ip6(std::size_t at) {  // RFC 8200
    if (frame.size() < at + 40 || frame[at] >> 4 != 6) return std::nullopt;
    const std::size_t end = at + 40 + be16(frame, at + 4);
    if (frame.size() < end) return std::nullopt;
    h.ip6 = true;
    h.l3 = at;
    h.source = slice(frame, at + 8, 16);
    h.destination = slice(frame, at + 24, 16);
    unsigned next = frame[at + 6];
    std::size_t here = at + 40;
    for (unsigned count = 0;; ++count) {
      const bool extension =
          (next == kHop && count == 0) || next == kRoute || next == kFragment || next == kDestination;
      if (!extension) break;
      if (count == 7) return std::nullopt;
      if (here + 8 > end) return std::nullopt;
      h.extensions = true;
      const std::size_t length = next == kFragment ? 8 : 8 * (std::size_t{frame[here + 1]} + 1);
      if (next == kFragment) {
        h.fragment = true;
        return std::nullopt;
      }
      addresses(next, here, length, end);
      next = frame[here];
      here += length;
      if (here > end) return std::nullopt;
    }
    return Transport{here, end, next};
  }

  /// RFC 6275: 6.3 home address option (aligned to 8n+6, here behind one PadN of four bytes), 6.4 routing type 2.
  void addresses(unsigned type, std::size_t at, std::size_t length, std::size_t end) {
    if (type == kDestination && length >= 24) detour = true;
    if (type == kRoute && frame[at + 3] != 0) detour = true;
    if (length != 24 || at + 24 > end) return;
    if (type == kDestination && be16(frame, at + 2) == 0x0102 && be16(frame, at + 6) == 0xC910)
      h.home = slice(frame, at + 8, 16);
    if (type == kRoute && be16(frame, at + 2) == 0x0201) h.route = slice(frame, at + 8, 16);
  }

  void transport(const Transport& t) {
    const std::size_t length = t.end - t.at;
    h.l4 = t.at;
    h.l4_length = length;
    if (t.protocol == kTcp && length >= 20) {  // RFC 9293
      const std::size_t header = (frame[t.at + 12] >> 4) * std::size_t{4};
      h.tcp = header >= 20 && header <= length;
    }
    h.udp = t.protocol == kUdp && length >= 8;  // RFC 768
    if (!h.tcp && !h.udp) return;
    h.ports = slice(frame, t.at, 4);
    Bytes covered = h.source;
    append(covered, h.destination);
    const auto n = static_cast<unsigned>(length);
    append(covered, {0, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
                     static_cast<std::uint8_t>(n), 0, static_cast<std::uint8_t>(t.protocol)});
    append(covered, slice(frame, t.at, length));
    const bool sum_good = ones_sum(covered) == 0xFFFF;
    const bool udp_good = !h.udp || (be16(frame, t.at + 4) == length && be16(frame, t.at + 6) != 0);
    h.checksum_good = sum_good && udp_good && header_sum_good && !detour;
  }
};

}  // namespace

unsigned ones_sum(const Bytes& bytes, unsigned start) {
  unsigned sum = start;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? unsigned{bytes[i]} << 8 : unsigned{bytes[i]};
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return sum;
}

Headers read_headers(const Bytes& frame) {
  Headers h;
  Reader reader{frame, h};
  std::size_t at = 12;
  if (frame.size() < at + 2) return h;
  unsigned type = be16(frame, at);
  while (type == 0x8100 || type == 0x88A8) {  // IEEE 802.1Q: customer and service tags
    if (h.tags == 2 || frame.size() < at + 6) return h;
    if (h.tags++ == 0) h.vlan = be16(frame, at + 2) & 0xFFF;
    at += 4;
    type = be16(frame, at);
  }
  std::optional<Transport> t;
  if (type == 0x0800) t = reader.ip4(at + 2);
  if (type == 0x86DD) t = reader.ip6(at + 2);
  if (t.has_value()) reader.transport(*t);
  return h;
}

std::uint32_t toeplitz(const HashKey& key, const Bytes& input) {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < 8 * input.size(); ++i) {
    if ((input[i / 8] >> (7 - i % 8) & 1U) == 0) continue;
    std::uint32_t window = 0;
    for (std::size_t k = i; k < i + 32; ++k) {
      window = window << 1 | static_cast<std::uint32_t>(key.at(k / 8) >> (7 - k % 8) & 1U);
    }
    result ^= window;
  }
  return result;
}

Hash hash_of(const Headers& h, unsigned types, const HashKey& key) {
  using namespace contract;
  const auto on = [&](unsigned report) { return (types >> (report - 1) & 1U) != 0; };
  unsigned report = HASH_NONE;
  if (h.ip4) {
    if (h.tcp && on(HASH_TCPV4)) report = HASH_TCPV4;
    if (h.udp && on(HASH_UDPV4)) report = HASH_UDPV4;
    if (report == HASH_NONE && on(HASH_IPV4)) report = HASH_IPV4;
  }
  if (h.ip6) {
    const bool ex = h.extensions;
    if (h.tcp && on(HASH_TCPV6)) report = HASH_TCPV6;
    if (h.tcp && ex && on(HASH_TCP_EX)) report = HASH_TCP_EX;
    if (h.udp && on(HASH_UDPV6)) report = HASH_UDPV6;
    if (h.udp && ex && on(HASH_UDP_EX)) report = HASH_UDP_EX;
    if (report == HASH_NONE && ex && on(HASH_IP_EX)) report = HASH_IP_EX;
    if (report == HASH_NONE && on(HASH_IPV6)) report = HASH_IPV6;
  }
  if (report == HASH_NONE) return {};
  const bool extended = report == HASH_IP_EX || report == HASH_TCP_EX || report == HASH_UDP_EX;
  Bytes input = extended && !h.home.empty() ? h.home : h.source;
  append(input, extended && !h.route.empty() ? h.route : h.destination);
  if (report != HASH_IPV4 && report != HASH_IPV6 && report != HASH_IP_EX) append(input, h.ports);
  return {report, toeplitz(key, input)};
}

}  // namespace tests::rx
