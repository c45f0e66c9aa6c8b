// SPDX-License-Identifier: Apache-2.0
// The rules in force on one host (Linux: struct nftables_pernet).
#pragma once

#include <memory>
#include <vector>

#include "host/netfilter/nat.hpp"

namespace host::netfilter {

struct Program;
struct Ruleset;

/// Changes are transactions: copy ruleset(), change the copy, commit() it. Counters run on in the copy as long as
/// nothing is charged in between.
class Nftables {
 public:
  /// IPv4's hooks and IPv6's. All outlive it.
  Nftables(Hooks& hooks, Hooks& hooks6, Conntrack& conntrack, Nat& nat);
  ~Nftables();
  Nftables(const Nftables&) = delete;
  Nftables& operator=(const Nftables&) = delete;

  [[nodiscard]] const Ruleset& ruleset() const { return *ruleset_; }
  /// Puts the changed rules in force, all or nothing. Errors are compile()'s.
  [[nodiscard]] base::Result<void> commit(Ruleset changed);
  /// Whether commit() would; nothing changes.
  [[nodiscard]] static base::Result<void> check(Ruleset changed);

  [[nodiscard]] const PacketLog& log() const { return *log_; }

 private:
  void unhook();
  void hook_up();

  Hooks& hooks_;
  Hooks& hooks6_;
  Conntrack& conntrack_;
  Nat& nat_;
  std::unique_ptr<Ruleset> ruleset_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<PacketLog> log_;
  std::vector<unsigned> registered_;
  std::vector<unsigned> registered6_;
};

}  // namespace host::netfilter
