// SPDX-License-Identifier: Apache-2.0
// Nothing of its own: the targets that it belongs to lend their compiled header to the tests.
#include "tests/precompiled.hpp"
