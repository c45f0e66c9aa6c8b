// SPDX-License-Identifier: Apache-2.0
// Frames out of a capture file: classic pcap and pcapng, Ethernet only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct pcap;

namespace sim::attach {

class CaptureReader {
 public:
  struct Record {
    std::vector<std::byte> bytes;
    std::int64_t time_ns;  ///< since the epoch of the file
  };

  /// Throws UserError when the file cannot be read, is no capture, or is not Ethernet.
  explicit CaptureReader(const std::string& path);

  /// The next whole record; nothing at the end. Records that the capture cut short are skipped and
  /// counted, so is the last one of a file that ends in its middle. Throws UserError on a damaged file.
  [[nodiscard]] std::optional<Record> next();

  [[nodiscard]] std::uint64_t cut_short() const { return cut_short_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };

  std::string path_;
  std::unique_ptr<pcap, Close> handle_;
  std::uint64_t cut_short_ = 0;
};

}  // namespace sim::attach
