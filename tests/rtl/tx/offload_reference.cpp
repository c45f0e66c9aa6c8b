// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/tx/offload_reference.hpp"

#include "rtl/contract/virtio_contract.hpp"

namespace tests::tx {

namespace {

constexpr std::size_t kMaxHeaders = 256;

/// Adds in one's complement; a sum of anything but zeros is never 0.
std::uint16_t fold(std::uint64_t sum) {
  return static_cast<std::uint16_t>(sum == 0 ? 0 : (sum - 1) % 0xFFFF + 1);
}

/// The checksum into its field: from `start` to the end, the field's old content counted.
void insert_checksum(Bytes& frame, std::size_t start, std::size_t offset) {
  auto sum = static_cast<std::uint16_t>(~ones_sum(frame, start, frame.size()));
  if (sum == 0 && offset == 6) sum = 0xFFFF;  // RFC 768: 0 says "none"
  put_be16(frame, start + offset, sum);
}

struct Kind {
  bool tcp, v4, v6, ecn, allowed;
};

std::optional<Kind> kind_of(std::uint8_t gso_type, const Offloads& n) {
  const bool ecn = (gso_type & contract::NET_HDR_GSO_ECN) != 0;
  switch (gso_type & 0x7F) {
    case contract::NET_HDR_GSO_TCPV4:
      return Kind{true, true, false, ecn, n.tso4 && (n.ecn || !ecn)};
    case contract::NET_HDR_GSO_TCPV6:
      return Kind{true, false, true, ecn, n.tso6 && (n.ecn || !ecn)};
    case contract::NET_HDR_GSO_UDP_L4:
      return Kind{false, true, true, ecn, n.uso && !ecn};
    default:
      return std::nullopt;
  }
}

std::vector<Bytes> cut(const Bytes& frame, const NetHeader& h, const Layers& at) {
  std::vector<Bytes> result;
  const std::size_t payload = frame.size() - at.payload;
  const std::size_t count = (payload + h.gso_size - 1) / h.gso_size;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t from = at.payload + k * h.gso_size;
    const std::size_t n = std::min<std::size_t>(h.gso_size, frame.size() - from);
    Bytes out(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(at.payload));
    out.insert(out.end(), frame.begin() + static_cast<std::ptrdiff_t>(from),
               frame.begin() + static_cast<std::ptrdiff_t>(from + n));
    if (at.v4) {
      put_be16(out, at.l3 + 2, out.size() - at.l3);
      put_be16(out, at.l3 + 4, be16(frame, at.l3 + 4) + k);
      put_be16(out, at.l3 + 10, 0);
      put_be16(out, at.l3 + 10, static_cast<std::uint16_t>(~ones_sum(out, at.l3, at.l4)));
    } else {
      put_be16(out, at.l3 + 4, out.size() - at.l3 - 40);
    }
    if (at.tcp) {
      const std::uint32_t seq = (std::uint32_t{be16(frame, at.l4 + 4)} << 16 | be16(frame, at.l4 + 6)) +
                                static_cast<std::uint32_t>(k * h.gso_size);
      put_be16(out, at.l4 + 4, seq >> 16);
      put_be16(out, at.l4 + 6, seq);
      if (k + 1 != count) out[at.l4 + 13] &= static_cast<std::uint8_t>(~0x09U);  // PSH, FIN
      if (k != 0) out[at.l4 + 13] &= 0x7F;                                       // CWR
    } else {
      put_be16(out, at.l4 + 4, out.size() - at.l4);
    }
    // The seed counts the source's length; this segment's takes its place.
    const std::size_t field = at.l4 + h.csum_offset;
    const std::uint64_t whole = (frame.size() - at.l4) & 0xFFFF;
    put_be16(out, field, fold(std::uint64_t{be16(frame, field)} + (0xFFFF - whole) + (out.size() - at.l4)));
    insert_checksum(out, at.l4, h.csum_offset);
    result.push_back(out);
  }
  return result;
}

}  // namespace

std::uint16_t be16(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes.at(at) << 8 | bytes.at(at + 1));
}

void put_be16(Bytes& bytes, std::size_t at, std::size_t value) {
  bytes.at(at) = static_cast<std::uint8_t>(value >> 8);
  bytes.at(at + 1) = static_cast<std::uint8_t>(value);
}

Bytes NetHeader::bytes() const {
  Bytes result{flags, gso_type};
  for (const std::uint16_t v : {hdr_len, gso_size, csum_start, csum_offset, num_buffers}) {
    result.push_back(static_cast<std::uint8_t>(v));
    result.push_back(static_cast<std::uint8_t>(v >> 8));
  }
  return result;
}

std::uint16_t ones_sum(const Bytes& bytes, std::size_t from, std::size_t to, std::uint64_t start) {
  std::uint64_t sum = start;
  for (std::size_t i = from; i < to; ++i) sum += std::uint64_t{bytes[i]} << ((i - from) % 2 == 0 ? 8 : 0);
  return fold(sum);
}

