// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "rtl/contract/control_contract.hpp"
#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/fuzz/tcp_runs.hpp"
#include "sim/fuzz/traffic.hpp"
#include "sim/nic_model/offload_rx.hpp"

namespace sim::fuzz {
namespace {

constexpr std::size_t kMemory = std::size_t{16} << 20;
constexpr std::uint64_t kHighBase = 0x10'0000'0000;
constexpr std::uint64_t kLowBase = 0x1000'0000;
constexpr Picoseconds kArrival = 4'000'000;       // from a frame's end on the wire until coalescing has it
constexpr Picoseconds kJoining = 20'000'000;      // until what was held has been joined: nobody sees that
constexpr Picoseconds kHeldAtMost = 600'000'000;  // of what kHold lets wait
constexpr std::uint32_t kHold = 1000;             // microseconds
constexpr std::size_t kHeldBytes = 28'000;        // far below what fills the store
constexpr unsigned kPace = 3;                     // times the frames' own time on the wire, so that no buffer fills up

rtl_bridge::EngineOptions options_for(const Machine& machine, const std::string& trace_file) {
  rtl_bridge::EngineOptions options;
  options.encoder.pad = false;
  options.output_stall_percent = machine.stall_percent;
  options.seed = machine.seed;
  options.mtu = static_cast<std::uint16_t>(machine.mtu);
  options.trace_file = trace_file;
  options.wide = machine.wide;
  if (machine.completion_timeout != 0) options.completion_timeout = machine.completion_timeout;
  return options;
}

Picoseconds time_of(const wire::Frame& frame) {
  return static_cast<Picoseconds>(frame.bytes.size() + wire::kPreambleBytes + wire::kGapBytes) * wire::kByteTime;
}

}  // namespace

Stage::Stage(const Machine& machine, const rtl_bridge::EngineFactory& make_nic, const std::string& trace_file)
    : machine_(machine),
      memory_(machine.high_memory ? kHighBase : kLowBase, kMemory),
      bus_(machine, memory_),
      driver_(machine, bus_, memory_, record_),
      nic_(make_nic(options_for(machine, trace_file))),
      stock_(machine.pairs) {
  nic_->connect({&bus_, this});
  bus_.attach(*nic_);
}

void Stage::power_on() {
  driver_.power_on();
  addresses_ = destinations(driver_.mac_address());
  if (machine_.settings != 0) {
    set_up(machine_.settings);
  } else if (machine_.large()) {
    hold(kHold);
  }
}

void Stage::set_up(std::uint64_t seed) {
  settings_ = make_settings(seed, machine_, driver_.mac_address());
  driver_.apply(settings_);
  if (machine_.large()) hold(kHold);
}

void Stage::hold(std::uint32_t microseconds) {
  Settings settings;
  settings.writes.emplace_back(contract::CTL_WINDOW_BYTES * contract::CTL_RX_RSS + contract::RSS_COALESCE_USECS,
                               microseconds);
  driver_.apply(settings);
}

void Stage::sync() {
  const bool held = machine_.large() && bytes_since_sync_ != 0;
  if (held) {
    bus_.run_until(bus_.now() + kArrival);
    hold(0);
    bus_.run_until(bus_.now() + kJoining);
  }
  if (!bus_.settle([this] { return driver_.waits(); })) bus_.violation("the NIC never comes to rest");
  if (held) hold(kHold);
  since_sync_ = 0;
  bytes_since_sync_ = 0;
  driver_.mark();
}

void Stage::wait(Picoseconds time) {
  since_sync_ += time;
  bus_.run_until(bus_.now() + time);
}

void Stage::limit(const wire::Frame& frame, Picoseconds pause) {
  if (!machine_.large()) return;
  if (since_sync_ + pause > kHeldAtMost || bytes_since_sync_ + frame.bytes.size() > kHeldBytes) sync();
  since_sync_ += pause;
  bytes_since_sync_ += frame.bytes.size();
}

void Stage::forget() {
  offered_ = 0;
  stale_ = true;
}

void Stage::send(wire::Frame frame, Picoseconds pause) {
  touched_ = true;
  nic_->frame_to_nic(std::move(frame), bus_.now() + nic_->lookahead());
  bus_.activity();
  bus_.run_until(bus_.now() + pause);
}

void Stage::wire_frames(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  std::optional<TcpRuns> runs;
  if (machine_.large() && random.below(4) != 0) runs.emplace(random, machine_, addresses_);
  for (unsigned i = 0; i < (runs ? 3 : 1) * operation.count && !broken(); ++i) {
    wire::Frame frame;
    if (runs && random.below(8) != 0) {
      frame.bytes = runs->next(random);
    } else {
      frame = wire_frame(random, machine_, addresses_);
    }
    const Picoseconds pause = time_of(frame) * (random.below(3) == 0 ? kPace : 1);
    if (!expect(frame)) continue;  // may bring the NIC to rest: what is held is counted after it
    limit(frame, pause);
    send(std::move(frame), pause);
  }
}

void Stage::wire_storm(const Operation& operation) {
  pcie::SeededRandom random(operation.seed);
  std::optional<TcpRuns> runs;
  if (machine_.large()) {
    hold(static_cast<std::uint32_t>(random.below(40)));
    runs.emplace(random, machine_, addresses_);
  }
  for (unsigned i = 0; i < operation.count && !broken(); ++i) {
    wire::Frame frame;
    if (runs && random.below(2) == 0) {
      frame.bytes = runs->next(random);
    } else {
      frame = wire_frame(random, machine_, addresses_);
    }
    const Picoseconds pause = time_of(frame);
    send(std::move(frame), pause);
  }
}

/// Takes the buffers that the frame will need out of the stock; false when there are not enough.
bool Stage::expect(const wire::Frame& frame) {
  constexpr std::size_t kTag = 4;  // a second one comes on top
  const bool length_ok =
      frame.bytes.size() >= contract::MIN_FRAME_NO_FCS && frame.bytes.size() <= machine_.longest() + kTag;
  if (frame.fault != wire::Fault::none || !length_ok) return true;
  const auto meta = nic_model::examine(frame.bytes, settings_.filter, settings_.scaling);
  if (!meta.wanted) return true;
  if (machine_.pairs == 1 && !machine_.takes(contract::NET_F_MRG_RXBUF)) {
    if (offered_ == 0) return false;
    --offered_;  // a lone queue's frames wait for buffers that wait for room in the ring
    return true;
  }
  if (stale_ || (touched_ && !consume(meta.pair, frame.bytes.size(), false))) {
    sync();
    take_stock();
  }
  return consume(meta.pair, frame.bytes.size(), true);
}

void Stage::take_stock() {
  for (unsigned pair = 0; pair < machine_.pairs; ++pair) {
    stock_[pair].totals = driver_.stock(pair);
    const auto least = std::ranges::min_element(stock_[pair].totals);
    stock_[pair].least = least == stock_[pair].totals.end() ? 0 : *least;
  }
  stale_ = touched_ = false;
}

/// Frames that are joined leave in any order, so that any of them may get the small buffers.
bool Stage::consume(unsigned pair, std::size_t bytes, bool take) {
  auto& [totals, least] = stock_[pair];
  const bool report = machine_.takes(contract::NET_F_HASH_REPORT);
  std::size_t left = bytes + (report ? contract::NET_HDR_HASH_BYTES : contract::NET_HDR_BYTES);
  std::size_t used = 0;
  if (machine_.large()) {  // whatever is joined, and whatever leaves first: never more than this
    if (totals.empty()) return false;
    used = machine_.takes(contract::NET_F_MRG_RXBUF) ? (left + least - 1) / least : 1;
    if (used > totals.size()) return false;
  } else if (!machine_.takes(contract::NET_F_MRG_RXBUF)) {
    if (totals.empty()) return false;
    used = totals.front() >= left ? 1 : 0;  // what is too small stays
  } else {
    for (; left > 0 && used < totals.size(); ++used) left -= std::min<std::size_t>(left, totals[used]);
    if (left > 0) return false;
  }
  if (take) totals.erase(totals.begin(), totals.begin() + static_cast<std::ptrdiff_t>(used));
  return true;
}

void Stage::frame_from_nic(std::vector<std::byte> bytes, Verdict verdict, Picoseconds, Picoseconds) {
  bus_.activity();
  record_.note(fmt::format("wire {}", sender_of(bytes)),
               fmt::format("{}{}", verdict == Verdict::good ? "" : "broken ", summary(bytes)));
}

}  // namespace sim::fuzz
