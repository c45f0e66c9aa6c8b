// SPDX-License-Identifier: Apache-2.0
// `lo`: what is sent through it comes back (Linux: drivers/net/loopback.c).
#pragma once

#include <deque>

#include "host/device/net_core.hpp"
#include "host/kernel/napi.hpp"

namespace host::ip {

/// Its NAPI stands for the per-CPU backlog that Linux's loopback feeds. Holds at most kBacklog packets; then its queue
/// stops until the poll has caught up.
class Loopback final : private device::NetDeviceOps, private kernel::Napi {
 public:
  static constexpr std::uint32_t kMtu = 65'535;
  static constexpr std::size_t kBacklog = 1'000;

  explicit Loopback(device::NetCore& core);
  ~Loopback() override;

  [[nodiscard]] device::NetDevice& device() { return device_; }

 private:
  base::Result<void> open(kernel::Cpu& cpu, device::NetDevice& dev) override;
  void stop(kernel::Cpu& cpu, device::NetDevice& dev) override;
  device::TxResult start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, device::XmitMore more) override;
  int poll(kernel::Cpu& cpu, int budget) override;

  device::NetCore& core_;
  device::NetDevice device_;
  std::deque<skb::Skb> backlog_;
};

}  // namespace host::ip
