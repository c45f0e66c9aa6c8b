// SPDX-License-Identifier: Apache-2.0
// From the MAC to the driver's buffers: one place decides about each frame, and counts it once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "sim/nic_model/coalesce_rx.hpp"
#include "sim/nic_model/controls.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/queue_pair.hpp"
#include "sim/nic_model/statistics.hpp"
#include "sim/nic_model/timeline.hpp"

namespace sim::nic_model {

class ReceivePath {
 public:
  ReceivePath(const ModelConfig& config, Controls& controls, Timeline& timeline, Dma& dma, Statistics& statistics,
              std::vector<QueuePair>& pairs, std::function<std::uint64_t()> features);

  /// A frame ended on the wire; verdict of the MAC.
  void frame(std::vector<std::byte> bytes, std::uint32_t verdict);
  /// The pair has buffers, or its queue was enabled.
  void serve(unsigned pair);
  /// Another queue was enabled: none is alone any more.
  void serve_all();
  /// Frames that wait for this pair are given up.
  void flush(unsigned pair);
  /// No segment waits for the next one any more.
  void release() { coalescer_.flush(); }

 private:
  using Bytes = std::vector<std::byte>;

  /// Frames that wait for buffers of a pair.
  struct Line {
    std::deque<ReceivedFrame> frames;
    std::uint64_t served = 0;     ///< frames that have left: tells a timer that it is too late
    std::uint64_t timed = ~0ULL;  ///< `served` when the last timer was started
    bool overdue = false;         ///< the first of them has waited long enough
    bool starved = false;         ///< one was dropped, and no buffer has come since
  };

  void depart(ReceivedFrame frame);
  void admit(ReceivedFrame frame);
  [[nodiscard]] bool drop_for_want(unsigned pair);
  [[nodiscard]] bool lone_queue() const;
  void leave(Line& line);
  [[nodiscard]] bool deliver(Virtqueue& queue, const ReceivedFrame& frame);
  [[nodiscard]] Bytes header_of(const Virtqueue& queue, const ReceiveMeta& meta) const;
  void write(Virtqueue& queue, const Bytes& content);

  const ModelConfig& config_;
  Controls& controls_;
  Timeline& timeline_;
  Dma& dma_;
  Statistics& statistics_;
  std::vector<QueuePair>& pairs_;
  std::function<std::uint64_t()> features_;  // that were negotiated
  std::vector<Line> waiting_;                // by pair
  std::size_t waiting_bytes_ = 0;
  Coalescer coalescer_;
};

}  // namespace sim::nic_model
