// SPDX-License-Identifier: Apache-2.0
// Selectors of u32 as words at offsets (iproute2: tc/f_u32.c, parse_selector), and programs of bpf as text.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "host/base/byte_order.hpp"
#include "host/console/tc_filter.hpp"
#include "host/console/tc_units.hpp"
#include "host/headers/ipv6_address.hpp"

namespace host::console {
namespace {

using device::BpfInstruction;
using device::U32Key;
using device::U32Match;

constexpr std::size_t kMostKeys = 128;
constexpr unsigned kBitsOfWord = 32;

[[noreturn]] void illegal() {
  throw TcComplaint{"Illegal \"match\"\n", 1};
}

std::uint32_t number_or_illegal(TcWords& words, unsigned base = 0) {
  if (words.done()) illegal();
  std::string_view text = words.word();
  std::optional<std::uint32_t> number;
  if (base == 0) {
    number = tc_number(text);
  } else {
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(base));
    if (error == std::errc() && stop == text.data() + text.size()) number = value;
  }
  if (!number) illegal();
  words.skip();
  return *number;
}

/// Keys of one word are one key, as long as they do not contradict each other. iproute2: pack_key.
void pack(U32Match& match, std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
  for (U32Key& key : match) {
    if (key.offset != offset) continue;
    const std::uint32_t both = key.mask & mask;
    if ((key.value & both) != (value & both)) illegal();
    key.value |= value & mask;
    key.mask |= mask;
    return;
  }
  if (match.size() >= kMostKeys) illegal();
  match.push_back({.offset = offset, .mask = mask, .value = value & mask});
}

/// A value of `bytes` bytes at an offset, which it must not leave its word by.
void pack_part(U32Match& match, unsigned bytes, std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
  constexpr unsigned kWord = 4;
  if (offset % bytes != 0) illegal();
  const unsigned shift = 8 * (kWord - bytes - offset % kWord);
  pack(match, offset - offset % kWord, value << shift, mask << shift);
}

/// VALUE MASK [at OFFSET]
void parse_number_key(TcWords& words, U32Match& match, unsigned bytes, std::optional<std::uint32_t> fixed,
                      unsigned base = 16) {
  const std::uint32_t value = number_or_illegal(words, fixed ? 0 : base);
  const std::uint32_t mask = number_or_illegal(words, 16);
  const std::uint32_t most = bytes == 4 ? UINT32_MAX : (1U << (8 * bytes)) - 1;
  if (value > most || mask > most) illegal();
  std::uint32_t offset = fixed.value_or(0);
  if (!fixed && words.is("at")) {
    words.skip();
    offset = number_or_illegal(words);
    if (offset > UINT16_MAX) illegal();
  }
  pack_part(match, bytes, offset, value, mask);
}

std::uint32_t mask_of(unsigned bits) {
  return bits == 0 ? 0 : UINT32_MAX << (kBitsOfWord - bits);
}

/// ADDRESS[/LENGTH]
void parse_address_key(TcWords& words, U32Match& match, std::uint32_t offset) {
  if (words.done()) illegal();
  const std::string text = words.word();
  const auto slash = text.find('/');
  const auto address = headers::Ipv4Address::parse(text.substr(0, slash));
  const auto length = slash == std::string::npos ? std::optional(kBitsOfWord) : tc_number(text.substr(slash + 1));
  if (!address || !length || *length > kBitsOfWord) illegal();
  words.skip();
  pack(match, offset, address->value, mask_of(*length));
}

void parse_address6_key(TcWords& words, U32Match& match, std::uint32_t offset) {
  constexpr unsigned kBits = 128;
  if (words.done()) illegal();
  const std::string text = words.word();
  const auto slash = text.find('/');
  const auto address = headers::Ipv6Address::parse(text.substr(0, slash));
  const auto length = slash == std::string::npos ? std::optional(kBits) : tc_number(text.substr(slash + 1));
  if (!address || !length || *length > kBits) illegal();
  words.skip();
  std::array<std::byte, 16> bytes{};
  address->store(bytes, 0);
  for (unsigned bit = 0; bit < *length; bit += kBitsOfWord) {
    const std::uint32_t mask = mask_of(std::min(*length - bit, kBitsOfWord));
    pack(match, offset + bit / 8, base::load_be32(bytes, bit / 8), mask);
  }
}

/// A field by its name: its bytes and where it is, without options.
struct Field {
  std::string_view name;
  unsigned bytes;
  std::uint32_t offset;
};
constexpr std::array<Field, 8> kIpFields{{{"tos", 1, 1},
                                          {"dsfield", 1, 1},
                                          {"precedence", 1, 1},
                                          {"protocol", 1, 9},
                                          {"sport", 2, 20},
                                          {"dport", 2, 22},
                                          {"icmp_type", 1, 20},
                                          {"icmp_code", 1, 21}}};
constexpr std::array<Field, 3> kIp6Fields{{{"protocol", 1, 6}, {"sport", 2, 40}, {"dport", 2, 42}}};

template <typename Fields>
void parse_field(TcWords& words, U32Match& match, const Fields& fields) {
  const auto field = std::ranges::find(fields, words.word(), &Field::name);
  if (field == fields.end()) illegal();
  words.skip();
  parse_number_key(words, match, field->bytes, field->offset);
}

void parse_ip(TcWords& words, U32Match& match) {
  if (words.done()) illegal();
  if (words.is("src") || words.is("dst")) {
    const std::uint32_t offset = words.is("src") ? 12 : 16;
    words.skip();
    return parse_address_key(words, match, offset);
  }
  parse_field(words, match, kIpFields);
}

void parse_ip6(TcWords& words, U32Match& match) {
  if (words.done()) illegal();
  if (words.is("src") || words.is("dst")) {
    const std::uint32_t offset = words.is("src") ? 8 : 24;
    words.skip();
    return parse_address6_key(words, match, offset);
  }
  parse_field(words, match, kIp6Fields);
}

}  // namespace

