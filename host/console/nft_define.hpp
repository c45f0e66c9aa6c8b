// SPDX-License-Identifier: Apache-2.0
// `define NAME = ...` and `$NAME` in a text of nft's.
#pragma once

#include <optional>
#include <vector>

#include "host/console/nft_token.hpp"

namespace host::console {

/// A text whose names stand for something no more; what they stood for keeps the place where it was written.
struct NftExpansion {
  std::vector<NftToken> tokens;
  /// The first name or definition that is wrong; the tokens end there.
  std::optional<NftError> error;
};

/// Takes the definitions out and puts their words where `$NAME` stands. A definition holds to the end of the block
/// that it is in (nftables: symbol_bind, symbol_get).
[[nodiscard]] NftExpansion nft_expand(std::vector<NftToken> tokens);

}  // namespace host::console
