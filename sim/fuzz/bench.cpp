// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/bench.hpp"

#include <utility>

#include "sim/fuzz/chaos.hpp"
#include "sim/fuzz/stage.hpp"

namespace sim::fuzz {
namespace {

using Kind = Operation::Kind;

/// An operation after which the record still does not depend on time.
void perform(Stage& stage, const Operation& operation) {
  RawDriver& driver = stage.driver();
  switch (operation.kind) {
    case Kind::receive_buffers:
      stage.offered(operation.count);
      return driver.receive_buffers(operation);
    case Kind::transmit:
      return driver.transmit(operation);
    case Kind::wire:
      return stage.wire_frames(operation);
    case Kind::wait:
      return stage.wait(1000 * static_cast<Picoseconds>(operation.count));
    case Kind::sync:
      return stage.sync();
    case Kind::wish:
      stage.sync();
      return driver.wish(operation.pair, static_cast<Wish>(operation.count));
    case Kind::stray_doorbell:
      return driver.stray_doorbell(operation.seed);
    case Kind::spurious_kick:
      return driver.kick(2 * operation.pair + operation.count);
    case Kind::settings:
      stage.sync();
      return stage.set_up(operation.seed);
    case Kind::broken:
      stage.sync();
      driver.broken(operation);
      return stage.forget();
    case Kind::reset:
      stage.sync();
      driver.restart();
      return stage.forget();
    case Kind::queue_reset:
      stage.sync();
      driver.queue_reset(operation);
      return stage.forget();
    default:
      return perform_chaos(stage, operation);
  }
}

}  // namespace

Outcome run_plan(const Plan& plan, const rtl_bridge::EngineFactory& make_nic, const std::string& trace_file) {
  Stage stage(plan.machine, make_nic, trace_file);
  stage.power_on();
  if (plan.chaos) stage.bus().misbehave(plan.machine.adversary);
  for (const Operation& operation : plan.operations) {
    if (stage.broken()) break;
    if (plan.chaos) {
      perform_chaos(stage, operation);
    } else {
      perform(stage, operation);
    }
  }
  std::vector<std::uint64_t> counters;
  if (plan.chaos && !stage.broken()) {
    counters = stage.driver().counters();
    recover(stage);
    for (const Operation& operation : plan.epilogue) {
      if (!stage.broken()) perform(stage, operation);
    }
  }
  if (!stage.broken()) stage.sync();
  if (!stage.broken()) stage.driver().note_counters(plan.chaos);
  return {std::move(stage.record()), stage.bus().violations(), stage.bus().now(), std::move(counters),
          stage.bus().writes()};
}

std::string judge(const Outcome& a, const std::string& a_name, const Outcome& b, const std::string& b_name) {
  std::string text;
  for (const std::string& violation : a.violations) text += a_name + ": " + violation + "\n";
  for (const std::string& violation : b.violations) text += b_name + ": " + violation + "\n";
  if (text.empty()) text = compare(a.record, a_name, b.record, b_name);
  return text;
}

/// Halves first, then quarters, down to single operations.
Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails) {
  for (std::size_t step = plan.operations.size() / 2; step > 0; step /= 2) {
    for (std::size_t at = 0; at + step <= plan.operations.size();) {
      Plan smaller = plan;
      const auto begin = smaller.operations.begin() + static_cast<std::ptrdiff_t>(at);
      smaller.operations.erase(begin, begin + static_cast<std::ptrdiff_t>(step));
      if (fails(smaller)) {
        plan = std::move(smaller);
      } else {
        at += step;
      }
    }
  }
  return plan;
}

}  // namespace sim::fuzz
