// SPDX-License-Identifier: Apache-2.0
// Filter expressions, "udp port 7 and host 10.0.0.2", as programs (pcap-filter(7), compiled by libpcap).
#pragma once

#include <string>
#include <variant>

#include "host/device/bpf.hpp"

namespace host::capture {

/// What libpcap says of an expression that is none.
struct FilterError {
  std::string message;
};

/// For frames that begin at the Ethernet header. The program's answer is `snapshot` bytes, or 0. Names of hosts and
/// services are those of the machine that this runs on.
[[nodiscard]] std::variant<device::BpfProgram, FilterError> compile_filter(const std::string& expression,
                                                                           std::uint32_t snapshot);

}  // namespace host::capture
