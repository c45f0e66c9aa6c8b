// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/coalesce_rx.hpp"

#include <algorithm>

#include "rtl/contract/virtio_contract.hpp"
#include "sim/nic_model/internet_checksum.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;
using Bytes = std::vector<std::byte>;

constexpr Picoseconds kMicrosecond = 1'000'000;
constexpr std::uint32_t kPsh = 0x08;
constexpr std::uint32_t kEce = 0x40;
constexpr std::uint32_t kCwr = 0x80;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kTimestampsHeader = 32;
constexpr std::uint32_t kTimestamps = 0x0101'080A;  // RFC 7323, appendix A
constexpr unsigned kMostSegments = 255;

// places in a TCP header (RFC 9293, 3.1)
constexpr std::size_t kSequence = 4;
constexpr std::size_t kAcknowledgement = 8;
constexpr std::size_t kOffset = 12;
constexpr std::size_t kFlags = 13;
constexpr std::size_t kWindow = 14;
constexpr std::size_t kChecksum = 16;
constexpr std::size_t kUrgent = 18;

std::uint32_t tcp(FrameView frame, const Packet& packet, std::size_t place, unsigned width) {
  return read_be(frame, packet.transport_at + place, width);
}

bool is_v4(const Packet& packet) {
  return packet.network == Network::ipv4;
}

std::size_t tcp_header(FrameView frame, const Packet& packet) {
  return 4 * (tcp(frame, packet, kOffset, 1) >> 4);
}

std::size_t headers_of(FrameView frame, const Packet& packet) {
  return packet.transport_at + tcp_header(frame, packet);
}

bool may_fragment(FrameView frame, const Packet& packet) {
  return is_v4(packet) && (read_be(frame, packet.network_at + 6, 2) & 0x4000) == 0;
}

/// The plain case and nothing else: what a sender of bulk data sends.
bool eligible(const ReceivedFrame& frame, const Packet& packet, std::uint64_t features) {
  if (packet.transport != Transport::tcp || !frame.meta.checksum_good || !has(features, NET_F_GUEST_CSUM)) return false;
  if (!has(features, is_v4(packet) ? NET_F_GUEST_TSO4 : NET_F_GUEST_TSO6)) return false;
  if (is_v4(packet) ? packet.transport_at != packet.network_at + 20 : packet.extensions) return false;
  const std::uint32_t flags = tcp(frame.bytes, packet, kFlags, 1);
  if ((flags & ~(kPsh | kEce | kCwr)) != 0x10 || (tcp(frame.bytes, packet, kOffset, 1) & 0xF) != 0) return false;
  if ((flags & (kEce | kCwr)) != 0 && !has(features, NET_F_GUEST_ECN)) return false;
  const std::size_t header = tcp_header(frame.bytes, packet);
  const bool stamped = header == kTimestampsHeader && tcp(frame.bytes, packet, kTcpHeader, 4) == kTimestamps;
  return (header == kTcpHeader || stamped) && packet.end > headers_of(frame.bytes, packet);
}

/// All headers, without what may differ between two segments of a large frame.
Bytes likeness(FrameView frame, const Packet& packet) {
  const std::size_t headers = headers_of(frame, packet);
  Bytes bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(headers));
  const auto forget = [&](std::size_t at, unsigned width) { write_be(bytes, at, width, 0); };
  if (is_v4(packet)) {
    forget(packet.network_at + 2, 4);   // total length, identification
    forget(packet.network_at + 10, 2);  // checksum
  } else {
    forget(packet.network_at + 4, 2);  // payload length
  }
  const std::size_t at = packet.transport_at;
  forget(at + kSequence, 4);
  forget(at + kAcknowledgement, 4);
  write_be(bytes, at + kFlags, 1, read_be(frame, at + kFlags, 1) & ~(kPsh | kCwr));
  for (const std::size_t place : {kWindow, kChecksum, kUrgent}) forget(at + place, 2);
  return bytes;
}

/// The large frame's headers, from the first segment's.
void finish(Bytes& bytes, const Packet& packet) {
  const std::size_t l4_length = bytes.size() - packet.transport_at;
  InternetChecksum pseudo;
  const std::size_t address = is_v4(packet) ? 4 : 16;
  pseudo.add(FrameView(bytes).subspan(packet.source_at, address));
  pseudo.add(FrameView(bytes).subspan(packet.destination_at, address));
  pseudo.add(packet.protocol);
  pseudo.add(l4_length);
  write_be(bytes, packet.transport_at + kChecksum, 2, pseudo.folded());
  if (!is_v4(packet)) return write_be(bytes, packet.network_at + 4, 2, static_cast<std::uint32_t>(l4_length));
  write_be(bytes, packet.network_at + 2, 2, static_cast<std::uint32_t>(bytes.size() - packet.network_at));
  write_be(bytes, packet.network_at + 10, 2, 0);
  InternetChecksum sum;
  sum.add(FrameView(bytes).subspan(packet.network_at, 20));
  write_be(bytes, packet.network_at + 10, 2, sum.checksum());
}

}  // namespace

void Coalescer::take(ReceivedFrame frame, std::uint64_t features) {
  const Packet packet = parse_packet(frame.bytes);
  const bool usable = eligible(frame, packet, features) && controls_.scaling.coalesce_usecs != 0;
  if (packet.fragment) flush();  // nobody knows whose it is
  const std::size_t place = find(frame.bytes, packet);
  if (place < flows_.size()) {
    if (usable && continues(*flows_[place], frame.bytes, packet)) return append(place, frame.bytes, packet);
    leave(place);
  }
  if (usable && (tcp(frame.bytes, packet, kFlags, 1) & kPsh) == 0) return begin(std::move(frame), packet);
  output_(std::move(frame));
}

