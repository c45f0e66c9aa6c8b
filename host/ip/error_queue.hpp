// SPDX-License-Identifier: Apache-2.0
// What a socket is told of packets that it sent (Linux: sk_error_queue, struct sock_extended_err).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "host/base/result.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/ip_address.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::ip {

/// Linux: SO_EE_ORIGIN_*.
enum class ErrorOrigin : std::uint8_t { none = 0, local = 1, icmp = 2, icmp6 = 3, timestamping = 4 };

struct ExtendedError {
  /// Nothing: no error, but a time stamp (Linux: ENOMSG).
  std::optional<base::Errno> error = {};
  ErrorOrigin origin = ErrorOrigin::none;
  std::uint8_t type = 0;   // of the ICMP message
  std::uint8_t code = 0;   // likewise
  std::uint32_t info = 0;  // an MTU in bytes; with timestamping SCM_TSTAMP_*: 0, the driver has it (SND)
  std::uint32_t data =
      0;  // with timestamping: which datagram since the option was set, from 0 (SOF_TIMESTAMPING_OPT_ID)
  /// Who says so (SO_EE_OFFENDER); any: this host.
  headers::IpAddress offender = {};
  /// Where the packet was going.
  headers::IpAddress destination = {};
  std::uint16_t port = 0;
  /// Of a time stamp.
  platform::Nanoseconds timestamp = 0;
  /// What is known of the packet's payload.
  std::vector<std::byte> payload = {};

  [[nodiscard]] bool is_icmp() const { return origin == ErrorOrigin::icmp || origin == ErrorOrigin::icmp6; }
};

/// Oldest first. Its owner bounds its memory.
class ErrorQueue {
 public:
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  [[nodiscard]] std::size_t size() const { return errors_.size(); }
  /// Memory that it holds.
  [[nodiscard]] std::int64_t charged() const { return charged_; }
  [[nodiscard]] static std::int64_t cost(const ExtendedError& error) {
    return static_cast<std::int64_t>(sizeof(ExtendedError) + error.payload.size());
  }

  void push(ExtendedError error) {
    charged_ += cost(error);
    errors_.push_back(std::move(error));
  }
  /// Null when there is none.
  [[nodiscard]] const ExtendedError* front() const { return errors_.empty() ? nullptr : &errors_.front(); }
  [[nodiscard]] std::optional<ExtendedError> pop() {
    if (errors_.empty()) return std::nullopt;
    ExtendedError oldest = std::move(errors_.front());
    errors_.pop_front();
    charged_ -= cost(oldest);
    return oldest;
  }

 private:
  std::list<ExtendedError> errors_;  // no memory while there is none
  std::int64_t charged_ = 0;
};

}  // namespace host::ip
