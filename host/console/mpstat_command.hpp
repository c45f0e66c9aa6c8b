// SPDX-License-Identifier: Apache-2.0
// mpstat: what CPUs do with their time (sysstat).
#pragma once

namespace host::console {

class Console;

void add_mpstat_command(Console& console);

}  // namespace host::console
