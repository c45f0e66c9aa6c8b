// SPDX-License-Identifier: Apache-2.0
#include "sim/app/nic_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <unordered_map>
#include <vector>

#include "sim/app/frame_generator.hpp"
#include "sim/app/host_app.hpp"
#include "sim/app/numbered_frames.hpp"
#include "sim/board/board.hpp"
#include "sim/pcie/user_error.hpp"
#include "sim/wire/feeder.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::app {
namespace {

using Direction = NicProbe::Direction;
using host::driver::RingKind;
using Way = wire::Cable::Way;

constexpr std::pair<std::string_view, Direction> kDirections[] = {{"receive", Direction::receive},
                                                                  {"transmit", Direction::transmit},
                                                                  {"duplex", Direction::duplex},
                                                                  {"lone", Direction::lone}};
constexpr std::string_view kNics[] = {"rtl", "rtl128", "model"};
constexpr Picoseconds kWarmUp = 60'000'000;        // 60 us: rings and FIFOs fill
constexpr Picoseconds kLoneInterval = 20'000'000;  // 20 us: everything rests in between
constexpr unsigned kRing = 1024;                   // descriptors, of all queues of a direction together
constexpr unsigned kSmallestRing = 256;            // of one queue
constexpr host::driver::Coalesce kCoalesce{.rx_usecs = 8, .rx_frames = 64, .tx_usecs = 8, .tx_frames = 64};
constexpr std::int64_t kMemoryLatency = 400;  // ns, and up to
constexpr std::int64_t kMemoryJitter = 200;   // so much more
constexpr unsigned kPlainFrame = 1522;        // what an MTU of 1500 lets through
constexpr unsigned kOverMtu = 22;             // Ethernet header, VLAN tag, FCS
constexpr std::size_t kOnWire = wire::kFcsBytes + wire::kPreambleBytes + wire::kGapBytes;

/// The wide data path is made for 25 Gb/s.
unsigned gbps_of(board::NicKind nic) {
  return nic == board::NicKind::rtl128 ? 25 : 10;
}

/// Time on the wire, with preamble and the smallest average gap.
Picoseconds wire_time(std::size_t bytes, unsigned gbps) {
  return static_cast<Picoseconds>(std::max(bytes, wire::kMinFrame) + kOnWire) * 8'000 / gbps;
}

/// The frames of one way between the end of the warm-up and so many frames later.
class Window {
 public:
  Window(Picoseconds from, unsigned frames, unsigned gbps) : from_(from), frames_(frames), gbps_(gbps) {}

  /// Frames in the order of their starts. True for the frame with which the window opens.
  bool frame(Picoseconds start, std::size_t bytes) {
    last_ = start;
    if (start < from_ || done()) return false;
    if (count_++ == 0) {
      begin_ = start;
    }
    if (done()) {
      end_ = start;
      return false;
    }
    ideal_ += wire_time(bytes, gbps_);
    bytes_ += bytes;
    return count_ == 1;
  }
  /// One more than the frames measured: their time ends where the next one starts.
  [[nodiscard]] bool done() const { return count_ > frames_; }
  [[nodiscard]] bool covers(Picoseconds start) const { return start >= begin_ && (!done() || start < end_); }
  [[nodiscard]] unsigned frames() const { return std::min(count_, frames_); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] double percent() const {
    const Picoseconds end = done() ? end_ : last_;
    return end > begin_ ? 100.0 * static_cast<double>(ideal_) / static_cast<double>(end - begin_) : 0;
  }

 private:
  Picoseconds from_;
  unsigned frames_;
  unsigned gbps_;
  unsigned count_ = 0;
  Picoseconds begin_ = 0, end_ = 0, last_ = 0, ideal_ = 0;
  std::uint64_t bytes_ = 0;
};

nlohmann::json percentiles(std::vector<Picoseconds> samples) {
  if (samples.empty()) return nullptr;
  std::sort(samples.begin(), samples.end());
  const auto at = [&](std::size_t percent) {
    return static_cast<double>(samples[(samples.size() - 1) * percent / 100]) / 1000;
  };
  return {{"samples", samples.size()}, {"p50_ns", at(50)}, {"p99_ns", at(99)}};
}

class NicProbeScenario final : public board::Scenario {
 public:
  NicProbeScenario(board::Board& board, const NicProbe& probe)
      : board_(board),
        probe_(probe),
        sink_(HostAppKind::sink, {}),
        received_(probe.length),
        sent_(probe.length),
        feeder_(board.cable(), [this] { return received_.next(); }, {.interval = lone() ? kLoneInterval : 0}) {
    board.cable().attach_peer(silence_);
    board.cable().observe([this](Way way, std::span<const std::byte> bytes, wire::FrameSink::Verdict, Picoseconds start,
                                 Picoseconds) { seen(way, bytes, start); });
    board.root().on_write([this](std::uint64_t, std::span<const std::byte> bytes) { written(bytes); });
  }

