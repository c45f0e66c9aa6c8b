// SPDX-License-Identifier: Apache-2.0
#include "sim/world/ledger.hpp"

#include <numeric>

namespace sim::world {

using host::base::DropReason;
using host::kernel::JourneyStep;
using host::kernel::SkbId;

std::uint64_t LedgerTotals::all_dropped() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

SkbId Ledger::root_of(SkbId skb) const {
  for (auto found = parents_.find(skb); found != parents_.end(); found = parents_.find(skb)) skb = found->second;
  return skb;
}

void Ledger::step(const host::kernel::JourneyEvent& event) {
  switch (event.step) {
    case JourneyStep::driver_receive:
      ++totals_.received;
      packets_[event.skb] = {};
      break;
    case JourneyStep::driver_transmit:
      end(event.skb, End::forwarded);
      break;
    case JourneyStep::application_read:
      end(event.skb, End::delivered);
      break;
    // These have taken it, unless a socket or a drop follows.
    case JourneyStep::arp_rcv:
    case JourneyStep::icmp_rcv:
    case JourneyStep::ip_defrag:
    case JourneyStep::ip_local_deliver:
      end(event.skb, End::consumed);
      break;
    // Not yet: it waits for its reader.
    case JourneyStep::udp_rcv:
    case JourneyStep::socket_queue:
      if (const auto found = packets_.find(root_of(event.skb)); found != packets_.end()) {
        if (found->second.end == End::consumed) found->second.end = End::none;
      }
      break;
    // A reply that was built from a packet is one of the host's own: it has no bytes to account for.
    case JourneyStep::icmp_send:
    case JourneyStep::ip_queue_xmit:
      parents_.erase(event.skb);
      break;
    default:
      break;
  }
}

/// What was dropped or sent is over; a protocol may still find fault with what it took.
void Ledger::end(SkbId skb, End how, DropReason reason) {
  const SkbId root = root_of(skb);
  const auto found = packets_.find(root);
  if (found == packets_.end()) return;
  Packet& packet = found->second;
  if (how > packet.end || packet.end == End::consumed) packet = {how, reason, packet.has_pieces};
  if (packet.has_pieces || how == End::consumed) return;
  settle(totals_, packet);
  packets_.erase(found);
}

void Ledger::drop(SkbId skb, DropReason reason, unsigned, host::platform::Nanoseconds) {
  ++drops_seen_;
  const SkbId root = root_of(skb);
  const auto found = packets_.find(root);
  if (found == packets_.end()) {
    ++totals_.own_dropped;
  } else if (found->second.end == End::none || found->second.end == End::consumed) {
    end(skb, End::dropped, reason);
  }
}

void Ledger::derived(SkbId parent, SkbId child) {
  const SkbId root = root_of(parent);
  const auto found = packets_.find(root);
  if (found == packets_.end() || packets_.contains(child)) return;
  found->second.has_pieces = true;
  parents_[child] = root;
}

void Ledger::settle(LedgerTotals& totals, const Packet& packet) {
  switch (packet.end) {
    case End::none:
      ++totals.held;
      break;
    case End::dropped:
      ++totals.dropped[static_cast<std::size_t>(packet.reason)];
      break;
    case End::consumed:
      ++totals.consumed;
      break;
    case End::merged:
      ++totals.merged;
      break;
    case End::forwarded:
      ++totals.forwarded;
      break;
    case End::delivered:
      ++totals.delivered;
      break;
  }
}

LedgerTotals Ledger::totals() const {
  LedgerTotals totals = totals_;
  for (const auto& [id, packet] : packets_) settle(totals, packet);
  totals.copies_dropped = drops_seen_ - totals.own_dropped - totals.all_dropped();
  return totals;
}

}  // namespace sim::world
