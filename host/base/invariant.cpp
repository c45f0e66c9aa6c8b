// SPDX-License-Identifier: Apache-2.0
// The end of the line for a broken invariant.
#include "host/base/invariant.hpp"

#include <cstdio>
#include <cstdlib>

namespace host::base {

void invariant_broken(const char* condition, const char* message, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s (%s)\n", file, line, message, condition);
  std::abort();
}

}  // namespace host::base
