/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP asks about the compiler and the machine. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define LWIP_TIMEVAL_PRIVATE 0

#define LWIP_PLATFORM_DIAG(x) \
  do {                        \
    printf x;                 \
  } while (0)
#define LWIP_PLATFORM_ASSERT(x)                 \
  do {                                          \
    fprintf(stderr, "lwIP: %s\n", x);           \
    abort();                                    \
  } while (0)
#define LWIP_RAND() ((u32_t)rand())
