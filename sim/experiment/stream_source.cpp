// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/stream_source.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"
#include "host/headers/udp.hpp"
#include "sim/experiment/marks.hpp"
#include "sim/wire/xgmii.hpp"

namespace sim::experiment {
namespace {

using namespace host::base;

constexpr std::size_t kIp = 14;
constexpr std::size_t kTransport = kIp + 20;
constexpr std::size_t kTcpHeader = 20;

host::headers::Ipv4Address destination_of(const Stream& stream) {
  return stream.elsewhere ? kElsewhere : kHostAddress.address;
}

}  // namespace

StreamSource::StreamSource(wire::Cable& cable, const board::BoardConfig& machine, const std::vector<Stream>& streams)
    : cable_(cable), mac_(machine.nic.mac) {
  for (const Stream& stream : streams) {
    const auto seed = machine.seed * 1000 + states_.size();
    states_.push_back(std::make_unique<State>(State{stream, pcie::SeededRandom(seed)}));
  }
  cable_.attach_peer(*this);
}

void StreamSource::begin() {
  running_ = true;
  for (const auto& state : states_) burst(*state);
}

void StreamSource::arrived(std::vector<std::byte> /*bytes*/, wire::FrameSink::Verdict /*verdict*/) {}

Picoseconds StreamSource::interval(State& state) const {
  if (!state.stream.random) return state.stream.interval;
  const double uniform = (static_cast<double>(state.random.next() >> 11) + 0.5) / 9007199254740992.0;  // 2^53
  return static_cast<Picoseconds>(std::llround(-std::log(uniform) * static_cast<double>(state.stream.interval)));
}

/// And the next one, no sooner than the line has taken this one: what is offered never piles up in front of the wire.
void StreamSource::burst(State& state) {
  if (!running_) return;
  Picoseconds free = 0;
  for (unsigned i = 0; i < state.stream.burst; ++i) free = cable_.send({frame(state)});
  const Picoseconds next = std::max(cable_.agenda().now() + interval(state), free);
  cable_.agenda().at(next, wire::Rank::peer, [this, &state] { burst(state); });
}

/// With a checksum: what has none is not merged.
std::vector<std::byte> StreamSource::frame(State& state) {
  const Stream& stream = state.stream;
  std::vector<std::byte> frame(std::max<std::size_t>(stream.length - wire::kFcsBytes, wire::kMinFrame));
  std::transform(mac_.begin(), mac_.end(), frame.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  std::copy(kPeerMac.begin(), kPeerMac.end(), frame.begin() + 6);
  store_be16(frame, 12, 0x0800);
  store_be16(frame, kIp, 0x4500);
  store_be16(frame, kIp + 2, static_cast<std::uint16_t>(frame.size() - kIp));
  store_be16(frame, kIp + 6, 0x4000);  // DF: GRO merges what does not count its identifications
  store_be16(frame, kIp + 8, stream.transport == Transport::tcp ? 0x4006 : 0x4011);  // 64 hops
  store_be32(frame, kIp + 12, kPeerAddress.value);
  store_be32(frame, kIp + 16, destination_of(stream).value);
  store_be16(frame, kIp + 10, internet_checksum(std::span(frame).subspan(kIp, 20)));
  mark(frame, number_++, stream.timed);
  write_transport(state, std::span(frame).subspan(kTransport));
  ++state.sent;
  return frame;
}

void StreamSource::write_transport(const State& state, std::span<std::byte> segment) {
  const Stream& stream = state.stream;
  const auto port = static_cast<std::uint16_t>(stream.first_port + state.sent % stream.flows);
  if (stream.transport == Transport::udp) {
    host::headers::write_udp(segment, port, stream.port, kPeerAddress, destination_of(stream));
    return;
  }
  const auto before = state.sent / stream.flows;  // of the same flow
  store_be16(segment, 0, port);
  store_be16(segment, 2, stream.port);
  store_be32(segment, 4, static_cast<std::uint32_t>(before * (segment.size() - kTcpHeader)));
  store_be32(segment, 8, 1);             // acknowledged
  store_be32(segment, 12, 0x5010'4000);  // header of 20 bytes, ACK, a window
  ChecksumSum sum;
  sum.add_be16(0x0006);
  sum.add_be16(static_cast<std::uint16_t>(segment.size()));
  sum.add_be32(kPeerAddress.value);
  sum.add_be32(destination_of(stream).value);
  sum.add(segment);
  store_be16(segment, 16, sum.checksum());
}

}  // namespace sim::experiment
