// SPDX-License-Identifier: Apache-2.0
// The files that `tcpdump -w` writes at the host's console.
#pragma once

#include "host/capture/capture_file.hpp"

namespace sim::app {

/// pcapng files of this machine, with simulated time.
[[nodiscard]] host::capture::OpenCapture console_captures();

}  // namespace sim::app
