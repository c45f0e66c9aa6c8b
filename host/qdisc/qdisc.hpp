// SPDX-License-Identifier: Apache-2.0
// A queueing discipline: which of a device's packets goes next, and when (Linux: struct Qdisc, net/sched/sch_api.c).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/drop_reason.hpp"
#include "host/base/result.hpp"
#include "host/kernel/cpu.hpp"
#include "host/qdisc/options.hpp"
#include "host/skb/skb.hpp"

namespace host::qdisc {

/// Names a qdisc ("1:") or a class in it ("1:2"): 16 bits each (Linux: TC_H_MAKE).
using Handle = std::uint32_t;
inline constexpr Handle kRootHandle = 0xffffffff;  // TC_H_ROOT: the parent of the outermost one
[[nodiscard]] constexpr Handle make_handle(std::uint32_t major, std::uint32_t minor) {
  return major << 16 | minor;
}
[[nodiscard]] constexpr std::uint32_t major_of(Handle handle) {
  return handle >> 16;
}
[[nodiscard]] constexpr std::uint32_t minor_of(Handle handle) {
  return handle & 0xffff;
}

/// What became of a packet (Linux: NET_XMIT_*). congested: it, or another one of its flow, was dropped later.
enum class Verdict : std::uint8_t { success, drop, congested };

/// `tc -s qdisc`.
struct Stats {
  std::uint64_t bytes = 0;    // sent
  std::uint64_t packets = 0;  // sent
  std::uint64_t drops = 0;    // of this one and those below it
  std::uint64_t requeues = 0;
  std::uint64_t overlimits = 0;
};

struct Backlog {
  std::size_t packets = 0;
  std::uint64_t bytes = 0;
};

/// What a qdisc has to know of its device.
struct Context {
  std::uint32_t mtu = 1514;  // with the Ethernet header (Linux: psched_mtu)
  std::uint32_t tx_queue_len = 1000;
  unsigned tx_queues = 1;
  std::string default_kind = "pfifo_fast";  // of mq's children: net.core.default_qdisc
  /// Of a packet, data at the Ethernet header (Linux: skb_get_hash).
  std::function<std::uint32_t(const skb::SkBuff&)> flow_hash;
  /// Cuts a large packet into the frames that it stands for (Linux: skb_gso_segment). Without it none is cut.
  std::function<base::Result<std::vector<skb::Skb>>(kernel::Cpu&, const skb::SkBuff&)> segment;
};

class Qdisc;

/// One of a qdisc's classes and what waits in it.
struct Class {
  std::uint32_t minor = 0;
  Qdisc* leaf = nullptr;
};

/// How the transmit path goes about with it (Linux: Qdisc::state).
struct RunState {
  bool running = false;              // one CPU at a time sends from it
  bool scheduled = false;            // it stands on some CPU's NET_TX list
  bool dead = false;                 // the device has another one now
  unsigned users = 0;                // CPUs that are about to give it a packet
  std::optional<unsigned> tx_queue;  // the only one that its packets are for (Linux: TCQ_F_ONETXQUEUE)
};

/// Enqueued from any CPU, dequeued by one at a time. Packets stand at their Ethernet header, with their note set.
class Qdisc {
 public:
  explicit Qdisc(std::string_view kind) : kind_(kind) {}
  virtual ~Qdisc() = default;
  Qdisc(const Qdisc&) = delete;
  Qdisc& operator=(const Qdisc&) = delete;

  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] Handle handle() const { return handle_; }
  void set_handle(Handle handle) { handle_ = handle; }

  /// False: packets go straight to the driver (noqueue).
  [[nodiscard]] virtual bool queues() const { return true; }
  /// Nothing is held, and what came now would be the next to go as it is: it may as well go past, and be counted by
  /// count_sent() alone (Linux: TCQ_F_CAN_BYPASS).
  [[nodiscard]] bool may_bypass() const { return lets_pass() && !peeked_ && requeued_.empty(); }
  void count_sent(const skb::SkBuff& skb);
  /// Takes the packet: holds it, or drops it, or drops another one for it; each drop is counted under its reason.
  virtual Verdict enqueue(kernel::Cpu& cpu, skb::Skb&& skb) = 0;
  /// The next one; null when there is none, or none may go yet (then it asks for a run when one may).
  [[nodiscard]] skb::Skb dequeue(kernel::Cpu& cpu);
  /// The one that dequeue() will give.
  [[nodiscard]] const skb::SkBuff* peek(kernel::Cpu& cpu);
  /// Puts back what the driver did not take; it stays the first.
  void requeue(skb::Skb skb);
  /// The one that requeue() put in front; null when none is there.
  [[nodiscard]] const skb::SkBuff* requeued() const { return requeued_.empty() ? nullptr : requeued_.front().get(); }
  /// Drops everything (queue_purge) and forgets all state. Nobody else uses it.
  void reset(kernel::Cpu& cpu);

  [[nodiscard]] virtual Stats stats() const { return stats_; }
  /// What it holds, what was requeued and what is below it included.
  [[nodiscard]] virtual Backlog backlog() const;
  [[nodiscard]] std::size_t backlog_packets() const { return backlog().packets; }
  [[nodiscard]] std::uint64_t backlog_bytes() const { return backlog().bytes; }

  /// `tc qdisc change`. invalid (nothing has changed): these are not its options, or make no sense.
  [[nodiscard]] virtual base::Result<void> change(kernel::Cpu& cpu, const Options& options);
  /// As they are now, every one.
  [[nodiscard]] virtual Options options() const { return {}; }
  /// Its classes in order; none: it is classless.
  [[nodiscard]] virtual std::vector<Class> classes() { return {}; }
  /// Gives a class another qdisc, null: the one that it had at first; returns the old one. Nobody runs it meanwhile.
  /// no_entry: there is no such class; not_supported: it has none.
  [[nodiscard]] virtual base::Result<std::unique_ptr<Qdisc>> graft(std::uint32_t minor, std::unique_ptr<Qdisc> child);
  /// The device's txqueuelen changed.
  virtual void tx_queue_len_changed(std::uint32_t) {}

  /// The one that packets of that transmit queue go to: itself, but for mq.
  [[nodiscard]] virtual Qdisc& of_tx_queue(unsigned) { return *this; }

  /// How it asks for a run of the outermost one. The device, or the qdisc around it, sets it.
  using Wake = std::function<void(kernel::Cpu&)>;
  void set_wake(Wake wake) { wake_ = std::move(wake); }

  RunState state;

 protected:
  /// The next packet out of the structure.
  [[nodiscard]] virtual skb::Skb take(kernel::Cpu& cpu) = 0;
  /// The structure is empty and never keeps a packet waiting for anything but the driver.
  [[nodiscard]] virtual bool lets_pass() const { return false; }
  /// What the structure holds.
  [[nodiscard]] virtual Backlog held() const = 0;
  /// Drops what the structure holds, by purge().
  virtual void clear(kernel::Cpu& cpu) = 0;

  /// Ends a packet of this qdisc, counted here and in those around it.
  void drop(kernel::Cpu& cpu, skb::Skb skb, base::DropReason reason);
  static void purge(kernel::Cpu& cpu, skb::Skb skb);
  void wake(kernel::Cpu& cpu) const;
  void count_overlimit() { ++stats_.overlimits; }
  /// `child` counts its drops here too and wakes through this one.
  void adopt(Qdisc& child);

 private:
  std::string kind_;
  Handle handle_ = 0;
  Qdisc* parent_ = nullptr;
  Wake wake_;
  Stats stats_;
  skb::Skb peeked_;
  std::deque<skb::Skb> requeued_;
};

}  // namespace host::qdisc
