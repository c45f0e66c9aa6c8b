// SPDX-License-Identifier: Apache-2.0
// The driver's answers to ethtool (Linux: virtnet_ethtool_ops).
#pragma once

#include "host/device/ethtool_ops.hpp"

namespace host::driver {

class VirtioNet;

class VirtioEthtool final : public device::EthtoolOps {
 public:
  /// The driver owns it.
  explicit VirtioEthtool(VirtioNet& net) : net_(net) {}

  [[nodiscard]] device::DriverInfo driver_info() const override;
  /// The driver's counters, then the NIC's own with `nic_` in front.
  [[nodiscard]] Counters statistics() override;
  [[nodiscard]] std::vector<device::DeviceFeature> features() const override;
  [[nodiscard]] base::Result<void> set_feature(std::string_view name, bool on) override;
  [[nodiscard]] base::Result<device::Coalesce> coalesce() override;
  [[nodiscard]] base::Result<void> set_coalesce(const device::Coalesce& coalesce) override;
  [[nodiscard]] base::Result<device::RingSizes> rings() override;
  [[nodiscard]] base::Result<void> set_rings(kernel::Cpu& cpu, const device::RingSizes& sizes) override;
  [[nodiscard]] base::Result<device::Channels> channels() override;
  [[nodiscard]] base::Result<void> set_channels(std::uint32_t pairs) override;
  [[nodiscard]] base::Result<device::RxFlowHash> rx_flow_hash() override;
  [[nodiscard]] base::Result<void> set_rx_flow_hash(const device::RxFlowHash& wanted) override;
  void add_hardware_stats(device::AllLinkStats& stats) const override;

 private:
  VirtioNet& net_;
};

}  // namespace host::driver
