// SPDX-License-Identifier: Apache-2.0
// A host with two interfaces whose frames go nowhere: what was sent is kept, what is received is given in by hand.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "host/base/byte_order.hpp"
#include "host/device/net_core.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

using WireFrame = std::vector<std::byte>;

inline constexpr host::base::MacAddress kWireMac{{2, 0, 0, 0, 0, 1}};
inline constexpr host::base::MacAddress kFarMac{{2, 0, 0, 0, 0, 9}};

/// One interface.
class WirePort final : public host::device::NetDeviceOps {
 public:
  explicit WirePort(std::string name) : device(std::move(name), kWireMac, 1500, *this) {}
  host::base::Result<void> open(host::kernel::Cpu&, host::device::NetDevice& dev) override {
    dev.carrier_on();
    return {};
  }
  void stop(host::kernel::Cpu&, host::device::NetDevice&) override {}
  host::device::TxResult start_xmit(host::kernel::Cpu&, host::device::NetDevice&, host::skb::Skb& skb,
                                    host::device::XmitMore) override {
    sent.emplace_back(skb->len());
    REQUIRE(skb->copy_bits(0, sent.back()));
    skb.reset();
    return host::device::TxResult::ok;
  }
  host::device::NetDevice device;
  std::vector<WireFrame> sent;
};

/// To us, from far away: an EtherType and a payload that counts up.
[[nodiscard]] inline WireFrame wire_frame(std::uint16_t ether_type, std::size_t bytes = 60) {
  WireFrame frame(bytes);
  kWireMac.store(frame, 0);
  kFarMac.store(frame, 6);
  host::base::store_be16(frame, 12, ether_type);
  for (std::size_t i = 14; i < bytes; ++i) frame[i] = static_cast<std::byte>(i);
  return frame;
}

/// The same with a tag of 802.1Q.
[[nodiscard]] inline WireFrame tagged(WireFrame frame, std::uint16_t tci) {
  frame.insert(frame.begin() + 12, 4, std::byte{0});
  host::base::store_be16(frame, 12, 0x8100);
  host::base::store_be16(frame, 14, tci);
  return frame;
}

struct WireWorld {
  WireWorld() : kernel(machine.machine()), pool(kernel), core(kernel, pool) {
    for (WirePort* port : {&eth0, &eth1}) {
      REQUIRE(core.register_device(port->device).ok());
      REQUIRE(port->device.open(cpu()).ok());
    }
    REQUIRE(core.add_protocol(0x800,
                              [this](host::kernel::Cpu&, host::skb::Skb skb) {
                                WireFrame whole(skb->len() + skb->mac_offset());
                                taken_by.push_back(skb->dev->name());
                                skb->restore(skb->mac_offset());
                                REQUIRE(skb->copy_bits(0, whole));
                                taken.push_back(std::move(whole));
                              })
                .ok());
  }
  ~WireWorld() {
    for (WirePort* port : {&eth0, &eth1}) port->device.close(cpu());
  }
  host::kernel::Cpu& cpu() { return kernel.cpu(0); }
  /// As a driver makes it of what came.
  [[nodiscard]] host::skb::Skb made(WirePort& port, const WireFrame& frame) {
    host::skb::Skb skb = pool.allocate(static_cast<std::uint32_t>(frame.size()));
    std::ranges::copy(frame, skb->put(static_cast<std::uint32_t>(frame.size())).begin());
    REQUIRE(eth_type_trans(*skb, port.device));
    return skb;
  }
  void receive(host::skb::Skb skb) {
    const host::kernel::BottomHalfGuard guard(cpu());
    core.netif_receive_skb(cpu(), std::move(skb));
  }
  void receive(WirePort& port, const WireFrame& frame) { receive(made(port, frame)); }
  [[nodiscard]] std::uint64_t drops(host::base::DropReason reason) { return kernel.drops()[reason]; }

  FakeMachine machine;
  host::kernel::Kernel kernel;
  host::skb::SkbPool pool;
  host::device::NetCore core;
  WirePort eth0{"eth0"};
  WirePort eth1{"eth1"};
  std::vector<WireFrame> taken;  // by the protocol of EtherType 0x800, from the Ethernet header on
  std::vector<std::string> taken_by;
};

}  // namespace host_test
