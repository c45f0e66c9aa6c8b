// SPDX-License-Identifier: Apache-2.0
// What net.ipv4.conf.*.arp_* and proxy_arp say about ARP (Linux: net/ipv4/arp.c; Documentation/networking/ip-sysctl).
#pragma once

#include "host/headers/arp.hpp"
#include "host/ip/ip_layer.hpp"

namespace host::ip {

/// What a request is to this host.
enum class ArpClaim : std::uint8_t {
  /// Somebody else's matter: who asks is updated if we know him.
  none,
  /// For an address of ours: answered, and who asks is remembered.
  ours,
  /// For an address of ours that arp_ignore or arp_filter keep from this device: not even noted.
  hidden,
  /// For an address that we forward to by another device (proxy_arp): answered in its name.
  proxied,
};

/// Looks at a request that came by the device. Linux: arp_process, arp_ignore, arp_filter, arp_fwd_proxy.
[[nodiscard]] ArpClaim arp_claim(IpLayer& ip, kernel::Cpu& cpu, const device::NetDevice& device,
                                 const headers::ArpFields& request);

/// Somebody of whom we know nothing, and who was not asked, is remembered all the same. Linux: arp_accept.
[[nodiscard]] bool arp_accepts(const IpLayer& ip, const device::NetDevice& device, const headers::ArpFields& fields);

/// The address that a question for `target` comes from; `speaker`: the source of the packet that waits. Nothing: the
/// device has none. Linux: arp_solicit, by arp_announce.
[[nodiscard]] std::optional<headers::Ipv4Address> arp_source(const IpLayer& ip, const device::NetDevice& device,
                                                             headers::Ipv4Address target,
                                                             std::optional<headers::Ipv4Address> speaker);

}  // namespace host::ip
