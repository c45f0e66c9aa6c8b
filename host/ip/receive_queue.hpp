// SPDX-License-Identifier: Apache-2.0
// What a datagram socket has received and not read yet (Linux: sk_receive_queue, sk_rmem_alloc, sk_err).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "host/base/result.hpp"
#include "host/ip/error_queue.hpp"
#include "host/kernel/cpu.hpp"
#include "host/skb/skb_list.hpp"

namespace host::ip {

/// Bounded by memory, not by packets: each packet is charged its truesize. Owned by: its socket; filled in softirq.
class ReceiveQueue {
 public:
  /// Called when there is something to read or an error to hear of (Linux: sk_data_ready, sk_error_report).
  using Ready = std::function<void(kernel::Cpu&)>;

  explicit ReceiveQueue(std::int64_t limit) : limit_(limit) {}
  ReceiveQueue(const ReceiveQueue&) = delete;
  ReceiveQueue& operator=(const ReceiveQueue&) = delete;

  /// Takes `skb` (and leaves it null), or leaves it when the queue held more than its limit already: as in Linux,
  /// the packet that crosses the limit is still taken.
  [[nodiscard]] bool enqueue(kernel::Cpu& cpu, skb::Skb& skb);
  /// enqueue() takes the next packet.
  [[nodiscard]] bool has_room() const { return charged_ <= limit_; }
  /// The oldest packet; null when there is none. It stays.
  [[nodiscard]] skb::SkBuff* front() { return packets_.front(); }
  [[nodiscard]] skb::Skb pop() {
    skb::Skb oldest = packets_.pop_front();
    if (oldest) charged_ -= oldest->truesize();
    return oldest;
  }
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] std::size_t packets() const { return packets_.size(); }
  /// Ends every packet as unread.
  void purge(kernel::Cpu& cpu);

  void report_error(kernel::Cpu& cpu, base::Errno error);
  /// The error that waits, once.
  [[nodiscard]] std::optional<base::Errno> take_error() { return std::exchange(error_, std::nullopt); }
  [[nodiscard]] bool has_error() const { return error_.has_value(); }

  /// For who reads it with MSG_ERRQUEUE; false, and lost, when the socket holds more than its limit (Linux:
  /// sock_queue_err_skb).
  bool queue_error(kernel::Cpu& cpu, ExtendedError error);
  /// The oldest. What ICMP said waits as the socket's error as long as there is more of it (Linux:
  /// sock_dequeue_err_skb).
  [[nodiscard]] std::optional<ExtendedError> take_queued_error();
  [[nodiscard]] const ErrorQueue& queued_errors() const { return errors_; }

  void on_ready(Ready ready) { ready_ = std::move(ready); }
  [[nodiscard]] std::int64_t limit() const { return limit_; }
  void set_limit(std::int64_t bytes) { limit_ = bytes; }
  /// Linux: sk_rmem_alloc.
  [[nodiscard]] std::int64_t charged() const { return charged_; }

 private:
  Ready ready_;
  std::int64_t limit_;
  std::int64_t charged_ = 0;
  skb::SkbList packets_;
  std::optional<base::Errno> error_;
  ErrorQueue errors_;
};

}  // namespace host::ip
