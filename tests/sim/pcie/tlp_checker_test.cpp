// SPDX-License-Identifier: Apache-2.0
// Each rule of the checker is broken once on purpose, and a clean conversation is let pass.
#include "sim/pcie/tlp_checker.hpp"

#include <catch2/catch.hpp>

#include "rtl/contract/pci_contract.hpp"
#include "sim/pcie/link.hpp"

using namespace sim::pcie;

namespace {

struct Bench {
  TlpChecker checker;

  Bench() {
    config_write(contract::CFG_COMMAND, 2, contract::COMMAND_MEMORY | contract::COMMAND_MASTER);
    set_device_control(0, 2);
  }

  void to_nic(const Tlp& tlp) { checker.tlp(Direction::to_nic, tlp, 1000); }
  void from_nic(const Tlp& tlp) { checker.tlp(Direction::from_nic, tlp, 2000); }

  void config_write(unsigned offset, unsigned width, std::uint32_t value) {
    Request request;
    request.kind = RequestKind::config_write;
    request.target = 0x0100;
    const ByteEnables enables = byte_enables(offset, width);
    request.address = offset & ~3U;
    request.first_be = enables.first;
    std::vector<std::byte> data(4);
    for (unsigned i = 0; i < 4; ++i) data[i] = static_cast<std::byte>((value << (8 * (offset & 3)) >> (8 * i)) & 0xFF);
    to_nic(make_request(request, data));
    Completion done;
    done.tag = request.tag;
    from_nic(make_completion(done));
  }

  void set_device_control(unsigned payload, unsigned read, bool extended = false) {
    config_write(contract::CAP_EXP + contract::EXP_DEVICE_CTRL, 2,
                 (payload << 5) | (read << 12) | (extended ? contract::EXP_DEVCTRL_EXT_TAG : 0));
  }

  [[nodiscard]] std::string complaint() const {
    return checker.violations().empty() ? "" : checker.violations().back().text();
  }
};

Request nic_request(RequestKind kind, std::uint64_t address, std::size_t bytes, std::uint8_t tag = 0) {
  Request request;
  request.kind = kind;
  const ByteEnables enables = byte_enables(address, bytes);
  request.address = address & ~std::uint64_t{3};
  request.length = enables.length;
  request.first_be = enables.first;
  request.last_be = enables.last;
  request.requester = 0x0100;
  request.tag = tag;
  return request;
}

Tlp nic_read(std::uint64_t address, std::size_t bytes, std::uint8_t tag = 0) {
  return make_request(nic_request(RequestKind::memory_read, address, bytes, tag));
}

Tlp nic_write(std::uint64_t address, std::size_t bytes) {
  const Request request = nic_request(RequestKind::memory_write, address, bytes);
  return make_request(request, std::vector<std::byte>(4 * request.length));
}

Tlp answer(std::uint8_t tag, unsigned byte_count, unsigned lower, unsigned dw, std::uint8_t status = 0) {
  Completion completion;
  completion.requester = 0x0100;
  completion.tag = tag;
  completion.byte_count = byte_count;
  completion.lower_address = static_cast<std::uint8_t>(lower);
  completion.length = dw;
  completion.status = status;
  return make_completion(completion, std::vector<std::byte>(4 * dw));
}

}  // namespace

TEST_CASE("A clean conversation raises nothing", "[checker]") {
  Bench bench;
  bench.from_nic(nic_read(0x1'0000'0003, 200, 1));
  bench.from_nic(nic_read(0x2000, 64, 2));
  bench.to_nic(answer(2, 64, 0, 16));
  bench.to_nic(answer(1, 200, 3, 32));
  bench.to_nic(answer(1, 75, 0, 19));
  bench.from_nic(nic_write(0x1'0000'0FFF, 1));
  bench.from_nic(nic_write(0x3000, 128));
  bench.from_nic(nic_read(0x3000, 4, 1));
  bench.to_nic(answer(1, 4, 0, 0, contract::CPL_UR));
  CHECK(bench.complaint().empty());
  CHECK(bench.checker.outstanding_reads() == 0);
  CHECK(bench.checker.checked() == 13);
}

