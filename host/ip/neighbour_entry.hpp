// SPDX-License-Identifier: Apache-2.0
// One neighbour (Linux: struct neighbour).
#pragma once

#include "host/ip/neighbour.hpp"

namespace host::ip {

struct NeighbourTable::Entry {
  Entry(device::NetDevice& on, NeighbourParms& its_parms, const headers::IpAddress& address,
        kernel::Timer::Handler on_time)
      : key{on.ifindex(), address}, device(on), parms(its_parms), timer(std::move(on_time)) {}

  Key key;
  device::NetDevice& device;
  NeighbourParms& parms;
  NeighbourState state = NeighbourState::failed;
  base::MacAddress mac;
  platform::Nanoseconds confirmed = 0;
  platform::Nanoseconds updated = 0;
  platform::Nanoseconds used = 0;
  std::int64_t probes = 0;
  bool in_timer = false;  // its handler is running: must not be destroyed
  Queue queue;
  std::uint32_t queue_bytes = 0;  // truesize
  Age::iterator age;
  kernel::Timer timer;

  [[nodiscard]] bool expired(platform::Nanoseconds now) const {
    return state == NeighbourState::reachable && now >= confirmed + parms.reachable_time(now);
  }
  /// Something comes of it by itself: it asks, or is believed for now. Linux: NUD_IN_TIMER.
  [[nodiscard]] bool is_busy() const {
    return in_timer || state == NeighbourState::incomplete || state == NeighbourState::reachable ||
           state == NeighbourState::delay || state == NeighbourState::probe;
  }
  [[nodiscard]] Queue take_queue() {
    queue_bytes = 0;
    return std::exchange(queue, {});
  }
};

}  // namespace host::ip
