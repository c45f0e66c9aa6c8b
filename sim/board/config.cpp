// SPDX-License-Identifier: Apache-2.0
#include "sim/board/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "sim/pcie/user_error.hpp"

namespace sim::board {
namespace {

/// One table of the file: what was asked for is known, all else is an error.
class Section {
 public:
  Section(const std::string& path, std::string name, const toml::table* table)
      : path_(path), name_(std::move(name)), table_(table) {}

  template <typename Integer>
  void integer(const char* key, Integer& out, std::int64_t least, std::int64_t most) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
      fail(*node, fmt::format("'{}' must be a whole number from {} to {}", full(key), least, most));
    }
    out = static_cast<Integer>(*value);
  }
  void one_of(const char* key, unsigned& out, const std::vector<unsigned>& allowed) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    for (const unsigned choice : allowed) {
      if (value && *value == choice) {
        out = choice;
        return;
      }
    }
    fail(*node, fmt::format("'{}' must be one of {}", full(key), fmt::join(allowed, ", ")));
  }
  void real(const char* key, double& out, double least, double most) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value<double>();
    if (!value || *value < least || *value > most) {
      fail(*node, fmt::format("'{}' must be a number from {} to {}", full(key), least, most));
    }
    out = *value;
  }
  void boolean(const char* key, bool& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<bool>();
    if (!value) fail(*node, fmt::format("'{}' must be true or false", full(key)));
    out = *value;
  }
  template <typename Parse>
  void text(const char* key, const char* form, Parse parse) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    if (!value || !parse(*value)) fail(*node, fmt::format("'{}' must be {}", full(key), form));
  }
  template <typename Value>
  void all_numbers(std::map<std::string, Value>& out) {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      const auto value = node.template value<Value>();
      if (!value) fail(node, fmt::format("'{}' must be a number", full(key.str())));
      out[std::string(key.str())] = *value;
      known_.insert(std::string(key.str()));
    }
  }
  /// Hands each string of a list to `take`; false of it: not one of the known.
  template <typename Take>
  void list(const char* key, const std::vector<std::string>& known, Take take) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) fail(*node, fmt::format("'{}' must be a list of names", full(key)));
    for (const auto& entry : *array) {
      const auto name = entry.value_exact<std::string>();
      if (!name || !take(*name)) {
        fail(entry, fmt::format("'{}' knows only: {}", full(key), fmt::join(known, ", ")));
      }
    }
  }
  [[nodiscard]] const toml::table* child(const char* key) {
    const toml::node* node = find(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) fail(*node, fmt::format("'{}' must be a table", full(key)));
    return node->as_table();
  }
  /// Every key that nobody asked for is a mistake of the file.
  void finish() const {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      if (known_.count(std::string(key.str())) != 0) continue;
      fail(node, fmt::format("unknown key '{}'; known here: {}", full(key.str()), fmt::join(known_, ", ")));
    }
  }

 private:
  const toml::node* find(const char* key) {
    known_.insert(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  [[nodiscard]] std::string full(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
  }
  [[noreturn]] void fail(const toml::node& node, const std::string& why) const {
    throw UserError(fmt::format("{}:{}: {}", path_, node.source().begin.line, why));
  }

  const std::string& path_;
  std::string name_;
  const toml::table* table_;
  std::set<std::string> known_;
};

bool parse_mac(const std::string& text, std::array<std::uint8_t, 6>& out) {
  std::array<unsigned, 6> parts{};
  int used = 0;
  if (std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4],
                  &parts[5], &used) != 6 ||
      static_cast<std::size_t>(used) != text.size() || (parts[0] & 1) != 0) {
    return false;
  }
  for (std::size_t i = 0; i < 6; ++i) out[i] = static_cast<std::uint8_t>(parts[i]);
  return true;
}

bool parse_lane(const std::string& text, wire::StartLane& out) {
  const std::map<std::string, wire::StartLane> lanes = {{"any", wire::StartLane::any},
                                                        {"lane0", wire::StartLane::lane0},
                                                        {"lane4", wire::StartLane::lane4},
                                                        {"random", wire::StartLane::random}};
  const auto found = lanes.find(text);
  if (found == lanes.end()) return false;
  out = found->second;
  return true;
}

