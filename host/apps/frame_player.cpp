// SPDX-License-Identifier: Apache-2.0
// The traffic generator.
#include "host/apps/frame_player.hpp"

#include <algorithm>

namespace host::apps {

using kernel::Process;
using kernel::Task;
using platform::Nanoseconds;

namespace {

constexpr Nanoseconds kShortestRound = 1000;

bool send(kernel::Cpu& cpu, device::NetCore& net, device::NetDevice& device, const std::vector<std::byte>& bytes) {
  if (bytes.size() < device::kEthernetHeaderBytes) return false;
  skb::Skb skb = net.pool().allocate(static_cast<std::uint32_t>(bytes.size()));
  if (!skb) return false;
  std::ranges::copy(bytes, skb->put(static_cast<std::uint32_t>(bytes.size())).begin());
  skb->dev = &device;
  skb->reset_mac_header();
  return net.dev_queue_xmit(cpu, std::move(skb)).ok();
}

}  // namespace

Task<void> play_frames(Process& self, device::NetCore& net, device::NetDevice& device,
                       const std::vector<RecordedFrame>& frames, FramePlayerOptions options, FramePlayerStats& stats) {
  if (frames.empty()) co_return;
  for (std::uint64_t round = 0; options.rounds == 0 || round < options.rounds; ++round) {
    const Nanoseconds begin = self.cpu().now();
    for (const RecordedFrame& frame : frames) {
      const auto due = begin + static_cast<Nanoseconds>(static_cast<double>(frame.at) / options.speed);
      if (due > self.cpu().now()) co_await self.sleep_until(due);
      if (options.stop != nullptr && *options.stop) co_return;
      ++(send(self.cpu(), net, device, frame.bytes) ? stats.sent : stats.refused);
    }
    co_await self.sleep_until(std::max(self.cpu().now(), begin + kShortestRound));
  }
}

}  // namespace host::apps
