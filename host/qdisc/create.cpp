// SPDX-License-Identifier: Apache-2.0
// The kinds, by name.
#include "host/qdisc/create.hpp"

#include <algorithm>
#include <array>

#include "host/base/invariant.hpp"
#include "host/qdisc/fifo.hpp"
#include "host/qdisc/fq.hpp"
#include "host/qdisc/fq_codel.hpp"
#include "host/qdisc/mq.hpp"
#include "host/qdisc/noqueue.hpp"
#include "host/qdisc/pfifo_fast.hpp"
#include "host/qdisc/prio.hpp"
#include "host/qdisc/tbf.hpp"

namespace host::qdisc {
namespace {

enum class Default : std::uint8_t { no, yes };

struct Kind {
  std::string_view name;
  Default may_be_default;
  std::unique_ptr<Qdisc> (*make)(const Context&);
};

template <typename T, auto... arguments>
std::unique_ptr<Qdisc> make(const Context& context) {
  return std::make_unique<T>(arguments..., context);
}

constexpr std::array kKinds = {
    Kind{"pfifo_fast", Default::yes, make<PfifoFast>},
    Kind{"pfifo", Default::yes, make<Fifo, FifoUnit::packets>},
    Kind{"bfifo", Default::yes, make<Fifo, FifoUnit::bytes>},
    Kind{"fq_codel", Default::yes, make<FqCodel>},
    Kind{"fq", Default::yes, make<Fq>},
    Kind{"prio", Default::no, make<Prio>},
    Kind{"tbf", Default::no, make<Tbf>},
    Kind{"mq", Default::no, make<Mq>},
    Kind{"noqueue", Default::no, [](const Context&) -> std::unique_ptr<Qdisc> { return std::make_unique<Noqueue>(); }},
};

}  // namespace

bool is_kind(std::string_view kind) {
  return std::ranges::find(kKinds, kind, &Kind::name) != kKinds.end();
}

std::unique_ptr<Qdisc> create_unset(std::string_view kind, const Context& context) {
  const auto found = std::ranges::find(kKinds, kind, &Kind::name);
  INVARIANT(found != kKinds.end(), "a kind of qdisc that there is not");
  return found->make(context);
}

base::Result<std::unique_ptr<Qdisc>> create(kernel::Cpu& cpu, std::string_view kind, const Context& context,
                                            const Options& options) {
  if (!is_kind(kind)) return base::Errno::no_entry;
  std::unique_ptr<Qdisc> qdisc = create_unset(kind, context);
  if (const auto changed = qdisc->change(cpu, options); !changed) return changed.error();
  return qdisc;
}

std::unique_ptr<Qdisc> create_default(const Context& context) {
  const auto found = std::ranges::find(kKinds, context.default_kind, &Kind::name);
  INVARIANT(found != kKinds.end() && found->may_be_default == Default::yes, "the default qdisc is none");
  return found->make(context);
}

std::unique_ptr<Qdisc> create_pfifo(const Context& context) {
  return std::make_unique<Fifo>(FifoUnit::packets, context);
}

std::unique_ptr<Qdisc> create_bfifo(const Context& context) {
  return std::make_unique<Fifo>(FifoUnit::bytes, context);
}

std::vector<std::string> default_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.may_be_default == Default::yes) names.emplace_back(kind.name);
  }
  return names;
}

}  // namespace host::qdisc
