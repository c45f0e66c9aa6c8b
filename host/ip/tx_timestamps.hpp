// SPDX-License-Identifier: Apache-2.0
// When a socket's packets went to their driver (Linux: skb_tx_timestamp, __skb_tstamp_tx; timestamping.rst).
#pragma once

#include <cstdint>
#include <deque>

#include "host/device/net_core.hpp"
#include "host/ip/sock.hpp"

namespace host::ip {

/// Watches what leaves as a tap does, and puts a time stamp into the socket's error queue for each datagram that it was
/// told of. One that is cut into pieces on its way is not recognised: it has no time.
class TxTimestamps {
 public:
  /// Both outlive it.
  TxTimestamps(device::NetCore& net, Sock& socket);
  ~TxTimestamps();
  TxTimestamps(const TxTimestamps&) = delete;
  TxTimestamps& operator=(const TxTimestamps&) = delete;

  /// The socket sends this packet. Of those that never reach a driver, it remembers the last kMostPending.
  void expect(const skb::SkBuff& skb);

  static constexpr std::size_t kMostPending = 1'024;

 private:
  struct Pending {
    kernel::SkbId id = 0;
    std::uint32_t key = 0;
  };

  void leaves(kernel::Cpu& cpu, const skb::SkBuff& skb);

  device::NetCore& net_;
  Sock& socket_;
  std::deque<Pending> pending_;
  std::uint32_t next_key_ = 0;
  unsigned tap_;
};

}  // namespace host::ip
