// SPDX-License-Identifier: Apache-2.0
// What nft reads, and how it shows where it is wrong.
#pragma once

#include "host/console/nft_token.hpp"

namespace host::console {

/// What is typed or in a file, with the files that it includes behind it.
struct NftSource {
  struct Part {
    /// Empty where the commands were typed.
    std::string name;
    /// In `text`; behind the end of one part stands a byte that is in none.
    NftPlace place;
    /// The `include` that brought it, which is in another part.
    NftPlace included_by = {};
    /// 1: nobody included it.
    unsigned depth = 1;
  };

  NftSource() = default;
  NftSource(std::string name, std::string its_text)
      : text(std::move(its_text)), parts{{.name = std::move(name), .place = {0, text.size()}}} {}

  [[nodiscard]] const Part& part_of(std::size_t at) const;

  std::string text;
  std::vector<Part> parts;
};

/// The message, the line that is wrong and carets below the place; of a file `FILE:3:12-15: ` in front: the line and
/// the columns of the first and the last letter, counted from 1; and before that who included it. nftables: erec_print.
[[nodiscard]] std::string nft_complaint(const NftError& error, const NftSource& source);

}  // namespace host::console
