// SPDX-License-Identifier: Apache-2.0
// Two rows of flows (RFC 8290 section 4): new flows get one quantum ahead of the old ones.
#include "host/qdisc/fq_codel.hpp"

#include <algorithm>
#include <utility>

#include "host/kernel/kernel.hpp"

namespace host::qdisc {
namespace {

constexpr std::uint32_t kMostFlows = 65536;

}  // namespace

/// One flow for its CoDel.
class FqCodel::FlowQueue final : public CodelQueue {
 public:
  FlowQueue(FqCodel& qdisc, kernel::Cpu& cpu, Flow& flow) : qdisc_(qdisc), cpu_(cpu), flow_(flow) {}
  [[nodiscard]] skb::Skb pop() override { return qdisc_.pop(flow_); }
  [[nodiscard]] std::uint64_t bytes() const override { return qdisc_.bytes_; }
  void drop(skb::Skb skb) override { qdisc_.drop(cpu_, std::move(skb), base::DropReason::qdisc_congested); }

 private:
  FqCodel& qdisc_;
  kernel::Cpu& cpu_;
  Flow& flow_;
};

FqCodel::FqCodel(const Context& context) : Qdisc("fq_codel"), context_(context) {
  options_.quantum = context.mtu;
  options_.codel.mtu = context.mtu;
  flows_.resize(options_.flows);
}

base::Result<void> FqCodel::change(kernel::Cpu& cpu, const Options& options) {
  const auto* wanted = std::get_if<FqCodelOptions>(&options);
  if (wanted == nullptr) return Qdisc::change(cpu, options);
  const bool untouched = packets_ == 0 && new_flows_.empty() && old_flows_.empty();
  if (wanted->flows == 0 || wanted->flows > kMostFlows || wanted->quantum == 0 || wanted->drop_batch == 0)
    return base::Errno::invalid;
  if (wanted->flows != options_.flows && !untouched) return base::Errno::invalid;
  options_ = *wanted;
  options_.codel.mtu = context_.mtu;
  flows_.resize(options_.flows);
  while (packets_ > options_.limit || over_memory()) drop_from_fattest(cpu);
  return {};
}

std::size_t FqCodel::classify(const skb::SkBuff& skb) const {
  const std::uint32_t minor = minor_of(skb.priority);
  const bool named = major_of(skb.priority) != 0 && major_of(skb.priority) == major_of(handle());
  if (named && minor > 0 && minor <= flows_.size()) return minor - 1;
  return static_cast<std::size_t>(std::uint64_t{context_.flow_hash(skb)} * flows_.size() >> 32);
}

skb::Skb FqCodel::pop(Flow& flow) {
  skb::Skb skb = flow.queue.pop();
  if (!skb) return nullptr;
  --packets_;
  bytes_ -= wire_bytes(*skb);
  memory_ -= skb->truesize();
  return skb;
}

Verdict FqCodel::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  const std::size_t which = classify(*skb);
  Flow& flow = flows_[which];
  PacketNote note = note_of(*skb);
  note.enqueued = cpu.now();
  set_note(*skb, note);
  ++packets_;
  bytes_ += note.bytes;
  memory_ += skb->truesize();
  flow.queue.push(std::move(skb));
  if (!flow.waits) {
    flow.waits = true;
    flow.deficit = options_.quantum;
    new_flows_.push_back(which);
    ++stats_.new_flow_count;
  }
  const bool memory = over_memory();
  if (packets_ <= options_.limit && !memory) return Verdict::success;
  const Dropped dropped = drop_from_fattest(cpu);
  stats_.drop_overlimit += dropped.packets;
  if (memory) stats_.drop_overmemory += dropped.packets;
  return dropped.flow == which ? Verdict::congested : Verdict::success;
}

FqCodel::Dropped FqCodel::drop_from_fattest(kernel::Cpu& cpu) {
  const auto fattest = std::ranges::max_element(flows_, {}, [](const Flow& flow) { return flow.queue.bytes(); });
  const std::uint64_t enough = fattest->queue.bytes() / 2;
  std::uint64_t bytes = 0;
  std::uint32_t dropped = 0;
  do {
    skb::Skb skb = pop(*fattest);
    if (!skb) break;
    bytes += wire_bytes(*skb);
    ++dropped;
    drop(cpu, std::move(skb), base::DropReason::qdisc_full);
  } while (dropped < options_.drop_batch && bytes < enough);
  fattest->codel.count_drops(dropped);
  return {static_cast<std::size_t>(fattest - flows_.begin()), dropped};
}

skb::Skb FqCodel::take(kernel::Cpu& cpu) {
  for (;;) {
    const bool is_new = !new_flows_.empty();
    auto& row = is_new ? new_flows_ : old_flows_;
    if (row.empty()) return nullptr;
    const std::size_t which = row.front();
    Flow& flow = flows_[which];
    if (flow.deficit <= 0) {
      flow.deficit += options_.quantum;
      row.pop_front();
      old_flows_.push_back(which);
      continue;
    }
    FlowQueue queue(*this, cpu, flow);
    skb::Skb skb = flow.codel.dequeue(cpu.now(), options_.codel, queue, stats_.codel);
    if (skb) {
      flow.deficit -= wire_bytes(*skb);
      return skb;
    }
    row.pop_front();
    if (is_new && !old_flows_.empty()) {
      old_flows_.push_back(which);  // so that a flow cannot be new again and again ahead of the old ones
    } else {
      flow.waits = false;
    }
  }
}

void FqCodel::clear(kernel::Cpu& cpu) {
  new_flows_.clear();
  old_flows_.clear();
  for (Flow& flow : flows_) {
    while (skb::Skb skb = pop(flow)) purge(cpu, std::move(skb));
    flow = {};
  }
}

FqCodelStats FqCodel::fq_codel_stats() const {
  FqCodelStats all = stats_;
  all.new_flows = new_flows_.size();
  all.old_flows = old_flows_.size();
  all.memory_used = memory_;
  return all;
}

}  // namespace host::qdisc
