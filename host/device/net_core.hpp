// SPDX-License-Identifier: Apache-2.0
// One host's interfaces and the two crossings between drivers and protocols (Linux: net/core/dev.c).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "host/device/gro_packet.hpp"
#include "host/device/link_flags.hpp"
#include "host/device/net_device.hpp"
#include "host/device/rps.hpp"
#include "host/device/tap.hpp"
#include "host/device/vlan.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"

namespace host::device {

/// A protocol's entry: takes the packet, data at the network header.
using ProtocolHandler = std::function<void(kernel::Cpu&, skb::Skb&&)>;
/// What happens to an interface (Linux: NETDEV_REGISTER, NETDEV_UP, NETDEV_CHANGEADDR, NETDEV_CHANGE, NETDEV_DOWN,
/// NETDEV_UNREGISTER).
enum class DeviceEvent : std::uint8_t { registered, up, address_changed, flags_changed, down, unregistered };
/// Hears of every interface after it happened; down while the driver can still send.
using DeviceNotifier = std::function<void(kernel::Cpu&, NetDevice&, DeviceEvent)>;

class VirtualLinks;

class NetCore {
 public:
  /// All outlive it.
  NetCore(kernel::Kernel& kernel, skb::SkbPool& pool);
  ~NetCore();
  NetCore(const NetCore&) = delete;
  NetCore& operator=(const NetCore&) = delete;

  [[nodiscard]] kernel::Kernel& kernel() { return kernel_; }
  [[nodiscard]] skb::SkbPool& pool() { return pool_; }

  /// Gives the device its index. exists when the name is taken.
  [[nodiscard]] base::Result<void> register_device(NetDevice& dev);
  void unregister_device(NetDevice& dev);
  [[nodiscard]] NetDevice* device_by_name(std::string_view name);
  [[nodiscard]] NetDevice* device_by_index(unsigned ifindex);
  [[nodiscard]] const std::vector<NetDevice*>& devices() const { return devices_; }

  /// Linux: dev_set_mac_address. not_supported: lo has none; address_not_available: a group's, or none.
  [[nodiscard]] base::Result<void> set_address(kernel::Cpu& cpu, NetDevice& dev, const base::MacAddress& address);
  /// Those that are not as they are on most interfaces.
  [[nodiscard]] LinkFlags link_flags(const NetDevice& dev) const;
  void set_link_flags(kernel::Cpu& cpu, NetDevice& dev, const LinkFlags& flags);
  /// `ip link add`
  [[nodiscard]] VirtualLinks& links() { return *links_; }

  /// Linux: register_netdevice_notifier. Returns what remove_notifier takes.
  unsigned add_notifier(DeviceNotifier notifier);
  void remove_notifier(unsigned notifier);
  void notify(kernel::Cpu& cpu, NetDevice& dev, DeviceEvent event);

  /// Linux: dev_add_pack. One handler an EtherType; exists when taken.
  [[nodiscard]] base::Result<void> add_protocol(std::uint16_t ether_type, ProtocolHandler handler);
  void remove_protocol(std::uint16_t ether_type);
  /// Linux: dev_add_offload: what GRO asks about packets of that EtherType. exists when there is one.
  [[nodiscard]] base::Result<void> add_offload(std::uint16_t ether_type, GroOffload offload);
  void remove_offload(std::uint16_t ether_type) { offloads_.erase(ether_type); }
  /// Null when there is none.
  [[nodiscard]] const GroOffload* offload(std::uint16_t ether_type) const;
  /// Linux: dev_add_pack(ETH_P_ALL): sees every frame in either direction. Returns what Taps::remove takes.
  unsigned add_tap(TapHandler handler);
  void remove_tap(unsigned tap) { taps_.remove(tap); }
  [[nodiscard]] Taps& taps() { return taps_; }

