// SPDX-License-Identifier: Apache-2.0
// Two interfaces with a cable between them (Linux: drivers/net/veth.c): what one sends the other receives.
#pragma once

#include <array>
#include <string>

#include "host/device/net_device.hpp"

namespace host::device {

class VethPair {
 public:
  struct End {
    std::string name;
    base::MacAddress address;
  };

  /// Both are registered with the core, which outlives them, and down. exists: a name is taken.
  [[nodiscard]] static base::Result<std::unique_ptr<VethPair>> create(NetCore& core, const End& one, const End& other,
                                                                      std::uint32_t mtu = 1500);

  [[nodiscard]] NetDevice& device(unsigned end) { return ports_[end].device; }

 private:
  class Port final : public NetDeviceOps {
   public:
    Port(const End& end, std::uint32_t mtu);
    base::Result<void> open(kernel::Cpu& cpu, NetDevice& dev) override;
    void stop(kernel::Cpu& cpu, NetDevice& dev) override;
    TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) override;

    NetDevice device;
    NetDevice* peer = nullptr;
  };

  VethPair(const End& one, const End& other, std::uint32_t mtu);

  std::array<Port, 2> ports_;
};

}  // namespace host::device
