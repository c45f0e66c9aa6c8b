// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/driver_actor.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

namespace {

constexpr std::uint64_t kRings = HostMemory::kBase;
constexpr std::uint64_t kRxRing = kRings + 0x0000;
constexpr std::uint64_t kTxRing = kRings + 0x2000;
constexpr std::uint64_t kEvents = kRings + 0x4000;
constexpr std::uint64_t kRxBuffers = kRings + 0x8000;
constexpr std::uint64_t kTxBuffers = kRxBuffers + 260 * 1600;
constexpr unsigned kHeader = contract::NET_HDR_BYTES;
constexpr unsigned kRxVector = 1;
constexpr unsigned kTxVector = 2;

std::uint64_t feature(unsigned bit) {
  return std::uint64_t{1} << bit;
}

std::uint32_t total(const std::vector<Piece>& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), 0u, [](std::uint32_t n, const Piece& p) { return n + p.len; });
}

/// Cuts `len` bytes at `addr` into at most `most` pieces at random places.
std::vector<Piece> cut(std::uint64_t addr, std::uint32_t len, unsigned most, std::mt19937& random) {
  std::vector<Piece> pieces;
  while (len > 0) {
    std::uint32_t n = len;
    if (pieces.size() + 1 < most && random() % 3 != 0) n = 1 + static_cast<std::uint32_t>(random() % len);
    pieces.push_back({addr, n});
    addr += n;
    len -= n;
  }
  return pieces;
}

Frame random_frame(std::size_t len, std::mt19937& random) {
  Frame frame(len);
  for (auto& byte : frame) byte = static_cast<std::uint8_t>(random());
  return frame;
}

}  // namespace

QueueActor::QueueActor(DeviceBench& bench, unsigned queue, RingPlace place, unsigned size,
                       const TrafficOptions& options)
    : bench_(bench),
      options_(options),
      random_(bench.seed * 31 + queue),
      queue_(queue),
      ring_(bench.memory, place, size, options.event_idx),
      buffers_(queue == contract::QUEUE_RX0 ? kRxBuffers : kTxBuffers) {
  for (unsigned k = 0; k < size; ++k) ids_.push_back(k);
  std::shuffle(ids_.begin(), ids_.end(), random_);
}

unsigned QueueActor::new_id() {
  const unsigned id = ids_.back();
  ids_.pop_back();
  return id;
}

std::uint64_t QueueActor::buffer_of(unsigned id) const {
  return buffers_ + std::uint64_t{id} * kBufferBytes;
}

void QueueActor::step() {
  if (wait_ > 0) {
    --wait_;
    return;
  }
  wait_ = below(below(8) == 0 ? 60 : 4);
  if (give_left_ > 0) {  // a run of buffers, then the decision on the kick
    --give_left_;
    if (!give()) give_left_ = 0;
    if (give_left_ == 0 && ring_.kick_wanted()) bench_.post_doorbell(queue_);
    return;
  }
  if (below(2) == 0) {
    give_left_ = 1 + below(options_.burst);
    return;
  }
  poll_step();
}

// NAPI's way: interrupt, disable, poll until nothing is left, enable, look once more, sleep.
void QueueActor::poll_step() {
  switch (state_) {
    case State::kAsleep:
      if (!interrupted_) return;
      interrupted_ = false;
      ring_.disable_interrupts();
      state_ = State::kPolling;
      return;
    case State::kPolling:
      if (const auto used = ring_.take_used()) {
        take(*used);
        ids_.insert(ids_.begin() + below(static_cast<unsigned>(ids_.size()) + 1), used->id);
        return;
      }
      // What is sent will come back, so its interrupt may wait for most of it; frames may never arrive.
      ring_.enable_interrupts(queue_ == contract::QUEUE_TX0 && below(4) == 0 ? (ring_.size() - ring_.room()) * 3 / 4
                                                                             : 0);
      state_ = State::kEnabled;
      wait_ = below(3);
      return;
    case State::kEnabled:
      if (ring_.used_waits()) {
        ring_.disable_interrupts();
        state_ = State::kPolling;
      } else {
        state_ = State::kAsleep;
      }
      return;
  }
}

