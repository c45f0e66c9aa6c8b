// SPDX-License-Identifier: Apache-2.0
// A name server for a few names.
#include "host/apps/dns_responder.hpp"

#include <optional>

#include "host/base/byte_order.hpp"

namespace host::apps {

using headers::Bytes;
using kernel::Process;
using kernel::Task;

namespace {

// RFC 1035 section 4.1.1
constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint16_t kResponse = 0x8000;
constexpr std::uint16_t kOpcode = 0x7800;
constexpr std::uint16_t kAuthoritative = 0x0400;
constexpr std::uint16_t kTruncated = 0x0200;
constexpr std::uint16_t kRecursionDesired = 0x0100;
enum class Rcode : std::uint16_t { none = 0, format = 1, name = 3, not_implemented = 4 };

constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeAny = 255;
constexpr std::uint16_t kClassIn = 1;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestMessage = 512;
constexpr std::uint16_t kNameOfQuestion = 0xc00c;  // a pointer to the header's end
constexpr std::uint32_t kTtl = 60;
constexpr std::size_t kRecordBytes = 16;  // pointer, type, class, TTL, length, address

struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  std::size_t end = 0;  // of its bytes in the message
};

/// Section 4.1.2. A question's name is not compressed.
std::optional<Question> read_question(Bytes message) {
  Question question;
  std::size_t at = kHeaderBytes;
  while (true) {
    if (at >= message.size()) return std::nullopt;
    const std::size_t length = base::load_u8(message, at++);
    if (length == 0) break;
    if (length > kLongestLabel || at + length > message.size()) return std::nullopt;
    if (!question.name.empty()) question.name += '.';
    for (std::size_t i = 0; i < length; ++i) {
      const char c = static_cast<char>(base::load_u8(message, at + i));
      question.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (question.name.size() > kLongestName) return std::nullopt;
    at += length;
  }
  if (at + 4 > message.size()) return std::nullopt;
  question.type = base::load_be16(message, at);
  question.klass = base::load_be16(message, at + 2);
  question.end = at + 4;
  return question;
}

void append_be16(std::vector<std::byte>& out, std::uint16_t value) {
  out.resize(out.size() + 2);
  base::store_be16(out, out.size() - 2, value);
}

void append_be32(std::vector<std::byte>& out, std::uint32_t value) {
  out.resize(out.size() + 4);
  base::store_be32(out, out.size() - 4, value);
}

/// Header and question of the query, made an answer.
std::vector<std::byte> begin_answer(Bytes query, std::size_t question_end, Rcode code) {
  std::vector<std::byte> out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question_end));
  const std::uint16_t asked = base::load_be16(query, 2);
  base::store_be16(out, 2,
                   static_cast<std::uint16_t>(kResponse | kAuthoritative | (asked & (kOpcode | kRecursionDesired)) |
                                              static_cast<std::uint16_t>(code)));
  base::store_be16(out, 4, question_end > kHeaderBytes ? 1 : 0);
  for (const std::size_t count : {6U, 8U, 10U}) base::store_be16(out, count, 0);
  return out;
}

void append_addresses(std::vector<std::byte>& out, const std::vector<headers::Ipv4Address>& addresses) {
  std::uint16_t records = 0;
  for (const headers::Ipv4Address address : addresses) {
    if (out.size() + kRecordBytes > kLongestMessage) {
      base::store_be16(out, 2, static_cast<std::uint16_t>(base::load_be16(out, 2) | kTruncated));
      break;
    }
    append_be16(out, kNameOfQuestion);
    append_be16(out, kTypeA);
    append_be16(out, kClassIn);
    append_be32(out, kTtl);
    append_be16(out, 4);
    append_be32(out, address.value);
    ++records;
  }
  base::store_be16(out, 6, records);
}

}  // namespace

std::vector<std::byte> dns_answer(Bytes query, const DnsNames& names, DnsStats& stats) {
  if (query.size() < kHeaderBytes || (base::load_be16(query, 2) & kResponse) != 0) {
    ++stats.ignored;
    return {};
  }
  ++stats.queries;
  if ((base::load_be16(query, 2) & kOpcode) != 0) {
    ++stats.refused;
    return begin_answer(query, kHeaderBytes, Rcode::not_implemented);
  }
  const auto question = base::load_be16(query, 4) == 1 ? read_question(query) : std::nullopt;
  if (!question) {
    ++stats.refused;
    return begin_answer(query, kHeaderBytes, Rcode::format);
  }
  const auto found = names.find(question->name);
  if (found == names.end()) {
    ++stats.unknown;
    return begin_answer(query, question->end, Rcode::name);
  }
  auto out = begin_answer(query, question->end, Rcode::none);
  if (question->klass != kClassIn || (question->type != kTypeA && question->type != kTypeAny)) {
    ++stats.no_data;
    return out;
  }
  ++stats.answered;
  append_addresses(out, found->second);
  return out;
}

Task<base::Result<void>> dns_responder(Process& self, socket::SocketCalls& sockets, const DnsNames& names,
                                       DnsStats& stats, std::uint16_t port) {
  const auto fd = sockets.socket(self, socket::SocketKind::udp);
  if (!fd.ok()) co_return fd.error();
  const auto bound = sockets.bind(self, *fd, {.address = {}, .port = port});
  if (!bound.ok()) co_return bound.error();
  std::vector<std::byte> buffer(4096);
  while (true) {
    const auto message = co_await sockets.recvfrom(self, *fd, buffer);
    if (!message.ok()) co_return message.error();
    const auto answer = dns_answer(Bytes(buffer).first(message->bytes), names, stats);
    if (answer.empty()) continue;
    const auto sent = co_await sockets.sendto(self, *fd, answer, message->from);
    stats.send_failures += sent.ok() ? 0 : 1;
  }
}

}  // namespace host::apps
