// SPDX-License-Identifier: Apache-2.0
// Which CPU takes a received packet, and the bounded queue to it.
#include "host/device/rps.hpp"

#include <bit>
#include <string>

#include "host/device/flow_hash.hpp"
#include "host/device/net_device.hpp"
#include "host/device/table_size.hpp"

namespace host::device {
namespace {

using base::DropReason;
using base::Errno;

constexpr std::int64_t kMaxBacklog = 1000;
constexpr std::size_t kFlowLimitTable = 4096;
constexpr std::size_t kLargestFlowLimitTable = 1u << 20;  // a byte each, on every CPU

/// The queue that the packet came by; null when the interface has no such queue.
RxQueue* queue_of(const skb::SkBuff& skb) {
  auto& queues = skb.dev->rx_queues();
  const unsigned queue = skb.rx_queue != 0 ? skb.rx_queue - 1u : 0;
  return queue < queues.size() ? &queues[queue] : nullptr;
}

}  // namespace

Rps::Rps(kernel::Kernel& kernel, const Backlog::Receive& receive)
    : kernel_(kernel),
      max_backlog_(kernel.sysctl().add("net.core.netdev_max_backlog", kMaxBacklog, 0, INT32_MAX)),
      sock_flows_(kernel),
      flow_limit_table_len_(kFlowLimitTable),
      flow_limits_(kernel.cpu_count()) {
  const auto& rx_bias = kernel.sysctl().add("net.core.dev_weight_rx_bias", 1, 1, INT32_MAX);
  for (unsigned id = 0; id < kernel.cpu_count(); ++id) {
    backlogs_.push_back(std::make_unique<Backlog>(kernel.cpu(id), rx_bias, receive));
  }
  add_flow_limit_tunables();
}

void Rps::add_flow_limit_tunables() {
  kernel_.sysctl().add_text(
      "net.core.flow_limit_cpu_bitmap",
      [this] {
        kernel::CpuSet limited;
        for (unsigned id = 0; id < flow_limits_.size(); ++id) {
          if (flow_limits_[id]) limited.push_back(id);
        }
        return kernel::cpu_mask_text(limited, kernel_.cpu_count());
      },
      [this](std::string_view text) -> base::Result<void> {
        const auto cpus = kernel::parse_cpu_mask(text, kernel_.cpu_count());
        if (!cpus) return cpus.error();
        set_flow_limit_cpus(*cpus);
        return {};
      });
  kernel_.sysctl().add_text(
      "net.core.flow_limit_table_len", [this] { return std::to_string(flow_limit_table_len_); },
      [this](std::string_view text) -> base::Result<void> {
        const auto length = parse_table_size(text, kLargestFlowLimitTable);
        if (!length) return length.error();
        if (!std::has_single_bit(*length)) return Errno::invalid;
        flow_limit_table_len_ = *length;
        return {};
      });
}

/// A table that is there stays as it is: another length is for those to come.
void Rps::set_flow_limit_cpus(const kernel::CpuSet& cpus) {
  std::vector<std::optional<FlowLimit>> kept(flow_limits_.size());
  for (const unsigned id : cpus) {
    kept[id] = flow_limits_[id] ? std::move(flow_limits_[id]) : FlowLimit(flow_limit_table_len_);
  }
  flow_limits_ = std::move(kept);
}

/// Linux: get_rps_cpu.
std::optional<unsigned> Rps::select(kernel::Cpu& cpu, skb::SkBuff& skb) {
  RxQueue* queue = queue_of(skb);
  if (queue == nullptr || (queue->rps_cpus.empty() && queue->flows.empty())) return std::nullopt;
  const std::uint32_t hash = receive_hash(cpu, skb);  // takes time: others may write the files meanwhile
  if (!queue->flows.empty()) {
    if (const auto desired = sock_flows_.cpu_of(hash)) return follow(queue->flow(hash), *desired);
  }
  const auto& cpus = queue->rps_cpus;
  if (cpus.empty()) return std::nullopt;
  return cpus[scale_hash(hash, static_cast<unsigned>(cpus.size()))];
}

/// A flow moves when nothing of it waits where it was.
std::optional<unsigned> Rps::follow(RpsFlow& flow, unsigned desired) const {
  const bool through = !flow.cpu || backlogs_[*flow.cpu]->head() >= flow.last_qtail;
  if (flow.cpu != desired && through) flow = {desired, backlogs_[desired]->head()};
  return flow.cpu;
}

/// Linux notes only what RFS has steered; here what RPS has steered before counts too, so that the first move keeps the
/// order as well. An entry that another flow uses is left to it.
void Rps::remember(const skb::SkBuff& skb, unsigned target) {
  RxQueue* queue = queue_of(skb);
  if (queue == nullptr || queue->flows.empty() || !skb.hash_valid) return;
  RpsFlow& flow = queue->flow(skb.hash);
  if (!flow.cpu || flow.cpu == target) flow = {target, backlogs_[target]->tail() + 1};
}

/// Linux: skb_flow_limit.
bool Rps::exceeds_flow_limit(kernel::Cpu& cpu, const skb::SkBuff& skb, std::size_t queued) {
  auto& limit = flow_limits_[cpu.id()];
  if (!limit || queued < static_cast<std::size_t>(max_backlog_.value) / 2) return false;
  if (!limit->exceeds(skb.hash)) return false;
  ++cpu.softnet().flow_limit;
  return true;
}

bool Rps::enqueue(kernel::Cpu& cpu, skb::Skb skb, unsigned target) {
  if (flow_limits_[cpu.id()]) static_cast<void>(receive_hash(cpu, *skb));  // now, for it takes time
  Backlog& backlog = *backlogs_[target];
  const auto queued = backlog.input_packets();
  // As in Linux, the packet that makes it one more than the bound is still taken.
  if (queued > static_cast<std::size_t>(max_backlog_.value) || exceeds_flow_limit(cpu, *skb, queued)) {
    ++kernel_.cpu(target).softnet().dropped;
    ++skb->dev->stats().rx_dropped;
    skb::drop(cpu, std::move(skb), DropReason::cpu_backlog);
    return false;
  }
  cpu.trace(kernel::JourneyStep::enqueue_to_backlog, skb->id());
  remember(*skb, target);
  backlog.enqueue(cpu, std::move(skb));
  cpu.charge(kernel::Op::backlog_enqueue);  // afterwards: whom the flow follows was decided with what is true now
  return true;
}

void Rps::flush(const NetDevice& dev) {
  for (const auto& backlog : backlogs_) backlog->flush(kernel_.cpu(0), dev);
}

std::uint32_t receive_hash(kernel::Cpu& cpu, skb::SkBuff& skb) {
  if (skb.hash_valid) return skb.hash;
  cpu.charge(kernel::Op::flow_dissect);
  const auto pulled = skb.mac_offset();
  skb.restore(pulled);
  skb.hash = flow_hash(skb);
  skb.pull(pulled);
  skb.hash_valid = true;
  return skb.hash;
}

}  // namespace host::device
