// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/receive_path.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "sim/nic_model/little_endian.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::uint32_t kVerdicts = 8;

/// By FRAME_*.
constexpr StatIndex kDropped[kVerdicts] = {
    STAT_RX_FRAMES,         STAT_RX_DROP_BAD_FCS,      STAT_RX_DROP_RUNT,
    STAT_RX_DROP_OVERSIZE,  STAT_RX_DROP_BAD_PREAMBLE, STAT_RX_DROP_ERROR_CONTROL,
    STAT_RX_DROP_TRUNCATED, STAT_RX_DROP_FIFO_OVERFLOW};

constexpr std::uint64_t kControlAddress = 0x0100'00C2'8001;  // 01-80-C2-00-00-01
constexpr std::uint32_t kControlType = 0x8808;

/// 802.3, 31.3: to the control address or to this station. The model never sends so much that a pause would show.
bool mac_control(const std::vector<std::byte>& bytes, std::uint64_t own) {
  const std::uint64_t destination = read_le(bytes, 0, 6);
  return (destination == kControlAddress || destination == own) && read_be(bytes, 12, 2) == kControlType;
}

}  // namespace

ReceivePath::ReceivePath(const ModelConfig& config, Controls& controls, Timeline& timeline, Dma& dma,
                         Statistics& statistics, std::vector<QueuePair>& pairs, std::function<std::uint64_t()> features)
    : config_(config),
      controls_(controls),
      timeline_(timeline),
      dma_(dma),
      statistics_(statistics),
      pairs_(pairs),
      features_(std::move(features)),
      waiting_(config.pairs),
      coalescer_(
          config, controls, timeline, [this](ReceivedFrame frame) { depart(std::move(frame)); },
          [this] { statistics_.count(STAT_RX_COALESCED); }) {}

void ReceivePath::frame(Bytes bytes, std::uint32_t verdict) {
  statistics_.count(STAT_RX_FRAMES);
  if (verdict != FRAME_OK) return statistics_.count(kDropped[verdict % kVerdicts]);
  if (mac_control(bytes, config_.mac_address)) return statistics_.count(STAT_RX_DROP_CONTROL);
  const std::size_t size = bytes.size();
  ReceivedFrame received{std::move(bytes), {}, size};
  received.meta = examine(received.bytes, controls_.filter, controls_.scaling);
  if (!received.meta.wanted) return statistics_.count(STAT_RX_DROP_FILTERED);
  if (waiting_bytes_ + size > config_.rx_buffer_bytes) return statistics_.count(STAT_RX_DROP_MISSED);
  waiting_bytes_ += size;
  coalescer_.take(std::move(received), features_());
}

void ReceivePath::depart(ReceivedFrame frame) {
  waiting_bytes_ -= frame.came - frame.bytes.size();
  timeline_.after(config_.latency.receive, [this, frame = std::move(frame)]() mutable { admit(std::move(frame)); });
}

void ReceivePath::admit(ReceivedFrame frame) {
  const unsigned pair = frame.meta.pair < config_.pairs ? frame.meta.pair : 0;
  if (pairs_[pair].rx == nullptr) {
    waiting_bytes_ -= frame.bytes.size();
    return statistics_.count(STAT_RX_DROP_NOT_READY);
  }
  waiting_[pair].frames.push_back(std::move(frame));
  serve(pair);
}

void ReceivePath::serve(unsigned pair) {
  Line& line = waiting_[pair];
  const std::unique_ptr<Virtqueue>& queue = pairs_[pair].rx;
  if (queue == nullptr || queue->stopped()) return;
  if (!queue->ready().empty()) line.starved = false;
  while (!line.frames.empty() && (deliver(*queue, line.frames.front()) || drop_for_want(pair))) leave(line);
}

void ReceivePath::serve_all() {
  for (unsigned pair = 0; pair < config_.pairs; ++pair) serve(pair);
}

/// A frame waits for buffers only so long, one of a lone queue without any for ever: a queue that nobody serves
/// does not stand in the way of the others (the NIC's rule: virtio says nothing).
bool ReceivePath::drop_for_want(unsigned pair) {
  Line& line = waiting_[pair];
  const bool none = pairs_[pair].rx->ready().empty();
  if (!line.overdue && !line.starved) {
    if (std::exchange(line.timed, line.served) == line.served) return false;  // the timer runs
    timeline_.after(config_.patience, [this, pair, served = line.served] {
      if (waiting_[pair].served != served) return;
      waiting_[pair].overdue = true;
      serve(pair);
    });
    return false;
  }
  if (none && lone_queue()) return false;
  line.starved = none;
  statistics_.count(STAT_RX_DROP_NO_BUFFER);
  ++controls_.counters[pair].rx_no_buffer;
  return true;
}

