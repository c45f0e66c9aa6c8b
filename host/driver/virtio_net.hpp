// SPDX-License-Identifier: Apache-2.0
// The network driver (virtio 1.2 section 5.1; Linux: drivers/net/virtio_net.c): any number of queue pairs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/driver/nic_control.hpp"
#include "host/driver/virtio_ethtool.hpp"
#include "host/driver/virtio_net_header.hpp"
#include "host/driver/virtio_net_queues.hpp"
#include "host/driver/virtio_transport.hpp"
#include "host/kernel/kernel.hpp"
#include "host/skb/pool.hpp"

namespace host::driver {

/// How the device's interrupts come: a vector for each queue, one for all, or the pin's line.
enum class InterruptMode : std::uint8_t { per_queue, shared, intx };

struct VirtioNetOptions {
  std::string name = "eth0";
  std::string bus_name = "virtio0";  // in /proc/interrupts
  unsigned rx_ring = 256;            // descriptors wanted; the device's limit caps them
  unsigned tx_ring = 256;
  unsigned queue_pairs = 64;                            // wanted; the device's limit and the CPUs cap them
  RingKind ring = RingKind::packed;                     // preferred; split when the device has no packed rings
  Features features_off = 0;                            // never accepted
  InterruptMode interrupts = InterruptMode::per_queue;  // preferred; the next one when that cannot be had
  unsigned rx_buffer = 0;  // bytes of mergeable receive buffers, header included; 0: a whole frame
  Coalesce coalesce = {};  // of every pair
  unsigned lro_usecs = 8;  // a TCP segment waits so long for the next one of its flow; 0: large receive is off
  bool napi = true;        // false: each packet interrupts, and waits in its CPU's backlog, as before there was NAPI
  unsigned irq_cpu = 0;    // of the configuration interrupt and its worker
  /// Used when the device does not bring an address.
  base::MacAddress fallback_address{{0x02, 0, 0, 0, 0, 0x01}};
};

/// The driver's own counters (`ethtool -S`), all queues together.
struct VirtioNetStats {
  std::uint64_t rx_interrupts = 0;
  std::uint64_t tx_interrupts = 0;
  std::uint64_t config_interrupts = 0;
  std::uint64_t unclaimed_interrupts = 0;  // of a shared vector: nothing was there
  std::uint64_t rx_polls = 0;
  std::uint64_t tx_polls = 0;
  std::uint64_t rx_kicks = 0;
  std::uint64_t tx_kicks = 0;
  std::uint64_t napi_rearms = 0;      // a poll was scheduled again by the re-check after it completed
  std::uint64_t refill_failures = 0;  // no skb for a receive ring
  std::uint64_t refill_retries = 0;   // a ring was empty and a timer tried again
  std::uint64_t rx_merged = 0;        // packets of more than one buffer
  std::uint64_t rx_bad_merges = 0;    // packets whose buffers were fewer, or more, than may be
  std::uint64_t rx_gso_packets = 0;   // large packets received
  std::uint64_t rx_csum_good = 0;     // packets whose checksum the device checked
  std::uint64_t rx_hashed = 0;        // packets that came with the device's hash
  std::uint64_t tx_gso_packets = 0;   // large packets handed to the device
  std::uint64_t tx_csum_packets = 0;  // packets whose checksum the device completes
  std::uint64_t tx_linearized = 0;    // a packet had more pieces than the ring had room for, or a frag list
  std::uint64_t ring_faults = 0;      // the device wrote nonsense into a ring: it is broken
  std::uint64_t needs_reset = 0;      // the device asked for a reset
  std::uint64_t queue_resets = 0;     // queues that were reset while the interface was up
  std::uint64_t reset_failures = 0;   // a reset did not finish
};

class VirtioNet final : public device::NetDeviceOps {
 public:
  using Counters = std::vector<std::pair<std::string, std::uint64_t>>;

  /// Finds, negotiates and registers `options.name`; the interface is down. Errors: those of
  /// VirtioTransport::create and negotiate, no_memory, range for an MTU that virtio forbids, not_supported when no
  /// interrupt can be had.
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
  /// As they are now: ethtool changes some.
  [[nodiscard]] const VirtioNetOptions& options() const { return options_; }
  [[nodiscard]] VirtioTransport& transport() { return transport_; }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] unsigned queue_pairs() const { return static_cast<unsigned>(rx_.size()); }
  /// Null while down.
  [[nodiscard]] const Virtqueue* rx_ring(unsigned pair = 0) const { return rx_[pair]->ring.get(); }
  [[nodiscard]] const Virtqueue* tx_ring(unsigned pair = 0) const { return tx_[pair]->ring.get(); }
  [[nodiscard]] InterruptMode interrupt_mode() const { return interrupt_mode_; }
  /// The platform's vectors: the first is the configuration's, then each queue's; or all queues'; or one for all.
  [[nodiscard]] const std::vector<unsigned>& vectors() const { return vectors_; }
  /// Filters, RSS and interrupt moderation; null when the device is no cosnic with a control window.
  [[nodiscard]] NicControl* control() { return control_ ? &*control_ : nullptr; }