  std::string host_is_up(host::apps::Host& host, host::device::NetDevice& device) override {
    // The ring shall never be empty: it is the NIC that is measured.
    for (unsigned queue = 0; queue < device.tx_queues(); ++queue) {
      device.byte_queue_limit(queue).minimum = host::device::ByteQueueLimit::kLargest;
    }
    for (unsigned cpu = 0; cpu < (lone() ? 1 : probe_.queues); ++cpu) {
      generators_.push_back(std::make_unique<FrameGenerator>(
          host.net(), device, [this] { return to_send(); },
          FrameGenerator::Options{.cpu = cpu, .interval = lone() ? kLoneInterval / 1000 : 0}));
    }
    return sink_.start(host, device);
  }
  void begin() override {
    const Picoseconds now = board_.agenda().now();
    const Picoseconds from = now + (lone() ? 0 : kWarmUp);
    receive_ = std::make_unique<Window>(from, probe_.frames, gbps_of(probe_.nic));
    transmit_ = std::make_unique<Window>(from, probe_.frames, gbps_of(probe_.nic));
    if (receives()) feeder_.begin(now + (lone() ? kLoneInterval / 2 : 0));
    if (transmits()) {
      for (auto& generator : generators_) generator->start();
    }
  }
  [[nodiscard]] bool finished() const override {
    return (!receives() || receive_->done()) && (!transmits() || transmit_->done());
  }
  void stop() override {
    feeder_.stop();
    for (auto& generator : generators_) generator->stop();
  }
  void report(board::Report& report) const override { sink_.report(report); }

  [[nodiscard]] nlohmann::json measured(const board::Report& report) const {
    const double lost = static_cast<double>(report.sum("nic", "rx_drop_"));
    const double offered = static_cast<double>(report.value("nic", "rx_frames"));
    nlohmann::json out;
    if (receives()) {
      const double delivered = offered == 0 ? 0 : (offered - lost) / offered;
      out["receive"] = {{"frames", receive_->frames()},
                        {"line_rate_percent", receive_->percent() * delivered},
                        {"latency", percentiles(to_memory_)}};
    }
    if (transmits()) {
      out["transmit"] = {{"frames", transmit_->frames()},
                         {"line_rate_percent", transmit_->percent()},
                         {"latency", percentiles(to_wire_)}};
    }
    out["drops"] = report.sum("nic", "rx_drop_") + report.sum("nic", "tx_drop_");
    const double frames = static_cast<double>(receive_->frames() * receives() + transmit_->frames() * transmits());
    const double bytes = static_cast<double>(receive_->bytes() * receives() + transmit_->bytes() * transmits());
    out["pcie_overhead_bytes"] = (static_cast<double>(tlp_bytes_end_ - tlp_bytes_begin_) - bytes) / frames;
    return out;
  }

 private:
  /// The far end of the cable takes everything and says nothing.
  struct Silence final : wire::Peer {
    void arrived(std::vector<std::byte>, wire::FrameSink::Verdict) override {}
  };

  [[nodiscard]] bool lone() const { return probe_.direction == Direction::lone; }
  [[nodiscard]] bool receives() const { return probe_.direction != Direction::transmit; }
  [[nodiscard]] bool transmits() const { return probe_.direction != Direction::receive; }

