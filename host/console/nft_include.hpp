// SPDX-License-Identifier: Apache-2.0
// `include "FILE"` in a text of nft's.
#pragma once

#include <functional>

#include "host/base/result.hpp"
#include "host/console/nft_define.hpp"
#include "host/console/nft_source.hpp"

namespace host::console {

/// Where included files come from.
struct NftIncludePath {
  /// `-I`: searched in this order for names that begin with none of `/`, `./` and `../`.
  std::vector<std::string> directories;
  /// Null: there are no files.
  std::function<base::Result<std::string>(const std::string& path)> read_file;
};

/// The tokens of the source's first part, with those of the files that it includes in their places; the files become
/// parts of the source. Files within files are at most 16 deep, as in nft (scanner_include_file).
[[nodiscard]] NftExpansion nft_gather(NftSource& source, const NftIncludePath& path);

}  // namespace host::console