  // --- device::NetDeviceOps
  base::Result<void> open(kernel::Cpu& cpu, device::NetDevice& dev) override;
  void stop(kernel::Cpu& cpu, device::NetDevice& dev) override;
  device::TxResult start_xmit(kernel::Cpu& cpu, device::NetDevice& dev, skb::Skb& skb, device::XmitMore more) override;
  void set_rx_mode(device::NetDevice& dev) override;
  base::Result<device::NativeXdp> xdp_setup(device::NetDevice& dev) override;

  /// `ethtool -G`: other ring sizes, by queue reset when up and negotiated, else by close and open.
  [[nodiscard]] base::Result<void> resize_rings(kernel::Cpu& cpu, unsigned rx, unsigned tx);
  /// `ethtool -L`: how many pairs are used, of those that were probed. invalid.
  [[nodiscard]] base::Result<void> set_channels(unsigned pairs);
  [[nodiscard]] unsigned channels() const { return channels_; }
  /// `ethtool -X`: stays over close and open. invalid; network_down: nobody is there to take it.
  [[nodiscard]] base::Result<void> set_rss(const Rss& rss);
  /// `ethtool -C`: interrupt moderation of all pairs; without a control window it does nothing.
  void set_coalesce(const Coalesce& coalesce);
  /// `ethtool -K lro`: VirtioNetOptions::lro_usecs; without a control window it does nothing.
  void set_lro_usecs(unsigned usecs);
  /// `smp_affinity`: later interrupts of the vector with that index go to CPU `target`.
  void set_affinity(unsigned index, unsigned target);

  [[nodiscard]] VirtioNetStats stats() const;
  [[nodiscard]] const QueueStats& rx_stats(unsigned pair) const { return rx_[pair]->stats; }
  [[nodiscard]] const QueueStats& tx_stats(unsigned pair) const { return tx_[pair]->stats; }
  /// The same by name, the rings' counters included, then queue by queue ("rx0_packets").
  [[nodiscard]] Counters statistics() const;
  /// The device's own counters by name (contract: STAT_*), read through its BAR. Blocks; empty for
  /// another vendor's device.
  [[nodiscard]] Counters device_statistics() const;
  void add_hardware_stats(device::AllLinkStats& stats) const;

