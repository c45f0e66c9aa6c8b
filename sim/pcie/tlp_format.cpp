// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/tlp_format.hpp"

#include <fmt/format.h>

#include <bit>
#include <iterator>

#include "rtl/contract/pci_contract.hpp"

namespace sim::pcie {
namespace {

// fmt[2:0] in the top bits of DW0 (2.2.1)
constexpr std::uint32_t kFourDw = 1U << 29;
constexpr std::uint32_t kWithData = 1U << 30;
constexpr std::uint32_t kPoisoned = 1U << 14;
constexpr std::uint32_t kMessageMask = 0x38;  // of fmt_type: messages are xx110rrr
constexpr std::uint32_t kMessage = 0x30;

unsigned fmt_type(const Tlp& tlp) {
  return tlp.header[0] >> 24;
}

constexpr std::uint32_t field(std::uint32_t value, unsigned shift, unsigned width) {
  return (value >> shift) & ((1U << width) - 1U);
}

unsigned as_u8(std::uint32_t value) {
  return value & 0xFF;
}

std::uint32_t first_dw(unsigned type, unsigned length, std::uint8_t tc, std::uint8_t attributes, bool poisoned) {
  return (type << 24) | ((tc & 7U) << 20) | (poisoned ? kPoisoned : 0U) | ((attributes & 3U) << 12) | (length & 0x3FF);
}

unsigned memory_type(const Request& request) {
  const bool wide = (request.address >> 32) != 0;
  if (request.kind == RequestKind::memory_read) return wide ? contract::TLP_MRD64 : contract::TLP_MRD32;
  return wide ? contract::TLP_MWR64 : contract::TLP_MWR32;
}

unsigned type_of(const Request& request) {
  switch (request.kind) {
    case RequestKind::memory_read:
    case RequestKind::memory_write:
      return memory_type(request);
    case RequestKind::config_read:
      return contract::TLP_CFGRD0;
    case RequestKind::config_write:
      return contract::TLP_CFGWR0;
    case RequestKind::io_read:
      return contract::TLP_IORD;
    case RequestKind::io_write:
      return contract::TLP_IOWR;
    case RequestKind::message:
    case RequestKind::other:
      break;
  }
  return kMessage | 0x04;  // a local message without data
}

RequestKind kind_of(unsigned type) {
  switch (type) {
    case contract::TLP_MRD32:
    case contract::TLP_MRD64:
      return RequestKind::memory_read;
    case contract::TLP_MWR32:
    case contract::TLP_MWR64:
      return RequestKind::memory_write;
    case contract::TLP_CFGRD0:
    case contract::TLP_CFGRD1:
      return RequestKind::config_read;
    case contract::TLP_CFGWR0:
    case contract::TLP_CFGWR1:
      return RequestKind::config_write;
    case contract::TLP_IORD:
      return RequestKind::io_read;
    case contract::TLP_IOWR:
      return RequestKind::io_write;
    default:
      return (type & kMessageMask) == kMessage ? RequestKind::message : RequestKind::other;
  }
}

bool is_config(RequestKind kind) {
  return kind == RequestKind::config_read || kind == RequestKind::config_write;
}

const char* name_of(RequestKind kind) {
  switch (kind) {
    case RequestKind::memory_read:
      return "MRd";
    case RequestKind::memory_write:
      return "MWr";
    case RequestKind::config_read:
      return "CfgRd";
    case RequestKind::config_write:
      return "CfgWr";
    case RequestKind::io_read:
      return "IORd";
    case RequestKind::io_write:
      return "IOWr";
    case RequestKind::message:
      return "Msg";
    case RequestKind::other:
      break;
  }
  return "?";
}

void append_bytes(std::string& text, const Tlp& tlp) {
  constexpr std::size_t kShown = 16;
  text += " header";
  for (unsigned i = 0; i < header_dw(tlp); ++i) fmt::format_to(std::back_inserter(text), " {:08x}", tlp.header[i]);
  if (tlp.payload.empty()) return;
  text += " data";
  for (std::size_t i = 0; i < tlp.payload.size() && i < kShown; ++i) {
    fmt::format_to(std::back_inserter(text), "{}{:02x}", i % 4 == 0 ? " " : "",
                   std::to_integer<unsigned>(tlp.payload[i]));
  }
  if (tlp.payload.size() > kShown) fmt::format_to(std::back_inserter(text), " ... ({} bytes)", tlp.payload.size());
}

}  // namespace

unsigned header_dw(const Tlp& tlp) {
  return (tlp.header[0] & kFourDw) != 0 ? 4 : 3;
}

bool has_payload(const Tlp& tlp) {
  return (tlp.header[0] & kWithData) != 0;
}

unsigned length_dw(const Tlp& tlp) {
  const unsigned length = field(tlp.header[0], 0, 10);
  return length == 0 ? 1024 : length;
}

std::size_t tlp_bytes(const Tlp& tlp) {
  return std::size_t{4} * header_dw(tlp) + tlp.payload.size();
}

bool is_completion(const Tlp& tlp) {
  const unsigned type = fmt_type(tlp) & ~0x40U;  // with or without data
  return type == contract::TLP_CPL || type == contract::TLP_CPLLK;
}

unsigned message_code(const Tlp& tlp) {
  return as_u8(tlp.header[1]);
}

TlpClass class_of(const Tlp& tlp) {
  if (is_completion(tlp)) return TlpClass::completion;
  const RequestKind kind = kind_of(fmt_type(tlp));
  const bool posted = kind == RequestKind::memory_write || kind == RequestKind::message;
  return posted ? TlpClass::posted : TlpClass::nonposted;
}

Tlp make_request(const Request& request, std::span<const std::byte> payload) {
  Tlp tlp;
  const unsigned type = type_of(request);
  const bool wide = (type & 0x20) != 0 && (type & kMessageMask) != kMessage;
  const unsigned length = request.kind == RequestKind::message ? 0 : request.length;  // reserved there
  tlp.header[0] = first_dw(type, length, request.traffic_class, request.attributes, request.poisoned);
  tlp.header[1] = (std::uint32_t{request.requester} << 16) | (std::uint32_t{request.tag} << 8) |
                  ((request.last_be & 0xFU) << 4) | (request.first_be & 0xFU);
  const auto low = static_cast<std::uint32_t>(request.address) & ~3U;
  if (is_config(request.kind)) {
    tlp.header[2] = (std::uint32_t{request.target} << 16) | (low & 0xFFC);
  } else if (wide) {
    tlp.header[2] = static_cast<std::uint32_t>(request.address >> 32);
    tlp.header[3] = low;
  } else {
    tlp.header[2] = low;
  }
  if ((tlp.header[0] & kWithData) != 0) tlp.payload.assign(payload.begin(), payload.end());
  return tlp;
}

Tlp make_completion(const Completion& completion, std::span<const std::byte> payload) {
  Tlp tlp;
  const unsigned type = completion.length == 0 ? contract::TLP_CPL : contract::TLP_CPLD;
  tlp.header[0] = first_dw(type, completion.length, 0, 0, completion.poisoned);
  tlp.header[1] = (std::uint32_t{completion.completer} << 16) | ((completion.status & 7U) << 13) |
                  (completion.bcm ? 1U << 12 : 0U) | (completion.byte_count & 0xFFF);
  tlp.header[2] = (std::uint32_t{completion.requester} << 16) | (std::uint32_t{completion.tag} << 8) |
                  (completion.lower_address & 0x7FU);
  if (completion.length != 0) tlp.payload.assign(payload.begin(), payload.end());
  return tlp;
}

std::optional<Request> parse_request(const Tlp& tlp) {
  if (is_completion(tlp)) return std::nullopt;
  Request request;
  request.kind = kind_of(fmt_type(tlp));
  request.four_dw = header_dw(tlp) == 4;
  request.length = length_dw(tlp);
  request.traffic_class = static_cast<std::uint8_t>(field(tlp.header[0], 20, 3));
  request.attributes = static_cast<std::uint8_t>(field(tlp.header[0], 12, 2));
  request.poisoned = (tlp.header[0] & kPoisoned) != 0;
  request.requester = static_cast<std::uint16_t>(tlp.header[1] >> 16);
  request.tag = static_cast<std::uint8_t>(as_u8(tlp.header[1] >> 8));
  request.last_be = static_cast<std::uint8_t>(field(tlp.header[1], 4, 4));
  request.first_be = static_cast<std::uint8_t>(field(tlp.header[1], 0, 4));
  if (is_config(request.kind)) {
    request.target = static_cast<std::uint16_t>(tlp.header[2] >> 16);
    request.address = tlp.header[2] & 0xFFC;
  } else if (request.four_dw) {
    request.address = (std::uint64_t{tlp.header[2]} << 32) | (tlp.header[3] & ~3U);
  } else {
    request.address = tlp.header[2] & ~3U;
  }
  return request;
}

std::optional<Completion> parse_completion(const Tlp& tlp) {
  if (!is_completion(tlp)) return std::nullopt;
  Completion completion;
  completion.length = has_payload(tlp) ? length_dw(tlp) : 0;
  completion.poisoned = (tlp.header[0] & kPoisoned) != 0;
  completion.completer = static_cast<std::uint16_t>(tlp.header[1] >> 16);
  completion.status = static_cast<std::uint8_t>(field(tlp.header[1], 13, 3));
  completion.bcm = field(tlp.header[1], 12, 1) != 0;
  completion.byte_count = field(tlp.header[1], 0, 12);
  if (completion.byte_count == 0) completion.byte_count = 4096;
  completion.requester = static_cast<std::uint16_t>(tlp.header[2] >> 16);
  completion.tag = static_cast<std::uint8_t>(as_u8(tlp.header[2] >> 8));
  completion.lower_address = static_cast<std::uint8_t>(field(tlp.header[2], 0, 7));
  return completion;
}

ByteRange byte_range(const Request& request) {
  if (request.first_be == 0) return {request.address, 0};
  const auto lead = static_cast<unsigned>(std::countr_zero(unsigned{request.first_be}));
  const unsigned top_be = request.length == 1 ? request.first_be : request.last_be;
  const auto tail = static_cast<unsigned>(std::countl_zero(static_cast<std::uint8_t>(top_be << 4)));
  if (lead + tail >= 4 * request.length) return {request.address, 0};
  return {request.address + lead, std::size_t{4} * request.length - lead - tail};
}

unsigned completion_byte_count(const Request& request) {
  if (request.kind != RequestKind::memory_read) return 4;
  const ByteRange range = byte_range(request);
  return range.bytes == 0 ? 1 : static_cast<unsigned>(range.bytes);
}

std::uint8_t completion_lower_address(const Request& request) {
  if (request.kind != RequestKind::memory_read) return 0;
  return static_cast<std::uint8_t>(byte_range(request).first & 0x7F);
}

ByteEnables byte_enables(std::uint64_t address, std::size_t bytes) {
  const auto lead = static_cast<unsigned>(address & 3);
  const auto length = static_cast<unsigned>((lead + bytes + 3) / 4);
  const auto over = static_cast<unsigned>(4 * length - lead - bytes);
  const unsigned first = (0xFU << lead) & 0xF;
  const unsigned last = 0xFU >> over;
  if (length == 1) return {static_cast<std::uint8_t>(first & last), 0, 1};
  return {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last), length};
}

std::string describe(const Tlp& tlp) {
  std::string text;
  if (const auto completion = parse_completion(tlp)) {
    text = fmt::format("Cpl{} tag {} status {} byte count {} lower address 0x{:02x} length {} DW{}",
                       completion->length == 0 ? "" : "D", completion->tag, completion->status, completion->byte_count,
                       completion->lower_address, completion->length, completion->poisoned ? " poisoned" : "");
  } else {
    const Request request = *parse_request(tlp);
    text = fmt::format("{}{} 0x{:x} tag {} length {} DW BE {:x}/{:x}{}", name_of(request.kind),
                       request.four_dw ? "64" : "32", request.address, request.tag, request.length, request.first_be,
                       request.last_be, request.poisoned ? " poisoned" : "");
  }
  append_bytes(text, tlp);
  return text;
}

}  // namespace sim::pcie