void parse_u32_match(TcWords& words, U32Match& match) {
  if (words.done()) illegal();
  const std::string kind = words.word();
  words.skip();
  if (kind == "u32") return parse_number_key(words, match, 4, std::nullopt);
  if (kind == "u16") return parse_number_key(words, match, 2, std::nullopt);
  if (kind == "u8") return parse_number_key(words, match, 1, std::nullopt);
  if (kind == "ip") return parse_ip(words, match);
  if (kind == "ip6") return parse_ip6(words, match);
  illegal();
}

device::BpfProgram parse_bytecode(const std::string& text) {
  const auto wrong = [] { return TcComplaint{"Error: Invalid bytecode\nFailed to parse bytecode\n", 1}; };
  std::string_view rest = text;
  const auto number = [&](char end) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc()) throw wrong();
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    if (rest.empty()) return value;
    if (rest.front() != end) throw wrong();
    rest.remove_prefix(1);
    return value;
  };
  const std::uint32_t length = number(',');
  if (length == 0 || length > device::kBpfMaxInstructions) throw wrong();
  std::vector<BpfInstruction> code;
  while (!rest.empty() && code.size() < length) {
    const auto op = number(' ');
    const auto jt = number(' ');
    const auto jf = number(' ');
    const auto k = number(',');
    if (op > UINT16_MAX || jt > UINT8_MAX || jf > UINT8_MAX) throw wrong();
    code.push_back({.code = static_cast<std::uint16_t>(op),
                    .jump_true = static_cast<std::uint8_t>(jt),
                    .jump_false = static_cast<std::uint8_t>(jf),
                    .k = k});
  }
  if (code.size() != length || !rest.empty()) throw wrong();
  auto program = device::BpfProgram::make(code);
  if (!program) throw TcComplaint{"RTNETLINK answers: Invalid argument\nWe have an error talking to the kernel\n", 2};
  return std::move(*program);
}

std::string bytecode_text(const device::BpfProgram& program) {
  std::string text = std::to_string(program.instructions().size());
  for (const BpfInstruction& each : program.instructions()) {
    text += fmt::format(",{} {} {} {}", each.code, each.jump_true, each.jump_false, each.k);
  }
  return text;
}

}  // namespace host::console
