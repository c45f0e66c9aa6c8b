// SPDX-License-Identifier: Apache-2.0
// sysctl: tunables by name (Linux: procps).
#pragma once

namespace host::console {

class Console;

void add_sysctl_command(Console& console);

}  // namespace host::console
