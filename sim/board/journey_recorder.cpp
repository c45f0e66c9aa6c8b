// SPDX-License-Identifier: Apache-2.0
#include "sim/board/journey_recorder.hpp"

#include <algorithm>

namespace sim::board {
namespace {

// rtl/nic_pkg.sv: core_events_t and mac_tx_events_t, the first member in the highest bit.
constexpr std::uint32_t kRxHeld = 1U << 23;
constexpr std::uint32_t kRxMerged = 1U << 22;
constexpr std::uint32_t kTxMade = 1U << 21;
constexpr std::uint32_t kTxExtra = 1U << 20;
constexpr std::uint32_t kTxRefused = 1U << 19;
constexpr std::uint32_t kRxCommit = 1U << 18;
constexpr std::uint32_t kRxDrop = 1U << 17;
constexpr std::uint32_t kRxRead = 1U << 16;
constexpr std::uint32_t kRxEngineDrop = 1U << 15;
constexpr std::uint32_t kRxDmaDone = 1U << 14;
constexpr unsigned kRxUsedShift = 10;
constexpr unsigned kRxUsedMask = 15;
constexpr std::uint32_t kTxChain = 1U << 7;
constexpr std::uint32_t kTxCommit = 1U << 6;
constexpr std::uint32_t kTxDrop = 1U << 5;
constexpr std::uint32_t kMacTxStart = 1U << 1;

constexpr Picoseconds kPerNanosecond = 1000;

}  // namespace

void JourneyRecorder::on_wire(wire::Cable::Way way, Picoseconds start, Picoseconds end) {
  if (way == wire::Cable::Way::to_nic) {
    Frame frame{start - propagation_, start - propagation_};
    spend(Way::receive, Stage::wire, frame, end);
    in_mac_.push_back(frame);
  } else if (!in_tx_mac_.empty()) {
    Frame frame = in_tx_mac_.front();
    in_tx_mac_.pop_front();
    spend(Way::transmit, Stage::wire, frame, end + propagation_);
    finish(Way::transmit, frame, end + propagation_);
  }
}

void JourneyRecorder::events(rtl_bridge::Domain domain, std::uint32_t bits, Picoseconds at) {
  if (domain == rtl_bridge::Domain::core) core_events(bits, at);
  if (domain == rtl_bridge::Domain::mac_tx && (bits & kMacTxStart) != 0) {
    advance(Way::transmit, Stage::MAC, in_tx_cut_, &in_tx_mac_, at);
  }
}

void JourneyRecorder::core_events(std::uint32_t bits, Picoseconds at) {
  receive_events(bits, at);
  transmit_events(bits, at);
}

void JourneyRecorder::receive_events(std::uint32_t bits, Picoseconds at) {
  // Youngest stage last, so that a frame never runs through two stages of one cycle's list.
  for (auto used = (bits >> kRxUsedShift) & kRxUsedMask; used > 0; --used) {
    advance(Way::receive, Stage::ring, in_ring_, &used_, at);
  }
  if ((bits & kRxDmaDone) != 0) advance(Way::receive, Stage::DMA, in_engine_, &in_ring_, at);
  if ((bits & kRxRead) != 0) advance(Way::receive, Stage::buffer, in_buffer_, &in_engine_, at);
  if ((bits & kRxEngineDrop) != 0 && !in_engine_.empty()) in_engine_.pop_back();
  if ((bits & kRxCommit) != 0) advance(Way::receive, Stage::MAC, in_mac_, &in_buffer_, at);
  if ((bits & kRxDrop) != 0) discard(in_mac_);
  if ((bits & kRxMerged) != 0) discard(in_mac_);
  if ((bits & kRxHeld) != 0) reliable_ = false;  // others may overtake it
}

void JourneyRecorder::transmit_events(std::uint32_t bits, Picoseconds at) {
  if ((bits & kTxMade) != 0) made((bits & kTxExtra) != 0);
  if ((bits & kTxRefused) != 0) discard(in_tx_buffer_);
  if ((bits & kTxCommit) != 0) advance(Way::transmit, Stage::DMA, in_tx_dma_, &in_tx_buffer_, at);
  if ((bits & kTxDrop) != 0) discard(in_tx_dma_);
  if ((bits & kTxChain) != 0) advance(Way::transmit, Stage::ring, in_tx_ring_, &in_tx_dma_, at);
}

/// Every frame cut from a buffer has the buffer's journey behind it.
void JourneyRecorder::made(bool extra) {
  if (!extra && !in_tx_buffer_.empty()) {
    last_made_ = in_tx_buffer_.front();
    in_tx_buffer_.pop_front();
  } else if (!extra) {
    reliable_ = false;
    return;
  }
  in_tx_cut_.push_back(last_made_);
}

void JourneyRecorder::spend(Way way, Stage stage, Frame& frame, Picoseconds at) {
  samples_[static_cast<std::size_t>(way)][static_cast<std::size_t>(stage)].push_back(at - frame.last);
  frame.last = at;
}

void JourneyRecorder::advance(Way way, Stage stage, Queue& from, Queue* to, Picoseconds at) {
  if (from.empty()) {
    reliable_ = false;
    return;
  }
  Frame frame = from.front();
  from.pop_front();
  spend(way, stage, frame, at);
  to->push_back(frame);
}

void JourneyRecorder::discard(Queue& queue) {
  if (queue.empty()) {
    reliable_ = false;
  } else {
    queue.pop_front();
  }
}

void JourneyRecorder::step(const host::kernel::JourneyEvent& event) {
  using host::kernel::JourneyStep;
  const Picoseconds at = event.at * kPerNanosecond;
  switch (event.step) {
    case JourneyStep::hard_irq:
      hard_irq_ = at;
      break;
    case JourneyStep::driver_receive:
      host_received(event.skb, at);
      break;
    case JourneyStep::icmp_rcv:
      arrived(event.skb, Stage::stack, at);
      end_reception(event.skb);
      break;
    case JourneyStep::socket_queue:
      arrived(event.skb, Stage::stack, at);
      break;
    case JourneyStep::application_read:
      arrived(event.skb, Stage::socket, at);
      end_reception(event.skb);
      break;
    case JourneyStep::application_send:
    case JourneyStep::icmp_send:
      sending_[event.skb] = {at, at};
      break;
    case JourneyStep::udp_send:
      sending(event.skb, Stage::socket, at);
      break;
    case JourneyStep::driver_transmit:
      host_transmits(event.skb, at);
      break;
    case JourneyStep::skb_free:
      end_reception(event.skb);
      sending_.erase(event.skb);
      break;
    default:
      break;
  }
}

/// The frame's journey ended where it was last seen.
void JourneyRecorder::end_reception(host::kernel::SkbId skb) {
  const auto found = receiving_.find(skb);
  if (found == receiving_.end()) return;
  finish(Way::receive, found->second, found->second.last);
  receiving_.erase(found);
}

void JourneyRecorder::drop(host::kernel::SkbId skb, host::base::DropReason /*reason*/, unsigned /*cpu*/,
                           host::platform::Nanoseconds /*at*/) {
  receiving_.erase(skb);
  sending_.erase(skb);
}

void JourneyRecorder::derived(host::kernel::SkbId parent, host::kernel::SkbId child) {
  const auto found = sending_.find(parent);
  if (found != sending_.end()) sending_[child] = found->second;
}

/// The n-th frame that the driver takes is the n-th whose used entry was written.
void JourneyRecorder::host_received(host::kernel::SkbId skb, Picoseconds at) {
  if (used_.empty()) {
    reliable_ = false;
    return;
  }
  Frame frame = used_.front();
  used_.pop_front();
  if (hard_irq_ >= frame.last) spend(Way::receive, Stage::IRQ, frame, hard_irq_);
  spend(Way::receive, Stage::softirq, frame, at);
  receiving_[skb] = frame;
}

void JourneyRecorder::arrived(host::kernel::SkbId skb, Stage stage, Picoseconds at) {
  const auto found = receiving_.find(skb);
  if (found != receiving_.end()) spend(Way::receive, stage, found->second, at);
}

void JourneyRecorder::sending(host::kernel::SkbId skb, Stage stage, Picoseconds at) {
  const auto [found, fresh] = sending_.try_emplace(skb, Frame{at, at});
  if (!fresh) spend(Way::transmit, stage, found->second, at);
}

void JourneyRecorder::host_transmits(host::kernel::SkbId skb, Picoseconds at) {
  Frame frame{at, at};
  if (const auto reflected = receiving_.find(skb); reflected != receiving_.end()) {
    spend(Way::receive, Stage::stack, reflected->second, at);
    end_reception(skb);
  } else if (const auto found = sending_.find(skb); found != sending_.end()) {
    frame = found->second;
    spend(Way::transmit, Stage::stack, frame, at);
    sending_.erase(found);
  }
  in_tx_ring_.push_back(frame);
}

void JourneyRecorder::finish(Way way, const Frame& frame, Picoseconds at) {
  totals_[static_cast<std::size_t>(way)].push_back(at - frame.first);
}

StageSummary JourneyRecorder::summarise(const Samples& samples) {
  StageSummary summary;
  summary.frames = samples.size();
  if (samples.empty()) return summary;
  Samples sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](std::size_t percent) { return sorted[(sorted.size() - 1) * percent / 100] / kPerNanosecond; };
  summary.p50_ns = at(50);
  summary.p99_ns = at(99);
  summary.last_ns = samples.back() / kPerNanosecond;
  return summary;
}

StageSummary JourneyRecorder::summary(Way way, Stage stage) const {
  return summarise(samples_[static_cast<std::size_t>(way)][static_cast<std::size_t>(stage)]);
}

StageSummary JourneyRecorder::total(Way way) const {
  return summarise(totals_[static_cast<std::size_t>(way)]);
}

}  // namespace sim::board
