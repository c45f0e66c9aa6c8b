// SPDX-License-Identifier: Apache-2.0
// A qdisc alone: packets by number, a clock to move, and a run whenever it asks for one.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "host/qdisc/create.hpp"
#include "host/qdisc/packet_queue.hpp"
#include "host/skb/pool.hpp"
#include "tests/host/fake_machine.hpp"

namespace host_test {

struct QdiscWorld {
  QdiscWorld() : kernel(machine.machine()), pool(kernel) {
    context.flow_hash = [](const host::skb::SkBuff& skb) { return skb.hash; };
  }
  host::kernel::Cpu& cpu() { return kernel.cpu(0); }

  std::unique_ptr<host::qdisc::Qdisc> make(std::string_view kind, const host::qdisc::Options& options = {}) {
    auto made = host::qdisc::create(cpu(), kind, context, options);
    REQUIRE(made.ok());
    return std::move(*made);
  }
  host::skb::Skb packet(std::uint32_t mark, std::uint32_t bytes = 100, std::uint32_t priority = 0) {
    host::skb::Skb skb = pool.allocate(bytes);
    REQUIRE(skb != nullptr);
    static_cast<void>(skb->put(bytes));
    skb->mark = mark;
    skb->priority = priority;
    host::qdisc::set_note(*skb, {.bytes = bytes});
    return skb;
  }
  /// The marks of what it gives now, in order.
  std::vector<std::uint32_t> drain(host::qdisc::Qdisc& qdisc, std::size_t most = SIZE_MAX) {
    std::vector<std::uint32_t> marks;
    while (marks.size() < most) {
      const host::skb::Skb skb = qdisc.dequeue(cpu());
      if (!skb) break;
      marks.push_back(skb->mark);
    }
    return marks;
  }
  std::uint64_t drops(host::base::DropReason reason) { return kernel.drops()[reason]; }

  FakeMachine machine;
  host::kernel::Kernel kernel;
  host::skb::SkbPool pool;
  host::qdisc::Context context;
};

using Marks = std::vector<std::uint32_t>;

}  // namespace host_test
