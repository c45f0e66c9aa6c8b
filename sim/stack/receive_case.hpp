// SPDX-License-Identifier: Apache-2.0
// One kind of work for a host, in bursts; and the one that is receiving datagrams.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/stack/stack_world.hpp"

namespace sim::stack {

inline constexpr unsigned kBurst = 64;
inline constexpr unsigned kStride = 617;  // from one packet's flow to the next one's: no order that a cache would like
inline constexpr std::uint16_t kFirstPort = 10'000;

/// An application on the host and bursts for it.
class Case {
 public:
  explicit Case(const StackOptions& options) : world(options) {}
  virtual ~Case() = default;
  /// Not measured: the device and the wire put the next burst there.
  virtual void offer() = 0;
  /// Packets that have got where they should.
  [[nodiscard]] virtual std::uint64_t finished() const = 0;

  StackWorld world;
};

struct ReceiveOptions {
  unsigned sockets = 1;
  std::size_t payload_bytes = 64;
  bool checksum_offload = false;
  unsigned cpus = 1;
  unsigned pairs = 1;
};

/// Datagrams to sockets that one process reads; a burst comes by one queue, the next by the next.
class Receive final : public Case {
 public:
  explicit Receive(const ReceiveOptions& options);
  void offer() override;
  std::uint64_t finished() const override { return read_; }

 private:
  [[nodiscard]] int open(host::kernel::Process& self, unsigned number);
  [[nodiscard]] host::kernel::Task<void> read_one(host::kernel::Process& self);
  [[nodiscard]] host::kernel::Task<void> read_many(host::kernel::Process& self);

  ReceiveOptions options_;
  std::vector<Frame> frames_;
  std::size_t next_ = 0;
  unsigned pair_ = 0;
  std::uint64_t read_ = 0;
  std::array<std::byte, 2'048> buffer_{};
};

}  // namespace sim::stack
