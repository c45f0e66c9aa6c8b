// SPDX-License-Identifier: Apache-2.0
// A host whose frames one sees through packet sockets.
#pragma once

#include <catch2/catch.hpp>

#include "tests/host/apps/packets.hpp"

namespace host_test {

/// One frame as a packet socket gave it.
struct Seen {
  Frame bytes;
  host::socket::Message message;
};

struct PacketWorld : Lone {
  explicit PacketWorld(host::apps::HostOptions options = {}) : Lone(options) {}

  /// Everything that waits in the socket, oldest first.
  static host::kernel::Task<std::vector<Seen>> read_all(host::kernel::Process& self, host::socket::SocketCalls& calls,
                                                        int fd) {
    std::vector<Seen> all;
    while (true) {
      Frame buffer(2000);
      const auto message = co_await calls.recvfrom(self, fd, buffer, {.dont_wait = true});
      if (!message.ok()) break;
      buffer.resize(message->bytes);
      all.push_back({std::move(buffer), *message});
    }
    co_return all;
  }
  host::device::NetDevice& eth0() { return station().nic.device(); }
  host::device::NetDevice& lo() { return *station().host.net().device_by_name("lo"); }
};

[[nodiscard]] inline std::uint16_t ether_type_of(const Frame& frame) {
  return host::base::load_be16(frame, 12);
}

}  // namespace host_test
