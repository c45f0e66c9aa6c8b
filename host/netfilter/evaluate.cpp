// SPDX-License-Identifier: Apache-2.0
// A packet runs through a chain's rules (Linux: nft_do_chain).
#include "host/netfilter/connection.hpp"
#include "host/netfilter/program.hpp"

namespace host::netfilter {
namespace {

/// What an expression says: on to the next one, the rule does not match, or how the rule ends.
struct Step {
  enum class Kind : std::uint8_t { next, no_match, decided } kind = Kind::next;
  const Decide* decision = nullptr;
};

constexpr Step kNext{};
constexpr Step kNoMatch{Step::Kind::no_match, nullptr};
constexpr Decide kAccept{Action::accept, nullptr};
constexpr Decide kDrop{Action::drop, nullptr};

class Run {
 public:
  Run(skb::SkBuff& skb, HookCall& call, PacketLog& log) : skb_(skb), call_(call), log_(log), packet_(skb, call) {}

  Step operator()(const InRange& test) const {
    Value value = 0;
    if (!packet_.load(test.key, value)) {
      return kNoMatch;
    }
    return test.range.contains(value & test.mask) != test.inverted ? kNext : kNoMatch;
  }
  Step operator()(const InElements& test) const {
    Value value = 0;
    if (!packet_.load(test.key, value)) {
      return kNoMatch;
    }
    return contains(test.elements, value & test.mask) != test.inverted ? kNext : kNoMatch;
  }
  Step operator()(const InTimed& test) const {
    Value value = 0;
    if (!packet_.load(test.key, value)) {
      return kNoMatch;
    }
    return test.set->has(value & test.mask, call_.now) != test.inverted ? kNext : kNoMatch;
  }
  Step operator()(const Branch& branch) const {
    const std::size_t index = find(branch.key, branch.mask, branch.elements);
    return index == kNoElement ? kNoMatch : Step{Step::Kind::decided, &(*branch.decisions)[index]};
  }
  Step operator()(const Update& update) const {
    const SetUpdate& wanted = *update.statement;
    Value value = 0;
    if (!packet_.load(wanted.key, value)) {
      return kNoMatch;
    }
    value &= wanted.mask.value_or(~Value{0});
    if (wanted.operation == SetUpdate::Operation::remove) {
      update.set->timed.erase(value);
      return kNext;
    }
    const bool refresh = wanted.operation == SetUpdate::Operation::update;
    TimedElement* element = update.set->put(value, wanted.timeout, call_.now, refresh);
    if (element == nullptr) {
      return kNoMatch;
    }
    if (wanted.counter) {
      Counter& counter = element->counter ? *element->counter : element->counter.emplace();
      ++counter.packets;
      counter.bytes += skb_.len();
    }
    if (!wanted.limit) {
      return kNext;
    }
    Limit& limit = element->limit ? *element->limit : element->limit.emplace(*wanted.limit);
    return limit.take(skb_.len(), call_.now) ? kNext : kNoMatch;
  }
  Step operator()(const Count& count) const {
    ++count.counter->packets;
    count.counter->bytes += skb_.len();
    return kNext;
  }
  Step operator()(const Spend& spend) const { return spend.limit->take(skb_.len(), call_.now) ? kNext : kNoMatch; }
  Step operator()(const Drain& drain) const { return drain.quota->take(skb_.len()) ? kNext : kNoMatch; }
  Step operator()(const Write& write) const {
    log_.write(*write.log, packet_, call_);
    return kNext;
  }
  Step operator()(const Mark& set) const {
    const Connection* connection = connection_of(skb_);
    const bool of_packet = set.target == SetMark::Target::packet;
    if (connection == nullptr && of_packet && !set.mark) {
      return kNoMatch;
    }
    return set_mark(set.target, set.mark ? *set.mark : of_packet ? connection->mark : skb_.mark);
  }
  Step operator()(const MarkByMap& set) const {
    const std::size_t index = find(set.key, set.mask, set.elements);
    return index == kNoElement ? kNoMatch
                               : set_mark(set.target, static_cast<std::uint32_t>(std::get<Value>(set.data[index])));
  }
  Step operator()(const Notrack&) const {
    if (!skb_.nfct) {
      skb_.nfctinfo = ct_state::kUntracked;
    }
    return kNext;
  }
  Step operator()(const Translate& translate) const {
    if (translate.statement->addresses && translate.statement->ipv6 != packet_.view().is_ipv6()) {
      return kNoMatch;
    }
    call_.nat = translate.statement;
    return {Step::Kind::decided, &kAccept};
  }
  Step operator()(const Reject& reject) const {
    const bool ipv6 = packet_.view().is_ipv6();
    if (reject.type == (ipv6 ? RejectType::icmp : RejectType::icmpv6)) {
      return kNoMatch;
    }
    call_.reject = reject;
    return {Step::Kind::decided, &kDrop};
  }
  Step operator()(const Decide& decide) const { return {Step::Kind::decided, &decide}; }

  /// How the rule ends, null when it does not match or says nothing.
  [[nodiscard]] const Decide* rule(std::span<const Expression> expressions) const {
    ++call_.rules;
    for (const Expression& expression : expressions) {
      const Step step = std::visit(*this, expression);
      if (step.kind != Step::Kind::next) {
        return step.decision;
      }
    }
    return nullptr;
  }

 private:
  [[nodiscard]] std::size_t find(Key key, Value mask, std::span<const Interval> elements) const {
    Value value = 0;
    return packet_.load(key, value) ? find_element(elements, value & mask) : kNoElement;
  }
  [[nodiscard]] Step set_mark(SetMark::Target target, std::uint32_t mark) const {
    Connection* connection = connection_of(skb_);
    if (target == SetMark::Target::packet) {
      skb_.mark = mark;
    } else if (connection != nullptr) {
      connection->mark = mark;
    } else {
      return kNoMatch;
    }
    return kNext;
  }

  skb::SkBuff& skb_;
  HookCall& call_;
  PacketLog& log_;
  PacketInfo packet_;
};

/// A place in a chain: the next rule.
struct Position {
  const CompiledChain* chain = nullptr;
  std::size_t rule = 0;
};

}  // namespace

Verdict evaluate(const EntryPoint& entry, skb::SkBuff& skb, HookCall& call, PacketLog& log) {
  const Run run(skb, call, log);
  std::array<Position, kJumpDepth> callers;
  std::size_t depth = 0;
  Position at{entry.chain, 0};
  while (true) {
    if (at.rule == at.chain->ends.size()) {
      if (depth == 0) {
        return entry.policy;
      }
      at = callers[--depth];
      continue;
    }
    const std::size_t begin = at.rule == 0 ? 0 : at.chain->ends[at.rule - 1];
    const std::size_t end = at.chain->ends[at.rule++];
    const Decide* decision = run.rule(std::span(at.chain->code).subspan(begin, end - begin));
    if (decision == nullptr) {
      continue;
    }
    switch (decision->action) {
      case Action::accept:
        return Verdict::accept;
      case Action::drop:
        return Verdict::drop;
      case Action::continue_:
        break;
      case Action::return_:
        at.rule = at.chain->ends.size();
        break;
      case Action::jump:
        INVARIANT(depth < kJumpDepth, "the jumps of a checked ruleset are too deep");
        callers[depth++] = at;
        at = {decision->target, 0};
        break;
      case Action::go_to:
        at = {decision->target, 0};
        break;
    }
  }
}

}  // namespace host::netfilter
