// SPDX-License-Identifier: Apache-2.0
// Polling in process context, with the NAPI's own state as the lock.
#include "host/kernel/busy_poll.hpp"

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"

namespace host::kernel {
namespace {

constexpr platform::Nanoseconds kRelax = 50;  // between two looks (Linux: cpu_relax and the loop around it)

}  // namespace

/// The process has the NAPI: its polls do not complete it (Linux: NAPI_STATE_IN_BUSY_POLL).
class BusyPoll {
 public:
  BusyPoll(Cpu& cpu, Napi& napi) : cpu_(cpu), napi_(napi) {}
  ~BusyPoll() { stop(); }
  BusyPoll(const BusyPoll&) = delete;
  BusyPoll& operator=(const BusyPoll&) = delete;

  [[nodiscard]] bool enabled() const { return napi_.enabled_; }
  /// 0 too when it is somebody else's now.
  int poll() {
    const BottomHalfGuard guard(cpu_);
    if (!mine_) {
      if (!napi_.enabled_ || napi_.scheduled_) return 0;
      mine_ = napi_.scheduled_ = napi_.polling_ = napi_.busy_ = true;
    }
    return poll_once();
  }

 private:
  int poll_once() {
    ++napi_.polls_;
    cpu_.charge(Op::napi_poll);
    const int work = napi_.poll(cpu_, kBusyPollBudget);
    INVARIANT(work >= 0 && work <= kBusyPollBudget, "a poll exceeded its budget");
    if (napi_.busy_ && napi_.gro_holds()) napi_.gro_flush(cpu_, GroFlush::all);
    return work;
  }

  /// Linux: busy_poll_stop. The last poll completes the NAPI, or NET_RX goes on with it.
  void stop() {
    if (!mine_) return;
    const BottomHalfGuard guard(cpu_);
    napi_.busy_ = false;
    const int work = poll_once();
    napi_.polling_ = false;
    if (work < kBusyPollBudget) return;
    if (!napi_.enabled_) {
      napi_.scheduled_ = false;
    } else {
      napi_schedule_prepared(cpu_, napi_);
    }
  }

  Cpu& cpu_;
  Napi& napi_;
  bool mine_ = false;
};

std::uint64_t napi_busy_loop(Cpu& cpu, Napi& napi, const std::function<bool()>& done, platform::Nanoseconds deadline) {
  std::uint64_t packets = 0;
  BusyPoll busy(cpu, napi);
  while (busy.enabled()) {
    const auto began = cpu.now();
    packets += static_cast<std::uint64_t>(busy.poll());
    if (done() || cpu.now() >= deadline) break;
    cpu.charge_ns(kRelax);
    if (cpu.now() == began) break;
  }
  return packets;
}

}  // namespace host::kernel
