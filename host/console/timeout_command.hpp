// SPDX-License-Identifier: Apache-2.0
// `timeout` (coreutils): a command that would run for ever ends.
#pragma once

namespace host::console {

class Console;

void add_timeout_command(Console& console);

}  // namespace host::console
