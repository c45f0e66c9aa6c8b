// SPDX-License-Identifier: Apache-2.0
// TLP headers as fields: building, parsing, describing (PCIe Base 3.0, 2.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "sim/pcie/tlp.hpp"

namespace sim::pcie {

enum class TlpClass : std::uint8_t { posted, nonposted, completion };
enum class RequestKind : std::uint8_t {
  memory_read,
  memory_write,
  config_read,
  config_write,
  io_read,
  io_write,
  message,
  other
};

/// Memory, configuration and I/O requests.
struct Request {
  RequestKind kind = RequestKind::memory_read;
  std::uint64_t address = 0;  ///< of the first DW; of a configuration request: the register's offset
  std::uint16_t target = 0;   ///< configuration: bus, device, function
  unsigned length = 1;        ///< DW, 1..1024
  std::uint8_t first_be = 0xF;
  std::uint8_t last_be = 0;
  std::uint16_t requester = 0;
  std::uint8_t tag = 0;
  std::uint8_t traffic_class = 0;
  std::uint8_t attributes = 0;  ///< {no snoop, relaxed ordering}: attr[1:0]
  bool poisoned = false;
  bool four_dw = false;  ///< parsed: the header's size; built: chosen by the address
};

/// The bytes that a request names, from the first enabled to the last enabled one.
struct ByteRange {
  std::uint64_t first = 0;
  std::size_t bytes = 0;
};

struct Completion {
  std::uint8_t status = 0;  ///< contract::CPL_*
  unsigned length = 0;      ///< DW of payload; 0: no payload
  unsigned byte_count = 4;  ///< 1..4096
  std::uint8_t lower_address = 0;
  std::uint16_t completer = 0;
  std::uint16_t requester = 0;
  std::uint8_t tag = 0;
  bool bcm = false;
  bool poisoned = false;
};

[[nodiscard]] unsigned header_dw(const Tlp& tlp);
[[nodiscard]] bool has_payload(const Tlp& tlp);
/// The header's length field, 1..1024, whether or not there is a payload.
[[nodiscard]] unsigned length_dw(const Tlp& tlp);
/// Header and payload, without framing.
[[nodiscard]] std::size_t tlp_bytes(const Tlp& tlp);
[[nodiscard]] TlpClass class_of(const Tlp& tlp);
[[nodiscard]] bool is_completion(const Tlp& tlp);
/// What a message says: contract::MSG_* (2.2.8).
[[nodiscard]] unsigned message_code(const Tlp& tlp);

/// Builds; the payload must be request.length DW for writes and is ignored for reads.
[[nodiscard]] Tlp make_request(const Request& request, std::span<const std::byte> payload = {});
[[nodiscard]] Tlp make_completion(const Completion& completion, std::span<const std::byte> payload = {});

/// Every TLP that is not a completion; kind `other` when its type is not known.
[[nodiscard]] std::optional<Request> parse_request(const Tlp& tlp);
[[nodiscard]] std::optional<Completion> parse_completion(const Tlp& tlp);

/// Length 0 when no byte is enabled (a zero-length read).
[[nodiscard]] ByteRange byte_range(const Request& request);
/// What the completions of a read must say at first (2.3.1.1): byte count and lower address.
[[nodiscard]] unsigned completion_byte_count(const Request& request);
[[nodiscard]] std::uint8_t completion_lower_address(const Request& request);
/// First and last DW byte enables of an access of `bytes` bytes at `address`, at least one byte.
struct ByteEnables {
  std::uint8_t first;
  std::uint8_t last;
  unsigned length;  ///< DW
};
[[nodiscard]] ByteEnables byte_enables(std::uint64_t address, std::size_t bytes);

/// One line: type, address or status, tag, length, header in hex, first bytes.
[[nodiscard]] std::string describe(const Tlp& tlp);

}  // namespace sim::pcie
