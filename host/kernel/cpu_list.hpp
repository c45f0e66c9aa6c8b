// SPDX-License-Identifier: Apache-2.0
// Sets of CPUs as lists: 0-3,8 (Linux: bitmap_parselist, the format "%*pbl").
#pragma once

#include "host/kernel/cpu_mask.hpp"

namespace host::kernel {

/// Every CPU of a machine with `cpus`.
[[nodiscard]] CpuSet all_cpus(unsigned cpus);

/// Neighbours are joined: "0-3,8". Nothing of an empty set.
[[nodiscard]] std::string cpu_list_text(const CpuSet& set);

/// Numbers and ranges with commas between them. invalid: something else, or a range that runs backwards; range: a CPU
/// that the machine has not.
[[nodiscard]] base::Result<CpuSet> parse_cpu_list(std::string_view text, unsigned cpus);

}  // namespace host::kernel