ReceiveActor::ReceiveActor(DeviceBench& bench, RingPlace place, const TrafficOptions& options)
    : QueueActor(bench, contract::QUEUE_RX0, place, options.rx_size, options) {}

bool ReceiveActor::give() {
  const unsigned most = std::min({options_.max_pieces, ring().room(), ring().size()});
  if (most == 0) return false;
  const unsigned id = new_id();
  // A buffer that is too small takes some of the frames, never all of them: 200 bytes hold the short ones.
  const std::uint32_t len = below(100) < options_.bad_percent ? 200 + below(600) : 1530 + below(70);
  given_[id] = cut(buffer_of(id), len, most, random_);
  for (std::uint32_t k = 0; k < len; ++k) bench_.memory.at(buffer_of(id) + k) = 0xee;
  ring().add(id, given_[id], true);
  return true;
}

void ReceiveActor::take(const Used& used) {
  const std::vector<Piece> pieces = given_.at(used.id);
  given_.erase(used.id);
  while (!expected_.empty() && expected_.front().size() + kHeader > total(pieces)) drop_expected();
  REQUIRE(!expected_.empty());
  const Frame& frame = expected_.front();
  REQUIRE(used.written);
  REQUIRE(used.len == kHeader + frame.size());
  Frame bytes;
  for (const Piece& p : pieces)
    for (std::uint32_t k = 0; k < p.len; ++k) bytes.push_back(bench_.memory.at(p.addr + k));
  Frame header(kHeader);
  header[contract::NET_HDR_NUM_BUFFERS] = 1;
  REQUIRE(std::equal(header.begin(), header.end(), bytes.begin()));
  REQUIRE(std::equal(frame.begin(), frame.end(), bytes.begin() + kHeader));
  REQUIRE(std::all_of(bytes.begin() + kHeader + static_cast<long>(frame.size()), bytes.end(),
                      [](std::uint8_t byte) { return byte == 0xee; }));
  expected_.pop_front();
  ++delivered_;
}

TransmitActor::TransmitActor(DeviceBench& bench, RingPlace place, const TrafficOptions& options)
    : QueueActor(bench, contract::QUEUE_TX0, place, options.tx_size, options), left_(options.frames) {}

bool TransmitActor::give() {
  const unsigned most = std::min({options_.max_pieces, ring().room(), ring().size()});
  if (left_ == 0 || most == 0 || bench_.dut.cycles() < next_burst_) return false;
  if (burst_left_ == 0) {
    burst_left_ = 1 + below(options_.burst);
    next_burst_ = bench_.dut.cycles() + below(options_.pause + 1);
    return false;
  }
  --burst_left_;
  --left_;
  const unsigned id = new_id();
  const bool bad = below(100) < options_.bad_percent;
  const unsigned kind = bad ? 1 + below(4) : 0;
  Frame frame = random_frame(below(3) == 0 ? 60 : 14 + below(1505), random_);
  if (kind == 1) frame.resize(below(2) == 0 ? 1 + below(13) : 1519 + below(60));
  for (unsigned k = 0; k < kHeader; ++k) bench_.memory.at(buffer_of(id) + k) = 0;
  if (kind == 2) bench_.memory.at(buffer_of(id)) = contract::NET_HDR_F_NEEDS_CSUM;
  if (kind == 3) bench_.memory.at(buffer_of(id) + 1) = 1;
  if (kind == 0) bench_.memory.at(buffer_of(id)) = static_cast<std::uint8_t>(below(128) * 2);  // unknown flags
  for (std::size_t k = 0; k < frame.size(); ++k) bench_.memory.at(buffer_of(id) + kHeader + k) = frame[k];
  auto pieces = cut(buffer_of(id), kHeader + static_cast<std::uint32_t>(frame.size()), most, random_);
  if (kind == 4) pieces.back().addr = HostMemory::kBase - 0x10000;  // unmapped
  ring().add(id, pieces, false);
  order_.push_back(id);
  if (bad) {
    ++bad_;
  } else {
    ++good_;
    wire_.push_back(std::move(frame));
  }
  return true;
}

