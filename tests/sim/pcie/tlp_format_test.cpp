// SPDX-License-Identifier: Apache-2.0
#include "sim/pcie/tlp_format.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "rtl/contract/pci_contract.hpp"

using namespace sim::pcie;

TEST_CASE("Headers are laid out as PCIe Base 3.0 figures 2-15 to 2-28 draw them", "[tlp]") {
  Request read;
  read.address = 0x1'2345'6780;
  read.length = 16;
  read.first_be = 0xE;
  read.last_be = 0x7;
  read.requester = 0x0100;
  read.tag = 0x2A;
  CHECK(make_request(read).header == std::array<std::uint32_t, 4>{0x2000'0010, 0x0100'2A7E, 0x1, 0x2345'6780});

  read.address = 0x2345'6780;
  CHECK(make_request(read).header == std::array<std::uint32_t, 4>{0x0000'0010, 0x0100'2A7E, 0x2345'6780, 0});

  Request config;
  config.kind = RequestKind::config_write;
  config.target = 0x0108;
  config.address = 0x104;
  config.first_be = 0x3;
  const std::array<std::byte, 4> data{std::byte{6}};
  const Tlp write = make_request(config, data);
  CHECK(write.header == std::array<std::uint32_t, 4>{0x4400'0001, 0x0000'0003, 0x0108'0104, 0});
  CHECK(write.payload.size() == 4);

  Completion completion;
  completion.length = 2;
  completion.byte_count = 8;
  completion.completer = 0x0100;
  completion.tag = 3;
  completion.lower_address = 0x44;
  CHECK(make_completion(completion, std::vector<std::byte>(8)).header ==
        std::array<std::uint32_t, 4>{0x4A00'0002, 0x0100'0008, 0x0000'0344, 0});
}

TEST_CASE("What is built is what is parsed", "[tlp]") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    Request request;
    request.kind = random() % 2 == 0 ? RequestKind::memory_read : RequestKind::memory_write;
    request.address = random() & (random() % 2 == 0 ? 0xFFFF'FFFCU : 0xFFFF'FFFF'FFFF'FFFCU);
    request.length = 1 + static_cast<unsigned>(random() % 1024);
    request.first_be = static_cast<std::uint8_t>(random() & 15);
    request.last_be = static_cast<std::uint8_t>(random() & 15);
    request.requester = static_cast<std::uint16_t>(random());
    request.tag = static_cast<std::uint8_t>(random());
    request.attributes = static_cast<std::uint8_t>(random() & 3);
    request.poisoned = random() % 2 == 0;
    const Tlp tlp = make_request(request, std::vector<std::byte>(4 * request.length));
    const auto back = parse_request(tlp);
    REQUIRE(back);
    REQUIRE(back->kind == request.kind);
    REQUIRE(back->address == request.address);
    REQUIRE(back->length == request.length);
    REQUIRE(back->first_be == request.first_be);
    REQUIRE(back->last_be == request.last_be);
    REQUIRE(back->requester == request.requester);
    REQUIRE(back->tag == request.tag);
    REQUIRE(back->attributes == request.attributes);
    REQUIRE(back->poisoned == request.poisoned);
    REQUIRE(back->four_dw == (request.address >> 32 != 0));
    REQUIRE(class_of(tlp) == (has_payload(tlp) ? TlpClass::posted : TlpClass::nonposted));
    REQUIRE(tlp.payload.size() == (has_payload(tlp) ? 4 * request.length : 0));
    REQUIRE_FALSE(parse_completion(tlp));

    Completion completion;
    completion.length = 1 + static_cast<unsigned>(random() % 64);
    completion.byte_count = 1 + static_cast<unsigned>(random() % 4096);
    completion.lower_address = static_cast<std::uint8_t>(random() & 0x7F);
    completion.status = static_cast<std::uint8_t>(random() & 7);
    completion.tag = static_cast<std::uint8_t>(random());
    completion.requester = static_cast<std::uint16_t>(random());
    completion.completer = static_cast<std::uint16_t>(random());
    const auto other = parse_completion(make_completion(completion, std::vector<std::byte>(4 * completion.length)));
    REQUIRE(other);
    REQUIRE(other->length == completion.length);
    REQUIRE(other->byte_count == completion.byte_count);
    REQUIRE(other->lower_address == completion.lower_address);
    REQUIRE(other->status == completion.status);
    REQUIRE(other->tag == completion.tag);
    REQUIRE(other->requester == completion.requester);
    REQUIRE(other->completer == completion.completer);
  }
}

TEST_CASE("Byte enables and byte ranges are inverse", "[tlp]") {
  for (std::uint64_t address = 0x1000; address < 0x1004; ++address) {
    for (std::size_t bytes = 1; bytes <= 40; ++bytes) {
      const ByteEnables enables = byte_enables(address, bytes);
      Request request;
      request.address = address & ~3U;
      request.length = enables.length;
      request.first_be = enables.first;
      request.last_be = enables.last;
      const ByteRange range = byte_range(request);
      REQUIRE(range.first == address);
      REQUIRE(range.bytes == bytes);
      REQUIRE(completion_byte_count(request) == bytes);
      REQUIRE(completion_lower_address(request) == (address & 0x7F));
    }
  }
}

TEST_CASE("A zero-length read asks for one byte that is none", "[tlp]") {
  Request flush;
  flush.address = 0x40;
  flush.first_be = 0;
  CHECK(byte_range(flush).bytes == 0);
  CHECK(completion_byte_count(flush) == 1);
}

TEST_CASE("A description names what matters", "[tlp]") {
  Request write;
  write.kind = RequestKind::memory_write;
  write.address = 0x1000;
  write.tag = 5;
  const std::array<std::byte, 4> data{std::byte{0xAB}};
  CHECK(describe(make_request(write, data)) ==
        "MWr32 0x1000 tag 5 length 1 DW BE f/0 header 40000001 0000050f 00001000 data ab000000");
}
