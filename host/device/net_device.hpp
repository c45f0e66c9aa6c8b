// SPDX-License-Identifier: Apache-2.0
// A network interface (Linux: struct net_device): what drivers fill in and layers above use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/base/mac_address.hpp"
#include "host/base/result.hpp"
#include "host/device/qdisc.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb.hpp"

namespace host::device {

class NetCore;
class NetDevice;

inline constexpr std::uint32_t kEthernetHeaderBytes = 14;

/// The driver's answer to a packet (Linux: netdev_tx_t).
enum class TxResult : std::uint8_t { ok, busy };
enum class XmitMore : std::uint8_t { no, yes };

/// What a driver implements (Linux: net_device_ops).
class NetDeviceOps {
 public:
  virtual ~NetDeviceOps() = default;
  virtual base::Result<void> open(kernel::Cpu& cpu, NetDevice& dev) = 0;
  /// The device is quiet afterwards: every skb given back, every mapping undone.
  virtual void stop(kernel::Cpu& cpu, NetDevice& dev) = 0;
  /// Softirqs are off. Takes `skb` (and leaves it null), or answers busy and leaves it. With
  /// XmitMore::yes another packet follows at once: the doorbell may wait.
  virtual TxResult start_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb& skb, XmitMore more) = 0;
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
  std::uint64_t rx_nohandler = 0;
  std::uint64_t tx_carrier_errors = 0;
};

/// What to do with a frame after an rx handler saw it (Linux: rx_handler_result_t).
enum class RxHandlerResult : std::uint8_t { consumed, pass };
/// Sees each received frame before protocol handlers, data at the Ethernet payload (restore(mac_offset())
/// gives the header back). consumed: it took the skb (left null).
using RxHandler = std::function<RxHandlerResult(kernel::Cpu&, skb::Skb&)>;

class NetDevice {
 public:
  NetDevice(std::string name, base::MacAddress address, std::uint32_t mtu, NetDeviceOps& ops);
  ~NetDevice();
  NetDevice(const NetDevice&) = delete;
  NetDevice& operator=(const NetDevice&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] unsigned ifindex() const { return ifindex_; }
  [[nodiscard]] const base::MacAddress& address() const { return address_; }
  [[nodiscard]] std::uint32_t mtu() const { return mtu_; }
  /// Bytes of headroom that its driver likes in front of the Ethernet header.
  [[nodiscard]] std::uint32_t needed_headroom() const { return needed_headroom_; }
  void set_needed_headroom(std::uint32_t bytes) { needed_headroom_ = bytes; }
  /// The registry that it is part of; null before NetCore::register_device.
  [[nodiscard]] NetCore* core() const { return core_; }

  /// IFF_UP. Linux: dev_open, dev_close.
  [[nodiscard]] base::Result<void> open(kernel::Cpu& cpu);
  void close(kernel::Cpu& cpu);
  [[nodiscard]] bool is_up() const { return up_; }
  void carrier_on() { carrier_ = true; }
  void carrier_off() { carrier_ = false; }
  [[nodiscard]] bool carrier_ok() const { return carrier_; }
  [[nodiscard]] bool promiscuous() const { return promiscuous_; }
  void set_promiscuous(bool on) { promiscuous_ = on; }

  /// Linux: netif_tx_stop_queue and netif_tx_wake_queue: between them nothing reaches start_xmit.
  void stop_queue();
  void wake_queue(kernel::Cpu& cpu);
  [[nodiscard]] bool queue_stopped() const { return queue_stopped_; }
  [[nodiscard]] std::uint64_t queue_stops() const { return queue_stops_; }
  [[nodiscard]] std::uint64_t queue_wakes() const { return queue_wakes_; }

  void set_rx_handler(RxHandler handler) { rx_handler_ = std::move(handler); }
  [[nodiscard]] LinkStats& stats() { return stats_; }
  [[nodiscard]] const LinkStats& stats() const { return stats_; }
  [[nodiscard]] PfifoQdisc& qdisc() { return qdisc_; }

 private:
  friend class NetCore;
  friend void qdisc_run(kernel::Cpu& cpu, NetDevice& dev);

  std::string name_;
  base::MacAddress address_;
  std::uint32_t mtu_;
  NetDeviceOps& ops_;
  unsigned ifindex_ = 0;
  std::uint32_t needed_headroom_ = 0;
  NetCore* core_ = nullptr;
  bool up_ = false;
  bool carrier_ = false;
  bool promiscuous_ = false;
  bool queue_stopped_ = false;
  std::uint64_t queue_stops_ = 0;
  std::uint64_t queue_wakes_ = 0;
  RxHandler rx_handler_;
  LinkStats stats_;
  PfifoQdisc qdisc_;
};

}  // namespace host::device
