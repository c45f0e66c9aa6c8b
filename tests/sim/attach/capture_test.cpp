// SPDX-License-Identifier: Apache-2.0
// Capture files in and out, whole, cut short and of other kinds.
#include <pcap/pcap.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sim/attach/capture_reader.hpp"
#include "sim/attach/capture_writer.hpp"
#include "sim/pcie/user_error.hpp"

using sim::attach::CaptureReader;
using sim::attach::CaptureWriter;

namespace {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("cosnic-capture-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::vector<std::byte> frame(std::size_t length, unsigned seed) {
  std::vector<std::byte> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(seed + 7 * i);
  return bytes;
}

struct Stored {
  std::size_t length;
  std::size_t captured;
};

void write_pcap(const std::string& path, int link_type, const std::vector<Stored>& records) {
  pcap_t* dead = pcap_open_dead_with_tstamp_precision(link_type, 65535, PCAP_TSTAMP_PRECISION_NANO);
  pcap_dumper_t* out = pcap_dump_open(dead, path.c_str());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto bytes = frame(records[i].length, static_cast<unsigned>(i));
    pcap_pkthdr header{};
    header.ts.tv_sec = 5;
    header.ts.tv_usec = static_cast<int>(123'456'789 + i);
    header.caplen = static_cast<bpf_u_int32>(records[i].captured);
    header.len = static_cast<bpf_u_int32>(records[i].length);
    pcap_dump(static_cast<u_char*>(static_cast<void*>(out)), &header,
              static_cast<const u_char*>(static_cast<const void*>(bytes.data())));
  }
  pcap_dump_close(out);
  pcap_close(dead);
}

}  // namespace

TEST_CASE("what the writer wrote the reader reads, with nanoseconds", "[attach][unit]") {
  const Folder folder;
  const std::string path = folder / "out.pcapng";
  CaptureWriter writer(path, {"wire-rx", "wire-tx"});
  for (unsigned i = 0; i < 100; ++i) {
    writer.write(i % 2, frame(60 + i, i), 1'234'567'000 + 1000 * i,
                 i % 2 == 0 ? CaptureWriter::Direction::inbound : CaptureWriter::Direction::outbound);
  }
  writer.close();
  CaptureReader reader(path);
  for (unsigned i = 0; i < 100; ++i) {
    const auto record = reader.next();
    REQUIRE(record);
    CHECK(record->bytes == frame(60 + i, i));
    CHECK(record->time_ns == 1'234'567 + i);
  }
  CHECK_FALSE(reader.next());
  CHECK(reader.cut_short() == 0);
}

TEST_CASE("records that the capture cut short are skipped and counted", "[attach][unit]") {
  const Folder folder;
  const std::string path = folder / "short.pcap";
  write_pcap(path, DLT_EN10MB, {{100, 100}, {200, 96}, {60, 60}});
  CaptureReader reader(path);
  CHECK(reader.next()->bytes.size() == 100);
  const auto second = reader.next();
  REQUIRE(second);
  CHECK(second->bytes.size() == 60);
  CHECK(second->time_ns == 5'123'456'791);
  CHECK_FALSE(reader.next());
  CHECK(reader.cut_short() == 1);
}

TEST_CASE("a file that ends in the middle of a record gives all before it", "[attach][unit]") {
  const Folder folder;
  const std::string path = folder / "cut.pcap";
  write_pcap(path, DLT_EN10MB, {{100, 100}, {100, 100}});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 50);
  CaptureReader reader(path);
  CHECK(reader.next());
  CHECK_FALSE(reader.next());
  CHECK(reader.cut_short() == 1);
}

TEST_CASE("another link type is an error that names it", "[attach][unit]") {
  const Folder folder;
  write_pcap(folder / "raw.pcap", DLT_RAW, {{100, 100}});
  CHECK_THROWS_WITH(CaptureReader(folder / "raw.pcap"), Catch::Contains("RAW") && Catch::Contains("Ethernet"));
  write_pcap(folder / "wifi.pcap", DLT_IEEE802_11_RADIO, {{100, 100}});
  CHECK_THROWS_WITH(CaptureReader(folder / "wifi.pcap"), Catch::Contains("IEEE802_11_RADIO"));
}

TEST_CASE("a missing, empty or foreign file is an error that names the file", "[attach][unit]") {
  const Folder folder;
  CHECK_THROWS_WITH(CaptureReader(folder / "none.pcap"),
                    Catch::Contains("none.pcap") && Catch::Contains("No such file"));
  std::ofstream(folder / "empty.pcap") << "";
  CHECK_THROWS_WITH(CaptureReader(folder / "empty.pcap"), Catch::Contains("empty.pcap"));
  std::ofstream(folder / "text.pcap") << "this is no capture at all, just text";
  CHECK_THROWS_WITH(CaptureReader(folder / "text.pcap"), Catch::Contains("text.pcap"));
  CHECK_THROWS_AS(CaptureWriter("/nonexistent/x.pcapng", {"a"}), sim::UserError);
}
