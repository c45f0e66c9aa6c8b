// SPDX-License-Identifier: Apache-2.0
// What nft reads, and how it shows where it is wrong.
#pragma once

#include "host/console/nft_token.hpp"

namespace host::console {

/// `name` is empty where the commands were typed.
struct NftSource {
  std::string name;
  std::string text;
};

/// The message, the line that is wrong and carets below the place; of a file `FILE:3:12-15: ` in front: the line and
/// the columns of the first and the last letter, counted from 1. nftables: erec_print.
[[nodiscard]] std::string nft_complaint(const NftError& error, const NftSource& source);

}  // namespace host::console
