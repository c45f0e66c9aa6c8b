// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/virtio/driver_actor.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"

namespace tests::virtio {

namespace {

// Each queue has a megabyte: rings, tables, buffers.
constexpr std::uint64_t kQueueBytes = 1u << 20;
constexpr std::uint64_t kDriverAt = 0x8000;
constexpr std::uint64_t kDeviceAt = 0xa000;
constexpr std::uint64_t kTablesAt = 0x10000;
constexpr std::uint64_t kBuffersAt = 0x40000;
constexpr unsigned kHeader = contract::NET_HDR_BYTES;

std::uint64_t base_of(unsigned queue) {
  return HostMemory::kBase + queue * kQueueBytes;
}

/// Cuts `len` bytes at `addr` into at most `most` pieces at random places, the first of at least `first` bytes.
std::vector<Piece> cut(std::uint64_t addr, std::uint32_t len, unsigned most, unsigned first, std::mt19937& random) {
  std::vector<Piece> pieces;
  while (len > 0) {
    std::uint32_t n = len;
    if (pieces.size() + 1 < most && random() % 3 != 0) n = 1 + static_cast<std::uint32_t>(random() % len);
    if (pieces.empty()) n = std::min(len, std::max<std::uint32_t>(n, first));
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

QueueActor::QueueActor(DeviceBench& bench, unsigned queue, unsigned size, const TrafficOptions& options)
    : bench_(bench),
      options_(options),
      random_(bench.seed * 31 + queue),
      queue_(queue),
      ring_(DriverRing::make(bench.memory,
                             {.desc = base_of(queue),
                              .driver = base_of(queue) + kDriverAt,
                              .device = base_of(queue) + kDeviceAt,
                              .tables = base_of(queue) + kTablesAt},
                             size,
                             {.packed = options.packed,
                              .event_idx = options.event_idx,
                              .in_order = options.in_order,
                              .device_writes = queue % 2 == 0})),
      buffers_(base_of(queue) + kBuffersAt) {
  for (unsigned k = 0; k < size; ++k) ids_.push_back(k);
  std::shuffle(ids_.begin(), ids_.end(), random_);
}

void QueueActor::set_up() {
  const RingPlace& place = ring_->place();
  bench_.set_queue(queue_, ring_->size(), place.desc, place.driver, place.device, 1 + queue_);
}

unsigned QueueActor::new_id() {
  const unsigned id = ids_.back();
  ids_.pop_back();
  return id;
}

void QueueActor::old_id(unsigned id) {
  ids_.insert(ids_.begin() + below(static_cast<unsigned>(ids_.size()) + 1), id);
}

std::uint64_t QueueActor::buffer_of(unsigned id) const {
  return buffers_ + std::uint64_t{id} * kBufferBytes;
}

unsigned QueueActor::most_pieces(bool& indirect) {
  indirect = options_.indirect && below(2) == 0;
  if (ring().room() == 0 || ids_.empty()) return 0;
  return indirect ? options_.max_pieces : std::min({options_.max_pieces, ring().room(), ring().size()});
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
    if (give_left_ == 0 && ring_->kick_wanted()) bench_.post_doorbell(queue_, ring_->notification());
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
      ring_->disable_interrupts();
      state_ = State::kPolling;
      return;
    case State::kPolling:
      if (const auto used = ring_->take_used()) {
        take(*used);
        return;
      }
      // What is sent will come back, so its interrupt may wait for most of it; frames may never arrive.
      ring_->enable_interrupts(!receives() && options_.packed && below(4) == 0 ? (ring_->size() - ring_->room()) * 3 / 4
                                                                               : 0);
      state_ = State::kEnabled;
      wait_ = below(3);
      return;
    case State::kEnabled:
      if (ring_->used_waits()) {
        ring_->disable_interrupts();
        state_ = State::kPolling;
      } else {
        state_ = State::kAsleep;
      }
      return;
  }
}

ReceiveActor::ReceiveActor(DeviceBench& bench, unsigned pair, const TrafficOptions& options)
    : QueueActor(bench, 2 * pair, options.rx_size, options) {}

bool ReceiveActor::give() {
  bool indirect = false;
  const unsigned most = most_pieces(indirect);
  if (most == 0) return false;
  const unsigned id = new_id();
  // A buffer that is too small takes some of the frames, never all of them: 200 bytes hold the short ones.
  const bool small = options_.mergeable ? below(2) == 0 : below(100) < options_.bad_percent;
  const std::uint32_t len = small ? 200 + below(600) : 1530 + below(70);
  given_[id] = cut(buffer_of(id), len, most, options_.mergeable ? kHeader : 1, random_);
  for (std::uint32_t k = 0; k < len; ++k) bench_.memory.at(buffer_of(id) + k) = 0xee;
  ring().add(id, given_[id], indirect);
  return true;
}

void ReceiveActor::dropped(unsigned seq) {
  const auto at = std::find_if(expected_.begin(), expected_.end(), [&](const auto& e) { return e.first == seq; });
  REQUIRE(at != expected_.end());
  expected_.erase(at);
}

Frame ReceiveActor::bytes_of(const Used& used) {
  REQUIRE(used.written);
  const std::vector<Piece> pieces = given_.at(used.id);
  given_.erase(used.id);
  old_id(used.id);
  Frame bytes;
  for (const Piece& p : pieces)
    for (std::uint32_t k = 0; k < p.len; ++k) bytes.push_back(bench_.memory.at(p.addr + k));
  REQUIRE(used.len <= bytes.size());
  REQUIRE(std::all_of(bytes.begin() + used.len, bytes.end(), [](std::uint8_t byte) { return byte == 0xee; }));
  bytes.resize(used.len);
  return bytes;
}

void ReceiveActor::take(const Used& used) {
  Frame bytes = bytes_of(used);
  REQUIRE(bytes.size() >= kHeader);
  const unsigned buffers = bytes[contract::NET_HDR_NUM_BUFFERS] | bytes[contract::NET_HDR_NUM_BUFFERS + 1] << 8;
  REQUIRE((buffers == 1 || options_.mergeable));
  for (unsigned k = 1; k < buffers; ++k) {
    const auto next = ring().take_used();
    REQUIRE(next.has_value());  // all of them show together
    const Frame more = bytes_of(*next);
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  REQUIRE_FALSE(expected_.empty());
  const Frame& frame = expected_.front().second;
  REQUIRE(bytes.size() == kHeader + frame.size());
  for (unsigned k = 0; k < contract::NET_HDR_NUM_BUFFERS; ++k) REQUIRE(bytes[k] == 0);
  REQUIRE(std::equal(frame.begin(), frame.end(), bytes.begin() + kHeader));
  expected_.pop_front();
  ++delivered_;
}

TransmitActor::TransmitActor(DeviceBench& bench, unsigned pair, const TrafficOptions& options)
    : QueueActor(bench, 2 * pair + 1, options.tx_size, options),
      left_(options.frames / options.pairs + (pair < options.frames % options.pairs ? 1 : 0)) {}

bool TransmitActor::give() {
  bool indirect = false;
  const unsigned most = most_pieces(indirect);
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
  const unsigned kind = bad ? 1 + below(2) : 0;
  Frame source = random_frame(kHeader + (below(3) == 0 ? 60 : 14 + below(1505)), random_);
  if (kind == 1) source.resize(below(2) == 0 ? 1 + below(kHeader + 13) : kHeader + 1519 + below(60));
  for (std::size_t k = 0; k < source.size(); ++k) bench_.memory.at(buffer_of(id) + k) = source[k];
  auto pieces = cut(buffer_of(id), static_cast<std::uint32_t>(source.size()), most, 1, random_);
  if (kind == 2) pieces.back().addr = HostMemory::kBase - 0x10000;  // unmapped
  ring().add(id, pieces, indirect);
  order_.push_back(id);
  if (bad) {
    ++bad_;
  } else {
    ++good_;
    wire_.push_back(std::move(source));
  }
  return true;
}

void TransmitActor::take(const Used& used) {
  REQUIRE_FALSE(order_.empty());
  REQUIRE(used.id == order_.front());
  REQUIRE_FALSE(used.written);
  order_.pop_front();
  old_id(used.id);
}

void TransmitActor::sent(const Frame& source) {
  REQUIRE_FALSE(wire_.empty());
  REQUIRE(source == wire_.front());
  wire_.pop_front();
}

}  // namespace tests::virtio
