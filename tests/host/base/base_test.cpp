// SPDX-License-Identifier: Apache-2.0
// Numbers in byte order, results, addresses, the Internet checksum.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/base/drop_reason.hpp"
#include "host/base/mac_address.hpp"
#include "host/base/result.hpp"

using namespace host::base;

namespace {

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
  std::vector<std::byte> result;
  for (const auto value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

}  // namespace

TEST_CASE("Numbers are stored in the order that their type says", "[base][byte_order]") {
  auto memory = bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  store_be16(memory, 1, 0x1234);
  store_le32(memory, 3, 0xaabbccdd);
  CHECK(memory == bytes({0, 0x12, 0x34, 0xdd, 0xcc, 0xbb, 0xaa, 0, 0, 0}));
  CHECK(load_be16(memory, 1) == 0x1234);
  CHECK(load_le32(memory, 3) == 0xaabbccdd);
  CHECK(Be32(0x0a000001).bytes()[0] == std::byte{0x0a});
  CHECK(Le64(1).bytes()[0] == std::byte{1});
  CHECK(Be32(1) < Be32(0x100));
}

TEST_CASE("Orders do not mix", "[base][byte_order]") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Be16, Le16>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::uint16_t, Be16>);
}

TEST_CASE("A result is a value or the reason that there is none", "[base][result]") {
  const Result<int> good = 7;
  const Result<int> bad = Errno::no_memory;
  CHECK(good.ok());
  CHECK(*good == 7);
  CHECK_FALSE(bad.ok());
  CHECK(errno_name(bad.error()) == "ENOMEM");
  CHECK(Result<void>().ok());
  CHECK(Result<void>(Errno::again).error() == Errno::again);
}

TEST_CASE("Ethernet addresses survive text and wire", "[base][mac]") {
  const auto address = MacAddress::parse("02:00:5e:10:fF:01");
  REQUIRE(address);
  CHECK(address->to_string() == "02:00:5e:10:ff:01");
  CHECK_FALSE(address->is_multicast());
  auto frame = bytes({0, 0, 0, 0, 0, 0, 0});
  address->store(frame, 1);
  CHECK(MacAddress::load(frame, 1) == *address);
  for (const char* wrong : {"", "02:00:5e:10:ff", "02:00:5e:10:ff:0g", "02-00-5e-10-ff-01", "02:00:5e:10:ff:011"}) {
    CHECK_FALSE(MacAddress::parse(wrong));
  }
  CHECK(MacAddress::broadcast().is_multicast());
}

TEST_CASE("The checksum is that of RFC 1071, section 3's example", "[base][checksum]") {
  const auto data = bytes({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7});
  CHECK(internet_checksum(data) == static_cast<std::uint16_t>(~0xddf2));
}

TEST_CASE("Pieces of any length sum as the whole does", "[base][checksum]") {
  std::vector<std::byte> data;
  for (unsigned i = 0; i < 1001; ++i) data.push_back(static_cast<std::byte>(i * 37 + 11));
  const auto whole = internet_checksum(data);
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 333u}) {
    ChecksumSum sum;
    for (std::size_t at = 0; at < data.size(); at += step) {
      sum.add(std::span(data).subspan(at, std::min(step, data.size() - at)));
    }
    CHECK(sum.checksum() == whole);
  }
}

TEST_CASE("A sum of any length from any place is that of its words, one by one", "[base][checksum]") {
  std::vector<std::byte> data;
  for (unsigned i = 0; i < 2100; ++i) data.push_back(static_cast<std::byte>(i % 5 == 0 ? 0xff : i * 37 + 11));
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t length = 0; length + start <= data.size(); length += length < 300 ? 1 : 89) {
      std::uint32_t sum = 0;
      for (std::size_t i = 0; i < length; ++i) {
        sum += static_cast<std::uint32_t>(data[start + i]) << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
      }
      INFO(start << " " << length);
      REQUIRE(internet_checksum(std::span(data).subspan(start, length)) == static_cast<std::uint16_t>(~sum));
    }
  }
}

TEST_CASE("An incremental update equals a new sum (RFC 1624)", "[base][checksum]") {
  auto data = bytes({0x45, 0, 0, 0x1c, 0x12, 0x34, 0, 0, 0x40, 0x11, 0xab, 0xcd});
  for (const std::uint16_t word : std::initializer_list<std::uint16_t>{0x3f11, 0, 0xffff, 0x4011}) {
    const auto before = internet_checksum(data);
    const auto old_word = load_be16(data, 8);
    store_be16(data, 8, word);
    CHECK(checksum_update(before, old_word, word) == internet_checksum(data));
  }
}

TEST_CASE("Every drop has one reason with a name", "[base][drop]") {
  DropCounters drops;
  drops.add(DropReason::udp_no_port);
  drops.add(DropReason::udp_no_port);
  CHECK(drops[DropReason::udp_no_port] == 2);
  CHECK(drops.total() == 2);
  CHECK(drop_reason_name(DropReason::udp_no_port) == "udp_no_port");
}

TEST_CASE("A result of any kind of value says which of the two it is", "[base][result]") {
  static_assert(std::is_trivially_copyable_v<Result<int>> && sizeof(Result<int>) == 2 * sizeof(int));
  const Result<int> zero = 0;
  const Result<int> again = Errno::again;  // the first of them
  CHECK(zero.ok());
  CHECK(*zero == 0);
  CHECK_FALSE(again.ok());
  CHECK(again.error() == Errno::again);
  const Result<const int*> null = nullptr;
  CHECK(null.ok());
  CHECK(*null == nullptr);
  Result<std::vector<int>> made(std::in_place);
  CHECK(made.ok());
  made->push_back(1);
  CHECK(made->size() == 1);
  CHECK(Result<std::vector<int>>(Errno::busy).error() == Errno::busy);
}
