// SPDX-License-Identifier: Apache-2.0
// A network interface (Linux: struct net_device): what drivers fill in and layers above use.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/base/mac_address.hpp"
#include "host/base/result.hpp"
#include "host/device/byte_queue_limit.hpp"
#include "host/device/ingress_filter.hpp"
#include "host/device/rx_queue.hpp"
#include "host/device/xdp.hpp"
#include "host/kernel/cpu.hpp"
#include "host/kernel/cpu_mask.hpp"
#include "host/qdisc/qdisc.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

class EthtoolOps;
class NetCore;
class NetDevice;

inline constexpr std::uint32_t kEthernetHeaderBytes = 14;
inline constexpr std::uint32_t kDefaultTxQueueLen = 1000;  // DEFAULT_TX_QUEUE_LEN
inline constexpr std::uint32_t kMinMtu = 68;               // RFC 791

/// Linux: ARPHRD_*.
enum class HardwareType : std::uint16_t { ethernet = 1, loopback = 772 };

/// The driver's answer to a packet (Linux: netdev_tx_t).
enum class TxResult : std::uint8_t { ok, busy };
enum class XmitMore : std::uint8_t { no, yes };

/// Who runs an XDP program: the driver before it fills in the skb, or the stack (Linux: xdpgeneric).
enum class NativeXdp : std::uint8_t { no, yes };

/// What a driver implements (Linux: net_device_ops).
class NetDeviceOps {
 public:
  virtual ~NetDeviceOps() = default;
  virtual base::Result<void> open(kernel::Cpu& cpu, NetDevice& dev) = 0;
  /// The device is quiet afterwards: every skb given back, every mapping undone.
  virtual void stop(kernel::Cpu& cpu, NetDevice& dev) = 0;
  /// Softirqs are off; skb->queue_mapping names the transmit queue. Takes `skb` (and leaves it null), or
  /// answers busy and leaves it. With XmitMore::yes another packet of the queue follows at once: the
  /// doorbell may wait.
  virtual TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) = 0;
  /// The device is up and what it shall receive has changed (dev.promiscuous()). Any context.
  virtual void set_rx_mode(NetDevice&) {}
  /// A program is about to be attached (Linux: ndo_bpf, XDP_SETUP_PROG). yes: the driver runs it; no: the stack does.
  /// not_supported: as the device is set up now, frames are not what the program may see.
  virtual base::Result<NativeXdp> xdp_setup(NetDevice&) { return NativeXdp::no; }
  /// Whether it can send packets of that size now (Linux: ndo_change_mtu).
  virtual base::Result<void> change_mtu(NetDevice&, std::uint32_t) { return {}; }
};

/// What the device does for transmitted packets (Linux: NETIF_F_*); the stack does the rest in software.
struct TxOffloads {
  bool checksum = false;  // NETIF_F_HW_CSUM: one's-complement sum from csum_start, stored at csum_offset
  bool tso4 = false;
  bool tso6 = false;
  bool tso_ecn = false;  // segments of packets with CWR too
  bool uso = false;      // NETIF_F_GSO_UDP_L4
};

/// Linux: struct rtnl_link_stats64, the members in use.
struct LinkStats {
  std::uint64_t rx_packets = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t tx_bytes = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t tx_errors = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t tx_dropped = 0;
  std::uint64_t multicast = 0;
  std::uint64_t rx_length_errors = 0;
  std::uint64_t rx_frame_errors = 0;
  std::uint64_t rx_nohandler = 0;
  std::uint64_t tx_carrier_errors = 0;
};

/// What to do with a frame after an rx handler saw it (Linux: rx_handler_result_t).
enum class RxHandlerResult : std::uint8_t { consumed, pass };
/// Sees each received frame before protocol handlers, data at the Ethernet payload (restore(mac_offset())
/// gives the header back). consumed: it took the skb (left null).
using RxHandler = std::function<RxHandlerResult(kernel::Cpu&, skb::Skb&)>;

