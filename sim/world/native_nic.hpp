// SPDX-License-Identifier: Apache-2.0
// An interface without a NIC: its driver puts frames straight on the wire, as fast as the wire takes them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "host/device/gro.hpp"
#include "sim/board/report.hpp"
#include "sim/board/sim_irq_controller.hpp"
#include "sim/world/wire.hpp"

namespace sim::world {

/// One queue each way, an interrupt, NAPI; no PCIe, no DMA, no offloads.
class NativeNic final : public host::device::NetDeviceOps, public host::device::GroNapi, public Attachment {
 public:
  NativeNic(host::device::NetCore& core, board::SimIrqController& irqs, Wire& wire, unsigned end, const PortPlan& plan,
            host::base::MacAddress address);
  ~NativeNic() override;

  [[nodiscard]] host::device::NetDevice& device() { return device_; }
  /// Reads nothing but counters; says what does not add up against the wire.
  void report(board::Report& report, const std::string& group) const;

  host::base::Result<void> open(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  void stop(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  host::device::TxResult start_xmit(host::kernel::Cpu& cpu, host::device::NetDevice& dev, host::skb::Skb& skb,
                                    host::device::XmitMore more) override;
  int poll(host::kernel::Cpu& cpu, int budget) override;
  void frame_arrives(FrameBytes frame, bool intact) override;

 private:
  void receive(host::kernel::Cpu& cpu, const FrameBytes& bytes);
  void interrupt();

  host::device::NetCore& core_;
  board::SimIrqController& irqs_;
  Wire& wire_;
  unsigned end_;
  unsigned ring_;
  host::device::NetDevice device_;
  std::optional<unsigned> vector_;
  std::deque<FrameBytes> received_;
  unsigned sending_ = 0;  // frames that the line has not taken yet
  bool wake_ = false;     // the queue was stopped and there is room again
  struct {
    std::uint64_t missed = 0;  // the interface was down
    std::uint64_t bad_fcs = 0;
    std::uint64_t ring_full = 0;
    std::uint64_t no_memory = 0;
  } rx_;
};

}  // namespace sim::world
