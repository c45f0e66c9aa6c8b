// SPDX-License-Identifier: Apache-2.0
// Commands change a ruleset (nftables: evaluate.c, mnl.c).
#pragma once

#include "host/console/nft_printer.hpp"
#include "host/console/nft_syntax.hpp"

namespace host::console {

/// Does what the command says to a copy that is not in force yet; nothing on success. What lists does nothing here.
[[nodiscard]] std::optional<NftError> nft_apply(netfilter::Ruleset& ruleset, const NftCommand& command,
                                                const NftInterfaces& interfaces);

/// The same of counters and quotas.
[[nodiscard]] std::optional<NftError> nft_apply_object(netfilter::Ruleset& ruleset, const NftCommand& command);

/// What a `list` or `reset` command shows, or what of it is not there.
[[nodiscard]] std::variant<NftSelection, NftError> nft_select(const netfilter::Ruleset& ruleset,
                                                              const NftCommand& command);

/// "Could not process rule: No such file or directory".
[[nodiscard]] NftError nft_kernel_error(base::Errno error, NftPlace place);

}  // namespace host::console
