// SPDX-License-Identifier: Apache-2.0
// ss: sockets in iproute2's words.
#pragma once

namespace host::console {

class Console;

void add_ss_command(Console& console);

}  // namespace host::console
