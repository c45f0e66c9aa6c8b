// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/tlp_sender.hpp"

#include <algorithm>
#include <utility>

#include "sim/pcie/link.hpp"

namespace sim::nic_model {

void TlpSender::send(pcie::Tlp tlp) {
  const pcie::TlpClass kind = class_of(tlp);
  auto& queue = kind == pcie::TlpClass::posted      ? posted_
                : kind == pcie::TlpClass::nonposted ? nonposted_
                                                    : completions_;
  queue.push_back({order_++, std::move(tlp)});
  pump();
}

void TlpSender::credits(const pcie::Credits& total) {
  limit_ = total;
  pump();
}

bool TlpSender::waits(std::uint8_t tag) const {
  return std::ranges::any_of(nonposted_, [tag](const Waiting& waiting) {
    const auto request = pcie::parse_request(waiting.tlp);
    return request && request->tag == tag;
  });
}

std::vector<pcie::Request> TlpSender::abandon() {
  std::vector<pcie::Request> requests;
  for (auto* queue : {&posted_, &nonposted_}) {
    std::erase_if(*queue, [&](const Waiting& waiting) {
      const auto request = pcie::parse_request(waiting.tlp);
      const bool memory = request && (request->kind == pcie::RequestKind::memory_read ||
                                      request->kind == pcie::RequestKind::memory_write);
      if (memory) requests.push_back(*request);
      return memory;
    });
  }
  pump();  // completions may have waited behind a posted one
  return requests;
}

/// The oldest TLP that may go (table 2-34): a posted request that waits for credits holds back all younger
/// ones; a non-posted request that waits holds back nothing but its like.
std::deque<TlpSender::Waiting>* TlpSender::next() {
  std::deque<Waiting>* best = nullptr;
  const std::uint64_t barrier = posted_.empty() ? UINT64_MAX : posted_.front().order;
  for (auto* queue : {&posted_, &completions_, &nonposted_}) {
    if (queue->empty() || queue->front().order > barrier) continue;
    if (!pcie::credits_allow(used_, pcie::credits_of(queue->front().tlp), limit_)) continue;
    if (best == nullptr || queue->front().order < best->front().order) best = queue;
  }
  return best;
}

void TlpSender::pump() {
  while (auto* queue = next()) {
    pcie::Tlp tlp = std::move(queue->front().tlp);
    queue->pop_front();
    used_ += pcie::credits_of(tlp);
    last_ = std::max(last_, timeline_.now() + latency_);
    host_->from_nic(std::move(tlp), last_);
  }
}

}  // namespace sim::nic_model
