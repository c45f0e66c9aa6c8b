// SPDX-License-Identifier: Apache-2.0
// Rules come into force (Linux: nf_tables_commit).
#include "host/netfilter/nftables.hpp"

#include "host/netfilter/program.hpp"

namespace host::netfilter {

Nftables::Nftables(Hooks& hooks, Hooks& hooks6, Conntrack& conntrack, Nat& nat)
    : hooks_(hooks),
      hooks6_(hooks6),
      conntrack_(conntrack),
      nat_(nat),
      ruleset_(std::make_unique<Ruleset>()),
      program_(std::make_unique<Program>()),
      log_(std::make_unique<PacketLog>()) {}

base::Result<void> Nftables::commit(Ruleset changed) {
  auto fresh = std::make_unique<Ruleset>(std::move(changed));
  auto program = compile(*fresh);
  if (!program.ok()) {
    return program.error();
  }
  unhook();
  ruleset_ = std::move(fresh);
  *program_ = std::move(*program);
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
  nat_.use({}, *log_);
  for (const unsigned id : registered_) {
    hooks_.remove(id);
  }
  for (const unsigned id : registered6_) {
    hooks6_.remove(id);
  }
  registered_.clear();
  registered6_.clear();
}

void Nftables::hook_up() {
  conntrack_.use(program_->needs_conntrack, program_->needs_conntrack6);
  std::vector<const EntryPoint*> nat_chains;
  for (const EntryPoint& entry : program_->entries) {
    if (entry.base.type == ChainType::nat) {
      nat_chains.push_back(&entry);
      continue;
    }
    const auto run = [this, &entry](HookCall& call, skb::Skb& skb) { return evaluate(entry, *skb, call, *log_); };
    if (entry.family != Family::ip6) {
      registered_.push_back(hooks_.add(entry.base.hook, entry.base.priority, run));
    }
    if (entry.family != Family::ip) {
      registered6_.push_back(hooks6_.add(entry.base.hook, entry.base.priority, run));
    }
  }
  nat_.use(std::move(nat_chains), *log_);
}

}  // namespace host::netfilter
