// SPDX-License-Identifier: Apache-2.0
// NAPI's states and the NET_RX softirq with its budgets (Linux: net/core/dev.c).
#include "host/kernel/napi.hpp"

#include <algorithm>

#include "host/base/invariant.hpp"
#include "host/kernel/kernel.hpp"

namespace host::kernel {
namespace {

constexpr std::int64_t kBudget = 300;        // netdev_budget
constexpr std::int64_t kBudgetUsecs = 2000;  // netdev_budget_usecs
constexpr std::int64_t kWeight = 64;         // dev_weight
constexpr platform::Nanoseconds kDisablePause = 1000;

}  // namespace

Napi::~Napi() {
  INVARIANT(!scheduled_ && !polling_, "a NAPI is destroyed while it is scheduled");
}

bool napi_schedule_prep(Napi& napi) {
  if (!napi.enabled_) return false;
  if (napi.scheduled_) {
    napi.missed_ = true;
    return false;
  }
  napi.scheduled_ = true;
  return true;
}

void napi_schedule_prepared(Cpu& cpu, Napi& napi) {
  if (!napi.scheduled_ || napi.list_ != nullptr) return;  // disabled meanwhile
  napi.list_ = &cpu.poll_list();
  cpu.poll_list().push_back(&napi);
  cpu.trace(JourneyStep::napi_schedule, 0);
  cpu.raise_softirq(Softirq::net_rx);
}

bool napi_schedule(Cpu& cpu, Napi& napi) {
  cpu.charge(Op::napi_schedule);
  if (!napi_schedule_prep(napi)) return false;
  napi_schedule_prepared(cpu, napi);
  return true;
}

bool napi_complete_done(Cpu& cpu, Napi& napi, int work) {
  cpu.charge(Op::napi_complete);
  INVARIANT(napi.scheduled_ && napi.list_ == nullptr, "a NAPI completes outside its poll");
  if (napi.busy_) return false;  // it will be polled again at once
  platform::Nanoseconds timeout = 0;
  bool rearm = true;
  if (napi.deferral_ != nullptr) {
    if (work > 0) {
      if (napi.gro_holds()) timeout = napi.deferral_->gro_flush_timeout;
      napi.defer_hard_irqs_ = napi.deferral_->napi_defer_hard_irqs;
    }
    if (napi.defer_hard_irqs_ > 0) {
      --napi.defer_hard_irqs_;
      timeout = napi.deferral_->gro_flush_timeout;
      rearm = timeout == 0;
    }
  }
  if (napi.gro_holds()) napi.gro_flush(cpu, timeout != 0 ? GroFlush::old : GroFlush::all);
  if (napi.missed_ && napi.enabled_) {
    napi.missed_ = false;
    napi.list_ = &cpu.poll_list();
    cpu.poll_list().push_back(&napi);
    cpu.raise_softirq(Softirq::net_rx);
    return false;
  }
  napi.missed_ = false;
  napi.scheduled_ = false;
  if (timeout != 0 && napi.enabled_) napi.watchdog_.start(cpu, cpu.now() + timeout);
  return rearm;
}

void napi_enable(Napi& napi) {
  napi.enabled_ = true;
}

void napi_disable(Cpu& cpu, Napi& napi) {
  napi.enabled_ = false;
  while (napi.polling_) cpu.charge_ns(kDisablePause);
  if (napi.list_ != nullptr) std::erase(*napi.list_, &napi);
  napi.list_ = nullptr;
  napi.scheduled_ = false;
  napi.missed_ = false;
  napi.defer_hard_irqs_ = 0;
  napi.watchdog_.stop();
  napi.gro_purge(cpu);
}

NetRx::NetRx(Kernel& kernel)
    : netdev_budget_(kernel.sysctl().add("net.core.netdev_budget", kBudget, 1, INT32_MAX)),
      netdev_budget_usecs_(kernel.sysctl().add("net.core.netdev_budget_usecs", kBudgetUsecs, 0, INT32_MAX)),
      dev_weight_(kernel.sysctl().add("net.core.dev_weight", kWeight, 1, INT32_MAX)) {}

bool NetRx::poll_once(Cpu& cpu, Napi& napi, int& work) {
  const auto weight = napi.weight(static_cast<int>(dev_weight_.value));
  napi.polling_ = true;
  ++napi.polls_;
  cpu.charge(Op::napi_poll);
  work = napi.poll(cpu, weight);
  if (work == weight && napi.gro_holds()) napi.gro_flush(cpu, GroFlush::old);
  napi.polling_ = false;
  INVARIANT(work >= 0 && work <= weight, "a poll exceeded its budget");
  if (work < weight) return false;
  if (napi.enabled_) return true;
  napi.scheduled_ = false;
  return false;
}

void NetRx::action(Cpu& cpu) {
  cpu.trace(JourneyStep::net_rx_action, 0);
  const auto time_limit = cpu.now() + netdev_budget_usecs_.value * 1000;
  std::int64_t budget = netdev_budget_.value;
  std::deque<Napi*> list;
  std::deque<Napi*> repeat;
  const auto move_all = [](std::deque<Napi*>& from, std::deque<Napi*>& to) {
    for (Napi* napi : from) {
      napi->list_ = &to;
      to.push_back(napi);
    }
    from.clear();
  };
  move_all(cpu.poll_list(), list);
  while (!list.empty()) {
    Napi& napi = *list.front();
    list.pop_front();
    napi.list_ = nullptr;
    int work = 0;
    if (poll_once(cpu, napi, work)) {
      napi.list_ = &repeat;
      repeat.push_back(&napi);
    }
    budget -= work;
    if (budget <= 0 || cpu.now() >= time_limit) {
      ++cpu.softnet().time_squeeze;
      break;
    }
  }
  move_all(cpu.poll_list(), list);
  move_all(repeat, list);
  move_all(list, cpu.poll_list());
  if (!cpu.poll_list().empty()) cpu.raise_softirq(Softirq::net_rx);
  cpu.send_deferred_calls();
}

}  // namespace host::kernel
