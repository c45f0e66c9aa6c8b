// SPDX-License-Identifier: Apache-2.0
// Whatever takes a qdisc's packets: at once, or one at a time at a rate; it notes when each went.
#pragma once

#include "tests/host/qdisc/qdisc_world.hpp"

namespace host_test {

struct Departure {
  std::uint32_t mark;
  Nanoseconds at;
  std::uint32_t bytes;
};

class Link {
 public:
  /// `per_byte` 0: packets take no time.
  Link(QdiscWorld& world, host::qdisc::Qdisc& qdisc, Nanoseconds per_byte = 0)
      : world_(world), qdisc_(qdisc), per_byte_(per_byte) {
    qdisc_.set_wake([this](host::kernel::Cpu&) { pump(); });
  }
  void send(host::skb::Skb skb) {
    static_cast<void>(qdisc_.enqueue(world_.cpu(), std::move(skb)));
    pump();
  }
  void pump() {
    world_.machine.irqs.send_ipi(0);  // its CPU looks at its timers again
    while (!busy_) {
      const host::skb::Skb skb = qdisc_.dequeue(world_.cpu());
      if (!skb) return;
      departures.push_back({skb->mark, world_.machine.cpus.now(), skb->len()});
      if (per_byte_ == 0) continue;
      busy_ = true;
      world_.machine.cpus.after(per_byte_ * skb->len(), [this] {
        busy_ = false;
        pump();
      });
    }
  }
  /// Bytes of the packets with a mark (of all: none given) that left from `from` on.
  [[nodiscard]] std::uint64_t bytes(std::optional<std::uint32_t> mark = std::nullopt, Nanoseconds from = 0) const {
    std::uint64_t sum = 0;
    for (const Departure& one : departures) sum += (!mark || one.mark == *mark) && one.at >= from ? one.bytes : 0;
    return sum;
  }
  std::vector<Departure> departures;

 private:
  QdiscWorld& world_;
  host::qdisc::Qdisc& qdisc_;
  Nanoseconds per_byte_;
  bool busy_ = false;
};

inline constexpr Nanoseconds kMicrosecond = 1'000;
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

}  // namespace host_test
