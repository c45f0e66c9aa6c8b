// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/feeder.hpp"

#include <algorithm>
#include <utility>

#include "sim/wire/xgmii.hpp"

namespace sim::wire {
namespace {

/// Frames are handed to the cable this far ahead of the line, so that it never runs dry between two turns.
constexpr Picoseconds kAhead = 4'000'000;
constexpr Fault kFaults[] = {Fault::bad_fcs, Fault::bad_preamble, Fault::bad_sfd, Fault::error_control,
                             Fault::truncated};

}  // namespace

Feeder::Feeder(Cable& cable, Source source, Options options)
    : cable_(cable), source_(std::move(source)), options_(options), random_(options.seed) {}

void Feeder::begin(Picoseconds when) {
  cable_.agenda().at(when, Rank::peer, [this] {
    last_progress_ = cable_.agenda().now();
    pump();
    if (options_.window != 0) watch();
  });
}

void Feeder::pump() {
  Agenda& agenda = cable_.agenda();
  while (!exhausted_ && window_open() && cable_.line_free() < agenda.now() + kAhead && next_allowed_ <= agenda.now()) {
    std::optional<std::vector<std::byte>> bytes = source_();
    if (!bytes) {
      exhausted_ = true;
      return;
    }
    send_one(std::move(*bytes));
    if (options_.interval != 0) next_allowed_ = agenda.now() + options_.interval;
  }
  if (exhausted_ || !window_open() || pump_planned_) return;
  pump_planned_ = true;
  agenda.at(std::max(cable_.line_free() - kAhead / 2, next_allowed_), Rank::peer, [this] {
    pump_planned_ = false;
    pump();
  });
}

void Feeder::send_one(std::vector<std::byte> bytes) {
  if (options_.faults_per_thousand != 0 && random_() % 1000 < options_.faults_per_thousand) {
    cable_.send({bytes, kFaults[random_() % std::size(kFaults)]});
    ++faulty_sent_;
  }
  if (options_.window != 0) {
    ++in_flight_;
    in_flight_bytes_ += std::max(bytes.size(), kMinFrame);
  }
  cable_.send({std::move(bytes)});
  ++sent_;
}

void Feeder::arrived(std::vector<std::byte> bytes, FrameSink::Verdict verdict) {
  last_progress_ = cable_.agenda().now();
  ++returned_;
  if (in_flight_ > 0) --in_flight_;
  in_flight_bytes_ -= std::min(in_flight_bytes_, bytes.size());
  if (arrival_) arrival_(bytes, verdict);
  pump();
}

/// Nothing comes back any more: what is missing is lost, the rest shall still be tried.
void Feeder::watch() {
  Agenda& agenda = cable_.agenda();
  if (in_flight_ > 0 && agenda.now() - last_progress_ >= options_.patience) {
    given_up_ += in_flight_;
    in_flight_ = 0;
    in_flight_bytes_ = 0;
    last_progress_ = agenda.now();
    pump();
  }
  if (!done()) agenda.at(agenda.now() + options_.patience / 4, Rank::peer, [this] { watch(); });
}

}  // namespace sim::wire
