// SPDX-License-Identifier: Apache-2.0
// "Go by him instead", and "not so large": what routers say of single destinations (Linux: ndisc_send_redirect,
// rt6_do_redirect, __ip6_rt_update_pmtu; RFC 4861 section 8, RFC 8201).
#pragma once

#include "host/headers/ndisc.hpp"
#include "host/ip6/ip6_layer.hpp"

namespace host::ip6 {

/// Tells the sender of a packet that goes back to where it came from about `target`: another router, or the destination
/// itself. Not to who is behind another router, and not often. The packet stays the caller's.
void send_redirect6(Ip6Layer& ip6, kernel::Cpu& cpu, const skb::SkBuff& about, const headers::Ipv6View& header,
                    const headers::Ipv6Address& target);

/// A router tells us of a better way. Believed only of the gateway that packets take, by who is no router himself, and
/// when accept_redirects allows.
void accept_redirect6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device, const headers::Ipv6Address& router,
                      const headers::RedirectMessage& redirect);

/// A packet of ours to `destination` was larger than `told`, which came by the device. Nobody is believed who says less
/// than every link has to carry.
void update_path_mtu6(Ip6Layer& ip6, kernel::Cpu& cpu, device::NetDevice& device,
                      const headers::Ipv6Address& destination, std::uint32_t told);

}  // namespace host::ip6