 private:
  VirtioNet(device::NetCore& core, VirtioTransport transport, VirtioNetOptions options);
  // virtio_net_probe.cpp
  [[nodiscard]] base::Result<void> negotiate();
  [[nodiscard]] base::Result<void> read_identity();
  void create_queues(unsigned pairs);
  void register_netdev();
  kernel::Task<void> config_worker(kernel::Process& self);
  void update_link();
  void mark_broken();
  void check_ring(const Virtqueue& ring);
  // virtio_net_interrupts.cpp
  [[nodiscard]] base::Result<void> request_interrupts();
  [[nodiscard]] base::Result<void> request_messages(InterruptMode mode);
  [[nodiscard]] base::Result<void> request_line();
  [[nodiscard]] base::Result<void> take_vector(std::optional<unsigned> vector, std::string suffix,
                                               std::function<void(kernel::Cpu&)> handler, unsigned cpu);
  void free_vectors();
  /// The MSI-X entry of a queue, by virtio's number.
  [[nodiscard]] std::optional<unsigned> msix_entry(unsigned queue) const;
  void config_interrupt(kernel::Cpu& cpu);
  void queues_interrupt(kernel::Cpu& cpu);
  void line_interrupt(kernel::Cpu& cpu);
  void rx_interrupt(kernel::Cpu& cpu, RxQueue& queue);
  void receive_in_interrupt(kernel::Cpu& cpu, RxQueue& queue);
  void tx_interrupt(kernel::Cpu& cpu, TxRing& queue);
  // virtio_net_open.cpp
  void configure(NicControl& control);
  [[nodiscard]] base::Result<std::unique_ptr<Virtqueue>> create_ring(unsigned queue, unsigned wanted, unsigned pieces);
  [[nodiscard]] base::Result<void> create_rx(RxQueue& queue);
  [[nodiscard]] base::Result<void> create_tx(TxRing& queue);
  void start_rx(kernel::Cpu& cpu, RxQueue& queue);
  void start_tx(kernel::Cpu& cpu, TxRing& queue);
  void release_rx(RxQueue& queue);
  void release_tx(kernel::Cpu& cpu, TxRing& queue);
  void release_all(kernel::Cpu& cpu);
  [[nodiscard]] base::Result<void> replace_rx(kernel::Cpu& cpu, RxQueue& queue);
  [[nodiscard]] base::Result<void> replace_tx(kernel::Cpu& cpu, TxRing& queue);
  // virtio_net_receive.cpp
  int poll_rx(kernel::Cpu& cpu, RxQueue& queue, int budget);
  [[nodiscard]] skb::Skb take_buffer(kernel::Cpu& cpu, RxQueue& queue, UsedBuffer used);
  void receive(kernel::Cpu& cpu, RxQueue& queue, UsedBuffer used);
  void receive_xdp(kernel::Cpu& cpu, RxQueue& queue, skb::Skb skb);
  void count_received(RxQueue& queue, const skb::SkBuff& skb);
  void hand_up(kernel::Cpu& cpu, RxQueue& queue, skb::Skb&& skb);
  [[nodiscard]] bool gather(kernel::Cpu& cpu, RxQueue& queue, skb::SkBuff& head, unsigned more);
  /// What came before the queue was reset.
  void receive_rest(kernel::Cpu& cpu, RxQueue& queue);
  void drop_received(kernel::Cpu& cpu, RxQueue& queue, skb::Skb skb, base::DropReason reason);
  void arm_rx(kernel::Cpu& cpu, RxQueue& queue);
  // virtio_net_refill.cpp
  [[nodiscard]] RxBufferPlan rx_plan(unsigned ring_size) const;
  void refill(kernel::Cpu& cpu, RxQueue& queue);
  [[nodiscard]] skb::Skb allocate_rx(const RxBufferPlan& plan);
  [[nodiscard]] bool add_rx(RxQueue& queue, skb::Skb&& skb);
  void kick_rx(kernel::Cpu& cpu, RxQueue& queue);
  // virtio_net_transmit.cpp
  int poll_tx(kernel::Cpu& cpu, TxRing& queue, int budget);
  int reclaim(kernel::Cpu& cpu, TxRing& queue, int budget);
  [[nodiscard]] base::DropReason refusal(const skb::SkBuff& skb) const;
  [[nodiscard]] bool header_fits(const skb::SkBuff& skb) const;
  [[nodiscard]] std::size_t pieces_of(const skb::SkBuff& skb) const;
  [[nodiscard]] bool fit(TxRing& queue, skb::SkBuff& skb);
  void enqueue(TxRing& queue, skb::Skb&& skb, const NetHeader& header, device::XmitMore more);
  void after_enqueue(kernel::Cpu& cpu, TxRing& queue, device::XmitMore more, kernel::SkbId id);
  void wake_if_room(kernel::Cpu& cpu, TxRing& queue);
  [[nodiscard]] unsigned stop_threshold(const TxRing& queue) const;
  /// The longest frame in either direction: MTU, Ethernet header and one VLAN tag.
  [[nodiscard]] std::uint32_t max_frame_bytes() const { return mtu_ + device::kEthernetHeaderBytes + 4; }

  device::NetCore& core_;
  kernel::Kernel& kernel_;
  platform::DmaMemory& dma_;
  VirtioTransport transport_;
  VirtioNetOptions options_;
  Features features_ = 0;
  std::uint32_t header_bytes_ = 0;  // of virtio_net_hdr
  std::uint32_t mtu_ = 0;
  base::MacAddress address_;
  bool renamed_ = false;  // the filter has an entry for another address
  std::optional<NicControl> control_;
  InterruptMode interrupt_mode_ = InterruptMode::per_queue;
  std::vector<unsigned> vectors_;
  VirtioEthtool ethtool_{*this};
  std::unique_ptr<device::NetDevice> netdev_;
  std::vector<std::unique_ptr<RxQueue>> rx_;  // each owned by: its NAPI while up
  std::vector<std::unique_ptr<TxRing>> tx_;   // each owned by: whoever runs its qdisc, and its NAPI, between charges
  unsigned channels_ = 1;
  std::optional<Rss> rss_;  // as an administrator set it
  kernel::WaitQueue config_wait_;
  bool config_pending_ = false;
  bool broken_ = false;
  VirtioNetStats stats_;  // what is not counted by queue
};

}  // namespace host::driver
