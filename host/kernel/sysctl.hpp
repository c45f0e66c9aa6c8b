// SPDX-License-Identifier: Apache-2.0
// Named tunables of one host (Linux: /proc/sys, kernel/sysctl.c).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace host::kernel {

/// A number: its present value and the range that a write must keep to.
struct Sysctl {
  std::int64_t value = 0;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};

/// One word out of several (net.core.default_qdisc).
struct SysctlWord {
  std::vector<std::string> choices;
  std::size_t index = 0;
  [[nodiscard]] const std::string& value() const { return choices[index]; }
};

/// How the numbers of a list go together.
enum class ListOrder : std::uint8_t { any, ascending };

/// The registry. Entries never move: layers keep the reference that add() gave them and read it each time. Names are
/// those of sysctl(8), where a dot within an interface's name is written as a slash: net.ipv4.conf.eth0/5.rp_filter.
class SysctlTable {
 public:
  /// Registers `name` ("net.core.netdev_budget"); a second registration is a broken invariant.
  const Sysctl& add(std::string_view name, std::int64_t value, std::int64_t minimum, std::int64_t maximum);
  /// Several numbers in one ("4096 131072 6291456").
  std::span<const Sysctl> add_list(std::string_view name, std::vector<Sysctl> numbers,
                                   ListOrder order = ListOrder::any);
  /// The first choice is the default.
  const SysctlWord& add_word(std::string_view name, std::vector<std::string> choices);
  /// One whose text is its owner's to make and to understand: a mask, the size of a table.
  void add_text(std::string_view name, std::function<std::string()> read,
                std::function<base::Result<void>(std::string_view)> write);
  /// What nobody has a reference to any more: its interface has gone.
  void remove(std::string_view name);
  /// Called after each write that changed `name`.
  void on_change(std::string_view name, std::function<void()> changed);

  /// Of one number. no_entry, or range when outside the bounds.
  [[nodiscard]] base::Result<void> set(std::string_view name, std::int64_t value);
  [[nodiscard]] base::Result<std::int64_t> value(std::string_view name) const;
  /// As a write to the file would: numbers (decimal, or 0x and hexadecimal) between blanks, or a word. A list takes
  /// fewer numbers than it has and keeps its others. no_entry, invalid (nothing has changed), range.
  [[nodiscard]] base::Result<void> set_text(std::string_view name, std::string_view text);
  /// How often something was written.
  [[nodiscard]] std::uint64_t writes() const { return writes_; }
  /// As the file shows it, without the end of line: the numbers of a list stand between tabs.
  [[nodiscard]] base::Result<std::string> text(std::string_view name) const;

  /// For a layer that reads another layer's tunable; a name that nobody registered is a broken invariant.
  [[nodiscard]] const Sysctl& find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return entries_.contains(name); }
  /// All names in order: what `sysctl -a` shows.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Entry {
    std::vector<Sysctl> numbers;  // of a word: none
    ListOrder order = ListOrder::any;
    SysctlWord word;
    std::function<void()> changed;
    std::function<std::string()> read = {};  // of a text: instead of all the others
    std::function<base::Result<void>(std::string_view)> write = {};
  };

  Entry& insert(std::string_view name, Entry entry);
  [[nodiscard]] static base::Result<void> assign_numbers(Entry& entry, std::string_view text);
  [[nodiscard]] static base::Result<void> assign_word(Entry& entry, std::string_view text);

  std::map<std::string, Entry, std::less<>> entries_;
  std::uint64_t writes_ = 0;
};

/// The path below /proc/sys of a name, and the name of such a path: dots and slashes change places.
[[nodiscard]] std::string swap_dots_and_slashes(std::string_view name);

}  // namespace host::kernel
