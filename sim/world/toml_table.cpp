// SPDX-License-Identifier: Apache-2.0
#include "sim/world/toml_table.hpp"

#include <fmt/format.h>

#include "sim/app/duration.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::world {

const toml::node* TomlTable::find(const char* key) {
  known_.insert(key);
  return table_.get(key);
}

std::string TomlTable::full(std::string_view key) const {
  return place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key);
}

void TomlTable::fail_at(const toml::node& node, std::string_view why) const {
  throw UserError(fmt::format("{}:{}: {}", file_, node.source().begin.line, why));
}

void TomlTable::fail(const char* key, std::string_view why) const {
  const toml::node* node = table_.get(key);
  fail_at(node != nullptr ? *node : static_cast<const toml::node&>(table_), why);
}

void TomlTable::require(const char* key) const {
  if (!has(key)) fail_at(table_, fmt::format("'{}' is missing", full(key)));
}

std::int64_t TomlTable::integer_or(const char* key, std::int64_t other, std::int64_t least, std::int64_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return other;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < least || *value > most) {
    fail_at(*node, fmt::format("'{}' must be a whole number from {} to {}", full(key), least, most));
  }
  return *value;
}

void TomlTable::real(const char* key, double& out, double least, double most) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value<double>();
  if (!node->is_number() || !value || !(*value >= least && *value <= most)) {
    fail_at(*node, fmt::format("'{}' must be a number from {} to {}", full(key), least, most));
  }
  out = *value;
}

void TomlTable::boolean(const char* key, bool& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) fail_at(*node, fmt::format("'{}' must be true or false", full(key)));
  out = *value;
}

void TomlTable::text(const char* key, std::string& out) {
  text(key, "a string", [&](const std::string& value) {
    out = value;
    return true;
  });
}

void TomlTable::text(const char* key, std::string_view form, const std::function<bool(const std::string&)>& parse) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value || !parse(*value)) fail_at(*node, fmt::format("'{}' must be {}", full(key), form));
}

void TomlTable::duration(const char* key, Picoseconds& out) {
  text(key, "a time, like \"10ms\" or \"1.5us\"", [&](const std::string& value) {
    try {
      out = app::parse_duration(value);
    } catch (const UserError&) {
      return false;
    }
    return true;
  });
}

void TomlTable::choice(const char* key, std::span<const std::string_view> names,
                       const std::function<void(std::size_t)>& take) {
  text(key, fmt::format("one of {}", fmt::join(names, ", ")), [&](const std::string& value) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != value) continue;
      take(i);
      return true;
    }
    return false;
  });
}

void TomlTable::texts(const char* key, std::vector<std::string>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto add = [&](const toml::node& one) {
    const auto value = one.value_exact<std::string>();
    if (!value) fail_at(one, fmt::format("'{}' must be a string, or a list of them", full(key)));
    out.push_back(*value);
  };
  if (const auto* list = node->as_array()) {
    for (const toml::node& one : *list) add(one);
  } else {
    add(*node);
  }
}

void TomlTable::entries(const char* key, std::vector<std::pair<std::string, std::string>>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) fail_at(*node, fmt::format("'{}' must be a table", full(key)));
  for (const auto& [name, value] : *table) {
    if (const auto number = value.value_exact<std::int64_t>()) {
      out.emplace_back(name.str(), std::to_string(*number));
    } else if (const auto word = value.value_exact<std::string>()) {
      out.emplace_back(name.str(), *word);
    } else {
      fail_at(value, fmt::format("'{}.{}' must be a whole number or a string (a name with dots needs quotes)",
                                 full(key), name.str()));
    }
  }
}

void TomlTable::numbers(const char* key, const std::function<void(const std::string&, double)>& take) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) fail_at(*node, fmt::format("'{}' must be a table", full(key)));
  for (const auto& [name, value] : *table) {
    const auto number = value.value<double>();
    if (!value.is_number() || !number) fail_at(value, fmt::format("'{}.{}' must be a number", full(key), name.str()));
    take(std::string(name.str()), *number);
  }
}

void TomlTable::each(const char* key, const std::function<void(TomlTable&)>& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto* list = node->as_array();
  if (list == nullptr) fail_at(*node, fmt::format("'{0}' must be a list of tables: write [[{0}]]", full(key)));
  for (const toml::node& one : *list) {
    const auto* table = one.as_table();
    if (table == nullptr) fail_at(one, fmt::format("'{0}' must be a list of tables: write [[{0}]]", full(key)));
    TomlTable inner(file_, full(key), *table);
    read(inner);
    inner.finish();
  }
}

void TomlTable::finish() const {
  for (const auto& [key, node] : table_) {
    if (known_.contains(key.str())) continue;
    fail_at(node, fmt::format("unknown key '{}'; known here: {}", full(key.str()), fmt::join(known_, ", ")));
  }
}

}  // namespace sim::world
