// SPDX-License-Identifier: Apache-2.0
#include "tests/journey/send_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/gso.hpp"
#include "sim/wire/xgmii.hpp"

namespace tests::journey {
namespace {

using host::skb::GsoType;
using host::skb::Skb;
using host::skb::SkBuff;

constexpr std::size_t kBacklog = 16;
constexpr host::platform::Nanoseconds kRest = 2000;
constexpr std::size_t kLargest = 65'000;
constexpr unsigned kKinds = 8;  // of packets; each is sent in turn
constexpr std::uint8_t kCwr = 0x80;
constexpr std::size_t kPage = 4096;

GsoType gso_type(const PacketShape& shape) {
  if (!shape.tcp) return GsoType::udp_l4;
  return shape.v4 ? GsoType::tcpv4 : GsoType::tcpv6;
}

}  // namespace

SendScenario::SendScenario(sim::board::Board& board, unsigned packets)
    : board_(board), packets_(packets), random_(board.config().seed) {
  board.cable().observe([this](sim::wire::Cable::Way way, std::span<const std::byte> bytes,
                               sim::wire::FrameSink::Verdict verdict, sim::Picoseconds, sim::Picoseconds) {
    if (way == sim::wire::Cable::Way::from_nic) arrived(bytes, verdict);
  });
}

std::string SendScenario::host_is_up(host::apps::Host&, host::device::NetDevice&) {
  return {};
}

void SendScenario::begin() {
  auto& kernel = board_.host().kernel();
  senders_ = kernel.cpu_count();
  for (unsigned cpu = 0; cpu < kernel.cpu_count(); ++cpu) {
    kernel.spawn(cpu, "sender", [this, cpu](Process& self) { return send(self, cpu); });
    kernel.machine().irqs.send_ipi(cpu);
  }
}

host::kernel::Task<void> SendScenario::send(Process& self, unsigned flow) {
  for (unsigned i = 0; i < packets_ * kKinds && !stopped_; ++i) {
    while (board_.device().backlog_packets() >= kBacklog) co_await self.sleep_for(kRest);
    const bool large = i / 4 % 2 != 0;
    PacketShape shape{.v4 = i % 2 == 0, .tcp = i / 2 % 2 == 0, .flow = flow, .seed = random_.next(), .request = true};
    shape.payload = large ? 1 + random_.below(i % 32 == 4 ? kLargest : 9000) : random_.below(1400);
    if (large && shape.tcp && random_.below(2) != 0) shape.tcp_flags |= kCwr;
    const auto gso_size = static_cast<std::uint16_t>(large ? 500 + random_.below(900) : 0);
    Skb skb = build(shape, gso_size);
    if (skb == nullptr) {  // no memory: later
      co_await self.sleep_for(kRest);
      continue;
    }
    expect(*skb, flow);
    ++sent_;
    static_cast<void>(board_.host().net().dev_queue_xmit(self.cpu(), std::move(skb)));
  }
  --senders_;
}

/// Headers linear, what follows in pages now and then.
Skb SendScenario::build(const PacketShape& shape, std::uint16_t gso_size) {
  auto& pool = board_.host().pool();
  const Frame frame = make_packet(shape);
  const bool pages = random_.below(2) != 0 && frame.size() > 2 * kPage;
  const std::size_t linear = pages ? kPage / 4 + random_.below(kPage / 4) : frame.size();
  Skb skb = pool.allocate(static_cast<std::uint32_t>(linear));
  if (skb == nullptr) return nullptr;
  std::ranges::copy(std::span(frame).first(linear), skb->put(static_cast<std::uint32_t>(linear)).begin());
  for (std::size_t at = linear; at < frame.size();) {
    const std::size_t count = std::min(kPage, frame.size() - at);
    auto page = pool.allocate_buffer(kPage);
    if (!page) return nullptr;
    std::ranges::copy(std::span(frame).subspan(at, count), page.memory().begin());
    if (!skb->add_fragment(std::move(page), 0, static_cast<std::uint32_t>(count))) return nullptr;
    at += count;
  }
  skb->dev = &board_.device();
  skb->request_checksum(static_cast<std::uint32_t>(transport_offset(shape)),
                        static_cast<std::uint16_t>(checksum_offset(shape)));
  if (gso_size == 0) return skb;
  skb->gso_size = gso_size;
  skb->gso_type = gso_type(shape);
  skb->gso_ecn = shape.tcp && (shape.tcp_flags & kCwr) != 0;
  return skb;
}

void SendScenario::expect(const SkBuff& skb, unsigned flow) {
  if (skb.is_gso()) {
    auto segments = host::device::gso_segment(skb);
    INVARIANT(segments.ok(), "the test's packet cannot be segmented");
    for (const Skb& segment : *segments) expect(Frame(segment->bytes().begin(), segment->bytes().end()), flow);
    return;
  }
  const Skb copy = skb.copy(0);
  INVARIANT(copy != nullptr, "no memory for a copy");
  copy->ip_summed = skb.ip_summed;
  copy->request_checksum(skb.csum_start_from_data(), skb.csum_offset);
  INVARIANT(host::device::checksum_help(*copy).ok(), "the test's packet has no checksum");
  expect(Frame(copy->bytes().begin(), copy->bytes().end()), flow);
}

void SendScenario::expect(Frame frame, unsigned flow) {
  frame.resize(std::max(frame.size(), sim::wire::kMinFrame));
  expected_[flow].push_back(std::move(frame));
}

void SendScenario::arrived(std::span<const std::byte> bytes, sim::wire::FrameSink::Verdict verdict) {
  ++frames_;
  const Frame frame(bytes.begin(), bytes.end());
  auto& flow = expected_[flow_of(frame)];
  const bool same = verdict == sim::wire::FrameSink::Verdict::good && !flow.empty() && flow.front() == frame;
  if (!same && first_difference_.empty()) {
    const auto expected = flow.empty() ? Frame{} : flow.front();
    const auto at = std::mismatch(frame.begin(), frame.end(), expected.begin(), expected.end()).first - frame.begin();
    first_difference_ =
        fmt::format("frame {} of {} B, expected {} B; byte {}", frames_, frame.size(), expected.size(), at);
  }
  different_ += same ? 0 : 1;
  if (!flow.empty()) flow.pop_front();
}

void SendScenario::report(sim::board::Report& report) const {
  report.add("run", "packets", sent_);
  report.add("run", "frames", frames_);
  report.add("run", "different", different_);
  if (different_ != 0) {
    report.violations.push_back(
        fmt::format("{} frames are not what software makes: {}", different_, first_difference_));
  }
  std::size_t missing = 0;
  for (const auto& [flow, frames] : expected_) missing += frames.size();
  report.expect_equal("frames that never left", missing, "none", 0);
}

}  // namespace tests::journey
