// SPDX-License-Identifier: Apache-2.0
// The kinds, by name.
#include "host/qdisc/create.hpp"

#include <algorithm>
#include <array>

#include "host/base/invariant.hpp"
#include "host/qdisc/fifo.hpp"
#include "host/qdisc/mq.hpp"
#include "host/qdisc/noqueue.hpp"
#include "host/qdisc/pfifo_fast.hpp"

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
    Kind{"mq", Default::no, make<Mq>},
    Kind{"noqueue", Default::no, [](const Context&) -> std::unique_ptr<Qdisc> { return std::make_unique<Noqueue>(); }},
};

}  // namespace

base::Result<std::unique_ptr<Qdisc>> create(std::string_view kind, const Context& context, const Options& options) {
  const auto found = std::ranges::find(kKinds, kind, &Kind::name);
  if (found == kKinds.end()) return base::Errno::no_entry;
  std::unique_ptr<Qdisc> qdisc = found->make(context);
  if (const auto changed = qdisc->change(options); !changed) return changed.error();
  return qdisc;
}

std::unique_ptr<Qdisc> create_default(const Context& context) {
  auto made = create(context.default_kind, context);
  INVARIANT(made.ok(), "the default qdisc is none");
  return std::move(*made);
}

std::vector<std::string> default_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.may_be_default == Default::yes) names.emplace_back(kind.name);
  }
  return names;
}

}  // namespace host::qdisc
