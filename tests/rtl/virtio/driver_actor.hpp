// SPDX-License-Identifier: Apache-2.0
// A driver with both queues and its traffic: sends, receives, sleeps on interrupts, and checks every byte.
//
// Each queue is an actor that does one memory step at a time with pauses between, so that its steps
// interleave with the device's in every order over the seeds.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "tests/rtl/virtio/device_bench.hpp"
#include "tests/rtl/virtio/packed_ring.hpp"

namespace tests::virtio {

struct TrafficOptions {
  unsigned rx_size = 256;
  unsigned tx_size = 256;
  bool event_idx = true;
  unsigned frames = 200;      // each way
  unsigned burst = 8;         // frames at a time
  unsigned pause = 200;       // cycles between bursts, at most
  unsigned max_pieces = 4;    // of a buffer
  unsigned bad_percent = 10;  // of transmitted buffers that have to be dropped, of receive buffers too small
  DmaTiming timing;
};

/// What both queues' drivers share: sleeping, waking, kicking.
class QueueActor {
 public:
  QueueActor(DeviceBench& bench, unsigned queue, RingPlace place, unsigned size, const TrafficOptions& options);
  virtual ~QueueActor() = default;

  void interrupt() { interrupted_ = true; }
  /// One cycle of the driver.
  void step();
  [[nodiscard]] PackedRing& ring() { return ring_; }

 protected:
  /// Makes at most one buffer available; false if there is none to make.
  virtual bool give() = 0;
  virtual void take(const Used& used) = 0;

  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }
  [[nodiscard]] unsigned new_id();
  [[nodiscard]] std::uint64_t buffer_of(unsigned id) const;
  static constexpr unsigned kBufferBytes = 1600;

  DeviceBench& bench_;
  TrafficOptions options_;
  std::mt19937 random_;

 private:
  enum class State { kAsleep, kPolling, kEnabled };
  void poll_step();

  unsigned queue_;
  PackedRing ring_;
  std::uint64_t buffers_;
  State state_ = State::kEnabled;
  bool interrupted_ = false;
  unsigned wait_ = 0;
  unsigned give_left_ = 0;
  std::vector<unsigned> ids_;
};

class ReceiveActor : public QueueActor {
 public:
  ReceiveActor(DeviceBench& bench, RingPlace place, const TrafficOptions& options);
  void arrive(const Frame& frame) { expected_.push_back(frame); }
  [[nodiscard]] long delivered() const { return delivered_; }
  [[nodiscard]] long too_small() const { return too_small_; }
  /// All expected frames have been seen or were dropped for the buffer at hand.
  [[nodiscard]] bool settled() const { return expected_.empty(); }
  void drop_expected() {
    ++too_small_;
    expected_.pop_front();
  }

 private:
  bool give() override;
  void take(const Used& used) override;
  std::map<unsigned, std::vector<Piece>> given_;
  std::deque<Frame> expected_;
  long delivered_ = 0;
  long too_small_ = 0;
};

class TransmitActor : public QueueActor {
 public:
  TransmitActor(DeviceBench& bench, RingPlace place, const TrafficOptions& options);
  void sent(const Frame& frame);
  [[nodiscard]] bool done() { return left_ == 0 && ring().all_back() && wire_.empty(); }
  [[nodiscard]] long good() const { return good_; }
  [[nodiscard]] long bad() const { return bad_; }

 private:
  bool give() override;
  void take(const Used& used) override;
  std::deque<Frame> wire_;      // frames that the wire still has to see
  std::deque<unsigned> order_;  // buffers in the order in which they have to come back
  unsigned left_;
  unsigned burst_left_ = 0;
  long next_burst_ = 0;
  long good_ = 0;
  long bad_ = 0;
};

/// Both actors at one device until every frame is through.
class Traffic {
 public:
  Traffic(const TrafficOptions& options, unsigned seed);
  void run();

 private:
  TrafficOptions options_;
  DeviceBench bench_;
  std::mt19937 random_;
  std::unique_ptr<ReceiveActor> receive_;
  std::unique_ptr<TransmitActor> transmit_;
};

}  // namespace tests::virtio
