// SPDX-License-Identifier: Apache-2.0
// What a socket has on its way out (Linux: sk_wmem_alloc, sk_sndbuf, sock_wfree, sock_def_write_space).
#pragma once

#include <cstdint>
#include <functional>

#include "host/kernel/timer.hpp"
#include "host/skb/skb.hpp"

namespace host::ip {

inline constexpr std::int64_t kDefaultSendBuffer = 212'992;  // net.core.wmem_default
inline constexpr std::int64_t kMinimumSendBuffer = 4'608;    // SOCK_MIN_SNDBUF

/// Bounded by memory: each packet counts its truesize from when it is made until it has been sent or lost.
class SendBuffer {
 public:
  /// There is room again for who wanted it (Linux: sk_write_space).
  using Space = std::function<void(kernel::Cpu&)>;

  explicit SendBuffer(std::int64_t limit);
  /// Packets on their way go on without it.
  ~SendBuffer();
  SendBuffer(const SendBuffer&) = delete;
  SendBuffer& operator=(const SendBuffer&) = delete;

  /// The packet counts here. `cpu` is where the sender runs: he will be told there. Linux: skb_set_owner_w.
  void own(kernel::Cpu& cpu, skb::SkBuff& skb);
  /// Another packet may be made: as in Linux the one that crosses the limit still may.
  [[nodiscard]] bool has_room() const { return charged() < limit_; }
  /// Half of it is free (Linux: sock_writeable): what EPOLLOUT waits for.
  [[nodiscard]] bool is_writeable() const { return 2 * charged() < limit_; }
  /// Somebody waits for it to be writeable: on_space() will hear of it once (Linux: SOCK_NOSPACE).
  void want_space() { wanted_ = true; }
  void on_space(Space space) { space_ = std::move(space); }

  [[nodiscard]] std::int64_t limit() const { return limit_; }
  void set_limit(std::int64_t bytes) { limit_ = bytes; }
  /// Linux: sk_wmem_alloc.
  [[nodiscard]] std::int64_t charged() const;
  /// Bytes a second that a qdisc that paces lets pass; skb::PacketOwner::kUnpaced: all.
  void set_pacing_rate(std::uint64_t rate);
  /// How its packets name their socket.
  [[nodiscard]] const skb::PacketOwner* owner() const;

 private:
  class Account;

  void freed();

  skb::AttachmentRef account_;
  std::int64_t limit_;
  bool wanted_ = false;
  kernel::Cpu* home_ = nullptr;  // where the sender ran last
  Space space_;
  kernel::Timer tell_;
};

}  // namespace host::ip
