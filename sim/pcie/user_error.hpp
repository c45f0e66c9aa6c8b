// SPDX-License-Identifier: Apache-2.0
// What the user can put right: one line that says what is wrong and what to do.
#pragma once

#include <stdexcept>

namespace sim {

/// Thrown while a run is being set up, caught once, in the command: one line, exit status 1.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sim
