// SPDX-License-Identifier: Apache-2.0
// The counters by name (Linux: virtnet_get_ethtool_stats).
#include "host/device/link_stats.hpp"
#include "host/driver/virtio_net.hpp"
#include "rtl/contract/nic_contract.hpp"

namespace host::driver {
namespace {

using contract::kStatNames;
using contract::STAT_COUNT;

/// Rings that are gone and the present one.
template <typename Queue>
VirtqueueStats ring_stats(const Queue& queue) {
  VirtqueueStats sum = queue.past;
  if (!queue.ring) return sum;
  const auto& now = queue.ring->stats();
  sum.used += now.used;
  sum.indirect += now.indirect;
  sum.kicks_suppressed += now.kicks_suppressed;
  return sum;
}

template <typename Queues>
VirtqueueStats sum_of_rings(const Queues& queues) {
  VirtqueueStats sum;
  for (const auto& queue : queues) {
    const auto one = ring_stats(*queue);
    sum.used += one.used;
    sum.indirect += one.indirect;
    sum.kicks_suppressed += one.kicks_suppressed;
  }
  return sum;
}

void append_queue(VirtioNet::Counters& counters, const std::string& prefix, const QueueStats& stats) {
  counters.emplace_back(prefix + "_packets", stats.packets);
  counters.emplace_back(prefix + "_bytes", stats.bytes);
  counters.emplace_back(prefix + "_drops", stats.drops);
  counters.emplace_back(prefix + "_interrupts", stats.interrupts);
  counters.emplace_back(prefix + "_polls", stats.polls);
  counters.emplace_back(prefix + "_kicks", stats.kicks);
}

}  // namespace

VirtioNetStats VirtioNet::stats() const {
  VirtioNetStats sum = stats_;
  for (const auto& queue : rx_) {
    sum.rx_interrupts += queue->stats.interrupts;
    sum.rx_polls += queue->stats.polls;
    sum.rx_kicks += queue->stats.kicks;
  }
  for (const auto& queue : tx_) {
    sum.tx_interrupts += queue->stats.interrupts;
    sum.tx_polls += queue->stats.polls;
    sum.tx_kicks += queue->stats.kicks;
  }
  return sum;
}

VirtioNet::Counters VirtioNet::statistics() const {
  const VirtioNetStats all = stats();
  const auto& xdp = netdev_->xdp_stats();
  const auto rx = sum_of_rings(rx_);
  const auto tx = sum_of_rings(tx_);
  Counters counters = {{"rx_interrupts", all.rx_interrupts},
                       {"tx_interrupts", all.tx_interrupts},
                       {"config_interrupts", all.config_interrupts},
                       {"unclaimed_interrupts", all.unclaimed_interrupts},
                       {"rx_polls", all.rx_polls},
                       {"tx_polls", all.tx_polls},
                       {"rx_kicks", all.rx_kicks},
                       {"tx_kicks", all.tx_kicks},
                       {"rx_kicks_suppressed", rx.kicks_suppressed},
                       {"tx_kicks_suppressed", tx.kicks_suppressed},
                       {"rx_used", rx.used},
                       {"tx_used", tx.used},
                       {"rx_indirect", rx.indirect},
                       {"tx_indirect", tx.indirect},
                       {"napi_rearms", all.napi_rearms},
                       {"tx_queue_stops", netdev_->queue_stops()},
                       {"tx_queue_wakes", netdev_->queue_wakes()},
                       {"rx_merged", all.rx_merged},
                       {"rx_bad_merges", all.rx_bad_merges},
                       {"rx_gso_packets", all.rx_gso_packets},
                       {"tx_gso_packets", all.tx_gso_packets},
                       {"rx_csum_good", all.rx_csum_good},
                       {"rx_hashed", all.rx_hashed},
                       {"tx_csum_packets", all.tx_csum_packets},
                       {"tx_linearized", all.tx_linearized},
                       {"refill_failures", all.refill_failures},
                       {"refill_retries", all.refill_retries},
                       {"ring_faults", all.ring_faults},
                       {"needs_reset", all.needs_reset},
                       {"queue_resets", all.queue_resets},
                       {"reset_failures", all.reset_failures},
                       {"rx_xdp_packets", xdp.packets},
                       {"rx_xdp_tx", xdp.tx},
                       {"rx_xdp_redirects", xdp.redirects},
                       {"rx_xdp_drops", xdp.drops + xdp.aborted}};
  for (const auto& queue : rx_) append_queue(counters, "rx" + std::to_string(queue->pair), queue->stats);
  for (const auto& queue : tx_) {
    const std::string prefix = "tx" + std::to_string(queue->pair);
    append_queue(counters, prefix, queue->stats);
    counters.emplace_back(prefix + "_stops", netdev_->tx_queue(queue->pair).stops);
    counters.emplace_back(prefix + "_wakes", netdev_->tx_queue(queue->pair).wakes);
  }
  return counters;
}

VirtioNet::Counters VirtioNet::device_statistics() const {
  Counters counters;
  if (!transport_.is_cosnic()) return counters;
  for (unsigned index = 0; index < STAT_COUNT; ++index) {
    counters.emplace_back(kStatNames[index], transport_.device_counter(index));
  }
  return counters;
}

/// Frames that never became packets of this host.
void VirtioNet::add_hardware_stats(device::AllLinkStats& stats) const {
  if (!transport_.is_cosnic()) return;
  const auto of = [&](contract::StatIndex index) { return transport_.device_counter(index); };
  const std::uint64_t crc = of(contract::STAT_RX_DROP_BAD_FCS);
  const std::uint64_t length = of(contract::STAT_RX_DROP_RUNT) + of(contract::STAT_RX_DROP_OVERSIZE);
  const std::uint64_t over = of(contract::STAT_RX_DROP_FIFO_OVERFLOW);
  stats.rx_crc_errors += crc;
  stats.rx_length_errors += length;
  stats.rx_over_errors += over;
  stats.rx_missed_errors += of(contract::STAT_RX_DROP_MISSED) + of(contract::STAT_RX_DROP_NO_BUFFER);
  stats.rx_errors += crc + length + over;
}

}  // namespace host::driver
