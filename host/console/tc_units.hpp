// SPDX-License-Identifier: Apache-2.0
// Rates, sizes, times and handles as tc reads and writes them (iproute2: lib/utils.c, tc/tc_util.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/platform/cpu_platform.hpp"
#include "host/qdisc/qdisc.hpp"

namespace host::console {

/// Decimal, 0x hexadecimal or 0 octal.
[[nodiscard]] std::optional<std::uint32_t> tc_number(std::string_view text);
/// "1mbit", "125kbps", bits a second without a unit; in bytes a second.
[[nodiscard]] std::optional<std::uint64_t> tc_rate(std::string_view text);
/// "10k", "10kb", "1mbit"; bytes without a unit.
[[nodiscard]] std::optional<std::uint32_t> tc_size(std::string_view text);
/// "5ms", "1s"; microseconds without a unit.
[[nodiscard]] std::optional<platform::Nanoseconds> tc_time(std::string_view text);
/// "1:" (what stands behind the colon does not matter).
[[nodiscard]] std::optional<qdisc::Handle> tc_handle(std::string_view text);
/// "1:2", "root".
[[nodiscard]] std::optional<qdisc::Handle> tc_class(std::string_view text);

[[nodiscard]] std::string tc_rate_text(std::uint64_t bytes_per_second);
[[nodiscard]] std::string tc_size_text(std::uint64_t bytes);
[[nodiscard]] std::string tc_time_text(platform::Nanoseconds time);
/// "8001:".
[[nodiscard]] std::string tc_handle_text(qdisc::Handle handle);
/// "1:2", ":2" when the qdisc has no handle.
[[nodiscard]] std::string tc_class_text(qdisc::Handle handle);

}  // namespace host::console
