// SPDX-License-Identifier: Apache-2.0
// Tuples out of packets, and turned round (Linux: nf_ct_get_tuple, nf_ct_invert_tuple).
#include "host/netfilter/tuple.hpp"

#include <array>

#include "host/base/byte_order.hpp"
#include "host/netfilter/key.hpp"

namespace host::netfilter {
namespace {

constexpr std::size_t kPortBytes = 8;  // of a header that says whom it is for
constexpr std::size_t kIcmpBytes = 8;

/// Requests and their answers (RFC 792, RFC 950).
constexpr std::array<std::pair<std::uint8_t, std::uint8_t>, 4> kAnswers{{{8, 0}, {13, 14}, {15, 16}, {17, 18}}};

std::optional<std::uint8_t> answering_type(std::uint8_t type) {
  for (const auto& [request, answer] : kAnswers) {
    if (type == request) {
      return answer;
    }
    if (type == answer) {
      return request;
    }
  }
  return std::nullopt;
}

/// A mixing step in which every input bit reaches every output bit (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9U;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11ebU;
  return x ^ x >> 31;
}

}  // namespace

std::optional<Tuple> tuple_of(const headers::Ipv4View& packet) {
  if (packet.fragment_offset() != 0) {
    return std::nullopt;
  }
  Tuple tuple{.source = packet.source(),
              .destination = packet.destination(),
              .protocol = static_cast<std::uint8_t>(packet.protocol())};
  const headers::Bytes payload = packet.payload();
  if (tuple.protocol == kTcp || tuple.protocol == kUdp) {
    if (payload.size() < kPortBytes) {
      return std::nullopt;
    }
    tuple.source_port = base::load_be16(payload, 0);
    tuple.destination_port = base::load_be16(payload, 2);
  } else if (tuple.protocol == kIcmp) {
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
             .protocol = tuple.protocol};
  if (tuple.protocol == kIcmp) {
    const auto type = answering_type(static_cast<std::uint8_t>(tuple.destination_port >> 8));
    if (!type) {
      return std::nullopt;
    }
    back.source_port = tuple.source_port;
    back.destination_port = static_cast<std::uint16_t>(unsigned{*type} << 8 | (tuple.destination_port & 0xffU));
  }
  return back;
}

std::uint64_t hash_of(const Tuple& tuple, std::uint64_t seed) {
  const std::uint64_t addresses = std::uint64_t{tuple.source.value} << 32 | tuple.destination.value;
  const std::uint64_t rest =
      std::uint64_t{tuple.source_port} << 24 | std::uint64_t{tuple.destination_port} << 8 | tuple.protocol;
  return mix(mix(addresses ^ seed) + rest);
}

}  // namespace host::netfilter
