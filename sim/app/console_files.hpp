// SPDX-License-Identifier: Apache-2.0
// The files that `nft -f` and `<` read at the host's console.
#pragma once

#include <functional>
#include <string>

#include "host/base/result.hpp"

namespace sim::app {

/// Whole files of this machine. Errors are those of opening them; invalid: a device or a pipe; no_memory: longer than a
/// text for people.
[[nodiscard]] std::function<host::base::Result<std::string>(const std::string& path)> console_files();

}  // namespace sim::app
