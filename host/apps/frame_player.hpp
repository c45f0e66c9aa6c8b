// SPDX-License-Identifier: Apache-2.0
// The traffic generator: puts recorded frames on an interface again, at their times or at others (tcpreplay).
#pragma once

#include <cstdint>
#include <vector>

#include "host/device/net_core.hpp"
#include "host/kernel/process.hpp"

namespace host::apps {

struct RecordedFrame {
  std::vector<std::byte> bytes;
  /// Since the recording began.
  platform::Nanoseconds at = 0;
};

struct FramePlayerOptions {
  /// The whole, so often; 0: until `stop`.
  std::uint64_t rounds = 1;
  /// The recording's time goes by so much faster.
  double speed = 1;
  /// Set by somebody else: ends it.
  const bool* stop = nullptr;
};

struct FramePlayerStats {
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;  // by the qdisc, or no memory for it
};

/// `frames`, `device` and `stats` outlive it. Frames shorter than an Ethernet header are refused.
[[nodiscard]] kernel::Task<void> play_frames(kernel::Process& self, device::NetCore& net, device::NetDevice& device,
                                             const std::vector<RecordedFrame>& frames, FramePlayerOptions options,
                                             FramePlayerStats& stats);

}  // namespace host::apps