  std::vector<std::byte> to_send() {
    if (lone()) rung_[sent_.made()] = board_.agenda().now();  // the host's work costs no time
    return sent_.next();
  }
  void seen(Way way, std::span<const std::byte> bytes, Picoseconds start) {
    Window* window = way == Way::to_nic ? receive_.get() : transmit_.get();
    if (window == nullptr) return;
    if (window->frame(start, bytes.size())) tlp_bytes_begin_ = board_.root().link_tlp_bytes();
    if (!window->done()) tlp_bytes_end_ = board_.root().link_tlp_bytes();
    const auto number = number_at_end(bytes);
    if (!number) return;
    if (way == Way::to_nic) {
      on_wire_[*number] = start;
    } else if (const auto rung = rung_.find(*number); rung != rung_.end()) {
      to_wire_.push_back(start - rung->second);
      rung_.erase(rung);
    }
  }
  void written(std::span<const std::byte> bytes) {
    const auto number = number_at_end(bytes);
    const auto found = number ? on_wire_.find(*number) : on_wire_.end();
    if (found == on_wire_.end()) return;
    if (receive_->covers(found->second) && to_memory_.size() < probe_.frames)
      to_memory_.push_back(board_.agenda().now() - found->second);
    on_wire_.erase(found);
  }

  board::Board& board_;
  NicProbe probe_;
  HostApp sink_;
  NumberedFrames received_, sent_;
  Silence silence_;
  wire::Feeder feeder_;
  std::vector<std::unique_ptr<FrameGenerator>> generators_;
  std::unique_ptr<Window> receive_, transmit_;
  std::unordered_map<std::uint32_t, Picoseconds> on_wire_, rung_;  // when a frame's first bit came, its doorbell rang
  std::vector<Picoseconds> to_memory_, to_wire_;
  std::uint64_t tlp_bytes_begin_ = 0, tlp_bytes_end_ = 0;
};

board::BoardConfig machine(const NicProbe& probe) {
  board::BoardConfig config;
  config.nic.kind = probe.nic;
  config.wire.gbps = gbps_of(probe.nic);
  if (probe.nic == board::NicKind::rtl128) config.link.width = 8;
  config.memory = {.latency_ns = kMemoryLatency, .jitter_ns = kMemoryJitter, .reorder = true, .split = false};
  if (probe.length > kPlainFrame) config.nic.mtu = static_cast<std::uint16_t>(probe.length - kOverMtu);
  config.host.cpus = probe.queues;
  config.driver.queue_pairs = probe.queues;
  config.driver.ring = probe.ring;
  config.driver.rx_ring = std::max(kRing / probe.queues, kSmallestRing);
  config.driver.tx_ring = config.driver.rx_ring;
  if (probe.direction != Direction::lone) config.driver.coalesce = kCoalesce;
  return config;
}

}  // namespace

std::string NicProbe::name() const {
  std::string way;
  for (const auto& [known, value] : kDirections) {
    if (value == direction) way = known;
  }
  return fmt::format("{}/{}/{}/{}/{}", kNics[static_cast<std::size_t>(nic)], way,
                     length == 0 ? "imix" : std::to_string(length), ring == RingKind::packed ? "packed" : "split",
                     queues);
}

std::string NicProbe::text() const {
  return fmt::format("{}/{}", name(), frames);
}

NicProbe NicProbe::parse(const std::string& text) {
  NicProbe probe;
  std::istringstream parts(text);
  std::string part[6];
  for (std::string& p : part) std::getline(parts, p, '/');
  bool known = false;
  for (const auto& [name, value] : kDirections) {
    if (part[1] != name) continue;
    probe.direction = value;
    known = true;
  }
  try {
    probe.nic = board::parse_nic_kind(part[0]);
    probe.length = part[2] == "imix" ? 0 : static_cast<unsigned>(std::stoul(part[2]));
    probe.ring = part[3] == "split" ? RingKind::split : RingKind::packed;
    probe.queues = static_cast<unsigned>(std::stoul(part[4]));
    probe.frames = static_cast<unsigned>(std::stoul(part[5]));
  } catch (const std::logic_error&) {
    known = false;
  }
  if (!known || probe.queues == 0 || probe.frames == 0) throw UserError(fmt::format("'{}' is no case", text));
  return probe;
}

nlohmann::json run_nic_probe(const NicProbe& probe) {
  board::BoardOptions options;
  options.observe_journey = false;
  options.cpu_speed = 0;
  board::Board board(machine(probe), options);
  NicProbeScenario scenario(board, probe);
  const board::Report report = board.run(scenario, {});
  nlohmann::json out = nlohmann::json::parse(report.json());
  out["measured"] = scenario.measured(report);
  out["violations"] = report.violations;
  return out;
}

}  // namespace sim::app
