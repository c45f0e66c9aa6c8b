// SPDX-License-Identifier: Apache-2.0
// What a host shows in /proc and /sys beside its tunables.
#pragma once

#include "host/device/net_core.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::proc {

/// Whose state is shown; all outlive the kernel's last look at its files.
struct Sources {
  device::NetCore& net;
  ip::IpLayer& ip;
  udp::UdpLayer& udp;
  packet::PacketLayer& packets;
  ip::RawTable& raws;
  ip6::Raw6Table& raws6;
  socket::SocketCalls& sockets;
};

/// Registers every file of this folder with the kernel of `sources`. Each is made when it is read.
void add_proc_files(const Sources& sources);

}  // namespace host::proc
