// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/transmit_path.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/nic_model/offload_tx.hpp"

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::size_t kSlots = 16;           // of a pair
constexpr std::size_t kEthernetHeader = 14;  // the shortest thing that is a frame

std::size_t header_bytes(const Virtqueue& queue) {
  return has(queue.settings().features, NET_F_HASH_REPORT) ? NET_HDR_HASH_BYTES : NET_HDR_BYTES;
}

}  // namespace

TransmitPath::TransmitPath(const ModelConfig& config, Controls& controls, Timeline& timeline, Dma& dma,
                           Statistics& statistics, std::vector<QueuePair>& pairs)
    : config_(config),
      controls_(controls),
      timeline_(timeline),
      dma_(dma),
      statistics_(statistics),
      pairs_(pairs),
      slots_(config.pairs) {}

/// One buffer of each pair in turn, while there is anything to take.
void TransmitPath::serve() {
  unsigned idle = 0;
  while (idle < config_.pairs) {
    const unsigned pair = turn_;
    turn_ = (turn_ + 1) % config_.pairs;
    idle = serve_one(pair) ? 0 : idle + 1;
  }
}

bool TransmitPath::serve_one(unsigned pair) {
  Virtqueue* queue = pairs_[pair].tx.get();
  if (queue == nullptr || queue->stopped() || queue->ready().empty() || slots_[pair].size() >= kSlots) return false;
  const Buffer& next = queue->ready().front();
  const std::size_t room = bad_length(next, *queue) ? 0 : next.total;
  if (reserved_ != 0 && reserved_ + room > config_.tx_buffer_bytes) return false;
  open(pair, queue->take(), room);
  return true;
}

bool TransmitPath::bad_length(const Buffer& buffer, const Virtqueue& queue) const {
  const std::uint64_t segmenting = feature(NET_F_HOST_TSO4) | feature(NET_F_HOST_TSO6) | feature(NET_F_HOST_USO);
  const std::size_t header = header_bytes(queue);
  const std::size_t most = (queue.settings().features & segmenting) != 0 ? TX_SOURCE_MAX : header + config_.max_frame;
  return buffer.total < header + kEthernetHeader || buffer.total > most;
}

void TransmitPath::open(unsigned pair, Buffer buffer, std::size_t room) {
  statistics_.count(STAT_TX_CHAINS);
  reserved_ += room;
  auto& slot = *slots_[pair].emplace_back(std::make_unique<Slot>());
  slot.buffer = std::move(buffer);
  slot.room = room;
  if (room == 0) return timeline_.after(0, [this, pair] { retire(pair); });
  slot.parts.resize(slot.buffer.pieces.size());
  slot.unread = slot.parts.size();
  for (std::size_t i = 0; i < slot.parts.size(); ++i) slot.readers.push_back(read(pair, slot, i));
}

Process TransmitPath::read(unsigned pair, Slot& slot, std::size_t part) {
  const Piece piece = slot.buffer.pieces[part];
  slot.parts[part] = co_await dma_.read(piece.address, piece.length);
  if (--slot.unread == 0) timeline_.after(0, [this, pair] { retire(pair); });
}

/// Whatever is complete leaves, in order.
void TransmitPath::retire(unsigned pair) {
  auto& slots = slots_[pair];
  while (!slots.empty() && slots.front()->unread == 0) {
    finish(pair, *slots.front());
    slots.pop_front();
  }
  serve();
}

void TransmitPath::finish(unsigned pair, const Slot& slot) {
  Virtqueue& queue = *pairs_[pair].tx;
  reserved_ -= slot.room;  // a frame takes its own share
  if (queue.stopped()) return statistics_.count(STAT_TX_DROP_RESET);
  const bool failed = std::any_of(slot.parts.begin(), slot.parts.end(), [](const ReadResult& r) { return !r.ok(); });
  if (slot.room == 0) {
    statistics_.count(STAT_TX_DROP_LENGTH);
  } else if (failed) {
    statistics_.count(STAT_TX_DROP_DMA);
  } else {
    send_frames(pair, slot);
  }
  statistics_.count(STAT_TX_USED);
  const std::array<Used, 1> used{Used{slot.buffer.id, slot.buffer.descriptors, 0, false}};
  queue.give_back(used);
}

void TransmitPath::send_frames(unsigned pair, const Slot& slot) {
  const Virtqueue& queue = *pairs_[pair].tx;
  Bytes bytes;
  bytes.reserve(slot.buffer.total);
  for (const ReadResult& part : slot.parts) bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
  const TransmitRequest request = TransmitRequest::parse(bytes);
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header_bytes(queue)));
  PairCounters& counters = controls_.counters[pair];
  ++counters.tx_frames;
  counters.tx_bytes += bytes.size();
  if (!permitted(request, queue.settings().features)) return statistics_.count(STAT_TX_DROP_OFFLOAD);
  auto frames = make_frames(std::move(bytes), request, config_.max_frame);
  if (!frames) return statistics_.count(STAT_TX_DROP_OFFLOAD);
  statistics_.count(STAT_TX_SEGMENTS, frames->size() - 1);
  for (Bytes& frame : *frames) send(std::move(frame));
}

/// The port's tag is the port's, and counts nowhere.
void TransmitPath::send(Bytes frame) {
  statistics_.count(STAT_TX_BYTES, frame.size());
  if (controls_.vlan) frame = with_vlan(frame, *controls_.vlan);
  reserved_ += frame.size();
  timeline_.after(config_.latency.transmit, [this, frame = std::move(frame)]() mutable { output_(std::move(frame)); });
}

void TransmitPath::sent(std::size_t bytes) {
  statistics_.count(STAT_TX_FRAMES);
  reserved_ -= bytes;
  serve();
}

}  // namespace sim::nic_model
