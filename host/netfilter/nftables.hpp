// SPDX-License-Identifier: Apache-2.0
// The rules in force on one host (Linux: struct nftables_pernet).
#pragma once

#include <memory>

#include "host/netfilter/nat.hpp"
#include "host/netfilter/packet_log.hpp"
#include "host/netfilter/program.hpp"
#include "host/netfilter/ruleset.hpp"

namespace host::netfilter {

/// Changes are transactions: copy ruleset(), change the copy, commit() it. Counters run on in the copy as long as
/// nothing is charged in between.
class Nftables {
 public:
  /// All outlive it.
  Nftables(Hooks& hooks, Conntrack& conntrack, Nat& nat) : hooks_(hooks), conntrack_(conntrack), nat_(nat) {}
  ~Nftables();
  Nftables(const Nftables&) = delete;
  Nftables& operator=(const Nftables&) = delete;

  [[nodiscard]] const Ruleset& ruleset() const { return *ruleset_; }
  /// Puts the changed rules in force, all or nothing. Errors are compile()'s.
  [[nodiscard]] base::Result<void> commit(Ruleset changed);
  /// Whether commit() would; nothing changes.
  [[nodiscard]] static base::Result<void> check(Ruleset changed);

  [[nodiscard]] const PacketLog& log() const { return log_; }

 private:
  void unhook();
  void hook_up();

  Hooks& hooks_;
  Conntrack& conntrack_;
  Nat& nat_;
  std::unique_ptr<Ruleset> ruleset_ = std::make_unique<Ruleset>();
  Program program_;
  PacketLog log_;
  std::vector<unsigned> registered_;
};

}  // namespace host::netfilter
