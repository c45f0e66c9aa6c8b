// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/chaos.hpp"

namespace sim::fuzz {
namespace {

using Kind = Operation::Kind;

constexpr unsigned kFlood = 24;            // doorbells
constexpr unsigned kStoreDrains = 60'000;  // nanoseconds: 64 KB at 8 bytes a cycle, and the hold time after a reset

void wait(Stage& stage, unsigned nanoseconds) {
  stage.bus().run_until(stage.bus().now() + 1000 * static_cast<Picoseconds>(nanoseconds));
}

void perform_one(Stage& stage, const Operation& operation) {
  RawDriver& driver = stage.driver();
  switch (operation.kind) {
    case Kind::receive_buffers:
      return driver.receive_buffers(operation);
    case Kind::transmit:
      return driver.transmit(operation);
    case Kind::wire:
      return stage.wire_storm(operation);
    case Kind::wait:
      return wait(stage, operation.count);
    case Kind::sync:
      return static_cast<void>(stage.bus().settle([] { return false; }));
    case Kind::wish:
      return driver.wish(operation.pair, static_cast<Wish>(operation.count));
    case Kind::stray_doorbell:
      for (unsigned i = 0; i < kFlood; ++i) driver.stray_doorbell(operation.seed + i);
      return;
    case Kind::spurious_kick:
      for (unsigned i = 0; i < kFlood; ++i) driver.kick(2 * operation.pair + operation.count);
      return;
    case Kind::settings:
      return stage.set_up(operation.seed);
    case Kind::broken:
      return driver.break_rule(operation);
    case Kind::reset:
      return driver.restart(operation.seed % 4 == 0 ? kFlood : 0);
    case Kind::queue_reset:
      return driver.queue_reset(operation);
    case Kind::function_reset:
      return driver.function_reset();
    case Kind::master_off:
      driver.allow_master(false);
      wait(stage, operation.count);
      return driver.allow_master(true);
    case Kind::mask:
      driver.mask_messages(true);
      wait(stage, operation.count);
      return driver.mask_messages(false);
    case Kind::bad_features:
      return driver.ask_unsound(operation.seed);
    case Kind::jump:
      return driver.jump(operation);
    case Kind::unmap:
      return driver.unmap(operation);
    case Kind::move:
      return driver.move_ring(operation);
  }
}

}  // namespace

/// A driver that notices, sooner or later, that its device wants a reset.
void perform_chaos(Stage& stage, const Operation& operation) {
  if (operation.seed % 3 == 0 && stage.driver().needs_reset()) stage.driver().restart();
  if (!stage.broken()) perform_one(stage, operation);
}

void recover(Stage& stage) {
  stage.bus().misbehave({});
  stage.bus().outlast();
  // What waits in the NIC for buffers, up to the whole of the coalescing store, shall be dropped before there are any:
  // the epilogue's are for the epilogue's frames.
  stage.driver().function_reset([&stage] { wait(stage, stage.machine().large() ? kStoreDrains : 0); });
  // what was in the transmit path at the reset is still sent
  if (!stage.bus().settle([] { return false; })) stage.bus().violation("the NIC never comes to rest");
  stage.driver().start_over();
  stage.forget();
  stage.set_up(1);
  stage.record() = {};
}

}  // namespace sim::fuzz
