// SPDX-License-Identifier: Apache-2.0
// What a packet socket knows of a frame, or says of one (Linux: struct sockaddr_ll).
#pragma once

#include <cstdint>

#include "host/base/mac_address.hpp"
#include "host/device/net_device.hpp"
#include "host/skb/skb.hpp"

namespace host::packet {

/// Linux: ETH_P_ALL: frames of every type, in both directions.
inline constexpr std::uint16_t kEveryProtocol = 0x0003;

struct LinkAddress {
  unsigned ifindex = 0;        // 0: of every interface (bind)
  std::uint16_t protocol = 0;  // an EtherType, or kEveryProtocol (bind)
  device::HardwareType hardware_type = device::HardwareType::ethernet;
  skb::PacketType packet_type = skb::PacketType::host;
  base::MacAddress address = {};  // who sent it; whom it goes to

  friend bool operator==(const LinkAddress&, const LinkAddress&) = default;
};

/// What lies beside a frame in a socket's queue (Linux: struct packet_skb_cb, tpacket_auxdata).
struct FrameNote {
  LinkAddress from = {};
  std::uint32_t original_bytes = 0;  // before the filter cut it
};
static_assert(sizeof(FrameNote) <= skb::kControlBlockBytes);

void set_note(skb::SkBuff& skb, const FrameNote& note);
[[nodiscard]] FrameNote note_of(const skb::SkBuff& skb);

}  // namespace host::packet