/// One transmit queue: its qdisc, and whether the driver takes packets (Linux: struct netdev_queue).
struct TxQueue {
  qdisc::Qdisc* qdisc = nullptr;  // the device's own, or its child for this queue
  bool stopped = false;           // by the driver (Linux: __QUEUE_STATE_DRV_XOFF)
  bool limited = false;           // by the byte queue limit (__QUEUE_STATE_STACK_XOFF)
  ByteQueueLimit bytes;
  std::uint64_t stops = 0;
  std::uint64_t wakes = 0;
};

class NetDevice {
 public:
  NetDevice(std::string name, base::MacAddress address, std::uint32_t mtu, NetDeviceOps& ops, unsigned tx_queues = 1);
  ~NetDevice();
  NetDevice(const NetDevice&) = delete;
  NetDevice& operator=(const NetDevice&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] unsigned ifindex() const { return ifindex_; }
  [[nodiscard]] const base::MacAddress& address() const { return address_; }
  [[nodiscard]] std::uint32_t mtu() const { return mtu_; }
  /// The MTU that it was made with.
  [[nodiscard]] std::uint32_t max_mtu() const { return max_mtu_; }
  /// Linux: dev_set_mtu. invalid: less than what IPv4 needs, or more than max_mtu(); and those of its driver. VLANs
  /// over it come down to it.
  [[nodiscard]] base::Result<void> set_mtu(std::uint32_t mtu);
  [[nodiscard]] HardwareType hardware_type() const { return hardware_type_; }
  void set_hardware_type(HardwareType type) { hardware_type_ = type; }
  /// Bytes of headroom that its driver likes in front of the Ethernet header.
  [[nodiscard]] std::uint32_t needed_headroom() const { return needed_headroom_; }
  void set_needed_headroom(std::uint32_t bytes) { needed_headroom_ = bytes; }
  /// The registry that it is part of; null before NetCore::register_device.
  [[nodiscard]] NetCore* core() const { return core_; }

  /// What `ethtool` asks the driver; null: its driver has nothing to say. Outlives the device.
  [[nodiscard]] EthtoolOps* ethtool_ops() const { return ethtool_ops_; }
  void set_ethtool_ops(EthtoolOps& ops) { ethtool_ops_ = &ops; }

  /// IFF_UP. Linux: dev_open, dev_close.
  [[nodiscard]] base::Result<void> open(kernel::Cpu& cpu);
  void close(kernel::Cpu& cpu);
  [[nodiscard]] bool is_up() const { return up_; }
  /// Whether there is a link is the driver's to say, up or down; at first there is. Each change is counted from the
  /// registration on, and VLANs over it follow. Linux: netif_carrier_on, netif_carrier_off.
  void carrier_on() { set_link(true); }
  void carrier_off() { set_link(false); }
  /// It is up and has a link.
  [[nodiscard]] bool carrier_ok() const { return up_ && link_; }
  [[nodiscard]] bool has_link() const { return link_; }
  [[nodiscard]] std::uint32_t carrier_ups() const { return carrier_ups_; }
  [[nodiscard]] std::uint32_t carrier_downs() const { return carrier_downs_; }
  /// IFF_PROMISC, or an rx handler wants to see every frame.
  [[nodiscard]] bool promiscuous() const { return promiscuity() != 0; }
  void set_promiscuous(bool on);
  /// One more who needs it promiscuous, or one less (Linux: dev_set_promiscuity).
  void hold_promiscuous(int change);
  /// How many do.
  [[nodiscard]] unsigned promiscuity() const {
    return promiscuity_ + (promiscuous_ ? 1U : 0U) + (rx_handler_ != nullptr ? 1U : 0U);
  }

  [[nodiscard]] const TxOffloads& offloads() const { return offloads_; }
  void set_offloads(const TxOffloads& offloads) { offloads_ = offloads; }

  /// `ethtool -K gro`, on at first; and when NAPIs give up what they hold.
  [[nodiscard]] bool gro() const { return gro_; }
  void set_gro(bool on) { gro_ = on; }
  [[nodiscard]] kernel::NapiDeferral& napi_deferral() { return napi_deferral_; }

