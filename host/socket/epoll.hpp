// SPDX-License-Identifier: Apache-2.0
// Waiting for many files at once (Linux: fs/eventpoll.c).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "host/base/result.hpp"
#include "host/kernel/process.hpp"
#include "host/socket/file.hpp"

namespace host::socket {

// How an entry is told, in the values of uapi/linux/eventpoll.h.
inline constexpr PollMask kEpollExclusive = 1U << 28;  // of several epolls that watch a file, one is woken
inline constexpr PollMask kEpollOneShot = 1U << 30;    // told once, until it is modified
inline constexpr PollMask kEpollEdge = 1U << 31;       // EPOLLET: told when something happens, not while it lasts

/// Linux: struct epoll_event.
struct EpollEvent {
  PollMask events = 0;
  std::uint64_t data = 0;
};

class Epoll final : public File {
 public:
  explicit Epoll(std::uint64_t generation);
  ~Epoll() override;

  /// Linux: EPOLL_CTL_ADD. exists: the descriptor's file is watched already; invalid: an epoll.
  [[nodiscard]] base::Result<void> add(kernel::Cpu& cpu, int fd, File& file, EpollEvent event);
  /// EPOLL_CTL_MOD. no_entry; invalid: exclusive is chosen when an entry is added, and never changed.
  [[nodiscard]] base::Result<void> modify(kernel::Cpu& cpu, int fd, EpollEvent event);
  /// EPOLL_CTL_DEL. no_entry.
  [[nodiscard]] base::Result<void> remove(int fd);

  /// Takes up to `out.size()` entries that are ready and returns how many. Level-triggered ones that stay ready will be
  /// told again, after the others.
  [[nodiscard]] std::size_t collect(kernel::Cpu& cpu, std::span<EpollEvent> out);
  [[nodiscard]] kernel::WaitQueue& waiters() { return waiters_; }
  /// Some may be ready (Linux: ep_events_available).
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }
  /// By which the last socket's packets came that had something to say; 0: none, or it was polled in vain (Linux:
  /// ep_set_busy_poll_napi_id).
  [[nodiscard]] unsigned busy_napi_id() const { return busy_napi_id_; }
  void forget_busy_napi() { busy_napi_id_ = 0; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  [[nodiscard]] PollMask poll(PollMask wanted) const override;
  void release(kernel::Cpu& cpu) override;

 private:
  class Entry;

  void remember_napi(const File& file);
  void make_ready(Entry& entry);
  /// An entry that has just been added or modified may be ready already.
  void look(kernel::Cpu& cpu, Entry& entry);
  void erase(Entry& entry);

  std::map<int, std::unique_ptr<Entry>> entries_;
  std::deque<Entry*> ready_;  // in the order in which they became it
  kernel::WaitQueue waiters_;
  unsigned busy_napi_id_ = 0;
};

}  // namespace host::socket
