// SPDX-License-Identifier: Apache-2.0
// The cost table as a TOML file: a line an operation, with its unit and where the number comes from.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "host/kernel/cost.hpp"

namespace host::kernel {

/// One line of the file, its source spelled out.
struct CostRow {
  double value = 0;
  std::string unit = {};    ///< "ns", or "ns/byte" for the names that end in _per_byte
  std::string source = {};  ///< a sentence
};

struct CostFile {
  CostTable table = {};
  std::array<CostRow, kOps> rows = {};  ///< by Op
};

/// Nothing when it is no such file: then `problem` says why, "NAME:LINE: ..." where there is a line.
[[nodiscard]] std::optional<CostFile> parse_costs(std::string_view text, std::string_view name, std::string& problem);

/// The text of costs.toml in this folder.
[[nodiscard]] std::string_view default_costs();

}  // namespace host::kernel
