// SPDX-License-Identifier: Apache-2.0
// cat, echo and ls on /proc and /sys (Linux: coreutils).
#pragma once

namespace host::console {

class Console;

void add_file_commands(Console& console);

}  // namespace host::console
