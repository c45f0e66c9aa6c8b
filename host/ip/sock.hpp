// SPDX-License-Identifier: Apache-2.0
// What every socket's protocol half has (Linux: struct sock).
#pragma once

#include <memory>
#include <optional>

#include "host/device/bpf.hpp"
#include "host/ip/inet_sock.hpp"
#include "host/ip/receive_queue.hpp"
#include "host/ip/send_buffer.hpp"

namespace host::ip {

class TxTimestamps;

struct Sock {
  explicit Sock(std::int64_t receive_limit, std::int64_t send_limit = kDefaultSendBuffer)
      : send(send_limit), queue(receive_limit) {}

  SendBuffer send;
  InetSock inet;
  bool reuse_address = false;                   // SO_REUSEADDR
  bool reuse_port = false;                      // SO_REUSEPORT
  bool broadcast = false;                       // SO_BROADCAST
  std::uint8_t tos = 0;                         // IP_TOS
  std::uint32_t priority = 0;                   // SO_PRIORITY: which class of a qdisc its packets are in
  std::uint32_t mark = 0;                       // SO_MARK: of its packets
  std::shared_ptr<TxTimestamps> tx_timestamps;  // SO_TIMESTAMPING; null: not asked for
  // From here on it is what every packet that comes asks for, side by side.
  std::int64_t busy_poll_usecs = 0;          // SO_BUSY_POLL
  std::optional<device::BpfProgram> filter;  // SO_ATTACH_FILTER
  /// Packets that were for this socket and did not reach it (Linux: sk_drops).
  std::uint64_t drops = 0;
  unsigned napi_id = 0;        // by which its packets come (Linux: sk_napi_id); 0: none yet
  std::uint32_t rxhash = 0;    // of the flow that it is connected to (Linux: sk_rxhash); 0: none yet
  unsigned bound_ifindex = 0;  // SO_BINDTODEVICE; 0: any device
  int incoming_cpu = -1;       // SO_INCOMING_CPU: as set, or where its last packet was queued
  bool packet_info = false;    // IP_PKTINFO and its like: a message says what its header said
  ReceiveQueue queue;
};

}  // namespace host::ip
