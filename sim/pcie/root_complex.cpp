// SPDX-License-Identifier: Apache-2.0
// Time, link and credits; memory and CPUs are in root_complex_memory.cpp and root_complex_host.cpp.
#include "sim/pcie/root_complex.hpp"

#include <algorithm>
#include <tuple>

#include "sim/pcie/bus_time.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::pcie {
namespace {

constexpr unsigned kHostTags = 32;

void check(const RootComplexConfig& config) {
  if (config.read_completion_boundary != 64 && config.read_completion_boundary != 128) {
    throw UserError("the read completion boundary is 64 or 128 bytes");
  }
  if (config.memory_latency_min < 0 || config.memory_latency_max < config.memory_latency_min) {
    throw UserError("memory latency: the maximum must not be below the minimum, and neither below 0");
  }
}

Credits plus(Credits total, const Credits& more) {
  return total += more;
}

}  // namespace

bool RootComplex::Event::operator>(const Event& other) const {
  return std::tie(at, kind, order) > std::tie(other.at, other.kind, other.order);
}

RootComplex::RootComplex(sc_core::sc_module_name name, const RootComplexConfig& config, memory::Iommu& iommu)
    : sc_module(name),
      memory("memory"),
      config_(config),
      iommu_(iommu),
      random_(config.seed),
      up_(config.link),
      down_(config.link),
      host_limit_(initial_credits(config.link.host)),
      nic_initial_(initial_credits(config.link.nic)),
      nic_limit_(nic_initial_) {
  check(config);
  for (unsigned i = 0; i < kHostTags; ++i) tags_.push_back(std::make_unique<HostRequest>());
  SC_METHOD(process);
  sensitive << wake_;
  dont_initialize();
}

RootComplex::~RootComplex() = default;

void RootComplex::attach(NicPort& nic) {
  nic_ = &nic;
  nic_->host_credits(host_limit_, 0);
  checker_.credit_limit(Direction::from_nic, host_limit_, 0);
  checker_.credit_limit(Direction::to_nic, nic_limit_, 0);
}

void RootComplex::on_message(std::function<void(std::uint64_t, std::uint32_t)> handler) {
  message_ = std::move(handler);
}

void RootComplex::on_intx(std::function<void(bool)> handler) {
  intx_ = std::move(handler);
}

// ----------------------------------------------------------------------------------------- time

void RootComplex::schedule(Picoseconds at, EventKind kind, std::uint32_t slot) {
  events_.push({at, kind, order_++, slot});
  notify_at(at);
}

void RootComplex::notify_at(Picoseconds at) {
  if (at >= wake_at_) return;
  wake_at_ = at;
  wake_.notify(sc_ps(std::max<Picoseconds>(at - now_ps(), 0)));
}

void RootComplex::process() {
  const Picoseconds now = now_ps();
  wake_at_ = now;  // whatever is scheduled for now is served by the loop
  while (!events_.empty() && events_.top().at <= now) {
    const Event event = events_.top();
    events_.pop();
    handle(event);
  }
  wake_at_ = INT64_MAX;
  if (!events_.empty()) notify_at(events_.top().at);
}

void RootComplex::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::arrival: {
      Tlp tlp = std::move(arriving_.front());
      arriving_.pop_front();
      arrive(std::move(tlp));
      break;
    }
    case EventKind::memory_read:
      continue_read(event.slot);
      break;
    case EventKind::delayed: {
      auto& [tlp, under_way] = delayed_[event.slot];
      nic_->to_nic(std::move(tlp), event.at + under_way);
      break;
    }
    case EventKind::send:
      send_scheduled_ = -1;
      send_ready(event.at);
      break;
  }
}

// ------------------------------------------------------------------------------------- NIC side

void RootComplex::from_nic(Tlp tlp, Picoseconds at) {
  checker_.tlp(Direction::from_nic, tlp, at);
  const Picoseconds arrival = bus_instant(up_.transmit(tlp_bytes(tlp), at));
  const Credits used = credits_of(tlp);
  if (used.posted_headers + used.nonposted_headers != 0) {
    // The receiver hands a TLP on at once when it arrives; the update travels back.
    host_limit_ += used;
    const Picoseconds told = arrival + config_.link.latency;
    const Picoseconds known = hold_credits_ ? hold_credits_(told) : told;
    nic_->host_credits(host_limit_, known);
    checker_.credit_limit(Direction::from_nic, host_limit_, known);
  }
  arriving_.push_back(std::move(tlp));
  schedule(arrival, EventKind::arrival, 0);
}

