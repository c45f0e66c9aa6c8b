// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/virtio/driver_actor.hpp"

namespace tests::virtio {

namespace {

std::uint64_t feature(unsigned bit, bool on = true) {
  return on ? std::uint64_t{1} << bit : 0;
}

}  // namespace

Traffic::Traffic(const TrafficOptions& options, unsigned seed)
    : options_(options), bench_(options.timing, seed), random_(seed + 5), to_arrive_(options.frames) {
  bench_.negotiate(feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED, options.packed) |
                   feature(contract::RING_F_EVENT_IDX, options.event_idx) |
                   feature(contract::F_IN_ORDER, options.in_order) |
                   feature(contract::RING_F_INDIRECT_DESC, options.indirect) |
                   feature(contract::NET_F_MRG_RXBUF, options.mergeable) |
                   feature(contract::F_NOTIFICATION_DATA, options.notification_data));
  REQUIRE((bench_.read(contract::COMMON_DEVICE_STATUS, 1) & contract::STATUS_FEATURES_OK) != 0);
  bench_.notification_data = options.notification_data;
  for (unsigned pair = 0; pair < options.pairs; ++pair) {
    receive_.push_back(std::make_unique<ReceiveActor>(bench_, pair, options));
    transmit_.push_back(std::make_unique<TransmitActor>(bench_, pair, options));
    receive_.back()->set_up();
    transmit_.back()->set_up();
  }
  bench_.driver_ok();
  bench_.dma.on_interrupt = [this](unsigned vector) {
    REQUIRE(vector >= 1);
    const unsigned queue = vector - 1;
    REQUIRE(queue / 2 < options_.pairs);
    if (queue % 2 == 0) receive_[queue / 2]->interrupt();
    if (queue % 2 == 1) transmit_[queue / 2]->interrupt();
  };
  bench_.on_sent = [this](unsigned pair, const Frame& source) { transmit_.at(pair)->sent(source); };
  bench_.on_dropped = [this](const Arrival& arrival) {
    receive_.at(arrival.pair)->dropped(arrival.seq);
    ++dropped_;
  };
}

void Traffic::arrivals(long now) {
  if (to_arrive_ == 0 || now < next_arrival_ || bench_.rx_frames.size() >= 20) return;
  for (unsigned k = 1 + static_cast<unsigned>(random_()) % options_.burst; k > 0 && to_arrive_ > 0; --k, --to_arrive_) {
    const auto pair = static_cast<unsigned>(random_() % options_.pairs);
    const std::size_t most = options_.mergeable ? 4000 : 1459;
    Frame frame(random_() % 3 == 0 ? 60 : 60 + random_() % most);
    for (auto& byte : frame) byte = static_cast<std::uint8_t>(random_());
    receive_[pair]->arrive(seq_, frame);
    bench_.rx_frames.push_back({.pair = pair, .seq = seq_++, .frame = std::move(frame)});
  }
  next_arrival_ = now + 1 + static_cast<long>(random_() % (options_.pause + 1));
}

long Traffic::delivered() const {
  long sum = 0;
  for (const auto& actor : receive_) sum += actor->delivered();
  return sum;
}

bool Traffic::transmitted() {
  for (const auto& actor : transmit_)
    if (!actor->done()) return false;
  return true;
}

void Traffic::check_rules() {
  std::string broken = bench_.dma.violation();
  for (const auto& actor : receive_) broken += actor->ring().violation();
  for (const auto& actor : transmit_) broken += actor->ring().violation();
  if (!broken.empty()) FAIL(broken);
}

void Traffic::run() {
  long last_progress = 0;
  long progress_seen = -1;
  while (true) {
    bench_.step();
    for (const auto& actor : receive_) actor->step();
    for (const auto& actor : transmit_) actor->step();
    const long now = bench_.dut.cycles();
    arrivals(now);
    long progress = delivered() + dropped_ + bench_.counts.tx_used;
    for (const auto& actor : transmit_) progress += static_cast<long>(actor->ring().room() + actor->left()) * 1000000;
    if (progress != progress_seen) {
      progress_seen = progress;
      last_progress = now;
    }
    if (delivered() + dropped_ == options_.frames && to_arrive_ == 0 && transmitted()) break;
    if (now - last_progress > 30000 + 40L * options_.pause) {
      FAIL("hung: delivered " << delivered() << ", dropped " << dropped_ << ", transmit room "
                              << transmit_[0]->ring().room() << " of " << transmit_[0]->ring().size()
                              << ", frames waiting " << bench_.rx_frames.size());
    }
    check_rules();
  }
  long good = 0;
  long bad = 0;
  for (const auto& actor : receive_) REQUIRE(actor->settled());
  for (const auto& actor : transmit_) {
    good += actor->good();
    bad += actor->bad();
  }
  const Counts& c = bench_.counts;
  REQUIRE(c.rx_delivered == delivered());
  REQUIRE(c.rx_drop_too_small + c.rx_drop_no_buffer == dropped_);
  REQUIRE((options_.pairs > 1 || c.rx_drop_no_buffer == 0 || options_.mergeable));
  REQUIRE(c.tx_commit == good);
  REQUIRE(c.tx_drops() == bad);
  REQUIRE(c.tx_taken == options_.frames);
  REQUIRE(c.desc_errors == 0);
}

}  // namespace tests::virtio
