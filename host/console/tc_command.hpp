// SPDX-License-Identifier: Apache-2.0
// tc: qdiscs and their classes (Linux: iproute2).
#pragma once

namespace host::console {

class Console;

void add_tc_command(Console& console);

}  // namespace host::console