void TransmitActor::take(const Used& used) {
  REQUIRE(!order_.empty());
  REQUIRE(used.id == order_.front());
  REQUIRE_FALSE(used.written);
  order_.pop_front();
}

void TransmitActor::sent(const Frame& frame) {
  REQUIRE(!wire_.empty());
  REQUIRE(frame == wire_.front());
  wire_.pop_front();
}

Traffic::Traffic(const TrafficOptions& options, unsigned seed)
    : options_(options), bench_(options.timing, seed), random_(seed + 5) {
  const RingPlace rx{kRxRing, kEvents, kEvents + 4};
  const RingPlace tx{kTxRing, kEvents + 8, kEvents + 12};
  receive_ = std::make_unique<ReceiveActor>(bench_, rx, options);
  transmit_ = std::make_unique<TransmitActor>(bench_, tx, options);
  bench_.negotiate(feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED) |
                   (options.event_idx ? feature(contract::RING_F_EVENT_IDX) : 0));
  bench_.set_queue(contract::QUEUE_RX0, options.rx_size, rx.desc, rx.driver, rx.device, kRxVector);
  bench_.set_queue(contract::QUEUE_TX0, options.tx_size, tx.desc, tx.driver, tx.device, kTxVector);
  bench_.driver_ok();
  bench_.dma.on_interrupt = [this](unsigned vector) {
    REQUIRE((vector == kRxVector || vector == kTxVector));
    if (vector == kRxVector) receive_->interrupt();
    if (vector == kTxVector) transmit_->interrupt();
  };
  bench_.on_sent = [this](const Frame& frame) { transmit_->sent(frame); };
}

void Traffic::run() {
  unsigned to_arrive = options_.frames;
  long next_arrival = 0;
  long last_progress = 0;
  long progress_seen = -1;
  while (true) {
    bench_.step();
    receive_->step();
    transmit_->step();
    const long now = bench_.dut.cycles();
    if (to_arrive > 0 && now >= next_arrival && bench_.rx_frames.size() < 20) {
      for (unsigned k = 1 + static_cast<unsigned>(random_()) % options_.burst; k > 0 && to_arrive > 0;
           --k, --to_arrive) {
        Frame frame = random_frame(random_() % 3 == 0 ? 60 : 60 + random_() % 1459, random_);
        receive_->arrive(frame);
        bench_.rx_frames.push_back(std::move(frame));
      }
      next_arrival = now + 1 + static_cast<long>(random_() % (options_.pause + 1));
    }
    const long progress = receive_->delivered() + bench_.counts.rx_drop_too_small + bench_.counts.tx_used +
                          static_cast<long>(transmit_->ring().room()) * 1000000;
    if (progress != progress_seen) {
      progress_seen = progress;
      last_progress = now;
    }
    const bool received = receive_->delivered() + bench_.counts.rx_drop_too_small == options_.frames;
    if (received && to_arrive == 0 && transmit_->done()) break;
    if (now - last_progress > 30000 + 40L * options_.pause) {
      FAIL("hung: delivered " << receive_->delivered() << ", transmit room " << transmit_->ring().room() << " of "
                              << transmit_->ring().size() << ", frames waiting " << bench_.rx_frames.size());
    }
    const std::string broken = bench_.dma.violation() + receive_->ring().violation() + transmit_->ring().violation();
    if (!broken.empty()) FAIL(broken);
  }
  while (!receive_->settled()) receive_->drop_expected();
  while (bench_.sending()) bench_.step();
  REQUIRE(receive_->too_small() == bench_.counts.rx_drop_too_small);
  REQUIRE(bench_.counts.rx_delivered == receive_->delivered());
  REQUIRE(bench_.counts.tx_commit - bench_.counts.tx_refused == transmit_->good());
  REQUIRE(bench_.counts.tx_drops() + bench_.counts.tx_refused == transmit_->bad());
  REQUIRE(bench_.counts.tx_taken == options_.frames);
  REQUIRE(bench_.counts.desc_errors == 0);
}

}  // namespace tests::virtio
