// SPDX-License-Identifier: Apache-2.0
// From the driver's buffers to the MAC: read, judged, made into frames, given back, in the queue's order.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sim/nic_model/controls.hpp"
#include "sim/nic_model/dma.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/queue_pair.hpp"
#include "sim/nic_model/statistics.hpp"
#include "sim/nic_model/timeline.hpp"

namespace sim::nic_model {

class TransmitPath {
 public:
  using Bytes = std::vector<std::byte>;
  /// A frame without FCS, to be sent as soon as the line is free.
  using Output = std::function<void(Bytes frame)>;

  TransmitPath(const ModelConfig& config, Controls& controls, Timeline& timeline, Dma& dma, Statistics& statistics,
               std::vector<QueuePair>& pairs);

  void connect(Output output) { output_ = std::move(output); }
  /// Some queue has buffers, or there is room again.
  void serve();
  /// A frame of so many bytes has left.
  void sent(std::size_t bytes);
  /// No read of the pair is under way.
  [[nodiscard]] bool quiet(unsigned pair) const { return slots_[pair].empty(); }

 private:
  /// A buffer whose reads are under way.
  struct Slot {
    Buffer buffer;
    std::vector<ReadResult> parts;
    std::vector<Process> readers;
    std::size_t unread = 0;
    std::size_t room = 0;
  };

  [[nodiscard]] bool serve_one(unsigned pair);
  void open(unsigned pair, Buffer buffer, std::size_t room);
  [[nodiscard]] Process read(unsigned pair, Slot& slot, std::size_t part);
  void retire(unsigned pair);
  void finish(unsigned pair, const Slot& slot);
  void send_frames(unsigned pair, const Slot& slot);
  [[nodiscard]] bool bad_length(const Buffer& buffer, const Virtqueue& queue) const;
  void send(Bytes frame);

  const ModelConfig& config_;
  Controls& controls_;
  Timeline& timeline_;
  Dma& dma_;
  Statistics& statistics_;
  std::vector<QueuePair>& pairs_;
  Output output_;
  std::vector<std::deque<std::unique_ptr<Slot>>> slots_;  // by pair
  std::size_t reserved_ = 0;                              // bytes of the packet buffer
  unsigned turn_ = 0;                                     // the pair that is asked first
};

}  // namespace sim::nic_model
