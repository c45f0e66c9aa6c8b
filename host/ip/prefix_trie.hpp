// SPDX-License-Identifier: Apache-2.0
// A path-compressed binary trie over IPv4 prefixes (Linux: net/ipv4/fib_trie.c; Morrison, PATRICIA, J. ACM 1968).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "host/headers/ipv4_address.hpp"

namespace host::ip {

/// One value a prefix. A node stands for a prefix that has a value or where two branches part, so a search takes at
/// most 33 steps and the trie at most twice as many nodes as values, whatever the prefixes.
template <typename Value>
class PrefixTrie {
 public:
  using Prefix = headers::Ipv4Prefix;

  [[nodiscard]] std::size_t size() const { return size_; }

  /// The value of exactly this prefix, which has no host bits set; made when it is not there.
  Value& insert(Prefix prefix) {
    std::unique_ptr<Node>* place = &root_;
    while (*place != nullptr && is_above((*place)->prefix, prefix)) {
      place = &(*place)->child(prefix.address);
    }
    if (*place == nullptr || (*place)->prefix != prefix) {
      place = &grow(*place, prefix);
    }
    std::optional<Value>& value = (*place)->value;
    if (!value) {
      value.emplace();
      ++size_;
    }
    return *value;
  }

  /// Null when there is none of exactly this prefix.
  [[nodiscard]] Value* find(Prefix prefix) {
    Node* node = root_.get();
    while (node != nullptr && is_above(node->prefix, prefix)) {
      node = node->child(prefix.address).get();
    }
    const bool here = node != nullptr && node->prefix == prefix && node->value;
    return here ? &*node->value : nullptr;
  }

  void erase(Prefix prefix) {
    std::unique_ptr<Node>* parent = nullptr;
    std::unique_ptr<Node>* place = &root_;
    while (*place != nullptr && is_above((*place)->prefix, prefix)) {
      parent = std::exchange(place, &(*place)->child(prefix.address));
    }
    if (*place == nullptr || (*place)->prefix != prefix || !(*place)->value) {
      return;
    }
    (*place)->value.reset();
    --size_;
    shrink(*place);
    if (parent != nullptr) {
      shrink(*parent);
    }
  }

  /// `visit(value)` for each prefix that contains the address, the longest first, until it says true; says whether it
  /// did.
  template <typename Visit>
  bool visit_containing(headers::Ipv4Address address, Visit&& visit) const {
    std::array<const Value*, kLongest + 1> path;
    std::size_t found = 0;
    const Node* node = root_.get();
    while (node != nullptr && node->prefix.contains(address)) {
      if (node->value) {
        path[found++] = &*node->value;
      }
      node = node->prefix.length == kLongest ? nullptr : node->child(address).get();
    }
    while (found > 0) {
      if (visit(*path[--found])) {
        return true;
      }
    }
    return false;
  }

  /// `visit(value)` for every prefix, shorter ones before those that they contain.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    walk(root_.get(), visit);
  }

  /// Steps that the longest search takes.
  [[nodiscard]] unsigned depth() const { return depth_below(root_.get()); }

 private:
  static constexpr unsigned kLongest = 32;

  struct Node {
    explicit Node(Prefix its_prefix) : prefix(its_prefix) {}

    /// Which branch the address belongs to: its first bit behind the prefix.
    [[nodiscard]] std::unique_ptr<Node>& child(headers::Ipv4Address address) {
      return children[address.value >> (kLongest - 1 - prefix.length) & 1U];
    }
    [[nodiscard]] const std::unique_ptr<Node>& child(headers::Ipv4Address address) const {
      return children[address.value >> (kLongest - 1 - prefix.length) & 1U];
    }

    Prefix prefix;
    std::optional<Value> value;
    std::array<std::unique_ptr<Node>, 2> children;
  };

  /// `outer` contains `inner` and is not it.
  static bool is_above(Prefix outer, Prefix inner) {
    return outer.length < inner.length && outer.contains(inner.address);
  }

  /// Puts a node for `prefix` at `place`, where a node that is not above it stands, or none.
  std::unique_ptr<Node>& grow(std::unique_ptr<Node>& place, Prefix prefix) {
    std::unique_ptr<Node> below = std::exchange(place, std::make_unique<Node>(prefix));
    if (below == nullptr) {
      return place;
    }
    const auto alike = static_cast<unsigned>(std::countl_zero(below->prefix.address.value ^ prefix.address.value));
    const Prefix both{prefix.address, std::min({alike, prefix.length, below->prefix.length})};
    if (both.length < prefix.length) {
      std::unique_ptr<Node> beside = std::exchange(place, std::make_unique<Node>(Prefix{both.network(), both.length}));
      place->child(below->prefix.address) = std::move(below);
      std::unique_ptr<Node>& its_place = place->child(prefix.address);
      its_place = std::move(beside);
      return its_place;
    }
    place->child(below->prefix.address) = std::move(below);
    return place;
  }

  /// A node without a value that parts no branches goes.
  static void shrink(std::unique_ptr<Node>& place) {
    auto& [zero, one] = place->children;
    if (place->value || (zero != nullptr && one != nullptr)) {
      return;
    }
    std::unique_ptr<Node> only = std::move(zero != nullptr ? zero : one);
    place = std::move(only);
  }

  template <typename Visit>
  static void walk(const Node* node, Visit& visit) {
    if (node == nullptr) {
      return;
    }
    if (node->value) {
      visit(*node->value);
    }
    walk(node->children[0].get(), visit);
    walk(node->children[1].get(), visit);
  }

  static unsigned depth_below(const Node* node) {
    return node == nullptr ? 0
                           : 1 + std::max(depth_below(node->children[0].get()), depth_below(node->children[1].get()));
  }

  std::unique_ptr<Node> root_;
  std::size_t size_ = 0;
};

}  // namespace host::ip
