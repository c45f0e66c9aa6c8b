// SPDX-License-Identifier: Apache-2.0
// What one message to or from a socket brings besides its bytes (Linux: struct msghdr and its control messages).
#pragma once

#include <optional>

#include "host/socket/datagram.hpp"

namespace host::socket {

/// Linux: MSG_*.
struct ReceiveFlags {
  bool peek = false;
  /// Report the datagram's true length, though the buffer held less.
  bool truncate = false;
  bool dont_wait = false;
};

/// Linux: struct msghdr before sendmsg, and MSG_*.
struct SendOptions {
  bool dont_wait = false;
  /// UDP_SEGMENT as a control message; nothing: the socket's.
  std::optional<std::uint16_t> segment_bytes = {};
  /// IP_PKTINFO, IPV6_PKTINFO as a control message; nothing: the socket's. not_supported by others than UDP sockets.
  std::optional<PacketSource> source = {};
};

/// One of several to send (Linux: struct mmsghdr).
struct Outgoing {
  headers::Bytes payload = {};
  std::optional<SocketAddress> to = {};
  /// Nothing: that of SendOptions.
  std::optional<PacketSource> source = {};
};

/// Linux: struct msghdr after recvmsg.
struct Message {
  Message() {}  // NOLINT(modernize-use-equals-default): what has no value at first is not cleared either

  std::size_t bytes = 0;
  SocketAddress from;
  /// UDP_GRO: the message is several datagrams of so many bytes each, the last of the rest; 0: it is one.
  std::uint16_t segment_bytes = 0;
  /// The datagram was longer than the buffer; the rest is lost.
  bool truncated = false;
  /// IP_RECVTTL, IPV6_RECVHOPLIMIT: what was left of its time to live.
  std::uint8_t ttl = 0;
  /// SO_TIMESTAMPNS: when its driver gave it to the host, or a tap saw it; else when it was read.
  platform::Nanoseconds timestamp = 0;
  /// Of a packet socket: whose frame, and how long it was before the filter cut it (PACKET_AUXDATA).
  packet::LinkAddress link = {};
  std::uint32_t original_bytes = 0;
  /// With set_packet_info.
  std::optional<PacketInfo> info = {};
};

/// Linux: struct msghdr after recvmsg with MSG_ERRQUEUE. The payload of `error` is in the caller's buffer.
struct QueuedError {
  std::size_t bytes = 0;
  bool truncated = false;
  ip::ExtendedError error = {};
};

}  // namespace host::socket
