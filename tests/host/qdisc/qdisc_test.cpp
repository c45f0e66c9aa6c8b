// SPDX-License-Identifier: Apache-2.0
// What every qdisc does, the FIFOs, pfifo_fast and mq.
#include "tests/host/qdisc/qdisc_world.hpp"

using namespace host;
using namespace host_test;
using base::DropReason;
using base::Errno;
using qdisc::FifoOptions;
using qdisc::Verdict;

TEST_CASE("A queue of packets is in order, however it grows and wraps", "[qdisc]") {
  QdiscWorld world;
  qdisc::PacketQueue queue;
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  for (std::uint32_t round = 0; round < 40; ++round) {
    for (std::uint32_t i = 0; i < round; ++i) queue.push(world.packet(in++, 60 + round));
    for (std::uint32_t i = 0; i < round / 2; ++i) REQUIRE(queue.pop()->mark == out++);
  }
  CHECK(queue.size() == in - out);
  while (const skb::Skb skb = queue.pop()) REQUIRE(skb->mark == out++);
  CHECK(in == out);
  CHECK(queue.bytes() == 0);
  CHECK(queue.front() == nullptr);
}

TEST_CASE("pfifo holds packets up to its limit, txqueuelen unless set", "[qdisc][fifo]") {
  QdiscWorld world;
  world.context.tx_queue_len = 3;
  const auto fifo = world.make("pfifo");
  for (std::uint32_t i = 0; i < 5; ++i) {
    CHECK(fifo->enqueue(world.cpu(), world.packet(i)) == (i < 3 ? Verdict::success : Verdict::drop));
  }
  CHECK(fifo->backlog_packets() == 3);
  CHECK(fifo->backlog_bytes() == 300);
  CHECK(fifo->stats().drops == 2);
  CHECK(world.drops(DropReason::qdisc_full) == 2);
  REQUIRE(fifo->change(world.cpu(), FifoOptions{.limit = 4}).ok());
  CHECK(fifo->enqueue(world.cpu(), world.packet(9)) == Verdict::success);
  CHECK(world.drain(*fifo) == Marks{0, 1, 2, 9});
  CHECK(fifo->stats().packets == 4);
  CHECK(fifo->stats().bytes == 400);
}

TEST_CASE("bfifo holds bytes up to its limit, txqueuelen largest packets unless set", "[qdisc][fifo]") {
  QdiscWorld world;
  world.context.tx_queue_len = 2;
  world.context.mtu = 1000;
  const auto fifo = world.make("bfifo");
  CHECK(std::get<FifoOptions>(fifo->options()).limit == 2000u);
  CHECK(fifo->enqueue(world.cpu(), world.packet(0, 1500)) == Verdict::success);
  CHECK(fifo->enqueue(world.cpu(), world.packet(1, 501)) == Verdict::drop);
  CHECK(fifo->enqueue(world.cpu(), world.packet(2, 500)) == Verdict::success);
  CHECK(world.drain(*fifo) == Marks{0, 2});
}

