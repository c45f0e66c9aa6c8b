// SPDX-License-Identifier: Apache-2.0
// Receive coalescing: segments of a TCP flow that follow each other become one large frame (virtio 1.2, 5.1.6.4;
// the rules are those of rtl/rx/README.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "sim/nic_model/controls.hpp"
#include "sim/nic_model/model_config.hpp"
#include "sim/nic_model/offload_rx.hpp"
#include "sim/nic_model/timeline.hpp"

namespace sim::nic_model {

struct ReceivedFrame {
  std::vector<std::byte> bytes;
  ReceiveMeta meta;
  std::size_t came = 0;  ///< bytes on the wire, of all its segments
};

class Coalescer {
 public:
  /// A frame that leaves.
  using Output = std::function<void(ReceivedFrame)>;
  /// A frame became part of an earlier one.
  using Merged = std::function<void()>;
  Coalescer(const ModelConfig& config, const Controls& controls, Timeline& timeline, Output output, Merged merged)
      : config_(config),
        controls_(controls),
        timeline_(timeline),
        output_(std::move(output)),
        merged_(std::move(merged)),
        flows_(config.coalesce_flows) {}

  /// `features`: what the driver accepted.
  void take(ReceivedFrame frame, std::uint64_t features);
  /// Everything leaves.
  void flush();

 private:
  struct Flow {
    ReceivedFrame frame;      ///< grows
    Packet packet;            ///< of its first segment
    std::size_t headers = 0;  ///< bytes in front of the payload
    std::size_t segment = 0;  ///< payload of the first one
    unsigned segments = 1;
    std::uint32_t next_sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint32_t next_identification = 0;
    unsigned microseconds = 0;  ///< since its first segment came
  };

  [[nodiscard]] std::size_t find(FrameView frame, const Packet& packet) const;
  [[nodiscard]] bool continues(const Flow& flow, FrameView frame, const Packet& packet) const;
  void begin(ReceivedFrame frame, const Packet& packet);
  void append(std::size_t place, FrameView frame, const Packet& packet);
  void leave(std::size_t place);
  void tick();

  const ModelConfig& config_;
  const Controls& controls_;
  Timeline& timeline_;
  Output output_;
  Merged merged_;
  std::vector<std::optional<Flow>> flows_;
  std::size_t victim_ = 0;  // which makes room next
  bool ticking_ = false;
};

}  // namespace sim::nic_model