  [[nodiscard]] unsigned tx_queues() const { return static_cast<unsigned>(queues_.size()); }
  /// Those that packets are given to; at least 1 (Linux: netif_set_real_num_tx_queues).
  [[nodiscard]] unsigned real_tx_queues() const { return real_tx_queues_; }
  void set_real_tx_queues(unsigned queues);
  /// The queues for packets sent on `cpu`; empty: all of them (`xps_cpus`, by CPU).
  void set_xps(unsigned cpu, std::vector<unsigned> queues);
  [[nodiscard]] const std::vector<unsigned>& xps(unsigned cpu) const;
  /// The CPUs that send through a queue, in ascending order: `xps_cpus`, by queue.
  void set_xps_cpus(unsigned queue, const kernel::CpuSet& cpus);
  [[nodiscard]] kernel::CpuSet xps_cpus(unsigned queue) const;
  /// As many as transmit queues.
  [[nodiscard]] std::vector<RxQueue>& rx_queues() { return rx_queues_; }
  [[nodiscard]] const std::vector<RxQueue>& rx_queues() const { return rx_queues_; }
  /// `txqueuelen`: what qdiscs take as their limit (pfifo_fast at once, others when they are made).
  void set_tx_queue_len(std::uint32_t packets);
  [[nodiscard]] std::uint32_t tx_queue_len() const { return tx_queue_len_; }

  /// Linux: netif_tx_stop_queue and netif_tx_wake_queue: between them nothing reaches start_xmit.
  void stop_queue(unsigned queue = 0);
  void wake_queue(kernel::Cpu& cpu, unsigned queue = 0);
  [[nodiscard]] bool queue_stopped(unsigned queue = 0) const { return queues_[queue].stopped; }

  /// What a driver tells of each queue, so that it has no more bytes than it needs: from the packet that is one too
  /// many to a completion nothing reaches start_xmit. A packet that another one follows is counted only. Linux:
  /// __netdev_tx_sent_queue, netdev_tx_completed_queue, netdev_tx_reset_queue.
  void tx_sent_queue(unsigned queue, std::uint32_t bytes, XmitMore more);
  void tx_completed_queue(kernel::Cpu& cpu, unsigned queue, std::uint64_t bytes);
  void tx_reset_queue(unsigned queue);
  [[nodiscard]] ByteQueueLimit& byte_queue_limit(unsigned queue = 0) { return queues_[queue].bytes; }
  /// For one reason or the other (Linux: netif_xmit_stopped).
  [[nodiscard]] bool xmit_stopped(unsigned queue = 0) const { return queues_[queue].stopped || queues_[queue].limited; }
  /// Of all queues together.
  [[nodiscard]] std::uint64_t queue_stops() const;
  [[nodiscard]] std::uint64_t queue_wakes() const;

  /// Linux: IFF_NO_QUEUE, of virtual devices: its default qdisc is noqueue. Before the first open().
  void set_no_queue() { no_queue_ = true; }
  /// The outermost qdisc (Linux: dev->qdisc); null before the first open(), which gives it the default one: noqueue,
  /// mq when it has several transmit queues, else net.core.default_qdisc.
  [[nodiscard]] qdisc::Qdisc* root_qdisc() { return root_.get(); }
  [[nodiscard]] const qdisc::Qdisc* root_qdisc() const { return root_.get(); }
  /// Another one; what the old one held is dropped. Process context.
  void set_root_qdisc(kernel::Cpu& cpu, std::unique_ptr<qdisc::Qdisc> root);
  /// Puts a qdisc into a class (null: the one that it had at first); what the old one held is dropped. Errors of
  /// Qdisc::graft. Process context, as the next.
  [[nodiscard]] base::Result<void> graft_qdisc(kernel::Cpu& cpu, qdisc::Qdisc& parent, std::uint32_t minor,
                                               std::unique_ptr<qdisc::Qdisc> child);
  /// `tc qdisc change` while no CPU sends from it. Errors of Qdisc::change.
  [[nodiscard]] base::Result<void> change_qdisc(kernel::Cpu& cpu, qdisc::Qdisc& qdisc, const qdisc::Options& options);
  /// What a qdisc for this device has to know of it; registered.
  [[nodiscard]] qdisc::Context qdisc_context() const;
  /// Where packets for a transmit queue wait; after the first open().
  [[nodiscard]] qdisc::Qdisc& qdisc(unsigned queue = 0) { return *queues_[queue].qdisc; }
  /// Of the outermost one, 0 before there is one.
  [[nodiscard]] std::size_t backlog_packets() const { return root_ ? root_->backlog_packets() : 0; }
  [[nodiscard]] qdisc::Stats qdisc_stats() const { return root_ ? root_->stats() : qdisc::Stats{}; }

