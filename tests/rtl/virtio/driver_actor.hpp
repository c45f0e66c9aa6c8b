// SPDX-License-Identifier: Apache-2.0
// A driver with several queue pairs and its traffic: sends, receives, sleeps on interrupts, and checks every byte.
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
#include "tests/rtl/virtio/driver_ring.hpp"

namespace tests::virtio {

struct TrafficOptions {
  unsigned pairs = 1;
  unsigned rx_size = 256;
  unsigned tx_size = 256;
  bool packed = true;
  bool event_idx = true;
  bool in_order = false;
  bool indirect = false;
  bool mergeable = false;
  bool notification_data = false;
  unsigned frames = 200;      // each way
  unsigned burst = 8;         // frames at a time
  unsigned pause = 200;       // cycles between bursts, at most
  unsigned max_pieces = 4;    // of a buffer
  unsigned bad_percent = 10;  // of transmitted buffers that have to be dropped, of receive buffers too small
  DmaTiming timing;
};

/// What all queues' drivers share: sleeping, waking, kicking.
class QueueActor {
 public:
  QueueActor(DeviceBench& bench, unsigned queue, unsigned size, const TrafficOptions& options);
  virtual ~QueueActor() = default;

  void interrupt() { interrupted_ = true; }
  /// One cycle of the driver.
  void step();
  [[nodiscard]] DriverRing& ring() { return *ring_; }
  void set_up();

 protected:
  /// Makes at most one buffer available; false if there is none to make.
  virtual bool give() = 0;
  virtual void take(const Used& used) = 0;

  unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }
  [[nodiscard]] unsigned new_id();
  void old_id(unsigned id);
  [[nodiscard]] std::uint64_t buffer_of(unsigned id) const;
  /// Adds the buffer, direct or indirect as drawn; false if the ring has no room for it.
  [[nodiscard]] unsigned most_pieces(bool& indirect);
  [[nodiscard]] bool receives() const { return queue_ % 2 == 0; }
  static constexpr unsigned kBufferBytes = 1600;

  DeviceBench& bench_;
  TrafficOptions options_;
  std::mt19937 random_;

 private:
  enum class State { kAsleep, kPolling, kEnabled };
  void poll_step();

  unsigned queue_;
  std::unique_ptr<DriverRing> ring_;
  std::uint64_t buffers_;
  State state_ = State::kEnabled;
  bool interrupted_ = false;
  unsigned wait_ = 0;
  unsigned give_left_ = 0;
  std::vector<unsigned> ids_;
};

class ReceiveActor : public QueueActor {
 public:
  ReceiveActor(DeviceBench& bench, unsigned pair, const TrafficOptions& options);
  void arrive(unsigned seq, const Frame& frame) { expected_.emplace_back(seq, frame); }
  void dropped(unsigned seq);
  [[nodiscard]] long delivered() const { return delivered_; }
  /// All expected frames have been seen or were dropped.
  [[nodiscard]] bool settled() const { return expected_.empty(); }

 private:
  bool give() override;
  void take(const Used& used) override;
  [[nodiscard]] Frame bytes_of(const Used& used);
  std::map<unsigned, std::vector<Piece>> given_;
  std::deque<std::pair<unsigned, Frame>> expected_;
  long delivered_ = 0;
};

class TransmitActor : public QueueActor {
 public:
  TransmitActor(DeviceBench& bench, unsigned pair, const TrafficOptions& options);
  void sent(const Frame& source);
  [[nodiscard]] bool done() { return left_ == 0 && ring().all_back() && wire_.empty(); }
  [[nodiscard]] long good() const { return good_; }
  [[nodiscard]] long bad() const { return bad_; }
  [[nodiscard]] unsigned left() const { return left_; }

 private:
  bool give() override;
  void take(const Used& used) override;
  std::deque<Frame> wire_;      // sources (header and frame) that still have to be committed
  std::deque<unsigned> order_;  // buffers in the order in which they have to come back
  unsigned left_;
  unsigned burst_left_ = 0;
  long next_burst_ = 0;
  long good_ = 0;
  long bad_ = 0;
};

/// Actors of all pairs at one device until every frame is through.
class Traffic {
 public:
  Traffic(const TrafficOptions& options, unsigned seed);
  void run();

 private:
  void arrivals(long now);
  [[nodiscard]] long delivered() const;
  [[nodiscard]] bool transmitted();
  void check_rules();

  TrafficOptions options_;
  DeviceBench bench_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<ReceiveActor>> receive_;
  std::vector<std::unique_ptr<TransmitActor>> transmit_;
  unsigned to_arrive_;
  unsigned seq_ = 0;
  long next_arrival_ = 0;
  long dropped_ = 0;
};

}  // namespace tests::virtio
