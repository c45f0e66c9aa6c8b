// SPDX-License-Identifier: Apache-2.0
#include "sim/app/frame_generator.hpp"

#include <algorithm>
#include <utility>

namespace sim::app {
namespace {

constexpr std::size_t kGeneratorBacklog = 32;
constexpr host::platform::Nanoseconds kGeneratorRest = 1000;
constexpr std::uint16_t kExperimentalEtherType = 0x88B5;  // IEEE 802: local experimental

}  // namespace

void FrameGenerator::start() {
  running_ = true;
  core_.kernel().spawn(0, "generator", [this](host::kernel::Process& self) { return send(self); });
  core_.kernel().machine().irqs.send_ipi(0);
}

host::kernel::Task<void> FrameGenerator::send(host::kernel::Process& self) {
  while (running_) {
    if (device_.backlog_packets() >= kGeneratorBacklog || !send_one(self.cpu())) {
      co_await self.sleep_for(kGeneratorRest);
    }
  }
}

bool FrameGenerator::send_one(host::kernel::Cpu& cpu) {
  host::skb::Skb skb = core_.pool().allocate(length_);
  if (!skb) return false;
  const std::span<std::byte> bytes = skb->put(length_);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xA5});
  host::base::MacAddress::broadcast().store(bytes, 0);
  device_.address().store(bytes, 6);
  bytes[12] = std::byte{kExperimentalEtherType >> 8};
  bytes[13] = std::byte{kExperimentalEtherType & 0xFF};
  skb->dev = &device_;
  skb->reset_mac_header();
  (void)core_.dev_queue_xmit(cpu, std::move(skb));  // a refusal is a counted drop
  return true;
}

}  // namespace sim::app
