// SPDX-License-Identifier: Apache-2.0
// The steps of a packet's journey through the host, and who wants to see them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/base/drop_reason.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::kernel {

/// X(name): ingress then egress, in order. Append new ones at their place.
// clang-format off
#define HOST_JOURNEY_STEPS(X)                                                             \
  X(hard_irq) X(driver_interrupt) X(napi_schedule) X(net_rx_action) X(driver_poll)        \
  X(skb_alloc) X(driver_receive) X(enqueue_to_backlog) X(netif_receive) X(tap) X(arp_rcv)   \
  X(ip_rcv) X(nf_hook) X(ip_route_input) X(ip_forward) X(ip_local_deliver) X(ip_defrag) X(icmp_rcv) \
  X(udp_rcv) X(socket_lookup) X(socket_queue) X(socket_wake) X(application_read)          \
  X(application_send) X(udp_send) X(icmp_send) X(ip_queue_xmit) X(ip_output) X(neighbour_output) \
  X(dev_queue_xmit) X(qdisc_enqueue) X(driver_transmit) X(dma_map) X(doorbell)            \
  X(tx_interrupt) X(driver_reclaim) X(skb_free)
// clang-format on

#define HOST_JOURNEY_ITEM(name) name,
#define HOST_JOURNEY_NAME(name) #name,

enum class JourneyStep : std::uint8_t { HOST_JOURNEY_STEPS(HOST_JOURNEY_ITEM) count };

inline constexpr std::size_t kJourneySteps = static_cast<std::size_t>(JourneyStep::count);
inline constexpr std::array<std::string_view, kJourneySteps> kJourneyStepNames = {
    HOST_JOURNEY_STEPS(HOST_JOURNEY_NAME)};

/// An skb's name for observers; 0 for steps that concern no packet (an interrupt, a poll).
using SkbId = std::uint64_t;

/// One thing that happened, with the instant it did.
struct JourneyEvent {
  JourneyStep step;
  SkbId skb;
  unsigned cpu;
  platform::Nanoseconds at;
};

/// Sees each step as it happens. Must not call back into the host.
class JourneyObserver {
 public:
  virtual ~JourneyObserver() = default;
  virtual void step(const JourneyEvent& event) = 0;
  virtual void drop(SkbId skb, base::DropReason reason, unsigned cpu, platform::Nanoseconds at) = 0;
  /// `child` carries bytes of `parent` from here on: a clone, a fragment, a reply built from a request.
  virtual void derived(SkbId parent, SkbId child) = 0;
};

}  // namespace host::kernel
