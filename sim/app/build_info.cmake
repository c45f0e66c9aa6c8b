# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE=dir -DOUT=file -P build_info.cmake: writes the commit's name, only when it changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
// Made by sim/app/build_info.cmake.
#pragma once

namespace sim::app {

inline constexpr const char* kCommit = "@commit@";

}  // namespace sim::app
]] @ONLY)
