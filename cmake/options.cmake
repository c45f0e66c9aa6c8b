# SPDX-License-Identifier: Apache-2.0
# Warnings and instrumentation for our own code: link `cosnic_options`.
add_library(cosnic_options INTERFACE)
target_include_directories(cosnic_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(cosnic_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
if(COSNIC_SANITIZE)
  # clang 14 cannot put the check of function types in front of a coroutine; the last option is for ccache
  set(sanitize -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-sanitize-recover=all
               -fno-omit-frame-pointer)
  target_compile_options(cosnic_options INTERFACE ${sanitize} "SHELL:-Xclang -fno-pch-timestamp")
  target_link_options(cosnic_options INTERFACE ${sanitize})
endif()
if(COSNIC_COVERAGE)
  target_compile_options(cosnic_options INTERFACE --coverage)
  target_link_options(cosnic_options INTERFACE --coverage)
endif()
