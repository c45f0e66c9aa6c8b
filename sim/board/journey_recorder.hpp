// SPDX-License-Identifier: Apache-2.0
// How long each frame stays in each stage between the wire and the socket, both ways.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/kernel/journey.hpp"
#include "sim/rtl_bridge/nic_engine.hpp"
#include "sim/wire/cable.hpp"

namespace sim::board {

/// X(name): the stages in the order of reception.
#define BOARD_STAGES(X) X(wire) X(MAC) X(buffer) X(DMA) X(ring) X(IRQ) X(softirq) X(stack) X(socket)
#define BOARD_STAGE_ITEM(name) name,
#define BOARD_STAGE_NAME(name) #name,
enum class Stage : std::uint8_t { BOARD_STAGES(BOARD_STAGE_ITEM) count };
inline constexpr std::size_t kStages = static_cast<std::size_t>(Stage::count);
inline constexpr std::array<std::string_view, kStages> kStageNames = {BOARD_STAGES(BOARD_STAGE_NAME)};

enum class Way : std::uint8_t { receive, transmit };

struct StageSummary {
  std::uint64_t frames = 0;
  std::int64_t p50_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t last_ns = 0;  ///< of the frame that left the stage last
};

/// Follows frames by their order, which every stage keeps. Frames that a full MAC FIFO lost leave no
/// event: the figures are then those of neighbours, and reliable() is false.
class JourneyRecorder final : public rtl_bridge::JourneyObserver, public host::kernel::JourneyObserver {
 public:
  explicit JourneyRecorder(Picoseconds propagation) : propagation_(propagation) {}

  /// To be called for what the cable observes.
  void on_wire(wire::Cable::Way way, Picoseconds start, Picoseconds end);
  void events(rtl_bridge::Domain domain, std::uint32_t bits, Picoseconds at) override;
  void step(const host::kernel::JourneyEvent& event) override;
  void drop(host::kernel::SkbId skb, host::base::DropReason reason, unsigned cpu,
            host::platform::Nanoseconds at) override;
  void derived(host::kernel::SkbId parent, host::kernel::SkbId child) override;

  [[nodiscard]] StageSummary summary(Way way, Stage stage) const;
  /// From the first bit on the wire to the socket or the answering layer, and back.
  [[nodiscard]] StageSummary total(Way way) const;
  [[nodiscard]] bool reliable() const { return reliable_; }

 private:
  struct Frame {
    Picoseconds first = 0;  // when its journey began
    Picoseconds last = 0;   // when it entered the stage where it is now
  };
  using Queue = std::deque<Frame>;
  using Samples = std::vector<Picoseconds>;

  void core_events(std::uint32_t bits, Picoseconds at);
  void receive_events(std::uint32_t bits, Picoseconds at);
  void transmit_events(std::uint32_t bits, Picoseconds at);
  void made(bool extra);
  void spend(Way way, Stage stage, Frame& frame, Picoseconds at);
  void advance(Way way, Stage stage, Queue& from, Queue* to, Picoseconds at);
  void discard(Queue& queue);
  void host_received(host::kernel::SkbId skb, Picoseconds at);
  void host_transmits(host::kernel::SkbId skb, Picoseconds at);
  void sending(host::kernel::SkbId skb, Stage stage, Picoseconds at);
  void arrived(host::kernel::SkbId skb, Stage stage, Picoseconds at);
  void end_reception(host::kernel::SkbId skb);
  void finish(Way way, const Frame& frame, Picoseconds at);
  [[nodiscard]] static StageSummary summarise(const Samples& samples);

  Picoseconds propagation_;
  bool reliable_ = true;
  Picoseconds hard_irq_ = -1;
  Queue in_mac_, in_buffer_, in_engine_, in_ring_, used_;                // receive
  Queue in_tx_ring_, in_tx_dma_, in_tx_buffer_, in_tx_cut_, in_tx_mac_;  // transmit
  Frame last_made_{};                                                    // of the buffer being cut
  std::unordered_map<host::kernel::SkbId, Frame> receiving_, sending_;
  std::array<std::array<Samples, kStages>, 2> samples_;
  std::array<Samples, 2> totals_;
};

}  // namespace sim::board
