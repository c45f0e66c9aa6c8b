// SPDX-License-Identifier: Apache-2.0
// The reflector: every frame that a device receives goes out of it again, unchanged, below all protocols.
#pragma once

#include "host/device/net_core.hpp"

namespace host::apps {

struct ReflectStats {
  std::uint64_t received = 0;
  /// Handed to the device's queue.
  std::uint64_t sent = 0;
  /// Refused there (qdisc full, device down): counted as drops by the device layer too.
  std::uint64_t refused = 0;
};

/// While it lives, the device's frames never reach protocols. Frames wait in the device's queue while its TX ring is
/// full; the queue is as long as `queue_frames` says, and what does not fit is a counted drop.
class Reflect {
 public:
  static constexpr std::uint32_t kDefaultQueue = 4'096;

  Reflect(device::NetCore& core, device::NetDevice& device, std::uint32_t queue_frames = kDefaultQueue);
  ~Reflect();
  Reflect(const Reflect&) = delete;
  Reflect& operator=(const Reflect&) = delete;

  [[nodiscard]] const ReflectStats& stats() const { return stats_; }

 private:
  device::RxHandlerResult send_back(kernel::Cpu& cpu, skb::Skb& skb);

  device::NetCore& core_;
  device::NetDevice& device_;
  ReflectStats stats_;
};

}  // namespace host::apps
