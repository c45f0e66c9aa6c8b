// SPDX-License-Identifier: Apache-2.0
#include "sim/attach/capture_reader.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "sim/pcie/user_error.hpp"

namespace sim::attach {
namespace {

UserError unreadable(const std::string& path, std::string_view why) {
  return UserError(
      fmt::format("cannot read capture '{}': {}; give a pcap or pcapng file of Ethernet frames", path, why));
}

void require_ethernet(pcap* handle, const std::string& path) {
  const int type = pcap_datalink(handle);
  if (type == DLT_EN10MB) return;
  const char* name = pcap_datalink_val_to_name(type);
  throw UserError(fmt::format("capture '{}' has link type {} ({}); only Ethernet (EN10MB) can be replayed", path,
                              name != nullptr ? name : "unknown", type));
}

}  // namespace

void CaptureReader::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

CaptureReader::CaptureReader(const std::string& path) : path_(path) {
  char error[PCAP_ERRBUF_SIZE] = {};
  handle_.reset(pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error));
  if (!handle_) {
    std::string_view why = error;  // libpcap puts the path in front of some of its messages
    if (why.starts_with(path + ": ")) why.remove_prefix(path.size() + 2);
    throw unreadable(path, why);
  }
  require_ethernet(handle_.get(), path);
}

std::optional<CaptureReader::Record> CaptureReader::next() {
  for (;;) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int status = pcap_next_ex(handle_.get(), &header, &data);
    if (status == PCAP_ERROR_BREAK) return std::nullopt;
    if (status != 1) {
      const std::string_view why = pcap_geterr(handle_.get());
      if (why.find("truncated") == std::string_view::npos) throw unreadable(path_, why);
      ++cut_short_;
      return std::nullopt;
    }
    if (header->caplen < header->len) {
      ++cut_short_;
      continue;
    }
    Record record;
    record.bytes.resize(header->caplen);
    std::memcpy(record.bytes.data(), data, header->caplen);
    // With nanosecond precision libpcap keeps nanoseconds in tv_usec.
    record.time_ns = std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec;
    return record;
  }
}

}  // namespace sim::attach