void RootComplex::nic_credits(const Credits& total, Picoseconds at) {
  const Credits limit = plus(total, nic_initial_);
  checker_.credit_limit(Direction::to_nic, limit, at);
  const Picoseconds arrival = bus_instant(at + config_.link.latency);
  nic_updates_.emplace_back(arrival, limit);
  if (starved_ && nic_updates_.size() == 1) schedule_send(arrival);
}

void RootComplex::enqueue(std::deque<Outgoing>& queue, Tlp tlp, bool checked) {
  queue.push_back({out_order_++, std::move(tlp), checked});
  schedule_send(bus_instant(std::max(now_ps(), down_.free_at())));
}

void RootComplex::schedule_send(Picoseconds at) {
  if (send_scheduled_ >= 0 && send_scheduled_ <= at) return;
  send_scheduled_ = at;
  schedule(at, EventKind::send, 0);
}

void RootComplex::send_ready(Picoseconds now) {
  while (!nic_updates_.empty() && nic_updates_.front().first <= now) {
    nic_limit_ = nic_updates_.front().second;
    nic_updates_.pop_front();
  }
  starved_ = false;
  std::deque<Outgoing>* queue = nullptr;
  while ((queue = next_to_send()) != nullptr && down_.free_at() <= now) {
    Outgoing outgoing = std::move(queue->front());
    queue->pop_front();
    send(std::move(outgoing), now);
  }
  if (queue != nullptr) {
    schedule_send(bus_instant(down_.free_at()));
  } else if (starved_ && !nic_updates_.empty()) {
    schedule_send(nic_updates_.front().first);
  }
}

bool RootComplex::may_send(const Outgoing& outgoing) const {
  return credits_allow(nic_consumed_, credits_of(outgoing.tlp), nic_limit_);
}

/// Table 2-34: nothing passes an earlier posted request; posted requests and completions pass blocked
/// non-posted ones. Otherwise the oldest goes first.
std::deque<RootComplex::Outgoing>* RootComplex::next_to_send() {
  std::deque<Outgoing>* best = nullptr;
  std::uint64_t barrier = UINT64_MAX;
  if (!posted_.empty()) {
    barrier = posted_.front().order;
    if (may_send(posted_.front())) {
      best = &posted_;
    } else {
      starved_ = true;
    }
  }
  const auto consider = [&](std::deque<Outgoing>& queue) {
    if (queue.empty() || queue.front().order > barrier) return;
    if (!may_send(queue.front())) {
      starved_ = true;
    } else if (best == nullptr || queue.front().order < best->front().order) {
      best = &queue;
    }
  };
  consider(completions_);
  consider(nonposted_);
  return best;
}

void RootComplex::send(Outgoing outgoing, Picoseconds now) {
  Tlp& tlp = outgoing.tlp;
  nic_consumed_ += credits_of(tlp);
  // Back to back when the link has just become free: rounding to bus instants costs no bandwidth.
  const Picoseconds ready = now <= down_.free_at() + 1 ? 0 : now;
  const Picoseconds arrival = std::max(down_.transmit(tlp_bytes(tlp), ready), now + config_.link.latency);
  if (outgoing.checked) {
    checker_.tlp(Direction::to_nic, tlp, arrival);
  } else {
    checker_.forgive(tlp);
  }
  if (is_completion(tlp)) ++counters_.completions_out;
  FilterVerdict verdict;
  if (filter_) verdict = filter_(tlp);
  for (unsigned copy = 0; copy < verdict.copies; ++copy) {
    if (verdict.delay == 0) {
      nic_->to_nic(tlp, arrival);
    } else {
      delayed_.emplace_back(tlp, arrival - now);
      schedule(bus_instant(now + verdict.delay), EventKind::delayed, static_cast<std::uint32_t>(delayed_.size() - 1));
    }
  }
}

void RootComplex::inject(Tlp tlp) {
  enqueue(posted_, std::move(tlp), false);
}

}  // namespace sim::pcie