TEST_CASE("pfifo_fast sends the band of the priority, interactive before best effort before bulk",
          "[qdisc][pfifo_fast]") {
  QdiscWorld world;
  world.context.tx_queue_len = 4;
  const auto fast = world.make("pfifo_fast");
  for (std::uint32_t priority = 0; priority < 16; ++priority) {
    // The mark says the band that Linux's prio2band has for it.
    constexpr std::array<std::uint32_t, 16> kBand = {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    static_cast<void>(fast->enqueue(world.cpu(), world.packet(kBand[priority], 60, priority)));
  }
  CHECK(world.drain(*fast) == Marks{0, 0, 1, 1, 1, 1, 2, 2, 2, 2});
  CHECK(fast->stats().drops == 6);  // of band 1: each band has txqueuelen
  fast->tx_queue_len_changed(10);
  for (std::uint32_t i = 0; i < 12; ++i) static_cast<void>(fast->enqueue(world.cpu(), world.packet(i)));
  CHECK(fast->backlog_packets() == 10);
}

TEST_CASE("A look at the next packet does not send it, and what the driver refused stays first", "[qdisc]") {
  QdiscWorld world;
  const auto fast = world.make("pfifo_fast");
  CHECK(fast->peek(world.cpu()) == nullptr);
  for (std::uint32_t i = 0; i < 3; ++i) static_cast<void>(fast->enqueue(world.cpu(), world.packet(i)));
  CHECK(fast->peek(world.cpu())->mark == 0);
  CHECK(fast->peek(world.cpu())->mark == 0);
  CHECK(fast->stats().packets == 0);
  CHECK(fast->backlog_packets() == 3);
  CHECK(fast->backlog_bytes() == 300);
  skb::Skb first = fast->dequeue(world.cpu());
  fast->requeue(std::move(first));
  CHECK(fast->backlog_packets() == 3);
  CHECK(fast->stats().requeues == 1);
  static_cast<void>(fast->enqueue(world.cpu(), world.packet(7, 100, 6)));
  CHECK(world.drain(*fast) == Marks{0, 7, 1, 2});  // the urgent one does not pass what was on its way
  CHECK(fast->stats().packets == 4);               // each counted once
}

TEST_CASE("A reset drops everything under one reason and no drop of the qdisc", "[qdisc]") {
  QdiscWorld world;
  const auto kind = GENERATE(as<std::string>{}, "pfifo", "bfifo", "pfifo_fast", "prio", "fq_codel", "fq");
  const auto queue = world.make(kind);
  for (std::uint32_t i = 0; i < 5; ++i) static_cast<void>(queue->enqueue(world.cpu(), world.packet(i)));
  queue->requeue(queue->dequeue(world.cpu()));
  queue->reset(world.cpu());
  CHECK(queue->backlog_packets() == 0);
  CHECK(queue->stats().drops == 0);
  CHECK(world.drops(DropReason::queue_purge) == 5);
  CHECK(world.pool.in_use() == 0);
  static_cast<void>(queue->enqueue(world.cpu(), world.packet(6)));
  CHECK(queue->peek(world.cpu())->mark == 6);
  queue->reset(world.cpu());
  CHECK(world.drops(DropReason::queue_purge) == 6);
}

TEST_CASE("A large packet counts as its frames", "[qdisc]") {
  QdiscWorld world;
  const auto fifo = world.make("pfifo");
  skb::Skb large = world.packet(0, 3054);
  large->gso_size = 1000;
  large->gso_segs = 3;
  qdisc::set_note(*large, {.bytes = 3054 + 2 * 54});
  static_cast<void>(fifo->enqueue(world.cpu(), std::move(large)));
  CHECK(fifo->backlog_packets() == 1);
  CHECK(fifo->backlog_bytes() == 3162);
  world.drain(*fifo);
  CHECK(fifo->stats().packets == 3);
  CHECK(fifo->stats().bytes == 3162);
}

TEST_CASE("mq has a qdisc of the default kind for each transmit queue and their sums", "[qdisc][mq]") {
  QdiscWorld world;
  world.context.tx_queues = 3;
  world.context.tx_queue_len = 2;
  world.context.default_kind = "pfifo";
  const auto mq = world.make("mq");
  for (unsigned queue = 0; queue < 3; ++queue) {
    qdisc::Qdisc& child = mq->of_tx_queue(queue);
    CHECK(child.kind() == "pfifo");
    for (unsigned i = 0; i <= queue; ++i) static_cast<void>(child.enqueue(world.cpu(), world.packet(i)));
  }
  CHECK(mq->backlog_packets() == 5);
  CHECK(mq->stats().drops == 1);
  CHECK(world.drain(mq->of_tx_queue(1)) == Marks{0, 1});
  CHECK(mq->stats().packets == 2);
  mq->reset(world.cpu());
  CHECK(mq->backlog_packets() == 0);
}

TEST_CASE("A kind that there is not, and options of another kind", "[qdisc]") {
  QdiscWorld world;
  CHECK(qdisc::create(world.cpu(), "cake", world.context).error() == Errno::no_entry);
  CHECK(qdisc::create(world.cpu(), "pfifo_fast", world.context, FifoOptions{.limit = 1}).error() == Errno::invalid);
}