TEST_CASE("Broken formats are named", "[checker]") {
  Bench bench;
  SECTION("length against payload") {
    Tlp tlp = nic_write(0x1000, 8);
    tlp.payload.resize(4);
    bench.from_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("the header says 8 bytes of payload, there are 4"));
  }
  SECTION("reserved bits") {
    Tlp tlp = nic_write(0x1000, 8);
    tlp.header[0] |= 1U << 23;
    bench.from_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("reserved bit"));
  }
  SECTION("digest") {
    Tlp tlp = nic_write(0x1000, 8);
    tlp.header[0] |= 1U << 15;
    bench.from_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("digest"));
  }
  SECTION("maximum payload") {
    bench.from_nic(nic_write(0x1000, 132));
    CHECK_THAT(bench.complaint(), Catch::Contains("above the maximum of 128"));
  }
  SECTION("unknown type") {
    Tlp tlp = nic_read(0x1000, 8);
    tlp.header[0] |= 0x1F00'0000;
    bench.from_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("no such type"));
  }
  CHECK(bench.checker.violation_count() == 1);
}

TEST_CASE("Broken requests are named", "[checker]") {
  Bench bench;
  SECTION("4 KB") {
    bench.from_nic(nic_write(0x1FFC, 8));
    CHECK_THAT(bench.complaint(), Catch::Contains("4 KB"));
  }
  SECTION("maximum read request") {
    bench.from_nic(nic_read(0x1000, 516));
    CHECK_THAT(bench.complaint(), Catch::Contains("maximum request of 512"));
  }
  SECTION("low address in a 4-DW header") {
    Tlp tlp = nic_read(0x1'0000'1000, 8);
    tlp.header[2] = 0;
    bench.from_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("below 4 GB in a 4-DW header"));
  }
  SECTION("last BE of one DW") {
    Request request = nic_request(RequestKind::memory_read, 0x1000, 4);
    request.last_be = 1;
    bench.from_nic(make_request(request));
    CHECK_THAT(bench.complaint(), Catch::Contains("last BE of a single DW"));
  }
  SECTION("empty BE") {
    Request request = nic_request(RequestKind::memory_read, 0x1000, 16);
    request.last_be = 0;
    bench.from_nic(make_request(request));
    CHECK_THAT(bench.complaint(), Catch::Contains("empty BE"));
  }
  SECTION("holes") {
    Request request = nic_request(RequestKind::memory_read, 0x1000, 16);
    request.first_be = 0x7;
    bench.from_nic(make_request(request));
    CHECK_THAT(bench.complaint(), Catch::Contains("hole"));
  }
  SECTION("tag in use") {
    bench.from_nic(nic_read(0x1000, 8, 9));
    bench.from_nic(nic_read(0x2000, 8, 9));
    CHECK_THAT(bench.complaint(), Catch::Contains("tag 9 is already outstanding"));
  }
  SECTION("extended tag") {
    bench.from_nic(nic_read(0x1000, 8, 32));
    CHECK_THAT(bench.complaint(), Catch::Contains("tag above 31"));
  }
  SECTION("bus master off") {
    bench.config_write(contract::CFG_COMMAND, 2, contract::COMMAND_MEMORY);
    bench.from_nic(nic_write(0x1000, 8));
    CHECK_THAT(bench.complaint(), Catch::Contains("bus master is off"));
  }
  SECTION("a configuration request from below") {
    Request request;
    request.kind = RequestKind::config_read;
    bench.from_nic(make_request(request));
    CHECK_THAT(bench.complaint(), Catch::Contains("no business"));
  }
  CHECK(bench.checker.violation_count() == 1);
}

