// SPDX-License-Identifier: Apache-2.0
// INVARIANT: a broken promise of our own code stops the run with a message, in every build.
#pragma once

namespace host::base {

/// Prints the broken invariant and its place, then aborts.
[[noreturn]] void invariant_broken(const char* condition, const char* message, const char* file, int line);

}  // namespace host::base

#define INVARIANT(condition, message) \
  ((condition) ? static_cast<void>(0) : ::host::base::invariant_broken(#condition, message, __FILE__, __LINE__))
