// SPDX-License-Identifier: Apache-2.0
// What a descriptor stands for, and who wants to know when it is ready (Linux: struct file, vfs_poll).
#pragma once

#include <cstdint>

#include "host/kernel/cpu.hpp"

namespace host::socket {

/// Linux: EPOLLIN and its kin, in the values of uapi/linux/eventpoll.h.
using PollMask = std::uint32_t;
inline constexpr PollMask kPollIn = 0x0001;
inline constexpr PollMask kPollOut = 0x0004;
inline constexpr PollMask kPollErr = 0x0008;
inline constexpr PollMask kPollHup = 0x0010;

class File;

/// Somebody who waits for a file to be ready: an entry of an epoll.
class FileWatcher {
 public:
  virtual ~FileWatcher() = default;
  /// Takes note; takes no time. True when somebody will be woken for it, as wants_wake says from then on.
  virtual bool note(PollMask events) = 0;
  /// Wakes him; the watcher may be gone afterwards.
  virtual void wake(kernel::Cpu& cpu) = 0;
  /// The file is being closed: the watcher forgets it.
  virtual void file_closed() = 0;

  /// One wake-up is enough for all such watchers of the file (Linux: EPOLLEXCLUSIVE).
  bool exclusive = false;
  /// Somebody is to be woken.
  bool wants_wake = false;
  /// Of the same file, who came after this one; the file's to change.
  FileWatcher* next = nullptr;
};

class File {
 public:
  enum class Kind : std::uint8_t { socket, epoll };  // one of SocketCalls' sockets, or an Epoll

  /// `generation` tells a sleeper whether his descriptor still names this file.
  File(std::uint64_t generation, Kind kind) : generation_(generation), kind_(kind) {}
  /// No watcher is left.
  virtual ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// What of `wanted` can be done now without sleeping.
  [[nodiscard]] virtual PollMask poll(PollMask wanted) const = 0;
  /// The descriptor has gone: ends what waits and what is held. Calls under way on it may still come to an end.
  virtual void release(kernel::Cpu& cpu) = 0;

  [[nodiscard]] bool is_socket() const { return kind_ == Kind::socket; }
  /// The NAPI by which what it waits for comes; 0: none that is known.
  [[nodiscard]] virtual unsigned napi_id() const { return 0; }

  void add_watcher(FileWatcher& watcher);
  void remove_watcher(FileWatcher& watcher);
  /// `events` have happened. Watchers may be added and removed meanwhile: waking takes time.
  void notify(kernel::Cpu& cpu, PollMask events) {
    if (is_watched()) notify_watchers(cpu, events);
  }

  /// Somebody hears of what happens.
  [[nodiscard]] bool is_watched() const { return watchers_ != nullptr; }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool in_use() const { return users_ != 0; }

 private:
  friend class InUse;
  friend class DescriptorTable;
  void close(kernel::Cpu& cpu);
  void notify_watchers(kernel::Cpu& cpu, PollMask events);

  std::uint64_t generation_;
  FileWatcher* watchers_ = nullptr;  // exclusive ones too, in the order in which they came
  Kind kind_;
  unsigned users_ = 0;
  bool closed_ = false;
};

/// Keeps a file from being freed under a call: calls take time, in which another CPU may close it. The last one out of
/// a closed file releases it again: the call may have bound it meanwhile.
class InUse {
 public:
  InUse(kernel::Cpu& cpu, File& file) : cpu_(cpu), file_(file) { ++file_.users_; }
  ~InUse() {
    if (--file_.users_ == 0 && file_.closed_) file_.release(cpu_);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  kernel::Cpu& cpu_;
  File& file_;
};

}  // namespace host::socket
