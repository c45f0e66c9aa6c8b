// SPDX-License-Identifier: Apache-2.0
// One table of a TOML file: every key asked for is known, every other one is an error with its line.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/pcie/ports.hpp"

namespace sim::world {

/// All functions but the constructor throw UserError, "FILE:LINE: ...", for what the file has wrong; an absent key
/// leaves `out` alone.
class TomlTable {
 public:
  /// `place`: what the table is called in messages, like "host.port"; empty: the file itself.
  TomlTable(const std::string& file, std::string place, const toml::table& table)
      : file_(file), place_(std::move(place)), table_(table) {}

  template <typename Integer>
  void integer(const char* key, Integer& out, std::int64_t least, std::int64_t most) {
    out = static_cast<Integer>(integer_or(key, static_cast<std::int64_t>(out), least, most));
  }
  void real(const char* key, double& out, double least, double most);
  void boolean(const char* key, bool& out);
  void text(const char* key, std::string& out);
  /// `parse` says whether it is `form`.
  void text(const char* key, std::string_view form, const std::function<bool(const std::string&)>& parse);
  void duration(const char* key, Picoseconds& out);
  /// One of `names`; its place among them.
  void choice(const char* key, std::span<const std::string_view> names, const std::function<void(std::size_t)>& take);
  /// A list of strings, or one alone.
  void texts(const char* key, std::vector<std::string>& out);
  /// Every key of a table of its own, with numbers or strings as its values; both as text, in the file's order by name.
  void entries(const char* key, std::vector<std::pair<std::string, std::string>>& out);
  void numbers(const char* key, const std::function<void(const std::string&, double)>& take);
  /// [[key]]: `read` sees each.
  void each(const char* key, const std::function<void(TomlTable&)>& read);

  void require(const char* key) const;
  [[nodiscard]] bool has(const char* key) const { return table_.contains(key); }
  /// Every key that nobody asked for is a mistake of the file.
  void finish() const;
  [[noreturn]] void fail(const char* key, std::string_view why) const;
  [[nodiscard]] unsigned line() const { return table_.source().begin.line; }

 private:
  [[nodiscard]] std::int64_t integer_or(const char* key, std::int64_t other, std::int64_t least, std::int64_t most);
  const toml::node* find(const char* key);
  [[nodiscard]] std::string full(std::string_view key) const;
  [[noreturn]] void fail_at(const toml::node& node, std::string_view why) const;

  const std::string& file_;
  std::string place_;
  const toml::table& table_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace sim::world
