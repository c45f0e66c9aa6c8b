// SPDX-License-Identifier: Apache-2.0
// `tcpdump` (tcpdump 4.99): frames of an interface, or of all, as they pass.
#pragma once

namespace host::console {

class Console;

void add_tcpdump_command(Console& console);

}  // namespace host::console
