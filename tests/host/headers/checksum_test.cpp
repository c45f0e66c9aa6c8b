// SPDX-License-Identifier: Apache-2.0
// The checksum against a plain reference that follows RFC 1071's definition word by word.
#include "host/base/checksum.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

namespace {

using Bytes = std::span<const std::byte>;
using host::base::ChecksumSum;
using host::base::internet_checksum;

std::uint16_t reference(const std::vector<std::byte>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const unsigned high = std::to_integer<unsigned>(bytes[i]);
    const unsigned low = i + 1 < bytes.size() ? std::to_integer<unsigned>(bytes[i + 1]) : 0;
    sum += high << 8 | low;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::byte> random_bytes(std::mt19937& random, std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (auto& byte : bytes) {
    byte = static_cast<std::byte>(random());
  }
  return bytes;
}

}  // namespace

TEST_CASE("the checksum of RFC 1071's example is the RFC's", "[headers][checksum]") {
  const std::vector<std::byte> bytes{std::byte{0x00}, std::byte{0x01}, std::byte{0xf2}, std::byte{0x03},
                                     std::byte{0xf4}, std::byte{0xf5}, std::byte{0xf6}, std::byte{0xf7}};
  CHECK(internet_checksum(bytes) == static_cast<std::uint16_t>(~0xddf2U));
}

TEST_CASE("the checksum equals the plain reference at every length", "[headers][checksum]") {
  std::mt19937 random(1);
  for (std::size_t length = 0; length <= 1600; ++length) {
    const auto bytes = random_bytes(random, length);
    REQUIRE(internet_checksum(bytes) == reference(bytes));
  }
}

TEST_CASE("the checksum of all ones and of all zeros is the reference's", "[headers][checksum]") {
  for (const std::size_t length : {1U, 2U, 7U, 8U, 9U, 64U, 65535U}) {
    const std::vector<std::byte> ones(length, std::byte{0xff});
    const std::vector<std::byte> zeros(length);
    REQUIRE(internet_checksum(ones) == reference(ones));
    REQUIRE(internet_checksum(zeros) == 0xffff);
  }
}

TEST_CASE("a checksum grown in pieces of any length equals that of the whole", "[headers][checksum]") {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    const auto bytes = random_bytes(random, random() % 300);
    Bytes rest = bytes;
    ChecksumSum sum;
    while (!rest.empty()) {
      const std::size_t piece = 1 + random() % rest.size();
      sum.add(rest.first(piece));
      rest = rest.subspan(piece);
    }
    REQUIRE(sum.checksum() == reference(bytes));
  }
}
