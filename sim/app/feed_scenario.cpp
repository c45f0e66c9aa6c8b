// SPDX-License-Identifier: Apache-2.0
#include "sim/app/feed_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/wire/xgmii.hpp"

namespace sim::app {

FeedScenario::FeedScenario(board::Board& board, wire::Feeder::Source source, const Options& options)
    : board_(board),
      app_(options.app, options.addresses),
      flow_(options.flow),
      feeder_(
          board.cable(), [this, source = std::move(source)] { return remember(source); }, options.feeder) {
  board.cable().attach_peer(feeder_);
}

void FeedScenario::expect_echo() {
  echo_ = true;
  feeder_.on_arrival(
      [this](const std::vector<std::byte>& bytes, wire::FrameSink::Verdict verdict) { compare(bytes, verdict); });
}

std::optional<std::vector<std::byte>> FeedScenario::remember(const wire::Feeder::Source& source) {
  std::optional<std::vector<std::byte>> frame = source();
  if (frame && echo_) {
    auto& flow = expected(*frame);
    flow.push_back(*frame);
    flow.back().resize(std::max(frame->size(), wire::kMinFrame));  // padded as a sender would
  }
  return frame;
}

std::deque<std::vector<std::byte>>& FeedScenario::expected(const std::vector<std::byte>& bytes) {
  return expected_[flow_ ? flow_(bytes) : 0];
}

void FeedScenario::compare(const std::vector<std::byte>& bytes, wire::FrameSink::Verdict verdict) {
  if (verdict != wire::FrameSink::Verdict::good) return;  // the cable counts it
  auto& flow = expected(bytes);
  if (!flow.empty() && flow.front() == bytes) {
    flow.pop_front();
    return;
  }
  ++different_;
  if (first_difference_.empty()) {
    first_difference_ = fmt::format("frame {} of {} B, expected {} B", feeder_.returned(), bytes.size(),
                                    flow.empty() ? 0 : flow.front().size());
  }
  const auto found = std::find(flow.begin(), flow.end(), bytes);
  if (found != flow.end()) flow.erase(flow.begin(), found + 1);
}

std::string FeedScenario::host_is_up(host::apps::Host& host, host::device::NetDevice& device) {
  return app_.start(host, device);
}

void FeedScenario::begin() {
  feeder_.begin(board_.agenda().now());
}

void FeedScenario::report(board::Report& report) const {
  report.add("run", "sent", feeder_.sent());
  if (feeder_.faulty_sent() != 0) report.add("run", "sent_with_a_fault", feeder_.faulty_sent());
  report.add("run", "returned", feeder_.returned());
  app_.report(report);
  if (!echo_) return;
  report.add("run", "given_up", feeder_.given_up());
  report.add("run", "different", different_);
  if (different_ != 0) {
    report.violations.push_back(
        fmt::format("{} frames came back changed or out of order, first: {}", different_, first_difference_));
  }
  report.expect_equal("frames sent", feeder_.sent(), "frames returned", feeder_.returned());
}

}  // namespace sim::app
