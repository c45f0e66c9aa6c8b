// SPDX-License-Identifier: Apache-2.0
// Tuples out of packets, and turned round (Linux: nf_ct_get_tuple, nf_ct_invert_tuple).
#include "host/netfilter/tuple.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/base/byte_order.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

constexpr std::size_t kPortBytes = 8;  // of a header that says whom it is for
constexpr std::size_t kIcmpBytes = 8;

/// Requests and their answers (RFC 792, RFC 950; RFC 4443, RFC 4620).
using Answers = std::array<std::pair<std::uint8_t, std::uint8_t>, 4>;
constexpr Answers kAnswers{{{8, 0}, {13, 14}, {15, 16}, {17, 18}}};
constexpr Answers kAnswers6{{{128, 129}, {139, 140}, {128, 129}, {139, 140}}};

std::optional<std::uint8_t> answering_type(const Answers& answers, std::uint8_t type) {
  for (const auto& [request, answer] : answers) {
    if (type == request) {
      return answer;
    }
    if (type == answer) {
      return request;
    }
  }
  return std::nullopt;
}

std::uint8_t icmp_type(const Tuple& tuple) {
  return static_cast<std::uint8_t>(tuple.destination_port >> 8);
}

/// A mixing step in which every input bit reaches every output bit (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9U;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11ebU;
  return x ^ x >> 31;
}

}  // namespace

bool is_icmp(const Tuple& tuple) {
  return tuple.protocol == (tuple.ipv6 ? kIcmp6 : kIcmp);
}

bool is_icmp_request(const Tuple& tuple) {
  const Answers& answers = tuple.ipv6 ? kAnswers6 : kAnswers;
  return std::any_of(answers.begin(), answers.end(),
                     [type = icmp_type(tuple)](const auto& pair) { return pair.first == type; });
}

std::optional<Tuple> tuple_of(const PacketView& packet) {
  if (packet.fragment_offset() != 0) {
    return std::nullopt;
  }
  Tuple tuple{.source = packet.source(),
              .destination = packet.destination(),
              .protocol = packet.protocol(),
              .ipv6 = packet.is_ipv6()};
  const headers::Bytes payload = packet.transport();
  if (tuple.protocol == kTcp || tuple.protocol == kUdp) {
    if (payload.size() < kPortBytes) {
      return std::nullopt;
    }
    tuple.source_port = base::load_be16(payload, 0);
    tuple.destination_port = base::load_be16(payload, 2);
  } else if (is_icmp(tuple)) {
    if (payload.size() < kIcmpBytes) {
      return std::nullopt;
    }
    tuple.source_port = base::load_be16(payload, 4);
    tuple.destination_port = base::load_be16(payload, 0);
  }
  return tuple;
}

std::optional<Tuple> inverted(const Tuple& tuple) {
  Tuple back{.source = tuple.destination,
             .destination = tuple.source,
             .source_port = tuple.destination_port,
             .destination_port = tuple.source_port,
             .protocol = tuple.protocol,
             .ipv6 = tuple.ipv6};
  if (is_icmp(tuple)) {
    const auto type = answering_type(tuple.ipv6 ? kAnswers6 : kAnswers, icmp_type(tuple));
    if (!type) {
      return std::nullopt;
    }
    back.source_port = tuple.source_port;
    back.destination_port = static_cast<std::uint16_t>(unsigned{*type} << 8 | (tuple.destination_port & 0xffU));
  }
  return back;
}

std::uint64_t hash_of(const Tuple& tuple, std::uint64_t seed) {
  const std::uint64_t rest =
      std::uint64_t{tuple.source_port} << 24 | std::uint64_t{tuple.destination_port} << 8 | tuple.protocol;
  if (!tuple.ipv6) {
    const std::uint64_t addresses = std::uint64_t{tuple.source.ipv4().value} << 32 | tuple.destination.ipv4().value;
    return mix(mix(addresses ^ seed) + rest);
  }
  std::uint64_t hash = seed;
  for (const headers::IpAddress& end : {tuple.source, tuple.destination}) {
    for (const std::size_t half : {std::size_t{0}, std::size_t{8}}) {
      std::uint64_t word = 0;
      std::memcpy(&word, end.value.octets.data() + half, sizeof word);
      hash = mix(hash + word);
    }
  }
  return mix(hash + rest);
}

}  // namespace host::netfilter
