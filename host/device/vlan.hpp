// SPDX-License-Identifier: Apache-2.0
// Interfaces of a VLAN over another interface: eth0.5 (IEEE 802.1Q; Linux: net/8021q).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/device/net_device.hpp"

namespace host::device {

inline constexpr std::uint16_t kEtherTypeVlan = 0x8100;
inline constexpr std::uint32_t kVlanTagBytes = 4;
inline constexpr std::uint16_t kFirstVlan = 1;
inline constexpr std::uint16_t kLastVlan = 4094;

enum class DeviceEvent : std::uint8_t;

/// What it sends gets the tag and goes out of the real interface; what comes with the tag is its.
class VlanDevice final : private NetDeviceOps {
 public:
  VlanDevice(std::string name, NetDevice& real, std::uint16_t id);

  [[nodiscard]] NetDevice& device() { return device_; }
  [[nodiscard]] NetDevice& real() { return real_; }
  [[nodiscard]] std::uint16_t id() const { return id_; }

 private:
  base::Result<void> open(kernel::Cpu& cpu, NetDevice& dev) override;
  /// range: more than the real one's.
  base::Result<void> change_mtu(NetDevice& dev, std::uint32_t mtu) override;
  void stop(kernel::Cpu& cpu, NetDevice& dev) override;
  TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) override;
  /// With an address of its own it needs the real one promiscuous (Linux: dev_uc_add).
  void set_rx_mode(NetDevice& dev) override;

  NetDevice& real_;
  std::uint16_t id_;
  bool holds_promiscuous_ = false;
  NetDevice device_;
};

/// Those of one host.
class VlanTable {
 public:
  /// Registers `name` with the core of `real`. invalid: an identifier that is none; exists: it is taken over `real`, or
  /// the name is.
  [[nodiscard]] base::Result<NetDevice*> add(NetDevice& real, std::uint16_t id, std::string name);
  /// no_entry. The device is closed first.
  [[nodiscard]] base::Result<void> remove(kernel::Cpu& cpu, NetDevice& dev);
  /// All those over `real`, which is about to go.
  void remove_over(kernel::Cpu& cpu, const NetDevice& real);
  void clear(kernel::Cpu& cpu);
  [[nodiscard]] std::size_t size() const { return devices_.size(); }
  /// Null: it is none of them.
  [[nodiscard]] VlanDevice* find(const NetDevice& dev) const;

  /// What happens to the real interface: those over it go down with it, and all of them up. Linux: vlan_device_event.
  void hear(kernel::Cpu& cpu, const NetDevice& real, DeviceEvent event);
  /// The real interface has got its link or lost it. Linux: netif_stacked_transfer_operstate.
  void follow_link(const NetDevice& real);
  /// None is larger than the real interface.
  void follow_mtu(const NetDevice& real);

  /// Whose a tagged frame is, data at the tag; null: nobody's who is up.
  [[nodiscard]] NetDevice* device_of(const skb::SkBuff& skb) const;

 private:
  void destroy(kernel::Cpu& cpu, std::size_t place);

  std::vector<std::unique_ptr<VlanDevice>> devices_;
};

/// The VLAN of a tagged frame, data at the tag; 0: only a priority, or no whole tag.
[[nodiscard]] std::uint16_t vlan_id(const skb::SkBuff& skb);

/// Takes the tag out of a frame, data at the tag: the addresses move up to the EtherType that was tagged. invalid: no
/// whole tag; no_memory. Linux: skb_vlan_untag.
[[nodiscard]] base::Result<void> vlan_untag(skb::SkBuff& skb);

}  // namespace host::device
