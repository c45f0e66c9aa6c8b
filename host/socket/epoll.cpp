// SPDX-License-Identifier: Apache-2.0
// The interest list and the ready list.
#include "host/socket/epoll.hpp"

#include <utility>

namespace host::socket {

using base::Errno;

namespace {

constexpr PollMask kManner = kEpollExclusive | kEpollOneShot | kEpollEdge;
constexpr PollMask kAlways = kPollErr | kPollHup;  // told whether asked for or not

}  // namespace

class Epoll::Entry final : public FileWatcher {
 public:
  Entry(Epoll& owner, int fd, File& file, EpollEvent event) : owner_(owner), fd_(fd), file_(file), event_(event) {
    exclusive = has(kEpollExclusive);
    file_.add_watcher(*this);
  }
  ~Entry() override {
    if (watches_) file_.remove_watcher(*this);
  }

  bool note(PollMask events) override {
    owner_.remember_napi(file_);
    if ((events & wanted()) == 0) return false;
    owner_.make_ready(*this);
    wants_wake = !owner_.waiters_.empty();
    return wants_wake;
  }
  void wake(kernel::Cpu& cpu) override {
    wants_wake = false;
    owner_.waiters_.wake_one(cpu);
  }
  void file_closed() override {
    watches_ = false;
    owner_.erase(*this);
  }

  /// What is asked for; nothing of a one-shot that was told.
  [[nodiscard]] PollMask wanted() const { return disarmed_ ? 0 : (event_.events & ~kManner) | kAlways; }
  [[nodiscard]] PollMask events_now() const { return file_.poll(wanted()); }
  [[nodiscard]] bool has(PollMask manner) const { return (event_.events & manner) != 0; }
  [[nodiscard]] std::uint64_t data() const { return event_.data; }
  [[nodiscard]] int fd() const { return fd_; }
  void disarm() { disarmed_ = true; }
  void change(EpollEvent event) {
    event_ = event;
    disarmed_ = false;
  }

  bool ready = false;  // it is in the ready list

 private:
  Epoll& owner_;
  int fd_;
  File& file_;
  EpollEvent event_;
  bool watches_ = true;
  bool disarmed_ = false;
};

Epoll::Epoll(std::uint64_t generation) : File(generation, Kind::epoll) {}

Epoll::~Epoll() {
  ready_.clear();
  entries_.clear();
}

void Epoll::remember_napi(const File& file) {
  if (const unsigned id = file.napi_id(); id != 0) busy_napi_id_ = id;
}

void Epoll::make_ready(Entry& entry) {
  if (!std::exchange(entry.ready, true)) ready_.push_back(&entry);
}

void Epoll::look(kernel::Cpu& cpu, Entry& entry) {
  if (entry.events_now() == 0) return;
  make_ready(entry);
  waiters_.wake_one(cpu);
}

void Epoll::erase(Entry& entry) {
  if (entry.ready) std::erase(ready_, &entry);
  entries_.erase(entry.fd());
}

base::Result<void> Epoll::add(kernel::Cpu& cpu, int fd, File& file, EpollEvent event) {
  if (dynamic_cast<Epoll*>(&file) != nullptr) return Errno::invalid;
  const auto [place, fresh] = entries_.try_emplace(fd);
  if (!fresh) return Errno::exists;
  place->second = std::make_unique<Entry>(*this, fd, file, event);
  remember_napi(file);
  look(cpu, *place->second);
  return {};
}

base::Result<void> Epoll::modify(kernel::Cpu& cpu, int fd, EpollEvent event) {
  const auto found = entries_.find(fd);
  if (found == entries_.end()) return Errno::no_entry;
  if (found->second->exclusive || (event.events & kEpollExclusive) != 0) return Errno::invalid;
  found->second->change(event);
  look(cpu, *found->second);
  return {};
}

base::Result<void> Epoll::remove(int fd) {
  const auto found = entries_.find(fd);
  if (found == entries_.end()) return Errno::no_entry;
  erase(*found->second);
  return {};
}

std::size_t Epoll::collect(kernel::Cpu& cpu, std::span<EpollEvent> out) {
  std::size_t taken = 0;
  // Each entry once: what is put back stands behind this one.
  for (auto left = ready_.size(); left > 0 && taken < out.size(); --left) {
    Entry& entry = *ready_.front();
    ready_.pop_front();
    entry.ready = false;
    const PollMask events = entry.events_now();
    if (events == 0) continue;
    out[taken++] = {events, entry.data()};
    if (entry.has(kEpollOneShot)) {
      entry.disarm();
    } else if (!entry.has(kEpollEdge)) {
      make_ready(entry);
    }
  }
  // What this caller leaves is for the next one who waits (Linux: ep_done_scan).
  if (!ready_.empty() && taken != 0) waiters_.wake_one(cpu);
  return taken;
}

PollMask Epoll::poll(PollMask wanted) const {
  if ((wanted & kPollIn) == 0) return 0;
  for (const Entry* entry : ready_) {
    if (entry->events_now() != 0) return kPollIn;
  }
  return 0;
}

void Epoll::release(kernel::Cpu& cpu) {
  ready_.clear();
  entries_.clear();
  waiters_.wake_all(cpu);
}

}  // namespace host::socket