TEST_CASE("Broken completions are named", "[checker]") {
  Bench bench;
  bench.from_nic(nic_read(0x1'0000'0003, 200, 1));
  SECTION("nobody asked") {
    bench.to_nic(answer(2, 4, 0, 1));
    CHECK_THAT(bench.complaint(), Catch::Contains("nobody asked for"));
  }
  SECTION("byte count") {
    bench.to_nic(answer(1, 199, 3, 32));
    CHECK_THAT(bench.complaint(), Catch::Contains("byte count 199, but 200 bytes are left"));
  }
  SECTION("lower address") {
    bench.to_nic(answer(1, 200, 4, 32));
    CHECK_THAT(bench.complaint(), Catch::Contains("lower address 0x04, expected 0x03"));
  }
  SECTION("boundary") {
    bench.to_nic(answer(1, 200, 3, 17));
    CHECK_THAT(bench.complaint(), Catch::Contains("multiple of 64"));
  }
  SECTION("too much") {
    bench.set_device_control(1, 2);
    bench.to_nic(answer(1, 200, 3, 52));
    CHECK_THAT(bench.complaint(), Catch::Contains("more data than was asked for"));
  }
  SECTION("requester") {
    Tlp tlp = answer(1, 200, 3, 32);
    tlp.header[2] ^= 1U << 16;
    bench.to_nic(tlp);
    CHECK_THAT(bench.complaint(), Catch::Contains("requester is not who asked"));
  }
  SECTION("status") {
    bench.to_nic(answer(1, 200, 3, 0, 3));
    CHECK_THAT(bench.complaint(), Catch::Contains("reserved completion status"));
  }
  SECTION("no data") {
    bench.to_nic(answer(1, 200, 3, 0));
    CHECK_THAT(bench.complaint(), Catch::Contains("without data"));
  }
  SECTION("data in an error") {
    bench.to_nic(answer(1, 200, 3, 1, contract::CPL_UR));
    CHECK_THAT(bench.complaint(), Catch::Contains("data in an error completion"));
  }
  CHECK(bench.checker.violation_count() == 1);
}

TEST_CASE("Settings hold from their write, the former ones until its completion", "[checker]") {
  Bench bench;
  Request off;
  off.kind = RequestKind::config_write;
  off.address = contract::CFG_COMMAND;
  off.first_be = 0x3;
  off.tag = 7;
  bench.to_nic(make_request(off, std::vector<std::byte>(4)));
  bench.from_nic(nic_write(0x1000, 8));  // was under way
  CHECK(bench.complaint().empty());
  Completion done;
  done.tag = 7;
  bench.from_nic(make_completion(done));
  bench.from_nic(nic_write(0x1000, 8));
  CHECK_THAT(bench.complaint(), Catch::Contains("bus master is off"));
}

TEST_CASE("A function level reset forgets the settings", "[checker]") {
  Bench bench;
  bench.set_device_control(1, 5, true);
  bench.from_nic(nic_read(0x1000, 4096, 200));
  bench.from_nic(nic_write(0x1000, 256));
  CHECK(bench.complaint().empty());
  bench.config_write(contract::CAP_EXP + contract::EXP_DEVICE_CTRL, 2, contract::EXP_DEVCTRL_FLR);
  bench.from_nic(nic_write(0x1000, 4));
  CHECK_THAT(bench.complaint(), Catch::Contains("bus master is off"));
}

TEST_CASE("Credits are never exceeded", "[checker]") {
  Bench bench;
  CreditConfig config;
  config.posted_headers = 2;
  config.posted_data = 32;
  config.nonposted_headers = 1;
  Credits limit = initial_credits(config);
  bench.checker.credit_limit(Direction::from_nic, limit, 0);
  SECTION("posted headers") {
    for (int i = 0; i < 3; ++i) bench.from_nic(nic_write(0x1000, 4));
  }
  SECTION("posted data") {
    bench.checker.credit_limit(Direction::from_nic, {100, 32, 100, 32}, 0);
    for (int i = 0; i < 5; ++i) bench.from_nic(nic_write(0x1000, 128));
  }
  SECTION("non-posted headers") {
    bench.from_nic(nic_read(0x1000, 8, 1));
    bench.from_nic(nic_read(0x1000, 8, 2));
  }
  SECTION("an update that has not arrived yet does not count") {
    limit.nonposted_headers = 2;
    bench.checker.credit_limit(Direction::from_nic, limit, 2001);
    bench.from_nic(nic_read(0x1000, 8, 1));
    bench.from_nic(nic_read(0x1000, 8, 2));
  }
  CHECK(bench.checker.violation_count() == 1);
  CHECK_THAT(bench.complaint(), Catch::Contains("more than the receiver allowed"));
}

TEST_CASE("What a test injects is forgiven, its completion expected", "[checker]") {
  Bench bench;
  Request odd;
  odd.kind = RequestKind::io_read;
  odd.tag = 30;
  odd.length = 3;
  bench.checker.forgive(make_request(odd));
  Completion no;
  no.tag = 30;
  no.status = contract::CPL_UR;
  bench.from_nic(make_completion(no));
  CHECK(bench.complaint().empty());
}
