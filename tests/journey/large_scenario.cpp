// SPDX-License-Identifier: Apache-2.0
#include "tests/journey/large_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/device/gso.hpp"
#include "sim/wire/xgmii.hpp"

namespace tests::journey {
namespace {

using host::skb::GsoType;
using host::skb::IpSummed;
using host::skb::Skb;
using host::skb::SkBuff;

constexpr std::size_t kPayloads[] = {1440, 536, 1000};
constexpr unsigned kLongestBurst = 12;
constexpr std::uint8_t kAck = 0x10;
constexpr std::uint8_t kPush = 0x18;
constexpr std::size_t kTcpHeader = 20;

std::size_t payload_of(unsigned flow) {
  return kPayloads[flow % std::size(kPayloads)];
}

bool over_v4(std::uint64_t flow) {
  return flow % 2 == 0;
}

}  // namespace

SegmentSource::SegmentSource(unsigned flows, std::uint64_t segments, std::uint64_t seed)
    : flows_(flows), left_(segments), random_(seed) {}

std::optional<Frame> SegmentSource::next() {
  if (left_ == 0) return std::nullopt;
  --left_;
  const auto number = static_cast<unsigned>(random_.below(flows_.size()));
  Flow& flow = flows_[number];
  if (flow.left == 0) flow.left = 1 + static_cast<unsigned>(random_.below(kLongestBurst));
  const bool last = --flow.left == 0;
  PacketShape shape{.v4 = over_v4(number), .flow = number, .seed = random_.next()};
  shape.payload = last ? 1 + random_.below(payload_of(number)) : payload_of(number);
  shape.tcp_flags = last ? kPush : kAck;
  shape.sequence = flow.sequence;
  shape.identifier = flow.identifier++;
  flow.sequence += static_cast<std::uint32_t>(shape.payload);
  return make_packet(shape);
}

LargeScenario::LargeScenario(sim::board::Board& board, unsigned flows, std::uint64_t segments)
    : board_(board),
      source_(flows, segments, board.config().seed),
      feeder_(board.cable(),
              [this]() -> std::optional<Frame> {
                auto frame = source_.next();
                if (!frame) return frame;
                expected_[flow_of(*frame)].push_back(*frame);
                expected_[flow_of(*frame)].back().resize(std::max(frame->size(), sim::wire::kMinFrame));
                ++missing_;
                return frame;
              },
              {}) {
  board.cable().attach_peer(feeder_);
}

std::string LargeScenario::host_is_up(host::apps::Host&, host::device::NetDevice& device) {
  device.set_rx_handler([this](host::kernel::Cpu&, Skb& skb) {
    received(*skb);
    skb.reset();
    return host::device::RxHandlerResult::consumed;
  });
  return {};
}

void LargeScenario::received(SkBuff& skb) {
  ++packets_;
  skb.restore(skb.mac_offset());
  Frame frame(skb.len());
  if (!skb.copy_bits(0, frame)) return;
  if (!skb.is_gso()) return arrived(std::move(frame));
  ++(over_v4(flow_of(frame)) ? large4_ : large6_);
  const std::string wrong = check_large(skb, frame);
  if (!wrong.empty()) {
    ++different_;
    if (first_difference_.empty()) first_difference_ = fmt::format("packet {}: {}", packets_, wrong);
  }
  auto segments = host::device::gso_segment(skb);
  if (!segments) return arrived({});
  for (const Skb& segment : *segments) arrived(Frame(segment->bytes().begin(), segment->bytes().end()));
}

std::string LargeScenario::check_large(SkBuff& skb, const Frame& frame) {
  const std::uint64_t flow = flow_of(frame);
  const std::size_t start = transport_offset({.v4 = over_v4(flow)});
  const std::size_t payload = frame.size() - start - kTcpHeader;
  const std::size_t size = payload_of(static_cast<unsigned>(flow));
  if (skb.gso_type != (over_v4(flow) ? GsoType::tcpv4 : GsoType::tcpv6)) return "another gso_type";
  if (skb.gso_size != size || payload <= size) return fmt::format("gso_size {} of {} bytes", skb.gso_size, payload);
  if (skb.gso_segs != (payload + size - 1) / size) return fmt::format("gso_segs {}", skb.gso_segs);
  if (skb.ip_summed != IpSummed::partial || skb.csum_start_from_data() != start || skb.csum_offset != 16) {
    return "no request for its checksum";
  }
  const std::size_t told = host::base::load_be16(frame, kEthernet + (over_v4(flow) ? 2 : 4));
  if (told != frame.size() - (over_v4(flow) ? kEthernet : start)) return fmt::format("a length of {}", told);
  return {};
}

void LargeScenario::arrived(Frame frame) {
  frame.resize(std::max(frame.size(), sim::wire::kMinFrame));
  auto& flow = expected_[flow_of(frame)];
  const bool same = !flow.empty() && flow.front() == frame;
  if (!same && first_difference_.empty()) {
    first_difference_ =
        fmt::format("packet {}: {} B, expected {} B", packets_, frame.size(), flow.empty() ? 0 : flow.front().size());
  }
  different_ += same ? 0 : 1;
  if (flow.empty()) return;
  flow.pop_front();
  --missing_;
}

void LargeScenario::report(sim::board::Report& report) const {
  report.add("run", "sent", feeder_.sent());
  report.add("run", "packets", packets_);
  report.add("run", "large_packets", large4_ + large6_);
  report.add("run", "different", different_);
  if (different_ != 0) {
    report.violations.push_back(fmt::format("{} packets are not what was sent: {}", different_, first_difference_));
  }
  report.expect_equal("segments that never came", missing_, "none", 0);
}

}  // namespace tests::journey