void read_link(Section section, LinkConfig& link) {
  section.integer("generation", link.generation, 1, 5);
  section.one_of("width", link.width, {1, 2, 4, 8, 16});
  section.one_of("mps", link.mps, {128, 256, 512});
  section.one_of("mrrs", link.mrrs, {128, 256, 512, 1024, 2048, 4096});
  section.one_of("rcb", link.rcb, {64, 128});
  section.integer("latency_ns", link.latency_ns, 20, 100'000);
  section.finish();
}

void read_memory(Section section, MemoryConfig& memory) {
  section.integer("latency_ns", memory.latency_ns, 1, 1'000'000);
  section.integer("jitter_ns", memory.jitter_ns, 0, 1'000'000);
  section.boolean("reorder", memory.reorder);
  section.boolean("split", memory.split);
  section.finish();
}

void read_clocks(Section section, ClockConfig& clocks) {
  section.real("core_mhz", clocks.core_mhz, 25, 500);
  section.boolean("tied", clocks.tied);
  section.finish();
}

void read_nic(Section section, NicConfig& nic) {
  section.text("mac", "a unicast address like \"52:54:00:c0:51:0c\"",
               [&](const std::string& text) { return parse_mac(text, nic.mac); });
  section.integer("mtu", nic.mtu, 68, 9198);
  section.integer("completion_timeout_us", nic.completion_timeout_us, 1, 1'000'000);
  section.finish();
}

void read_wire(Section section, WireConfig& wire) {
  section.one_of("gbps", wire.gbps, {10, 25});
  section.integer("propagation_ns", wire.propagation_ns, 20, 1'000'000);
  section.text("start_lane", "\"any\", \"lane0\", \"lane4\" or \"random\"",
               [&](const std::string& text) { return parse_lane(text, wire.start_lane); });
  section.integer("random_gap", wire.random_gap, 0, 1000);
  section.integer("faults_per_thousand", wire.faults_per_thousand, 0, 1000);
  section.finish();
}

void read_host(Section section, const std::string& path, HostConfig& host) {
  section.integer("cpus", host.cpus, 1, 64);
  section.one_of("queue_size", host.queue_size, {4, 8, 16, 32, 64, 128, 256});
  Section(path, "host.costs", section.child("costs")).all_numbers(host.costs);
  Section(path, "host.sysctl", section.child("sysctl")).all_numbers(host.sysctls);
  section.finish();
}

void read_adversary(Section section, pcie::AdversaryConfig& adversary) {
  for (std::size_t k = 0; k < adversary.per_mille.size(); ++k) {
    section.integer(pcie::kMisdeedNames[k].data(), adversary.per_mille[k], 0, 1000);
  }
  const auto time = [&](const char* key, std::int64_t& picoseconds, std::int64_t least, std::int64_t unit) {
    std::int64_t value = picoseconds / unit;
    section.integer(key, value, least, 1'000'000);
    picoseconds = value * unit;
  };
  time("delay_ns", adversary.delay, 1, 1'000);
  time("after_us", adversary.after, 0, 1'000'000);
  time("starve_every_us", adversary.starve_every, 0, 1'000'000);
  time("starve_for_us", adversary.starve_for, 0, 1'000'000);
  section.finish();
}

bool parse_ring(const std::string& text, host::driver::RingKind& out) {
  out = text == "split" ? host::driver::RingKind::split : host::driver::RingKind::packed;
  return text == "split" || text == "packed";
}

bool parse_feature(const std::string& name, host::driver::Features& out) {
  const auto bit = host::driver::feature_by_name(name);
  if (!bit || !host::driver::has_feature(host::driver::driver_features(), *bit)) return false;
  out |= host::driver::feature(*bit);
  return true;
}

bool parse_interrupts(const std::string& text, host::driver::InterruptMode& out) {
  using host::driver::InterruptMode;
  const std::map<std::string, InterruptMode> modes = {
      {"per-queue", InterruptMode::per_queue}, {"shared", InterruptMode::shared}, {"intx", InterruptMode::intx}};
  const auto found = modes.find(text);
  if (found == modes.end()) return false;
  out = found->second;
  return true;
}

void read_driver(Section section, DriverConfig& driver) {
  section.integer("queue_pairs", driver.queue_pairs, 1, 64);
  section.text("ring", "\"packed\" or \"split\"",
               [&](const std::string& text) { return parse_ring(text, driver.ring); });
  section.integer("rx_ring", driver.rx_ring, 1, 32'768);
  section.integer("tx_ring", driver.tx_ring, 1, 32'768);
  section.list("features_off", host::driver::driver_feature_names(),
               [&](const std::string& name) { return parse_feature(name, driver.features_off); });
  section.text("interrupts", "\"per-queue\", \"shared\" or \"intx\"",
               [&](const std::string& text) { return parse_interrupts(text, driver.interrupts); });
  section.boolean("napi", driver.napi);
  section.integer("rx_buffer", driver.rx_buffer, 0, 4096);
  section.integer("rx_usecs", driver.coalesce.rx_usecs, 0, 65'535);
  section.integer("rx_frames", driver.coalesce.rx_frames, 0, 65'535);
  section.integer("tx_usecs", driver.coalesce.tx_usecs, 0, 65'535);
  section.integer("tx_frames", driver.coalesce.tx_frames, 0, 65'535);
  section.integer("lro_usecs", driver.lro_usecs, 0, 1023);
  section.finish();
}

}  // namespace

NicKind parse_nic_kind(const std::string& text) {
  if (text == "rtl") return NicKind::rtl;
  if (text == "rtl128") return NicKind::rtl128;
  if (text == "model") return NicKind::model;
  throw UserError(fmt::format("no NIC '{}'; write rtl, rtl128 or model", text));
}

BoardConfig load_config(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw UserError(fmt::format("cannot read configuration '{}'; is the name right?", path));
  toml::table table;
  try {
    table = toml::parse(file, path);
  } catch (const toml::parse_error& error) {
    throw UserError(fmt::format("{}:{}: {}; see sim/board/README.md for the form", path, error.source().begin.line,
                                error.description()));
  }
  BoardConfig config;
  Section top(path, "", &table);
  read_link({path, "link", top.child("link")}, config.link);
  read_memory({path, "memory", top.child("memory")}, config.memory);
  read_clocks({path, "clocks", top.child("clocks")}, config.clocks);
  read_nic({path, "nic", top.child("nic")}, config.nic);
  read_wire({path, "wire", top.child("wire")}, config.wire);
  read_host({path, "host", top.child("host")}, path, config.host);
  read_adversary({path, "adversary", top.child("adversary")}, config.adversary);
  read_driver({path, "driver", top.child("driver")}, config.driver);
  top.integer("batch", config.batch, 1, 1'000'000);
  top.finish();
  return config;
}

}  // namespace sim::board
