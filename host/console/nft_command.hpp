// SPDX-License-Identifier: Apache-2.0
// nft and dmesg: the packet filter's rules, and what they logged.
#pragma once

namespace host::console {

class Console;

void add_nft_commands(Console& console);

}  // namespace host::console