std::size_t Coalescer::find(FrameView frame, const Packet& packet) const {
  if (packet.transport != Transport::tcp) return flows_.size();
  const auto equal = [](FrameView a, std::size_t at_a, FrameView b, std::size_t at_b, std::size_t bytes) {
    return std::ranges::equal(a.subspan(at_a, bytes), b.subspan(at_b, bytes));
  };
  const auto same = [&](const std::optional<Flow>& flow) {
    if (!flow || flow->packet.network != packet.network) return false;
    const FrameView held = flow->frame.bytes;
    return equal(frame, packet.source_at, held, flow->packet.source_at, is_v4(packet) ? 8 : 32) &&  // both addresses
           equal(frame, packet.transport_at, held, flow->packet.transport_at, 4);                   // and ports
  };
  return static_cast<std::size_t>(std::find_if(flows_.begin(), flows_.end(), same) - flows_.begin());
}

bool Coalescer::continues(const Flow& flow, FrameView frame, const Packet& packet) const {
  const std::size_t payload = packet.end - headers_of(frame, packet);
  if ((tcp(frame, packet, kFlags, 1) & kCwr) != 0 || payload > flow.segment) return false;
  if (likeness(frame, packet) != likeness(flow.frame.bytes, flow.packet)) return false;
  if (tcp(frame, packet, kSequence, 4) != flow.next_sequence) return false;
  if ((tcp(frame, packet, kAcknowledgement, 4) - flow.acknowledgement) >> 31 != 0) return false;
  if (may_fragment(frame, packet) && read_be(frame, packet.network_at + 4, 2) != flow.next_identification) return false;
  return flow.packet.end + payload <= config_.coalesce_bytes && flow.segments < kMostSegments;
}

void Coalescer::begin(ReceivedFrame frame, const Packet& packet) {
  if (std::none_of(flows_.begin(), flows_.end(), [](const auto& flow) { return flow.has_value(); })) victim_ = 0;
  const auto free = std::find(flows_.begin(), flows_.end(), std::nullopt);
  std::size_t place = static_cast<std::size_t>(free - flows_.begin());
  if (free == flows_.end()) {
    place = victim_;
    victim_ = (victim_ + 1) % flows_.size();
    leave(place);
  }
  Flow flow;
  flow.packet = packet;
  flow.headers = headers_of(frame.bytes, packet);
  flow.segment = packet.end - flow.headers;
  flow.next_sequence = tcp(frame.bytes, packet, kSequence, 4) + static_cast<std::uint32_t>(flow.segment);
  flow.acknowledgement = tcp(frame.bytes, packet, kAcknowledgement, 4);
  flow.next_identification = (read_be(frame.bytes, packet.network_at + 4, 2) + 1) & 0xFFFF;
  flow.frame = std::move(frame);
  flows_[place] = std::move(flow);
  if (ticking_) return;
  ticking_ = true;
  timeline_.after(kMicrosecond, [this] { tick(); });
}

void Coalescer::append(std::size_t place, FrameView frame, const Packet& packet) {
  Flow& flow = *flows_[place];
  const std::size_t payload = packet.end - headers_of(frame, packet);
  Bytes& bytes = flow.frame.bytes;
  bytes.resize(flow.packet.end);  // padding goes
  const auto from = frame.begin() + static_cast<std::ptrdiff_t>(headers_of(frame, packet));
  bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(payload));
  flow.packet.end = bytes.size();
  flow.frame.came += frame.size();
  ++flow.segments;
  flow.next_sequence += static_cast<std::uint32_t>(payload);
  flow.acknowledgement = tcp(frame, packet, kAcknowledgement, 4);
  flow.next_identification = (flow.next_identification + 1) & 0xFFFF;
  // The last segment's word counts.
  const std::uint32_t pushed = tcp(frame, packet, kFlags, 1) & kPsh;
  const std::size_t at = flow.packet.transport_at;
  write_be(bytes, at + kAcknowledgement, 4, flow.acknowledgement);
  write_be(bytes, at + kFlags, 1, read_be(bytes, at + kFlags, 1) | pushed);
  write_be(bytes, at + kWindow, 2, tcp(frame, packet, kWindow, 2));
  merged_();
  if (pushed != 0 || payload != flow.segment) leave(place);
}

void Coalescer::leave(std::size_t place) {
  Flow flow = std::move(*flows_[place]);
  flows_[place].reset();
  if (flow.segments > 1) {
    finish(flow.frame.bytes, flow.packet);
    const bool reduced = (read_be(flow.frame.bytes, flow.packet.transport_at + kFlags, 1) & kCwr) != 0;
    const std::uint32_t kind = is_v4(flow.packet) ? NET_HDR_GSO_TCPV4 : NET_HDR_GSO_TCPV6;
    flow.frame.meta.large = LargeFrame{static_cast<std::uint8_t>(kind | (reduced ? NET_HDR_GSO_ECN : 0U)), flow.headers,
                                       flow.segment, flow.packet.transport_at, kChecksum};
  }
  output_(std::move(flow.frame));
}

void Coalescer::flush() {
  for (std::size_t place = 0; place < flows_.size(); ++place) {
    if (flows_[place]) leave(place);
  }
}

/// Every microsecond while anything is held.
void Coalescer::tick() {
  for (std::size_t place = 0; place < flows_.size(); ++place) {
    if (flows_[place] && ++flows_[place]->microseconds >= controls_.scaling.coalesce_usecs) leave(place);
  }
  ticking_ = std::any_of(flows_.begin(), flows_.end(), [](const auto& flow) { return flow.has_value(); });
  if (ticking_) timeline_.after(kMicrosecond, [this] { tick(); });
}

}  // namespace sim::nic_model
