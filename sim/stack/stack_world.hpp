// SPDX-License-Identifier: Apache-2.0
// A host with NICs whose rings are filled by hand, and the frames to fill them with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/apps/host.hpp"
#include "host/driver/virtio_net.hpp"
#include "sim/stack/ring_nic.hpp"

namespace sim::stack {

using Frame = std::vector<std::byte>;

struct StackOptions {
  unsigned cpus = 1;
  unsigned nics = 1;
  unsigned pairs = 1;
  bool checksum_offload = false;
};

/// eth0 is 10.0.0.1/24, eth1 192.168.1.1/24; 10.0.0.2 and 192.168.1.2 are permanent neighbours. Large receive is off.
class StackWorld {
 public:
  explicit StackWorld(const StackOptions& options);
  ~StackWorld();

  [[nodiscard]] host::apps::Host& host() { return host_; }
  [[nodiscard]] host::kernel::Kernel& kernel() { return host_.kernel(); }
  [[nodiscard]] NativeMachine& machine() { return machine_; }
  [[nodiscard]] RingNic& nic(unsigned number = 0) { return *nics_.at(number); }

  /// Runs a console line. An answer on stderr is a broken invariant.
  std::string command(const std::string& line);
  /// Every CPU until none has anything to do.
  void run();
  /// The same with the wire: frames leave as fast as they are sent.
  void settle();

 private:
  NativeMachine machine_;
  host::apps::Host host_;
  std::vector<std::unique_ptr<RingNic>> nics_;
  std::vector<std::unique_ptr<host::driver::VirtioNet>> drivers_;
};

struct UdpFrame {
  host::headers::Ipv4Address destination;
  std::uint16_t destination_port = 0;
  std::uint16_t source_port = 1234;
  std::size_t payload_bytes = 64;
};

/// From 10.0.0.2 by way of eth0, checksums filled in.
[[nodiscard]] Frame udp_frame(const UdpFrame& wanted);

}  // namespace sim::stack
