// SPDX-License-Identifier: Apache-2.0
// A measurement in a process of its own: SystemC elaborates only once, and callgrind wants a whole run.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sim::app {

struct ChildOutput {
  nlohmann::json result;
  std::string messages;  ///< its stderr
};

/// Any command of the shell that prints JSON. Throws UserError that says `what` failed. From any thread.
[[nodiscard]] ChildOutput run_for_json(const std::string& command, const std::string& what);

/// `cosnic bench VERB --probe PROBE`, under `wrapper` (valgrind and its arguments) if given. Throws UserError when it
/// fails. From any thread.
[[nodiscard]] ChildOutput run_in_child(const std::string& verb, const std::string& probe,
                                       const std::string& wrapper = {});

}  // namespace sim::app
