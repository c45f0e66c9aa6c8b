// SPDX-License-Identifier: Apache-2.0
// The network driver (virtio 1.2 section 5.1; Linux: drivers/net/virtio_net.c): one receive and one transmit queue.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/driver/virtio_transport.hpp"
#include "host/driver/virtqueue.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"

namespace host::driver {

struct VirtioNetOptions {
  std::string name = "eth0";
  unsigned rx_ring = 256;  // descriptors wanted; the device's limit caps them
  unsigned tx_ring = 256;
  unsigned irq_cpu = 0;
  /// Used when the device does not bring an address.
  base::MacAddress fallback_address{{0x02, 0, 0, 0, 0, 0x01}};
};

/// The driver's own counters (`ethtool -S`).
struct VirtioNetStats {
  std::uint64_t rx_interrupts = 0;
  std::uint64_t tx_interrupts = 0;
  std::uint64_t config_interrupts = 0;
  std::uint64_t rx_polls = 0;
  std::uint64_t tx_polls = 0;
  std::uint64_t rx_kicks = 0;
  std::uint64_t tx_kicks = 0;
  std::uint64_t napi_rearms = 0;      // a poll was scheduled again by the re-check after it completed
  std::uint64_t refill_failures = 0;  // no skb for the receive ring
  std::uint64_t refill_retries = 0;   // the ring was empty and a timer tried again
  std::uint64_t tx_linearized = 0;    // a packet had more pieces than the ring had room for
  std::uint64_t ring_faults = 0;      // the device wrote nonsense into a ring: it is broken
  std::uint64_t needs_reset = 0;      // the device asked for a reset
  std::uint64_t reset_failures = 0;   // a reset did not finish
};

/// The MSI-X table entries that this driver uses.
enum class MsixEntry : unsigned { config = 0, rx = 1, tx = 2 };
inline constexpr unsigned kMsixEntries = 3;

class VirtioNet final : public device::NetDeviceOps {
 public:
  /// Finds, negotiates and registers `options.name`; the interface is down. Errors: those of
  /// VirtioTransport::create and negotiate, no_memory, range for an MTU that virtio forbids.
  [[nodiscard]] static base::Result<std::unique_ptr<VirtioNet>> probe(kernel::Cpu& cpu, device::NetCore& core,
                                                                      platform::PciDevice& pci,
                                                                      VirtioNetOptions options = {});
  /// Linux: virtnet_remove, but the device is not touched: an interface that is still up loses its power.
  /// Kernel::terminate_processes() was called and no CPU runs any more.
  ~VirtioNet() override;
  VirtioNet(const VirtioNet&) = delete;
  VirtioNet& operator=(const VirtioNet&) = delete;

  [[nodiscard]] device::NetDevice& netdev() { return *netdev_; }
  [[nodiscard]] Features features() const { return features_; }
  [[nodiscard]] VirtioTransport& transport() { return transport_; }
  [[nodiscard]] bool broken() const { return broken_; }
  /// Null while down.
  [[nodiscard]] const Virtqueue* rx_ring() const { return rx_.ring.get(); }
  [[nodiscard]] const Virtqueue* tx_ring() const { return tx_.ring.get(); }
  /// The platform vector behind an entry (what /proc/interrupts lists).
  [[nodiscard]] unsigned vector(MsixEntry entry) const { return vectors_[static_cast<unsigned>(entry)]; }

  // --- device::NetDeviceOps
  base::Result<void> open(kernel::Cpu& cpu, device::NetDevice& dev) override;
  void stop(kernel::Cpu& cpu, device::NetDevice& dev) override;
  device::TxResult start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, device::XmitMore more) override;

  /// `ethtool -G`: other ring sizes, by queue reset when up and negotiated, else by close and open.
  [[nodiscard]] base::Result<void> resize_rings(kernel::Cpu& cpu, unsigned rx, unsigned tx);
  /// `smp_affinity`: later interrupts of the entry go to CPU `target`.
  void set_affinity(MsixEntry entry, unsigned target);

  [[nodiscard]] const VirtioNetStats& stats() const { return stats_; }
  /// The same by name, the rings' counters included.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> statistics() const;
  /// The device's own counters by name (contract: STAT_*), read through its BAR. Blocks; empty for
  /// another vendor's device.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> device_statistics() const;