  /// A driver hands up a frame, data at the Ethernet payload, after eth_type_trans(). Softirq context. Where RPS is on,
  /// another CPU may take it from here.
  void netif_receive_skb(kernel::Cpu& cpu, skb::Skb&& skb);
  /// A software interface hands over a packet likewise, from any context but hard IRQ: it waits in a backlog. False
  /// when it was dropped there. Linux: netif_rx.
  bool netif_rx(kernel::Cpu& cpu, skb::Skb skb);
  /// Gives a NAPI the number that its packets carry, so that who reads them can poll it. Never 0, never used again.
  unsigned add_napi(kernel::Napi& napi);
  void remove_napi(unsigned id) { napis_.erase(id); }
  /// Null when it has gone.
  [[nodiscard]] kernel::Napi* napi(unsigned id) const;
  /// `net.core.busy_read`: microseconds that a new socket's readers poll before they sleep.
  [[nodiscard]] std::int64_t busy_read() const { return busy_read_.value; }
  /// `net.core.busy_poll`: microseconds that an epoll polls before its waiter sleeps; 0: not at all.
  [[nodiscard]] std::int64_t busy_poll() const { return busy_poll_.value; }
  /// Packets that readers found by polling (TcpExt: BusyPollRxPackets).
  std::uint64_t busy_poll_rx_packets = 0;
  [[nodiscard]] Rps& rps() { return rps_; }
  [[nodiscard]] VlanTable& vlans() { return vlans_; }
  /// A complete frame, data at the Ethernet header, goes out through skb->dev. Any context but hard IRQ. What skb->dev
  /// does not do for it is done behind the qdisc; what fails there is a counted drop and no error. Errors (the packet
  /// is gone, counted): no_buffers the qdisc dropped it, network_down, invalid no whole Ethernet header.
  base::Result<void> dev_queue_xmit(kernel::Cpu& cpu, skb::Skb&& skb);
  /// A rule of tc sends a frame out through skb->dev, likewise; unless rules have done so too often on the way. Linux:
  /// tcf_mirred_act, MIRRED_RECURSION_LIMIT.
  void redirect(kernel::Cpu& cpu, skb::Skb skb);
  [[nodiscard]] bool may_redirect(const kernel::Cpu& cpu) const;
  /// NET_TX on `cpu` will run that qdisc of the device. Linux: __netif_schedule.
  void netif_schedule(kernel::Cpu& cpu, NetDevice& dev, qdisc::Qdisc& qdisc);
  /// It is about to go: NET_TX will not run it.
  void forget_qdisc(const qdisc::Qdisc& qdisc);
  /// 8001:, 8002: ... for qdiscs that are not given one (Linux: qdisc_alloc_handle).
  [[nodiscard]] qdisc::Handle next_qdisc_handle();
  /// net.core.default_qdisc
  [[nodiscard]] const std::string& default_qdisc() const { return default_qdisc_.value(); }
  /// Packets that one qdisc_run may send (Linux: dev_tx_weight).
  [[nodiscard]] std::int64_t tx_quota() const { return dev_weight_.value; }

 private:
  void receive_core(kernel::Cpu& cpu, skb::Skb&& skb);
  void receive_on(kernel::Cpu& cpu, skb::Skb& skb);
  void receive_protocol(kernel::Cpu& cpu, skb::Skb&& skb);
  struct Output {
    NetDevice* dev;
    qdisc::Qdisc* qdisc;
  };
  void net_tx_action(kernel::Cpu& cpu);
  /// Linux: __dev_xmit_skb.
  base::Result<void> enqueue(kernel::Cpu& cpu, skb::Skb&& skb);
  /// To a device without a queue.
  base::Result<void> transmit_at_once(kernel::Cpu& cpu, skb::Skb&& skb);

  kernel::Kernel& kernel_;
  skb::SkbPool& pool_;
  const kernel::Sysctl& dev_weight_;
  const kernel::SysctlWord& default_qdisc_;
  const kernel::Sysctl& busy_read_;
  const kernel::Sysctl& busy_poll_;
  std::map<unsigned, kernel::Napi*> napis_;
  unsigned last_napi_ = 0;
  std::vector<NetDevice*> devices_;
  unsigned last_ifindex_ = 0;
  using Protocol = std::pair<std::uint16_t, ProtocolHandler>;
  std::vector<Protocol> protocols_;  // a few, in the order in which they came
  std::map<unsigned, DeviceNotifier> notifiers_;
  unsigned last_notifier_ = 0;
  std::map<std::uint16_t, GroOffload> offloads_;
  Taps taps_;
  std::uint32_t last_qdisc_major_ = 0x8000;
  std::vector<std::deque<Output>> output_queues_;  // by CPU
  std::vector<unsigned> redirects_;                // by CPU: how many it is in
  Rps rps_;
  std::map<unsigned, LinkFlags> link_flags_;  // by index; most have the usual ones and are not in it
  VlanTable vlans_;
  std::unique_ptr<VirtualLinks> links_;
};

/// Reads the Ethernet header at data: sets mac header, protocol, packet type and dev, and pulls it.
/// False when there is no whole header. Linux: eth_type_trans.
[[nodiscard]] bool eth_type_trans(skb::SkBuff& skb, NetDevice& dev);

/// The transmit queue for a packet sent on `cpu`: the CPU's queues (XPS), else the queue it came in by, else its
/// flow's hash decides. Linux: netdev_pick_tx.
[[nodiscard]] unsigned pick_tx_queue(const NetDevice& dev, const skb::SkBuff& skb, unsigned cpu);

/// Fills in the checksum that SkBuff::request_checksum() asked for (the field holds the pseudo header's sum).
/// For devices without checksum offload. Linux: skb_checksum_help.
[[nodiscard]] base::Result<void> checksum_help(skb::SkBuff& skb);

}  // namespace host::device
