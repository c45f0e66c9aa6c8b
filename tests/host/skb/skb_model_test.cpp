// SPDX-License-Identifier: Apache-2.0
// Packets under random operations, beside plain vectors that say what their bytes must be.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "host/skb/pool.hpp"
#include "host/skb/skb_list.hpp"
#include "tests/host/fake_machine.hpp"

using namespace host;
using skb::Skb;

namespace {

using Bytes = std::vector<std::byte>;

/// A packet and what it must hold, front to back. Room in front is counted by the packet itself.
struct Pair {
  Skb skb;
  Bytes model;
};

class Play {
 public:
  explicit Play(unsigned seed)
      : random_(seed),
        kernel_(machine_.machine()),
        pool_(kernel_, {.skbs = 24, .buffers = 40, .pages = 20, .large_buffers = 2, .poison = true}) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      for (const Pair& pair : pairs_) check(pair);
    }
    pairs_.clear();
    CHECK(pool_.in_use() == 0);
    CHECK(pool_.poison().overwritten() == 0);
  }
  [[nodiscard]] std::uint64_t exhausted() const { return pool_.exhausted(); }

 private:
  unsigned any(unsigned below) { return below == 0 ? 0 : static_cast<unsigned>(random_() % below); }
  std::byte byte() { return static_cast<std::byte>(any(256)); }

  static void check(const Pair& pair) {
    REQUIRE(pair.skb->len() == pair.model.size());
    Bytes out(pair.model.size());
    REQUIRE(pair.skb->copy_bits(0, out));
    REQUIRE(out == pair.model);
    std::uint32_t fragments = 0;
    for (const auto& fragment : pair.skb->fragments()) fragments += fragment.length;
    if (!pair.skb->has_frag_list()) REQUIRE(pair.skb->data_len() == fragments);
    REQUIRE(pair.skb->data_len() >= fragments);
    REQUIRE(pair.skb->headlen() + pair.skb->data_len() == pair.skb->len());
    REQUIRE(pair.skb->truesize() >= pair.skb->len());
  }

  void make() {
    Skb skb = pool_.allocate(any(200), any(300));
    if (!skb) return;
    Pair pair{std::move(skb), {}};
    put(pair);
    pairs_.push_back(std::move(pair));
  }
  /// Writers unshare first, as everybody in the stack does.
  bool own(Pair& pair) { return pair.skb->unshare().ok(); }

  void put(Pair& pair) {
    if (!pair.skb->is_linear() || !own(pair)) return;
    for (auto& each : pair.skb->put(any(std::min(pair.skb->tailroom(), 300U) + 1))) {
      each = byte();
      pair.model.push_back(each);
    }
  }
  void push(Pair& pair) {
    if (!own(pair)) return;
    const unsigned count = any(std::min(pair.skb->headroom(), 60U) + 1);
    Bytes front;
    for (auto& each : pair.skb->push(count)) {
      each = byte();
      front.push_back(each);
    }
    pair.model.insert(pair.model.begin(), front.begin(), front.end());
  }
  void pull(Pair& pair) {
    const unsigned count = any(pair.skb->headlen() + 1);
    pair.skb->pull(count);
    pair.model.erase(pair.model.begin(), pair.model.begin() + count);
  }
  /// What was pulled comes back as it was, if nobody pushed over it: a header offset survives until then.
  void pull_and_restore(Pair& pair) {
    const unsigned count = any(pair.skb->headlen() + 1);
    pair.skb->reset_network_header();
    pair.skb->pull(count);
    if (any(2) == 0 && !pair.skb->unshare(any(400)).ok()) count_failure();
    CHECK(pair.skb->network_offset() == count);
    pair.skb->restore(pair.skb->network_offset());
  }
  void trim(Pair& pair) {
    const unsigned length = any(static_cast<unsigned>(pair.model.size()) + 20);
    pair.skb->trim(length);
    if (length < pair.model.size()) pair.model.resize(length);
  }
  void write(Pair& pair) {
    if (!own(pair) || pair.skb->headlen() == 0) return;
    const unsigned at = any(pair.skb->headlen());
    pair.model[at] = pair.skb->writable()[at] = byte();
  }
  /// Packets of a line or two fragments, behind what is there.
  void list(Pair& pair) {
    if (pair.skb->has_frag_list()) return;
    skb::SkbList list;
    for (unsigned left = 1 + any(3); left != 0; --left) {
      Skb skb = pool_.allocate(200);
      if (!skb) break;
      Pair member{std::move(skb), {}};
      put(member);
      if (any(2) == 0) fragment(member);
      pair.model.insert(pair.model.end(), member.model.begin(), member.model.end());
      list.push_back(std::move(member.skb));
    }
    pair.skb->set_frag_list(std::move(list));
  }
  void unlist(Pair& pair) {
    skb::SkbList list = pair.skb->take_frag_list();
    while (const Skb skb = list.pop_front()) pair.model.erase(pair.model.end() - skb->len(), pair.model.end());
    REQUIRE((pair.skb->has_frag_list() || pair.skb->len() == pair.model.size()));
  }
  void fragment(Pair& pair) {
    if (pair.skb->has_frag_list()) return;
    const unsigned bytes = 1 + any(300);
    const unsigned offset = any(50);
    auto buffer = pool_.allocate_buffer(bytes + offset);
    if (!buffer) return;
    Bytes content;
    for (unsigned i = 0; i < bytes; ++i) content.push_back(buffer.memory()[offset + i] = byte());
    const auto added = pair.skb->add_fragment(std::move(buffer), offset, bytes);
    if (added.ok()) pair.model.insert(pair.model.end(), content.begin(), content.end());
  }
  void reshape(Pair& pair) {
    switch (any(4)) {
      case 0:
        if (!pair.skb->linearize().ok()) return count_failure();
        REQUIRE(pair.skb->is_linear());
        return;
      case 1: {
        const unsigned wanted = any(pair.skb->len() + 1);
        if (!pair.skb->may_pull(wanted).ok()) return count_failure();
        REQUIRE(pair.skb->headlen() >= wanted);
        return;
      }
      case 2: {
        const unsigned room = any(500);
        if (!pair.skb->unshare(room).ok()) return count_failure();
        REQUIRE_FALSE(pair.skb->shared());
        REQUIRE(pair.skb->headroom() >= room);
        return;
      }
      default: {
        const unsigned front = pair.skb->headroom() + any(100);
        const unsigned back = pair.skb->is_linear() ? pair.skb->tailroom() + any(100) : 0;
        if (!pair.skb->expand_head(front - pair.skb->headroom(), back == 0 ? 0 : back - pair.skb->tailroom()).ok()) {
          return count_failure();
        }
        REQUIRE(pair.skb->headroom() >= front);
        REQUIRE(pair.skb->tailroom() >= back);
        REQUIRE_FALSE(pair.skb->shared());
      }
    }
  }
  void twin(const Pair& pair) {
    Skb twin = any(2) == 0 ? pair.skb->clone() : pair.skb->copy(any(300));
    if (twin) pairs_.push_back({std::move(twin), pair.model});
  }
  void count_failure() { ++failures_; }

  void step() {
    if (pairs_.empty() || any(8) == 0) return make();
    const auto place = any(static_cast<unsigned>(pairs_.size()));
    Pair& pair = pairs_[place];
    switch (any(12)) {
      case 0:
        return put(pair);
      case 1:
        return push(pair);
      case 2:
        return pull(pair);
      case 3:
        return trim(pair);
      case 4:
        return write(pair);
      case 5:
        return fragment(pair);
      case 6:
        return reshape(pair);
      case 7:
        return pull_and_restore(pair);
      case 8:
        return twin(pair);
      case 9:
        return list(pair);
      case 10:
        return unlist(pair);
      default:
        pairs_.erase(pairs_.begin() + place);
    }
  }

  std::mt19937 random_;
  host_test::FakeMachine machine_;
  kernel::Kernel kernel_;
  skb::SkbPool pool_;
  std::vector<Pair> pairs_;
  unsigned failures_ = 0;
};

}  // namespace

TEST_CASE("Packets are what plain vectors say they are, whatever is done to them and whoever shares them",
          "[skb][model]") {
  std::uint64_t exhausted = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Play play(seed);
    play.run(400);
    exhausted += play.exhausted();
  }
  CHECK(exhausted > 100);  // the pools were small enough to matter
}
