// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/receive_path.hpp"

#include <algorithm>
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

}  // namespace

ReceivePath::ReceivePath(const ModelConfig& config, Timeline& timeline, Dma& dma, Statistics& statistics,
                         std::vector<QueuePair>& pairs)
    : config_(config), timeline_(timeline), dma_(dma), statistics_(statistics), pairs_(pairs), waiting_(config.pairs) {}

void ReceivePath::frame(Bytes bytes, std::uint32_t verdict) {
  statistics_.count(STAT_RX_FRAMES);
  if (verdict != FRAME_OK) return statistics_.count(kDropped[verdict % kVerdicts]);
  if (waiting_bytes_ + bytes.size() > config_.rx_buffer_bytes) return statistics_.count(STAT_RX_DROP_MISSED);
  statistics_.count(STAT_RX_BYTES, bytes.size());
  waiting_bytes_ += bytes.size();
  timeline_.after(config_.latency.receive, [this, bytes = std::move(bytes)]() mutable { admit(std::move(bytes)); });
}

void ReceivePath::admit(Bytes bytes) {
  const unsigned pair = 0;
  if (pairs_[pair].rx == nullptr) {
    waiting_bytes_ -= bytes.size();
    return statistics_.count(STAT_RX_DROP_NOT_READY);
  }
  waiting_[pair].push_back(std::move(bytes));
  serve(pair);
}

void ReceivePath::serve(unsigned pair) {
  auto& frames = waiting_[pair];
  while (!frames.empty() && pairs_[pair].rx && !pairs_[pair].rx->stopped() &&
         deliver(*pairs_[pair].rx, frames.front())) {
    waiting_bytes_ -= frames.front().size();
    frames.pop_front();
  }
}

void ReceivePath::flush(unsigned pair) {
  for (const Bytes& frame : waiting_[pair]) {
    waiting_bytes_ -= frame.size();
    statistics_.count(STAT_RX_DROP_RESET);
  }
  waiting_[pair].clear();
}

std::size_t ReceivePath::header_bytes(const Virtqueue& queue) const {
  return has(queue.settings().features, NET_F_HASH_REPORT) ? NET_HDR_HASH_BYTES : NET_HDR_BYTES;
}

/// False: the frame has to wait for buffers. Without MRG_RXBUF it has to fit the next one (5.1.6.4).
bool ReceivePath::deliver(Virtqueue& queue, const Bytes& frame) {
  const std::size_t header = header_bytes(queue);
  const std::size_t need = header + frame.size();
  const bool mergeable = has(queue.settings().features, NET_F_MRG_RXBUF);
  if (queue.ready().empty()) return false;
  if (mergeable && queue.ready_bytes() < need) return false;
  if (!mergeable && queue.ready().front().total < need) {
    statistics_.count(STAT_RX_DROP_TOO_SMALL);
    return true;
  }
  Bytes content(header);
  content.insert(content.end(), frame.begin(), frame.end());
  write(queue, content);
  statistics_.count(STAT_RX_DELIVERED);
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
