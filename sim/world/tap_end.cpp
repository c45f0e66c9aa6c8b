// SPDX-License-Identifier: Apache-2.0
#include "sim/world/tap_end.hpp"

#include <poll.h>

#include <chrono>
#include <utility>

namespace sim::world {
namespace {

constexpr Picoseconds kInterval = 5 * kMicrosecond;
constexpr std::size_t kHeader = 14;
constexpr std::size_t kLongest = 9216;
constexpr unsigned kMostWaiting = 64;  // let the operating system queue what the wire cannot take
constexpr std::int64_t kNanosecondsEach = 1'000'000'000;

std::int64_t wall_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void TapEnds::add(const TapPlan& plan, Wire& wire, unsigned end) {
  ends_.emplace_back(plan, wire, end);
  wire.attach(end, ends_.back());
}

void TapEnds::End::frame_arrives(FrameBytes frame, bool intact) {
  if (!intact) {
    ++bad_fcs;
  } else if (tap.send(frame)) {
    ++delivered;
  } else {
    ++refused;
  }
}

void TapEnds::begin() {
  if (ends_.empty()) return;
  zero_ = agenda_.now();
  wall_zero_ = wall_now();
  look();
}

void TapEnds::look() {
  if (stopped_) return;
  for (End& end : ends_) take(end);
  wait_for_the_wall();
  agenda_.at(agenda_.now() + kInterval, wire::Rank::peer, [this] { look(); });
}

void TapEnds::take(End& end) {
  while (end.wire.waiting(end.end) < kMostWaiting) {
    auto frame = end.tap.receive();
    if (!frame) return;
    ++end.received;
    if (frame->size() < kHeader || frame->size() > kLongest) {
      ++end.unusable;
    } else {
      frame->resize(std::max(frame->size(), wire::kMinFrame));
      static_cast<void>(end.wire.send(end.end, std::move(*frame), agenda_.now()));
    }
  }
}

/// Sleeps as long as the world is ahead, or until a frame is there.
void TapEnds::wait_for_the_wall() {
  const std::int64_t ahead = (agenda_.now() - zero_) / kNanosecond - (wall_now() - wall_zero_);
  if (ahead <= 0) return;
  std::vector<pollfd> files;
  for (const End& end : ends_) files.push_back({end.tap.file(), POLLIN, 0});
  const timespec time{ahead / kNanosecondsEach, ahead % kNanosecondsEach};
  static_cast<void>(ppoll(files.data(), files.size(), &time, nullptr));
}

void TapEnds::report(board::Report& report) const {
  for (const End& end : ends_) {
    report.add(end.plan.name, "received", end.received);
    report.add(end.plan.name, "unusable", end.unusable);
    report.add(end.plan.name, "delivered", end.delivered);
    report.add(end.plan.name, "bad_fcs", end.bad_fcs);
    report.add(end.plan.name, "refused", end.refused);
    report.expect_equal(end.plan.name + ": received", end.received, "unusable + frames on the wire",
                        end.unusable + end.wire.counters(end.end).frames);
    report.expect_equal(end.plan.name + ": frames that the wire delivered", end.wire.counters(1 - end.end).delivered,
                        "delivered + bad_fcs + refused", end.delivered + end.bad_fcs + end.refused);
  }
}

}  // namespace sim::world
