// SPDX-License-Identifier: Apache-2.0
// Telling those who watch a file (Linux: __wake_up_common, ep_poll_callback's callers).
#include "host/socket/file.hpp"

#include <utility>

#include "host/base/invariant.hpp"

namespace host::socket {

File::~File() {
  INVARIANT(!is_watched(), "a file goes while somebody watches it");
}

void File::add_watcher(FileWatcher& watcher) {
  FileWatcher** end = &watchers_;
  while (*end != nullptr) end = &(*end)->next;
  *end = &watcher;
}

void File::remove_watcher(FileWatcher& watcher) {
  FileWatcher** link = &watchers_;
  while (*link != &watcher) link = &(*link)->next;
  *link = std::exchange(watcher.next, nullptr);
}

void File::notify_watchers(kernel::Cpu& cpu, PollMask events) {
  bool wakes = false;
  bool one_wakes = false;
  for (FileWatcher* watcher = watchers_; watcher != nullptr; watcher = watcher->next) {
    if (watcher->exclusive && one_wakes) continue;
    if (!watcher->note(events)) continue;
    wakes = true;
    one_wakes = one_wakes || watcher->exclusive;
  }
  if (!wakes) return;
  const InUse use(cpu, *this);
  while (true) {
    // From the front each time: who was woken may have changed the list.
    FileWatcher* watcher = watchers_;
    while (watcher != nullptr && !watcher->wants_wake) watcher = watcher->next;
    if (watcher == nullptr) break;
    watcher->wake(cpu);
  }
}

void File::close(kernel::Cpu& cpu) {
  closed_ = true;
  while (FileWatcher* watcher = watchers_) {
    remove_watcher(*watcher);
    watcher->file_closed();
  }
  release(cpu);
}

}  // namespace host::socket
