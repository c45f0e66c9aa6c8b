// SPDX-License-Identifier: Apache-2.0
// nstat: what /proc/net/snmp and netstat have counted since the last time it was asked (iproute2: misc/nstat.c).
#pragma once

namespace host::console {

class Console;

void add_nstat_command(Console& console);

}  // namespace host::console
