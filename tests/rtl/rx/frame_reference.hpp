// SPDX-License-Identifier: Apache-2.0
// What a received frame's headers say, read byte by byte from the RFCs: the parser's and the hash's reference.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/rtl/mac/beats.hpp"

namespace tests::rx {

struct Headers {
  unsigned tags = 0;
  unsigned vlan = 0;              // of the outer tag
  bool ip4 = false, ip6 = false;  // with the whole datagram in the frame
  bool fragment = false;
  bool extensions = false;
  bool tcp = false, udp = false;
  bool checksum_good = false;  // everything that DATA_VALID promises
  Bytes source, destination;   // addresses
  Bytes home, route;           // ... that may stand for them
  Bytes ports;
  std::size_t l3 = 0, l4 = 0, l4_length = 0;
};

Headers read_headers(const Bytes& frame);

/// One's complement sum, folded (RFC 1071).
unsigned ones_sum(const Bytes& bytes, unsigned start = 0);

using HashKey = std::array<std::uint8_t, 40>;

/// The hash of Microsoft's RSS: for each set bit of the input, the 32 bits of the key from there on.
std::uint32_t toeplitz(const HashKey& key, const Bytes& input);

struct Hash {
  unsigned report = 0;
  std::uint32_t value = 0;
};

/// The most specific of the enabled types (bit = report - 1).
Hash hash_of(const Headers& headers, unsigned types, const HashKey& key);

}  // namespace tests::rx
