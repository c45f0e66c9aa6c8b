// SPDX-License-Identifier: Apache-2.0
// What people type: command lines, addresses, prefixes, tunables. Everything is read or refused; what is written again
// reads the same.
#include <cstdlib>

#include "host/base/mac_address.hpp"
#include "host/console/command_line.hpp"
#include "host/headers/ipv6_address.hpp"
#include "host/kernel/cpu_mask.hpp"
#include "host/kernel/sysctl.hpp"

namespace {

template <typename Type>
void reads_as_written(std::string_view text) {
  using host::headers::to_string;
  if (const auto read = Type::parse(text)) {
    if (Type::parse(to_string(*read)) != read) std::abort();
  }
}

void tunables(std::string_view text) {
  host::kernel::SysctlTable table;
  table.add("a.number", 1, -5, 100);
  table.add_list("a.list", {{1, 0, 10}, {2, 0, 10}}, host::kernel::ListOrder::ascending);
  table.add_word("a.word", {"one", "two"});
  for (const char* name : {"a.number", "a.list", "a.word"}) {
    const auto before = table.text(name);
    const bool set = table.set_text(name, text).ok();
    if (!set && *table.text(name) != *before) std::abort();
    if (set && !table.set_text(name, *table.text(name)).ok()) std::abort();
  }
  if (table.find("a.number").value < -5 || table.find("a.number").value > 100) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto line = host::console::parse_line(text);
  if (const auto* commands = std::get_if<std::vector<host::console::SimpleCommand>>(&line)) {
    for (const auto& command : *commands) {
      if (command.words.empty() && !command.output) std::abort();
    }
  } else if (std::get<host::console::SyntaxError>(line).message.empty()) {
    std::abort();
  }
  reads_as_written<host::headers::Ipv4Address>(text);
  reads_as_written<host::headers::Ipv4Prefix>(text);
  reads_as_written<host::headers::Ipv6Address>(text);
  reads_as_written<host::headers::Ipv6Prefix>(text);
  if (const auto mac = host::base::MacAddress::parse(text)) {
    if (host::base::MacAddress::parse(mac->to_string()) != mac) std::abort();
  }
  for (const unsigned cpus : {1u, 4u, 64u}) {
    const auto mask = host::kernel::parse_cpu_mask(text, cpus);
    if (mask.ok() && *host::kernel::parse_cpu_mask(host::kernel::cpu_mask_text(*mask, cpus), cpus) != *mask)
      std::abort();
  }
  tunables(text);
  return 0;
}
