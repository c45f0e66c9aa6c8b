// SPDX-License-Identifier: Apache-2.0
#include "sim/app/frame_generator.hpp"

#include <algorithm>
#include <utility>

namespace sim::app {
namespace {

constexpr std::size_t kGeneratorBacklog = 32;
constexpr host::platform::Nanoseconds kGeneratorRest = 1000;

}  // namespace

void FrameGenerator::start() {
  running_ = true;
  core_.kernel().spawn(options_.cpu, "generator", [this](host::kernel::Process& self) { return send(self); });
  core_.kernel().machine().irqs.send_ipi(options_.cpu);
}

host::kernel::Task<void> FrameGenerator::send(host::kernel::Process& self) {
  while (running_) {
    const bool sent = !backlogged() && send_one(self.cpu());
    if (!sent || options_.interval != 0) co_await self.sleep_for(std::max(options_.interval, kGeneratorRest));
  }
}

bool FrameGenerator::backlogged() {
  const unsigned queue = options_.cpu % std::max(1U, device_.real_tx_queues());
  return device_.qdisc(queue).backlog_packets() >= kGeneratorBacklog;
}

bool FrameGenerator::send_one(host::kernel::Cpu& cpu) {
  const std::vector<std::byte> frame = source_();
  host::skb::Skb skb = core_.pool().allocate(static_cast<std::uint32_t>(frame.size()));
  if (!skb) return false;
  std::ranges::copy(frame, skb->put(static_cast<std::uint32_t>(frame.size())).begin());
  skb->dev = &device_;
  skb->reset_mac_header();
  (void)core_.dev_queue_xmit(cpu, std::move(skb));  // a refusal is a counted drop
  return true;
}

}  // namespace sim::app
