// SPDX-License-Identifier: Apache-2.0
// cosnic console: the machine of cosnic run, with somebody at its console.
#pragma once

#include "sim/app/commands.hpp"

namespace sim::app {

/// The status of his last command, or 1 when something did not add up.
int console_command(const RunArguments& arguments);

}  // namespace sim::app
