// SPDX-License-Identifier: Apache-2.0
// NAPI: interrupt once, then poll within a budget (Linux: net/core/dev.c, napi_*).
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "host/kernel/timer.hpp"

namespace host::kernel {

class Cpu;
class Kernel;
class Napi;
struct Sysctl;

bool napi_schedule(Cpu& cpu, Napi& napi);

/// What an administrator sets for all NAPIs of an interface: /sys/class/net/eth0/{gro_flush_timeout,
/// napi_defer_hard_irqs}.
struct NapiDeferral {
  platform::Nanoseconds gro_flush_timeout = 0;
  /// So many empty polls, a timeout apart, before the interrupt is on again.
  unsigned napi_defer_hard_irqs = 0;
};

/// Which held packets go up: all, or those that were held before this jiffy.
enum class GroFlush : std::uint8_t { old, all };

/// One pollable source of packets. Its owner derives from it.
class Napi {
 public:
  explicit Napi(std::string name) : name_(std::move(name)) {}
  virtual ~Napi();
  Napi(const Napi&) = delete;
  Napi& operator=(const Napi&) = delete;

  /// The most packets of one poll (Linux: NAPI_POLL_WEIGHT, here a tunable for all).
  [[nodiscard]] virtual int weight(int dev_weight) const { return dev_weight; }
  /// Handles at most `budget` packets and returns how many. When fewer than `budget`, the source is
  /// empty and poll() must have called napi_complete_done() before it returned.
  virtual int poll(Cpu& cpu, int budget) = 0;

  /// Null: interrupts are on again at once, and nothing is held beyond a poll. It outlives the NAPI.
  void set_deferral(const NapiDeferral* deferral) { deferral_ = deferral; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool scheduled() const { return scheduled_; }
  [[nodiscard]] std::uint64_t polls() const { return polls_; }

 protected:
  /// Packets are held to be merged with others (Linux: gro_bitmask).
  [[nodiscard]] virtual bool gro_holds() const { return false; }
  virtual void gro_flush(Cpu& /*cpu*/, GroFlush /*which*/) {}
  /// Drops what is held: the NAPI was disabled.
  virtual void gro_purge(Cpu& /*cpu*/) {}

 private:
  friend bool napi_schedule(Cpu& cpu, Napi& napi);
  friend bool napi_schedule_prep(Napi& napi);
  friend void napi_schedule_prepared(Cpu& cpu, Napi& napi);
  friend bool napi_complete_done(Cpu& cpu, Napi& napi, int work);
  friend void napi_enable(Napi& napi);
  friend void napi_disable(Cpu& cpu, Napi& napi);
  friend class NetRx;
  friend class BusyPoll;

  std::string name_;
  std::deque<Napi*>* list_ = nullptr;  // the poll list that it stands on
  bool enabled_ = false;
  bool scheduled_ = false;
  bool polling_ = false;
  bool busy_ = false;    // a process polls it, over and over
  bool missed_ = false;  // scheduled again while it was being polled
  std::uint64_t polls_ = 0;
  const NapiDeferral* deferral_ = nullptr;
  unsigned defer_hard_irqs_ = 0;                                     // empty polls that are left
  Timer watchdog_{[this](Cpu& cpu) { napi_schedule(cpu, *this); }};  // Linux: napi_watchdog
};

/// Puts `napi` on this CPU's poll list and raises NET_RX. False when it stood on one already (it will
/// look again before it completes) or is disabled.
bool napi_schedule(Cpu& cpu, Napi& napi);
/// The same in two halves, which may be on different CPUs: the right to schedule it (Linux: napi_schedule_prep) ...
[[nodiscard]] bool napi_schedule_prep(Napi& napi);
/// ... and the use of that right on the CPU that shall poll it (Linux: ____napi_schedule).
void napi_schedule_prepared(Cpu& cpu, Napi& napi);
/// Takes it off, having given up what it held. `work` is what the poll returns. False when somebody scheduled it
/// meanwhile and it stays, or when a timer will schedule it (NapiDeferral): the caller must leave its interrupt masked.
[[nodiscard]] bool napi_complete_done(Cpu& cpu, Napi& napi, int work);
void napi_enable(Napi& napi);
/// Waits for a poll on another CPU to end; none starts after this returns. Process context.
void napi_disable(Cpu& cpu, Napi& napi);

/// /proc/net/softnet_stat of one CPU.
struct SoftnetStats {
  std::uint64_t processed = 0;
  std::uint64_t dropped = 0;
  std::uint64_t time_squeeze = 0;
  std::uint64_t received_rps = 0;
  std::uint64_t flow_limit = 0;
};

/// The NET_RX softirq and its three tunables.
class NetRx {
 public:
  explicit NetRx(Kernel& kernel);
  /// Linux: net_rx_action.
  void action(Cpu& cpu);

 private:
  /// Polls once; true when the source has more and must stand at the list's end.
  bool poll_once(Cpu& cpu, Napi& napi, int& work);

  const Sysctl& netdev_budget_;
  const Sysctl& netdev_budget_usecs_;
  const Sysctl& dev_weight_;
};

}  // namespace host::kernel