 private:
  struct Mapping {
    platform::DmaAddress address = 0;
    std::uint32_t length = 0;
  };
  struct RxSlot {
    skb::Skb skb;
    Mapping mapping;
  };
  /// Header piece, linear part, fragments.
  static constexpr std::size_t kMaxPieces = 2 + skb::kMaxFragments;
  struct TxSlot {
    skb::Skb skb;
    std::array<Mapping, kMaxPieces> mappings;
    std::size_t count = 0;
    std::uint32_t frame_bytes = 0;
  };
  struct RxQueue {
    std::unique_ptr<Virtqueue> ring;
    std::vector<RxSlot> slots;  // by buffer id
  };
  struct TxQueue {
    std::unique_ptr<Virtqueue> ring;
    std::vector<TxSlot> slots;           // by buffer id
    platform::DmaAddress no_header = 0;  // an all-zero virtio_net_hdr, for packets without headroom
  };
  class RxNapi;
  class TxNapi;

  VirtioNet(device::NetCore& core, VirtioTransport transport, VirtioNetOptions options);
  // virtio_net_probe.cpp
  [[nodiscard]] base::Result<void> negotiate();
  [[nodiscard]] base::Result<void> read_identity();
  [[nodiscard]] base::Result<void> request_vectors();
  kernel::Task<void> config_worker(kernel::Process& self);
  void config_interrupt(kernel::Cpu& cpu);
  void update_link();
  void mark_broken();
  // virtio_net_open.cpp
  [[nodiscard]] base::Result<void> create_rx();
  [[nodiscard]] base::Result<void> create_tx();
  void start_rx(kernel::Cpu& cpu);
  void start_tx(kernel::Cpu& cpu);
  void release_rx();
  void release_tx(kernel::Cpu& cpu);
  [[nodiscard]] base::Result<void> replace_rx(kernel::Cpu& cpu);
  [[nodiscard]] base::Result<void> replace_tx(kernel::Cpu& cpu);
  // virtio_net_receive.cpp
  void rx_interrupt(kernel::Cpu& cpu);
  int poll_rx(kernel::Cpu& cpu, int budget);
  void receive(kernel::Cpu& cpu, UsedBuffer used);
  void refill(kernel::Cpu& cpu);
  void kick_rx(kernel::Cpu& cpu);
  void arm_rx(kernel::Cpu& cpu);
  // virtio_net_transmit.cpp
  void tx_interrupt(kernel::Cpu& cpu);
  int poll_tx(kernel::Cpu& cpu, int budget);
  int reclaim(kernel::Cpu& cpu, int budget);
  [[nodiscard]] bool fit(skb::SkBuff& skb);
  void enqueue(skb::Skb skb);
  void after_enqueue(kernel::Cpu& cpu, device::XmitMore more, kernel::SkbId id);
  void wake_if_room(kernel::Cpu& cpu);
  [[nodiscard]] unsigned stop_threshold() const;
  /// The longest frame in either direction: MTU, Ethernet header and one VLAN tag.
  [[nodiscard]] std::uint32_t max_frame_bytes() const { return mtu_ + device::kEthernetHeaderBytes + 4; }

  device::NetCore& core_;
  kernel::Kernel& kernel_;
  platform::DmaMemory& dma_;
  VirtioTransport transport_;
  VirtioNetOptions options_;
  Features features_ = 0;
  std::uint32_t mtu_ = 0;
  base::MacAddress address_;
  std::array<unsigned, kMsixEntries> vectors_{};
  unsigned vectors_taken_ = 0;
  std::unique_ptr<device::NetDevice> netdev_;
  std::unique_ptr<RxNapi> rx_napi_;
  std::unique_ptr<TxNapi> tx_napi_;
  RxQueue rx_;  // owned by: rx NAPI while up
  TxQueue tx_;  // owned by: whoever runs the qdisc, and tx NAPI, between charges
  std::span<std::byte> no_header_;
  kernel::WaitQueue config_wait_;
  bool config_pending_ = false;
  kernel::Timer refill_timer_;
  bool broken_ = false;
  VirtioNetStats stats_;
};

/// How NAPI reaches the two queues.
class VirtioNet::RxNapi final : public kernel::Napi {
 public:
  explicit RxNapi(VirtioNet& net) : Napi(net.options_.name + "-rx-0"), net_(net) {}
  int poll(kernel::Cpu& cpu, int budget) override { return net_.poll_rx(cpu, budget); }

 private:
  VirtioNet& net_;
};

class VirtioNet::TxNapi final : public kernel::Napi {
 public:
  explicit TxNapi(VirtioNet& net) : Napi(net.options_.name + "-tx-0"), net_(net) {}
  int poll(kernel::Cpu& cpu, int budget) override { return net_.poll_tx(cpu, budget); }

 private:
  VirtioNet& net_;
};

}  // namespace host::driver
