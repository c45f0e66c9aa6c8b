// SPDX-License-Identifier: Apache-2.0
// What a device cannot do for a packet is done right in front of its driver, so that packets wait large
// (Linux: validate_xmit_skb).
#pragma once

#include <vector>

#include "host/device/net_device.hpp"

namespace host::device {

/// The device takes it as it is.
[[nodiscard]] bool device_takes(const NetDevice& dev, const skb::SkBuff& skb);

/// The frames of a packet with gso_size, and the time that it takes to cut them. The device finishes their checksums if
/// it can (Linux: __skb_gso_segment with the device's features).
[[nodiscard]] base::Result<std::vector<skb::Skb>> segment_in_software(kernel::Cpu& cpu, const NetDevice& dev,
                                                                      const skb::SkBuff& skb);

/// The frames that the device takes instead: cut, checksums filled in. None: dropped, for want of memory or because
/// its request makes no sense.
[[nodiscard]] std::vector<skb::Skb> validate_xmit(kernel::Cpu& cpu, NetDevice& dev, skb::Skb skb);

/// Bytes on the wire: the headers of every frame that it will be cut into (Linux: qdisc_pkt_len_init). Sets gso_segs
/// when the sender did not.
[[nodiscard]] std::uint32_t count_wire_bytes(skb::SkBuff& skb);

}  // namespace host::device