std::optional<Layers> layers_of(const Bytes& frame) {
  Layers at;
  at.l3 = 14;
  if (frame.size() < 14) return std::nullopt;
  std::uint16_t type = be16(frame, 12);
  for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88A8); ++tags) {
    if (frame.size() < at.l3 + 4) return std::nullopt;
    type = be16(frame, at.l3 + 2);
    at.l3 += 4;
  }
  std::uint8_t protocol = 0;
  if (type == 0x0800 && frame.size() >= at.l3 + 20) {
    at.v4 = true;
    at.l4 = at.l3 + 4 * (frame[at.l3] & 15U);
    protocol = frame[at.l3 + 9];
  } else if (type == 0x86DD && frame.size() >= at.l3 + 40) {
    at.l4 = at.l3 + 40;
    protocol = frame[at.l3 + 6];
    while (protocol == 60 && frame.size() >= at.l4 + 8) {  // destination options
      protocol = frame[at.l4];
      at.l4 += 8 + 8U * frame[at.l4 + 1];
    }
  } else {
    return std::nullopt;
  }
  at.tcp = protocol == 6;
  if (protocol != 6 && protocol != 17) return std::nullopt;
  if (frame.size() < at.l4 + (at.tcp ? 20 : 8)) return std::nullopt;
  at.payload = at.l4 + (at.tcp ? 4U * (frame[at.l4 + 12] >> 4) : 8U);
  return at;
}

std::uint16_t pseudo_sum(const Bytes& frame, const Layers& at, std::size_t length) {
  const std::size_t from = at.l3 + (at.v4 ? 12 : 8);
  return ones_sum(frame, from, from + (at.v4 ? 8 : 32), length + (at.tcp ? 6 : 17));
}

std::string complaint(const Bytes& frame) {
  const auto at = layers_of(frame);
  if (!at) return "not IP with TCP or UDP";
  if (at->v4) {
    if (be16(frame, at->l3 + 2) != frame.size() - at->l3) return "IPv4 total length";
    if (ones_sum(frame, at->l3, at->l4) != 0xFFFF) return "IPv4 header checksum";
  } else if (be16(frame, at->l3 + 4) != frame.size() - at->l3 - 40) {
    return "IPv6 payload length";
  }
  const std::size_t length = frame.size() - at->l4;
  if (!at->tcp && be16(frame, at->l4 + 4) != length) return "UDP length";
  if (!at->tcp && be16(frame, at->l4 + 6) == 0) return "UDP without checksum";
  if (ones_sum(frame, at->l4, frame.size(), pseudo_sum(frame, *at, length)) != 0xFFFF) return "TCP or UDP checksum";
  return {};
}

std::optional<std::vector<Bytes>> transmit(const NetHeader& h, const Bytes& frame, const Offloads& negotiated,
                                           std::size_t max_frame) {
  const bool needs_csum = (h.flags & contract::NET_HDR_F_NEEDS_CSUM) != 0;
  if (needs_csum &&
      (!negotiated.csum || h.csum_start < 14 || std::size_t{h.csum_start} + h.csum_offset + 2 > frame.size())) {
    return std::nullopt;
  }
  bool whole = h.gso_type == contract::NET_HDR_GSO_NONE;
  Layers at;
  if (!whole) {
    const auto kind = kind_of(h.gso_type, negotiated);
    if (!needs_csum || !kind || !kind->allowed || h.gso_size == 0) return std::nullopt;
    if (h.csum_offset != (kind->tcp ? 16 : 6) || h.csum_start % 2 != 0 || h.csum_start > kMaxHeaders - 8) {
      return std::nullopt;
    }
    // csum_start says where TCP or UDP is; IP has to end there.
    at.l4 = h.csum_start;
    at.tcp = kind->tcp;
    if (at.l4 + (at.tcp ? 20U : 8U) > frame.size()) return std::nullopt;
    at.l3 = 14;
    const auto type_at = [&frame](std::size_t place) -> unsigned {
      return place + 2 <= frame.size() ? be16(frame, place) : 0U;
    };
    unsigned type = type_at(12);
    for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88A8); ++tags) {
      type = type_at(at.l3 + 2);
      at.l3 += 4;
    }
    if (at.l4 < at.l3 + 20) return std::nullopt;
    const unsigned version = frame[at.l3] >> 4;
    at.v4 = type == 0x0800;
    if (at.v4 && (!kind->v4 || version != 4 || (frame[at.l3] & 15U) < 5 || at.l3 + 4 * (frame[at.l3] & 15U) != at.l4)) {
      return std::nullopt;
    }
    if (!at.v4 && (type != 0x86DD || !kind->v6 || version != 6 || at.l4 < at.l3 + 40)) return std::nullopt;
    const unsigned offset = at.tcp ? frame[at.l4 + 12] >> 4 : 5U;
    if (offset < 5) return std::nullopt;
    at.payload = at.l4 + (at.tcp ? 4 * offset : 8U);
    if (at.payload > kMaxHeaders || at.payload > frame.size()) return std::nullopt;
    whole = frame.size() - at.payload <= h.gso_size;
    if (!whole && at.payload + h.gso_size > max_frame) return std::nullopt;
  }
  if (!whole) return cut(frame, h, at);
  if (frame.size() > max_frame) return std::nullopt;
  Bytes out = frame;
  if (needs_csum) insert_checksum(out, h.csum_start, h.csum_offset);
  return std::vector<Bytes>{out};
}

}  // namespace tests::tx
