// SPDX-License-Identifier: Apache-2.0
// Microsoft's "Verifying the RSS Hash Calculation": addresses, ports and results as published.
#include "sim/nic_model/toeplitz.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using sim::nic_model::RssKey;
using sim::nic_model::toeplitz;
using Bytes = std::vector<std::byte>;

constexpr RssKey kKey = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
                         0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
                         0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

void append(Bytes& bytes, std::initializer_list<unsigned> values) {
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
}
void append16(Bytes& bytes, std::initializer_list<unsigned> values) {
  for (const unsigned value : values) append(bytes, {value >> 8, value & 0xFF});
}

struct V4 {
  std::array<unsigned, 4> source, destination;
  unsigned source_port, destination_port;
  std::uint32_t with_ports, addresses_only;
};

constexpr V4 kV4[] = {
    {{66, 9, 149, 187}, {161, 142, 100, 80}, 2794, 1766, 0x51ccc178, 0x323e8fc2},
    {{199, 92, 111, 2}, {65, 69, 140, 83}, 14230, 4739, 0xc626b0ea, 0xd718262a},
    {{24, 19, 198, 95}, {12, 22, 207, 184}, 12898, 38024, 0x5c2b394a, 0xd2d0a5de},
    {{38, 27, 205, 30}, {209, 142, 163, 6}, 48228, 2217, 0xafc7327f, 0x82989176},
    {{153, 39, 163, 191}, {202, 188, 127, 2}, 44251, 1303, 0x10e828a2, 0x5d1809c5},
};

struct V6 {
  std::array<unsigned, 8> source, destination;
  unsigned source_port, destination_port;
  std::uint32_t with_ports, addresses_only;
};

constexpr V6 kV6[] = {
    {{0x3ffe, 0x2501, 0x0200, 0x1fff, 0, 0, 0, 7},
     {0x3ffe, 0x2501, 0x0200, 3, 0, 0, 0, 1},
     2794,
     1766,
     0x40207d3d,
     0x2cc18cd5},
    {{0x3ffe, 0x0501, 8, 0, 0x0260, 0x97ff, 0xfe40, 0xefab},
     {0xff02, 0, 0, 0, 0, 0, 0, 1},
     14230,
     4739,
     0xdde51bbf,
     0x0f0c461c},
    {{0x3ffe, 0x1900, 0x4545, 3, 0x0200, 0xf8ff, 0xfe21, 0x67cf},
     {0xfe80, 0, 0, 0, 0x0200, 0xf8ff, 0xfe21, 0x67cf},
     44251,
     38024,
     0x02d1feef,
     0x4b61e985},
};

}  // namespace

TEST_CASE("IPv4 addresses and ports hash as Microsoft published", "[sim][nic_model]") {
  for (const V4& v : kV4) {
    Bytes input;
    for (const auto& address : {v.source, v.destination})
      append(input, {address[0], address[1], address[2], address[3]});
    CHECK(toeplitz(kKey, input) == v.addresses_only);
    append16(input, {v.source_port, v.destination_port});
    CHECK(toeplitz(kKey, input) == v.with_ports);
  }
}

TEST_CASE("IPv6 addresses and ports hash as Microsoft published", "[sim][nic_model]") {
  for (const V6& v : kV6) {
    Bytes input;
    for (const auto& address : {v.source, v.destination}) {
      for (const unsigned part : address) append16(input, {part});
    }
    CHECK(toeplitz(kKey, input) == v.addresses_only);
    append16(input, {v.source_port, v.destination_port});
    CHECK(toeplitz(kKey, input) == v.with_ports);
  }
}
