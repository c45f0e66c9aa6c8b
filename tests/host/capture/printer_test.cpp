// SPDX-License-Identifier: Apache-2.0
// Frames in tcpdump's words, against what the tool itself printed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <vector>

#include "host/capture/frame_printer.hpp"

using namespace host;
using capture::FramePrinter;
using capture::PrintOptions;

namespace {

struct PrintedFrame {
  std::string hex;
  std::string plain;
  std::string verbose;
};

/// The file's \\n and \\t become what they mean.
std::string unescaped(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escape = line[i] == '\\' && i + 1 < line.size();
    text += !escape ? line[i] : line[i + 1] == 'n' ? '\n' : line[i + 1] == 't' ? '\t' : line[i + 1];
    if (escape) ++i;
  }
  return text;
}

/// What the tool printed.
const std::vector<PrintedFrame>& printed_frames() {
  static const std::vector<PrintedFrame> frames = [] {
    std::vector<PrintedFrame> read;
    std::ifstream file(PRINTED_FRAMES);
    std::string hex;
    while (std::getline(file, hex)) {
      if (hex.starts_with('#')) continue;
      std::string plain;
      std::string verbose;
      std::getline(file, plain);
      std::getline(file, verbose);
      read.push_back({hex, unescaped(plain), unescaped(verbose)});
    }
    return read;
  }();
  return frames;
}

std::vector<std::byte> from_hex(std::string_view text) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
  }
  return bytes;
}

std::string printed(const std::vector<std::byte>& bytes, PrintOptions options, platform::Nanoseconds time = 0) {
  return FramePrinter(options).print({.bytes = bytes, .length = bytes.size(), .time = time});
}

/// The hex of the frame whose plain line contains `words`.
std::vector<std::byte> frame_with(std::string_view words) {
  for (const PrintedFrame& each : printed_frames()) {
    if (each.plain.find(words) != std::string_view::npos) return from_hex(each.hex);
  }
  FAIL("no such frame");
  return {};
}

}  // namespace

TEST_CASE("Frames print as tcpdump prints them", "[capture][printer]") {
  CHECK(printed_frames().size() > 100);
  for (const PrintedFrame& each : printed_frames()) {
    INFO(each.hex);
    const auto bytes = from_hex(each.hex);
    CHECK(printed(bytes, {.time = PrintOptions::Time::none}) == each.plain + '\n');
    CHECK(printed(bytes, {.time = PrintOptions::Time::none, .verbose = 1}) == each.verbose + '\n');
  }
}

TEST_CASE("A query of MLD that has no version's length says so", "[capture][printer]") {
  auto query = frame_with("multicast listener querymax resp delay: 10000 addr: ::");
  query.pop_back();
  query[19] = std::byte{31};  // payload length
  CHECK(printed(query, {.time = PrintOptions::Time::none}) ==
        "IP6 fe80::2 > ff02::1: HBH ICMP6, multicast listener query unknown-version (len 23) , length 23\n");
}

TEST_CASE("Of a query of MLD -vv lists the sources", "[capture][printer]") {
  CHECK(printed(frame_with("query v2 [gaddr ff05::77, 2 source(s)]"), {.time = PrintOptions::Time::none, .verbose = 2})
            .ends_with("query v2 [max resp delay=900] [gaddr ff05::77 qqi=0 { fd00::9 fd00::a }]\n"));
}

TEST_CASE("Times, Ethernet and bytes print as tcpdump prints them", "[capture][printer]") {
  const auto echo = frame_with("ICMP echo request, id 7, seq 1, length 26");
  const std::string rest = "ICMP echo request, id 7, seq 1, length 26\n";
  CHECK(printed(echo, {}, 3'723'000'004'999) == "01:02:03.000004 IP 10.0.0.2 > 10.0.0.1: " + rest);
  CHECK(printed(echo, {.time = PrintOptions::Time::seconds}, 1'000'004'000) ==
        "1.000004 IP 10.0.0.2 > 10.0.0.1: " + rest);
  CHECK(printed(echo, {.time = PrintOptions::Time::none, .link_header = true}) ==
        "02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype IPv4 (0x0800), length 60: 10.0.0.2 > 10.0.0.1: " + rest);
  CHECK(printed(echo, {.time = PrintOptions::Time::none, .dump = PrintOptions::Dump::hex_and_text}) ==
        "IP 10.0.0.2 > 10.0.0.1: ICMP echo request, id 7, seq 1, length 26\n"
        "\t0x0000:  4500 002e 0001 4000 4001 26cc 0a00 0002  E.....@.@.&.....\n"
        "\t0x0010:  0a00 0001 0800 caca 0007 0001 5a5a 5a5a  ............ZZZZ\n"
        "\t0x0020:  5a5a 5a5a 5a5a 5a5a 5a5a 5a5a 5a5a       ZZZZZZZZZZZZZZ\n");
  const std::string whole =
      printed(echo, {.time = PrintOptions::Time::none, .dump = PrintOptions::Dump::hex, .dump_link_header = true});
  CHECK(whole.find("\n\t0x0000:  0200 0000 0001 0200 0000 0002 0800 4500\n") != std::string::npos);

  FramePrinter printer({.time = PrintOptions::Time::since_last});
  CHECK(printer.print({.bytes = echo, .length = 60, .time = 5'000'000}).starts_with(" 00:00:00.000000 IP"));
  CHECK(printer.print({.bytes = echo, .length = 60, .time = 7'000'000}).starts_with(" 00:00:00.002000 IP"));
  CHECK(printer.print({.bytes = echo, .length = 60, .time = 7'500'000, .device = "eth0", .direction = "In"})
            .starts_with(" 00:00:00.000500 eth0  In  IP 10.0.0.2"));
}

TEST_CASE("A TCP connection's numbers are told relative to its first segments", "[capture][printer]") {
  // SYN, SYN-ACK, data, its acknowledgement: as tcpdump prints them in one capture.
  FramePrinter printer({.time = PrintOptions::Time::none});
  const auto print = [&](std::string_view words) {
    const auto bytes = frame_with(words);
    const std::string line = printer.print({.bytes = bytes, .length = bytes.size()});
    return line.substr(line.find("Flags"), line.find(", win") - line.find("Flags"));
  };
  CHECK(print("Flags [S], seq 1000, win 64240") == "Flags [S], seq 1000");
  CHECK(print("Flags [S.], seq 5000, ack 1001") == "Flags [S.], seq 5000, ack 1001");
  CHECK(print("Flags [P.], seq 1001:1031") == "Flags [P.], seq 1:31, ack 1");
  CHECK(print("Flags [.], ack 1031") == "Flags [.], ack 31");
}

TEST_CASE("Any bytes print as one line that ends", "[capture][printer][fuzz]") {
  std::minstd_rand random(11);
  std::size_t lines = 0;
  for (int turn = 0; turn < 40; ++turn) {
    for (const PrintedFrame& each : printed_frames()) {
      auto bytes = from_hex(each.hex);
      const std::size_t length = bytes.size();
      for (unsigned flips = random() % 4; flips > 0; --flips) {
        bytes[12 + random() % (bytes.size() - 12)] = static_cast<std::byte>(random());
      }
      if (random() % 2 == 0) bytes.resize(random() % (bytes.size() + 1));
      const unsigned verbose = static_cast<unsigned>(random() % 3);
      FramePrinter printer({.link_header = random() % 2 == 0, .verbose = verbose});
      const std::string line = printer.print({.bytes = bytes, .length = length});
      lines += line.ends_with('\n') ? 1 : 0;
    }
  }
  CHECK(lines == 40 * printed_frames().size());
}
