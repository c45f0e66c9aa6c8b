// SPDX-License-Identifier: Apache-2.0
// ping: echo requests by a ping socket of either family, in the words of iputils.
#pragma once

namespace host::console {

class Console;

void add_ping_command(Console& console);

}  // namespace host::console
