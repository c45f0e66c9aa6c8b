// SPDX-License-Identifier: Apache-2.0
// Sets of CPUs as the files of /proc and /sys write them (Linux: bitmap_parse, the format "%*pb").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace host::kernel {

/// In ascending order.
using CpuSet = std::vector<unsigned>;

/// Of a machine with `cpus` CPUs: one hexadecimal digit for four of them, a comma between groups of eight digits.
[[nodiscard]] std::string cpu_mask_text(const CpuSet& set, unsigned cpus);

/// Groups of at most eight hexadecimal digits with commas between them, upper or lower case, leading zeros or none.
/// invalid: something else; overflow: a CPU that the machine has not, or a group of more digits.
[[nodiscard]] base::Result<CpuSet> parse_cpu_mask(std::string_view text, unsigned cpus);

}  // namespace host::kernel
