// SPDX-License-Identifier: Apache-2.0
// Every received packet has one end in the ledger, whatever pieces it fell into.
#include "sim/world/ledger.hpp"

#include <catch2/catch.hpp>

using namespace sim::world;
using host::base::DropReason;
using host::kernel::JourneyStep;

namespace {

struct Book {
  void step(JourneyStep step, std::uint64_t skb) { ledger.step({step, skb, 0, 0}); }
  void drop(std::uint64_t skb, DropReason reason) { ledger.drop(skb, reason, 0, 0); }
  /// All that was received, by its end: delivered, forwarded, consumed, dropped, held.
  std::vector<std::uint64_t> ends() const {
    const auto t = ledger.totals();
    CHECK(t.received == t.delivered + t.forwarded + t.consumed + t.merged + t.all_dropped() + t.held);
    return {t.delivered, t.forwarded, t.consumed, t.all_dropped(), t.held};
  }
  Ledger ledger;
};

using Ends = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a packet is read, sent on, taken, dropped, or still there", "[sim][world]") {
  Book book;
  for (std::uint64_t skb = 1; skb <= 5; ++skb) book.step(JourneyStep::driver_receive, skb);
  CHECK(book.ends() == Ends{0, 0, 0, 0, 5});
  book.step(JourneyStep::ip_local_deliver, 1);
  book.step(JourneyStep::udp_rcv, 1);
  CHECK(book.ends() == Ends{0, 0, 0, 0, 5});  // in a socket's queue
  book.step(JourneyStep::application_read, 1);
  book.step(JourneyStep::driver_transmit, 2);
  book.step(JourneyStep::arp_rcv, 3);
  book.drop(4, DropReason::udp_no_port);
  CHECK(book.ends() == Ends{1, 1, 1, 1, 1});
  book.drop(3, DropReason::arp_malformed);  // the protocol found fault with it
  CHECK(book.ends() == Ends{1, 1, 0, 2, 1});
}

TEST_CASE("clones and fragments are not packets of their own", "[sim][world]") {
  Book book;
  book.step(JourneyStep::driver_receive, 1);
  book.ledger.derived(1, 10);
  book.ledger.derived(10, 11);
  book.step(JourneyStep::application_read, 11);
  book.drop(10, DropReason::socket_receive_buffer_full);
  CHECK(book.ends() == Ends{1, 0, 0, 0, 0});
  CHECK(book.ledger.totals().copies_dropped == 1);
  book.step(JourneyStep::driver_receive, 2);
  book.ledger.derived(2, 20);
  book.step(JourneyStep::driver_transmit, 20);
  book.ledger.derived(2, 21);
  book.step(JourneyStep::driver_transmit, 21);
  CHECK(book.ends() == Ends{1, 1, 0, 0, 0});
}

TEST_CASE("a reply is the host's own packet", "[sim][world]") {
  Book book;
  book.step(JourneyStep::driver_receive, 1);
  book.step(JourneyStep::icmp_rcv, 1);
  book.ledger.derived(1, 2);
  book.step(JourneyStep::icmp_send, 2);
  book.step(JourneyStep::driver_transmit, 2);
  CHECK(book.ends() == Ends{0, 0, 1, 0, 0});
  book.ledger.derived(1, 3);
  book.step(JourneyStep::icmp_send, 3);
  book.drop(3, DropReason::qdisc_full);
  CHECK(book.ends() == Ends{0, 0, 1, 0, 0});
  CHECK(book.ledger.totals().own_dropped == 1);
}

TEST_CASE("pieces are taken and the whole is delivered", "[sim][world]") {
  Book book;
  for (std::uint64_t skb = 1; skb <= 3; ++skb) {
    book.step(JourneyStep::driver_receive, skb);
    book.step(JourneyStep::ip_defrag, skb);
  }
  for (std::uint64_t skb = 1; skb <= 3; ++skb) book.ledger.derived(skb, 9);
  book.step(JourneyStep::udp_rcv, 9);
  book.step(JourneyStep::application_read, 9);
  CHECK(book.ends() == Ends{1, 0, 2, 0, 0});
}
