// SPDX-License-Identifier: Apache-2.0
// conntrack: the table of connections shown, counted and emptied.
#pragma once

namespace host::console {

class Console;

void add_conntrack_command(Console& console);

}  // namespace host::console