bool ReceivePath::lone_queue() const {
  return std::ranges::count_if(pairs_, [](const QueuePair& pair) { return pair.rx != nullptr; }) < 2;
}

void ReceivePath::leave(Line& line) {
  waiting_bytes_ -= line.frames.front().bytes.size();
  line.frames.pop_front();
  ++line.served;
  line.overdue = false;
}

void ReceivePath::flush(unsigned pair) {
  Line& line = waiting_[pair];
  while (!line.frames.empty()) {
    leave(line);
    statistics_.count(STAT_RX_DROP_RESET);
  }
  line.starved = false;
}

/// 5.1.6.4: only what was negotiated is told.
ReceivePath::Bytes ReceivePath::header_of(const Virtqueue& queue, const ReceiveMeta& meta) const {
  const std::uint64_t features = queue.settings().features;
  const bool report = has(features, NET_F_HASH_REPORT);
  Bytes header(report ? NET_HDR_HASH_BYTES : NET_HDR_BYTES);
  if (has(features, NET_F_GUEST_CSUM) && meta.checksum_good) write_le(header, 0, 1, NET_HDR_F_DATA_VALID);
  if (meta.large) {
    write_le(header, 0, 1, NET_HDR_F_NEEDS_CSUM);
    write_le(header, 1, 1, meta.large->kind);
    write_le(header, 2, 2, meta.large->headers);
    write_le(header, 4, 2, meta.large->segment);
    write_le(header, 6, 2, meta.large->checksum_start);
    write_le(header, 8, 2, meta.large->checksum_offset);
  }
  if (report) {
    write_le(header, NET_HDR_BYTES, 4, meta.hash);
    write_le(header, NET_HDR_BYTES + 4, 2, meta.report);
  }
  return header;
}

/// False: the frame has to wait for buffers. Without MRG_RXBUF it has to fit the next one (5.1.6.4).
bool ReceivePath::deliver(Virtqueue& queue, const ReceivedFrame& frame) {
  Bytes content = header_of(queue, frame.meta);
  content.insert(content.end(), frame.bytes.begin(), frame.bytes.end());
  const std::size_t need = content.size();
  const bool mergeable = has(queue.settings().features, NET_F_MRG_RXBUF);
  if (queue.ready().empty()) return false;
  if (mergeable && queue.ready_bytes() < need) return false;
  if (!mergeable && queue.ready().front().total < need) {
    statistics_.count(STAT_RX_DROP_TOO_SMALL);
    return true;
  }
  write(queue, content);
  statistics_.count(STAT_RX_DELIVERED);
  statistics_.count(STAT_RX_BYTES, frame.bytes.size());
  PairCounters& counters = controls_.counters[frame.meta.pair];
  ++counters.rx_frames;
  counters.rx_bytes += frame.bytes.size();
  return true;
}

/// Fills as many buffers as it takes, all but the last one completely; they appear together.
void ReceivePath::write(Virtqueue& queue, const Bytes& content) {
  std::vector<Buffer> buffers;
  std::uint64_t room = 0;
  while (room < content.size()) {
    buffers.push_back(queue.take());
    room += buffers.back().total;
  }
  Bytes bytes = content;
  write_le(bytes, NET_HDR_NUM_BUFFERS, 2, buffers.size());
  std::vector<Used> group;
  std::span<const std::byte> rest = bytes;
  for (const Buffer& buffer : buffers) {
    const std::size_t before = rest.size();
    for (const Piece& piece : buffer.pieces) {
      const std::size_t size = std::min<std::size_t>(piece.length, rest.size());
      if (size != 0) dma_.write(piece.address, rest.first(size));
      rest = rest.subspan(size);
    }
    group.push_back({buffer.id, buffer.descriptors, static_cast<std::uint32_t>(before - rest.size()), true});
  }
  statistics_.count(STAT_RX_USED, group.size());
  queue.give_back(group);
}

}  // namespace sim::nic_model
