// SPDX-License-Identifier: Apache-2.0
// The tunables' registry.
#include "host/kernel/sysctl.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/base/invariant.hpp"

namespace host::kernel {
namespace {

using base::Errno;

constexpr std::string_view kBlanks = " \t\n";
constexpr int kDecimal = 10;
constexpr int kHexadecimal = 16;

bool within(const Sysctl& number, std::int64_t value) {
  return value >= number.minimum && value <= number.maximum;
}

/// Takes the next word off the front; empty at the end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> to_number(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x");
  if (hexadecimal) word.remove_prefix(2);
  std::int64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value, hexadecimal ? kHexadecimal : kDecimal);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

SysctlTable::Entry& SysctlTable::insert(std::string_view name, Entry entry) {
  for (const Sysctl& number : entry.numbers) {
    INVARIANT(within(number, number.value), "a sysctl's default is outside its range");
  }
  const auto [place, fresh] = entries_.emplace(std::string(name), std::move(entry));
  INVARIANT(fresh, "a sysctl is registered twice");
  return place->second;
}

const Sysctl& SysctlTable::add(std::string_view name, std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  return insert(name, {.numbers = {{value, minimum, maximum}}, .order = {}, .word = {}, .changed = {}}).numbers.front();
}

std::span<const Sysctl> SysctlTable::add_list(std::string_view name, std::vector<Sysctl> numbers, ListOrder order) {
  return insert(name, {.numbers = std::move(numbers), .order = order, .word = {}, .changed = {}}).numbers;
}

const SysctlWord& SysctlTable::add_word(std::string_view name, std::vector<std::string> choices) {
  INVARIANT(!choices.empty(), "a sysctl has nothing to choose from");
  return insert(name, {.numbers = {}, .order = {}, .word = {std::move(choices), 0}, .changed = {}}).word;
}

void SysctlTable::add_text(std::string_view name, std::function<std::string()> read,
                           std::function<base::Result<void>(std::string_view)> write) {
  Entry& entry = insert(name, {.numbers = {}, .order = {}, .word = {}, .changed = {}});
  entry.read = std::move(read);
  entry.write = std::move(write);
}

void SysctlTable::remove(std::string_view name) {
  const auto entry = entries_.find(name);
  INVARIANT(entry != entries_.end(), "a sysctl that nobody registered is removed");
  entries_.erase(entry);
}

void SysctlTable::on_change(std::string_view name, std::function<void()> changed) {
  const auto entry = entries_.find(name);
  INVARIANT(entry != entries_.end(), "a sysctl that nobody registered is watched");
  entry->second.changed = std::move(changed);
}

const Sysctl& SysctlTable::find(std::string_view name) const {
  const auto entry = entries_.find(name);
  INVARIANT(entry != entries_.end(), "a sysctl that nobody registered is read");
  INVARIANT(entry->second.numbers.size() == 1, "a list or word is read as a number");
  return entry->second.numbers.front();
}

base::Result<void> SysctlTable::set(std::string_view name, std::int64_t value) {
  return set_text(name, std::to_string(value));
}

base::Result<std::int64_t> SysctlTable::value(std::string_view name) const {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return Errno::no_entry;
  if (entry->second.numbers.size() != 1) return Errno::invalid;
  return entry->second.numbers.front().value;
}

base::Result<void> SysctlTable::assign_numbers(Entry& entry, std::string_view text) {
  std::vector<Sysctl> changed = entry.numbers;
  std::size_t count = 0;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    const auto number = to_number(word);
    if (!number || count == changed.size()) return Errno::invalid;
    if (!within(changed[count], *number)) return Errno::range;
    changed[count++].value = *number;
  }
  if (count == 0) return Errno::invalid;
  const auto by_value = [](const Sysctl& a, const Sysctl& b) { return a.value < b.value; };
  if (entry.order == ListOrder::ascending && !std::is_sorted(changed.begin(), changed.end(), by_value)) {
    return Errno::invalid;
  }
  std::copy(changed.begin(), changed.end(), entry.numbers.begin());  // in place: others refer to them
  return {};
}

base::Result<void> SysctlTable::assign_word(Entry& entry, std::string_view text) {
  const auto& choices = entry.word.choices;
  const auto chosen = std::find(choices.begin(), choices.end(), take_word(text));
  if (chosen == choices.end()) return Errno::no_entry;
  if (!take_word(text).empty()) return Errno::invalid;
  entry.word.index = static_cast<std::size_t>(chosen - choices.begin());
  return {};
}

base::Result<void> SysctlTable::set_text(std::string_view name, std::string_view text) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return Errno::no_entry;
  Entry& entry = found->second;
  ++writes_;
  if (entry.write) return entry.write(text);
  const auto done = entry.numbers.empty() ? assign_word(entry, text) : assign_numbers(entry, text);
  if (done && entry.changed) entry.changed();
  return done;
}

base::Result<std::string> SysctlTable::text(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return Errno::no_entry;
  if (found->second.read) return found->second.read();
  if (found->second.numbers.empty()) return found->second.word.value();
  std::string line;
  for (const Sysctl& number : found->second.numbers) {
    if (!line.empty()) line += '\t';
    line += std::to_string(number.value);
  }
  return line;
}

std::vector<std::string> SysctlTable::names() const {
  std::vector<std::string> all;
  all.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) all.push_back(name);
  return all;
}

std::string swap_dots_and_slashes(std::string_view name) {
  std::string swapped(name);
  for (char& letter : swapped) {
    if (letter == '.') {
      letter = '/';
    } else if (letter == '/') {
      letter = '.';
    }
  }
  return swapped;
}

}  // namespace host::kernel
