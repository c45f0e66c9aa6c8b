// SPDX-License-Identifier: Apache-2.0
// Counters and quotas come, go and begin anew (Linux: nf_tables_newobj, nf_tables_delobj, nf_tables_getobj).
#include "host/console/nft_apply.hpp"

namespace host::console {

using base::Errno;
using netfilter::Family;
using netfilter::Object;
using netfilter::Ruleset;
using netfilter::Table;

namespace {

/// Of one, of those of a table or a family, or of all.
std::optional<NftError> reset(Ruleset& ruleset, const NftCommand& command) {
  const bool of_table = !command.table.text.empty();
  const Family family = command.family.value_or(Family::ip);
  if (of_table && ruleset.table(family, command.table.text) == nullptr) {
    return NftError{"No such file or directory", command.table.place};
  }
  bool found = command.name.text.empty();
  for (Table& table : ruleset.tables) {
    const bool wanted = of_table ? table.family == family && table.name == command.table.text
                                 : !command.family || *command.family == table.family;
    if (!wanted) continue;
    for (Object& object : table.objects) {
      if (object.kind() != nft_object_kind(command.object)) continue;
      if (!command.name.text.empty() && object.name != command.name.text) continue;
      reset_object(object);
      found = true;
    }
  }
  return found ? std::nullopt : std::optional(nft_kernel_error(Errno::no_entry, command.place));
}

}  // namespace

std::optional<NftError> nft_apply_object(Ruleset& ruleset, const NftCommand& command) {
  if (command.verb == NftVerb::reset) return reset(ruleset, command);
  Table* table = ruleset.table(command.family.value_or(Family::ip), command.table.text);
  if (table == nullptr) return nft_kernel_error(Errno::no_entry, command.table.place);
  const netfilter::ObjectKind kind = *nft_object_kind(command.object);
  const std::string& name = command.name.text;
  if (command.verb == NftVerb::remove) {
    const auto removed = delete_object(*table, kind, name);
    return removed.ok() ? std::nullopt : std::optional(nft_kernel_error(removed.error(), command.name.place));
  }
  if (command.verb == NftVerb::create && table->object(kind, name) != nullptr) {
    return nft_kernel_error(Errno::exists, command.name.place);
  }
  const auto added =
      add_object(*table, {.name = name, .handle = 0, .comment = command.comment, .state = command.state});
  return added.ok() ? std::nullopt : std::optional(nft_kernel_error(added.error(), command.place));
}

}  // namespace host::console
