// SPDX-License-Identifier: Apache-2.0
// An interface's transmit queues: stopped and woken, chosen by CPU, and the qdiscs in front of them
// (Linux: attach_default_qdiscs, dev_graft_qdisc, dev_deactivate_many).
#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/device/flow_hash.hpp"
#include "host/device/net_core.hpp"
#include "host/device/validate_xmit.hpp"
#include "host/qdisc/create.hpp"
#include "host/qdisc/mq.hpp"
#include "host/qdisc/noqueue.hpp"

namespace host::device {
namespace {

constexpr platform::Nanoseconds kPause = 1000;

}  // namespace

// --- which queue ---------------------------------------------------------------------------------

void NetDevice::set_real_tx_queues(unsigned queues) {
  INVARIANT(queues > 0 && queues <= queues_.size(), "more transmit queues than the interface has");
  real_tx_queues_ = queues;
}

void NetDevice::set_xps(unsigned cpu, std::vector<unsigned> queues) {
  if (xps_.size() <= cpu) xps_.resize(cpu + 1);
  xps_[cpu] = std::move(queues);
}

const std::vector<unsigned>& NetDevice::xps(unsigned cpu) const {
  static const std::vector<unsigned> kAll;
  return cpu < xps_.size() ? xps_[cpu] : kAll;
}

void NetDevice::set_xps_cpus(unsigned queue, const kernel::CpuSet& cpus) {
  for (auto& queues : xps_) std::erase(queues, queue);
  for (const unsigned cpu : cpus) {
    std::vector<unsigned> queues = xps(cpu);
    queues.insert(std::ranges::upper_bound(queues, queue), queue);
    set_xps(cpu, std::move(queues));
  }
}

kernel::CpuSet NetDevice::xps_cpus(unsigned queue) const {
  kernel::CpuSet cpus;
  for (unsigned cpu = 0; cpu < xps_.size(); ++cpu) {
    if (std::ranges::find(xps_[cpu], queue) != xps_[cpu].end()) cpus.push_back(cpu);
  }
  return cpus;
}

// --- stopped and woken -----------------------------------------------------------------------------

void NetDevice::stop_queue(unsigned queue) {
  if (queues_[queue].stopped) return;
  queues_[queue].stopped = true;
  ++queues_[queue].stops;
}

void NetDevice::wake_queue(kernel::Cpu& cpu, unsigned queue) {
  if (!queues_[queue].stopped) return;
  queues_[queue].stopped = false;
  ++queues_[queue].wakes;
  if (root_) core_->netif_schedule(cpu, *this, *queues_[queue].qdisc);
}

void NetDevice::tx_sent_queue(unsigned queue, std::uint32_t bytes, XmitMore more) {
  queues_[queue].bytes.queued(bytes);
  if (more == XmitMore::no) queues_[queue].limited = queues_[queue].bytes.available() < 0;
}

void NetDevice::tx_completed_queue(kernel::Cpu& cpu, unsigned queue, std::uint64_t bytes) {
  if (bytes == 0) return;
  TxQueue& of = queues_[queue];
  of.bytes.completed(cpu.now(), bytes);
  if (!of.limited || of.bytes.available() < 0) return;
  of.limited = false;
  if (root_) core_->netif_schedule(cpu, *this, *of.qdisc);
}

void NetDevice::tx_reset_queue(unsigned queue) {
  queues_[queue].limited = false;
  queues_[queue].bytes.reset(core_->kernel().now());
}

std::uint64_t NetDevice::queue_stops() const {
  std::uint64_t sum = 0;
  for (const auto& queue : queues_) sum += queue.stops;
  return sum;
}

std::uint64_t NetDevice::queue_wakes() const {
  std::uint64_t sum = 0;
  for (const auto& queue : queues_) sum += queue.wakes;
  return sum;
}

// --- qdiscs ----------------------------------------------------------------------------------------

void NetDevice::set_tx_queue_len(std::uint32_t packets) {
  tx_queue_len_ = packets;
  if (root_) root_->tx_queue_len_changed(packets);
}

qdisc::Context NetDevice::qdisc_context() const {
  return {.mtu = mtu_ + kEthernetHeaderBytes,
          .tx_queue_len = tx_queue_len_,
          .tx_queues = tx_queues(),
          .default_kind = core_->default_qdisc(),
          .flow_hash = flow_hash,
          .segment = [](kernel::Cpu& cpu, const skb::SkBuff& skb) { return segment_in_software(cpu, *skb.dev, skb); }};
}

std::unique_ptr<qdisc::Qdisc> NetDevice::default_root() const {
  if (no_queue_) return std::make_unique<qdisc::Noqueue>();
  if (tx_queues() > 1) return std::make_unique<qdisc::Mq>(qdisc_context());
  return qdisc::create_default(qdisc_context());
}

void NetDevice::attach(std::unique_ptr<qdisc::Qdisc> root) {
  root_ = std::move(root);
  point_queues();
}

void NetDevice::point_queues() {
  for (unsigned queue = 0; queue < tx_queues(); ++queue) {
    qdisc::Qdisc& qdisc = root_->of_tx_queue(queue);
    queues_[queue].qdisc = &qdisc;
    const bool only_one = tx_queues() == 1 || &qdisc != root_.get();
    qdisc.state.tx_queue = only_one ? std::optional(queue) : std::nullopt;
    qdisc.set_wake([this, &qdisc](kernel::Cpu& cpu) { core_->netif_schedule(cpu, *this, qdisc); });
  }
}

void NetDevice::set_root_qdisc(kernel::Cpu& cpu, std::unique_ptr<qdisc::Qdisc> root) {
  if (root_) {  // two qdiscs must not send to one ring
    for (TxQueue& queue : queues_) queue.qdisc->state.dead = true;
    const auto running = [](const TxQueue& queue) { return queue.qdisc->state.running; };
    while (std::ranges::any_of(queues_, running)) cpu.charge_ns(kPause);
  }
  const std::unique_ptr<qdisc::Qdisc> old = std::move(root_);
  attach(root ? std::move(root) : default_root());
  if (!old) return;
  for (unsigned queue = 0; queue < tx_queues(); ++queue) {
    qdisc::Qdisc& gone = old->of_tx_queue(queue);
    quiesce(cpu, gone);
    core_->forget_qdisc(gone);
  }
}

void NetDevice::lock_qdiscs(kernel::Cpu& cpu) {
  const auto in_use = [](const TxQueue& queue) { return queue.qdisc->state.running || queue.qdisc->state.users != 0; };
  while (std::ranges::any_of(queues_, in_use)) cpu.charge_ns(kPause);
  for (TxQueue& queue : queues_) queue.qdisc->state.running = true;
}

void NetDevice::unlock_qdiscs(kernel::Cpu& cpu) {
  for (TxQueue& queue : queues_) queue.qdisc->state.running = false;
  for (TxQueue& queue : queues_) core_->netif_schedule(cpu, *this, *queue.qdisc);
}

base::Result<void> NetDevice::change_qdisc(kernel::Cpu& cpu, qdisc::Qdisc& qdisc, const qdisc::Options& options) {
  lock_qdiscs(cpu);
  const auto changed = qdisc.change(cpu, options);
  unlock_qdiscs(cpu);
  return changed;
}

base::Result<void> NetDevice::graft_qdisc(kernel::Cpu& cpu, qdisc::Qdisc& parent, std::uint32_t minor,
                                          std::unique_ptr<qdisc::Qdisc> child) {
  lock_qdiscs(cpu);
  auto old = parent.graft(minor, std::move(child));
  point_queues();
  unlock_qdiscs(cpu);
  if (!old) return old.error();
  core_->forget_qdisc(**old);
  (*old)->reset(cpu);
  return {};
}

void NetDevice::quiesce(kernel::Cpu& cpu, qdisc::Qdisc& qdisc) {
  while (qdisc.state.running || qdisc.state.users != 0) cpu.charge_ns(kPause);
  qdisc.reset(cpu);
}

}  // namespace host::device
