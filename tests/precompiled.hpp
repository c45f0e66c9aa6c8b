// SPDX-License-Identifier: Apache-2.0
// What nearly every test includes, compiled once for the tests of C++ and once for those of RTL.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>
