#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: ./dev clean

Removes the build folder. Installed packages stay." "$@"
rm -rf build
