// SPDX-License-Identifier: Apache-2.0
// A process polls for its packets instead of sleeping until an interrupt (Linux: napi_busy_loop).
#pragma once

#include <functional>

#include "host/kernel/napi.hpp"
#include "host/platform/cpu_platform.hpp"

namespace host::kernel {

/// Packets of one such poll at most (Linux: BUSY_POLL_BUDGET).
inline constexpr int kBusyPollBudget = 8;

/// Polls `napi` until `done()` says so, it is disabled, or the deadline has come; at least once, unless somebody else
/// polls it all the while. Its interrupt stays off meanwhile. Process context, bottom halves on; returns the packets.
/// Where work is free time would never pass: there it polls once.
std::uint64_t napi_busy_loop(Cpu& cpu, Napi& napi, const std::function<bool()>& done, platform::Nanoseconds deadline);

}  // namespace host::kernel