  /// Linux: netdev_rx_handler_register, and what a bridge does with its port: it becomes promiscuous. Null takes the
  /// handler away and leaves the device as it is.
  void set_rx_handler(RxHandler handler);
  /// A program for every received frame; an empty one takes it away. Those of xdp_setup.
  [[nodiscard]] base::Result<void> set_xdp(XdpProgram program);
  [[nodiscard]] const XdpProgram& xdp() const { return xdp_; }
  [[nodiscard]] bool xdp_is_native() const { return native_xdp_ == NativeXdp::yes; }
  [[nodiscard]] XdpStats& xdp_stats() { return xdp_stats_; }
  /// `tc filter ... ingress`, and `... egress`, which is asked before the qdisc.
  [[nodiscard]] IngressFilter& ingress() { return ingress_; }
  [[nodiscard]] IngressFilter& egress() { return egress_; }
  [[nodiscard]] LinkStats& stats() { return stats_; }
  [[nodiscard]] const LinkStats& stats() const { return stats_; }
  [[nodiscard]] const TxQueue& tx_queue(unsigned queue) const { return queues_[queue]; }

 private:
  friend class NetCore;
  friend class QdiscRun;
  void set_link(bool on);
  [[nodiscard]] std::unique_ptr<qdisc::Qdisc> default_root() const;
  void attach(std::unique_ptr<qdisc::Qdisc> root);
  void point_queues();
  /// No CPU runs or fills any of them between the two (Linux: sch_tree_lock).
  void lock_qdiscs(kernel::Cpu& cpu);
  void unlock_qdiscs(kernel::Cpu& cpu);
  /// Waits until no CPU gives to it or sends from it; then drops what it holds.
  static void quiesce(kernel::Cpu& cpu, qdisc::Qdisc& qdisc);

  std::string name_;
  base::MacAddress address_;
  std::uint32_t mtu_;
  std::uint32_t max_mtu_;
  HardwareType hardware_type_ = HardwareType::ethernet;
  NetDeviceOps& ops_;
  unsigned ifindex_ = 0;
  std::uint32_t needed_headroom_ = 0;
  NetCore* core_ = nullptr;
  EthtoolOps* ethtool_ops_ = nullptr;
  bool up_ = false;
  bool link_ = true;
  std::uint32_t carrier_ups_ = 0;
  std::uint32_t carrier_downs_ = 0;
  bool promiscuous_ = false;
  unsigned promiscuity_ = 0;
  TxOffloads offloads_;
  bool gro_ = true;
  kernel::NapiDeferral napi_deferral_;
  RxHandler rx_handler_;
  XdpProgram xdp_;
  NativeXdp native_xdp_ = NativeXdp::no;
  XdpStats xdp_stats_;
  IngressFilter ingress_{base::DropReason::tc_ingress};
  IngressFilter egress_{base::DropReason::tc_egress};
  LinkStats stats_;
  bool no_queue_ = false;
  std::uint32_t tx_queue_len_ = kDefaultTxQueueLen;
  std::deque<TxQueue> queues_;
  std::unique_ptr<qdisc::Qdisc> root_;
  unsigned real_tx_queues_;
  std::vector<std::vector<unsigned>> xps_;  // by CPU
  std::vector<RxQueue> rx_queues_;
};

}  // namespace host::device
