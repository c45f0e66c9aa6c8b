// SPDX-License-Identifier: Apache-2.0
// Running the functions of a hook (Linux: nf_hook_slow).
#include "host/netfilter/hooks.hpp"

#include <algorithm>

#include "host/kernel/kernel.hpp"

namespace host::netfilter {

unsigned Hooks::add(Hook hook, int priority, HookFunction function) {
  auto& entries = entries_[static_cast<std::size_t>(hook)];
  const auto place =
      std::upper_bound(entries.begin(), entries.end(), priority, [](int a, const Entry& b) { return a < b.priority; });
  entries.insert(place, Entry{priority, ++last_id_, std::move(function)});
  return last_id_;
}

void Hooks::remove(unsigned id) {
  std::size_t removed = 0;
  for (auto& entries : entries_) {
    removed += std::erase_if(entries, [id](const Entry& entry) { return entry.id == id; });
  }
  INVARIANT(removed == 1, "a hook function that nobody registered is removed");
}

bool Hooks::run(kernel::Cpu& cpu, skb::Skb& skb, HookCall& call) {
  cpu.charge(kernel::Op::nf_hook);
  cpu.trace(kernel::JourneyStep::nf_hook, skb->id());
  call.now = cpu.now();
  call.cpu = cpu.id();
  Verdict verdict = Verdict::accept;
  for (const Entry& entry : entries_[static_cast<std::size_t>(call.hook)]) {
    verdict = entry.function(call, skb);
    if (verdict != Verdict::accept) {
      break;
    }
  }
  cpu.charge(kernel::Op::nft_rule, call.rules);
  cpu.charge(kernel::Op::conntrack, call.tracked);
  cpu.charge(kernel::Op::checksum_per_byte, call.checksum_bytes);
  if (verdict == Verdict::drop) {
    if (call.reject && reject_) {
      reject_(cpu, *skb, call);
    }
    drop(cpu, std::move(skb), base::DropReason::netfilter_drop);
  }
  return verdict == Verdict::accept;
}

}  // namespace host::netfilter
