// SPDX-License-Identifier: Apache-2.0
// Telling those who watch a file (Linux: __wake_up_common, ep_poll_callback's callers).
#include "host/socket/file.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"

namespace host::socket {

File::~File() {
  INVARIANT(watchers_.empty(), "a file goes while somebody watches it");
}

void File::notify_watchers(kernel::Cpu& cpu, PollMask events) {
  bool one_will_wake = false;
  for (FileWatcher* watcher : watchers_) {
    if (watcher->exclusive() && one_will_wake) continue;
    const bool wakes = watcher->note(events);
    one_will_wake = one_will_wake || (watcher->exclusive() && wakes);
  }
  const InUse use(cpu, *this);
  while (true) {
    // From the front each time: who was woken may have changed the list.
    const auto next = std::find_if(watchers_.begin(), watchers_.end(),
                                   [](const FileWatcher* watcher) { return watcher->wants_wake(); });
    if (next == watchers_.end()) break;
    (*next)->wake(cpu);
  }
}

void File::close(kernel::Cpu& cpu) {
  closed_ = true;
  while (!watchers_.empty()) {
    FileWatcher* watcher = watchers_.back();
    watchers_.pop_back();
    watcher->file_closed();
  }
  release(cpu);
}

}  // namespace host::socket
