// SPDX-License-Identifier: Apache-2.0
// Errors in the words that Linux's tools print (C library: strerror).
#pragma once

#include <string_view>

#include "host/base/result.hpp"

namespace host::console {

/// "No such file or directory" for ENOENT.
[[nodiscard]] std::string_view error_text(base::Errno error);

}  // namespace host::console
