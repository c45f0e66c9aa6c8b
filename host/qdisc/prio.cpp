// SPDX-License-Identifier: Apache-2.0
// A band is looked at when those before it give nothing.
#include "host/qdisc/prio.hpp"

#include <algorithm>
#include <utility>

#include "host/qdisc/create.hpp"

namespace host::qdisc {
namespace {

constexpr unsigned kFewestBands = 2;
constexpr unsigned kMostBands = 16;

}  // namespace

Prio::Prio(const Context& context) : Qdisc("prio"), context_(context) {
  resize();
}

void Prio::resize() {
  while (bands_.size() > options_.bands) bands_.pop_back();
  while (bands_.size() < options_.bands) {
    bands_.push_back(create_pfifo(context_));
    adopt(*bands_.back());
  }
}

base::Result<void> Prio::change(kernel::Cpu& cpu, const Options& options) {
  const auto* wanted = std::get_if<PrioOptions>(&options);
  if (wanted == nullptr) return Qdisc::change(cpu, options);
  if (wanted->bands < kFewestBands || wanted->bands > kMostBands) return base::Errno::invalid;
  if (std::ranges::any_of(wanted->priomap, [&](unsigned band) { return band >= wanted->bands; })) {
    return base::Errno::invalid;
  }
  options_ = *wanted;  // packets go to the bands that stay from here on
  for (std::size_t band = options_.bands; band < bands_.size(); ++band) bands_[band]->reset(cpu);
  resize();
  return {};
}

Qdisc& Prio::classify(const skb::SkBuff& skb) {
  std::size_t band = options_.priomap[skb.priority % options_.priomap.size()];
  if (major_of(skb.priority) != 0) {
    const std::size_t named = std::size_t{minor_of(skb.priority)} - 1;
    const bool ours = major_of(skb.priority) == major_of(handle()) && named < options_.bands;
    band = ours ? named : options_.priomap[0];
  }
  return *bands_[band];
}

Verdict Prio::enqueue(kernel::Cpu& cpu, skb::Skb&& skb) {
  Qdisc& band = classify(*skb);
  return band.enqueue(cpu, std::move(skb));
}

skb::Skb Prio::take(kernel::Cpu& cpu) {
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    if (skb::Skb skb = bands_[band]->dequeue(cpu)) return skb;
  }
  return nullptr;
}

Backlog Prio::held() const {
  Backlog sum;
  for (const auto& band : bands_) {
    const Backlog one = band->backlog();
    sum.packets += one.packets;
    sum.bytes += one.bytes;
  }
  return sum;
}

void Prio::clear(kernel::Cpu& cpu) {
  for (const auto& band : bands_) band->reset(cpu);
}

std::vector<Class> Prio::classes() {
  std::vector<Class> all;
  for (std::uint32_t band = 0; band < bands_.size(); ++band) all.push_back({band + 1, bands_[band].get()});
  return all;
}

base::Result<std::unique_ptr<Qdisc>> Prio::graft(std::uint32_t minor, std::unique_ptr<Qdisc> child) {
  if (minor == 0 || minor > bands_.size()) return base::Errno::no_entry;
  std::unique_ptr<Qdisc> old = std::exchange(bands_[minor - 1], child ? std::move(child) : create_pfifo(context_));
  adopt(*bands_[minor - 1]);
  return old;
}

}  // namespace host::qdisc
