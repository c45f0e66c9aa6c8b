// SPDX-License-Identifier: Apache-2.0
#include "sim/board/wire_capture.hpp"

namespace sim::board {
namespace {

/// No frame is told later than this after it began: longer than any frame and any run-ahead.
constexpr Picoseconds kLatest = 1'000'000'000;

std::vector<std::string> interfaces(WireCapture::Content content) {
  if (content == WireCapture::Content::sent_by_nic) return {"wire-tx"};
  return {"wire-rx", "wire-tx"};
}

attach::CaptureWriter::Error error_of(wire::FrameSink::Verdict verdict) {
  using Verdict = wire::FrameSink::Verdict;
  switch (verdict) {
    case Verdict::bad_fcs:
      return attach::CaptureWriter::Error::fcs;
    case Verdict::bad_preamble:
      return attach::CaptureWriter::Error::preamble;
    case Verdict::error_control:
      return attach::CaptureWriter::Error::symbol;
    case Verdict::good:
      break;
  }
  return attach::CaptureWriter::Error::none;
}

}  // namespace

WireCapture::WireCapture(const std::string& path, Content content)
    : content_(content), writer_(path, interfaces(content)) {}

void WireCapture::on_wire(wire::Cable::Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict verdict,
                          Picoseconds start) {
  if (content_ == Content::sent_by_nic &&
      (way == wire::Cable::Way::to_nic || verdict != wire::FrameSink::Verdict::good)) {
    return;
  }
  waiting_.emplace(start, Record{way, verdict, {bytes.begin(), bytes.end()}});
  write_until(start - kLatest);
}

void WireCapture::write_until(Picoseconds time) {
  while (!waiting_.empty() && waiting_.begin()->first <= time) {
    const auto& [at, record] = *waiting_.begin();
    const bool inbound = record.way == wire::Cable::Way::to_nic;
    const unsigned interface = content_ == Content::everything && !inbound ? 1 : 0;
    writer_.write(interface, record.bytes, at,
                  inbound ? attach::CaptureWriter::Direction::inbound : attach::CaptureWriter::Direction::outbound,
                  error_of(record.verdict));
    waiting_.erase(waiting_.begin());
  }
}

void WireCapture::close() {
  write_until(INT64_MAX);
  writer_.close();
}

}  // namespace sim::board
