// SPDX-License-Identifier: Apache-2.0
// One row of the contract: a number that RTL, firmware, model and host share.
#pragma once

#include <cstdint>
#include <string_view>

namespace contract {

/// `width` is the number of bits the constant has in the emitted SystemVerilog package.
struct Number {
  std::string_view name;
  std::uint64_t value;
  unsigned width;
};

}  // namespace contract

/// Turns one row X(NAME, width, value) into a named constant ...
#define CONTRACT_DEFINE(NAME, WIDTH, VALUE) inline constexpr std::uint32_t NAME = (VALUE);
/// ... and into one row of the table that the SystemVerilog emitter walks.
#define CONTRACT_ROW(NAME, WIDTH, VALUE) ::contract::Number{#NAME, (VALUE), (WIDTH)},
