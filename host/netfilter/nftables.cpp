// SPDX-License-Identifier: Apache-2.0
// Rules come into force (Linux: nf_tables_commit).
#include "host/netfilter/nftables.hpp"

namespace host::netfilter {

base::Result<void> Nftables::commit(Ruleset changed) {
  auto fresh = std::make_unique<Ruleset>(std::move(changed));
  auto program = compile(*fresh);
  if (!program.ok()) {
    return program.error();
  }
  unhook();
  ruleset_ = std::move(fresh);
  program_ = std::move(*program);
  hook_up();
  return {};
}

base::Result<void> Nftables::check(Ruleset changed) {
  const auto program = compile(changed);
  return program.ok() ? base::Result<void>{} : program.error();
}

Nftables::~Nftables() {
  unhook();
}

void Nftables::unhook() {
  nat_.use({}, log_);
  for (const unsigned id : registered_) {
    hooks_.remove(id);
  }
  registered_.clear();
}

void Nftables::hook_up() {
  conntrack_.use(program_.needs_conntrack);
  std::vector<const EntryPoint*> nat_chains;
  for (const EntryPoint& entry : program_.entries) {
    if (entry.base.type == ChainType::nat) {
      nat_chains.push_back(&entry);
      continue;
    }
    registered_.push_back(
        hooks_.add(entry.base.hook, entry.base.priority,
                   [this, &entry](HookCall& call, skb::Skb& skb) { return evaluate(entry, *skb, call, log_); }));
  }
  nat_.use(std::move(nat_chains), log_);
}

}  // namespace host::netfilter
