// SPDX-License-Identifier: Apache-2.0
// What header views read and header writers write.
#pragma once

#include <cstddef>
#include <span>

namespace host::headers {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

}  // namespace host::headers
