// SPDX-License-Identifier: Apache-2.0
// The network interface of the peer host: no NIC, its driver puts frames straight on the cable.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "host/device/gro.hpp"
#include "sim/board/sim_irq_controller.hpp"
#include "sim/wire/cable.hpp"

namespace sim::board {

class PeerDevice final : public host::device::NetDeviceOps, public host::device::GroNapi, public wire::Peer {
 public:
  PeerDevice(host::device::NetCore& core, SimIrqController& irqs, wire::Cable& cable, host::base::MacAddress address,
             std::uint32_t mtu);
  ~PeerDevice() override;

  [[nodiscard]] host::device::NetDevice& device() { return device_; }

  host::base::Result<void> open(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  void stop(host::kernel::Cpu& cpu, host::device::NetDevice& dev) override;
  host::device::TxResult start_xmit(host::kernel::Cpu& cpu, host::device::NetDevice& dev, host::skb::Skb& skb,
                                    host::device::XmitMore more) override;
  int poll(host::kernel::Cpu& cpu, int budget) override;
  void arrived(std::vector<std::byte> bytes, wire::FrameSink::Verdict verdict) override;

 private:
  void receive(host::kernel::Cpu& cpu, const std::vector<std::byte>& bytes);
  void interrupt();

  host::device::NetCore& core_;
  SimIrqController& irqs_;
  wire::Cable& cable_;
  host::device::NetDevice device_;
  std::optional<unsigned> vector_;
  std::deque<std::vector<std::byte>> received_;
  unsigned sending_ = 0;  // frames that the line has not taken yet
  bool wake_ = false;     // the queue was stopped and there is room again
};

}  // namespace sim::board
