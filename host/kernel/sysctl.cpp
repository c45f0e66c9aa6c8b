// SPDX-License-Identifier: Apache-2.0
// The tunables' registry.
#include "host/kernel/sysctl.hpp"

#include "host/base/invariant.hpp"

namespace host::kernel {

const Sysctl& SysctlTable::add(std::string_view name, std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  INVARIANT(minimum <= value && value <= maximum, "a sysctl's default is outside its range");
  const auto [entry, fresh] = entries_.try_emplace(std::string(name), Sysctl{value, minimum, maximum});
  INVARIANT(fresh, "a sysctl is registered twice");
  return entry->second;
}

const Sysctl& SysctlTable::find(std::string_view name) const {
  const auto entry = entries_.find(name);
  INVARIANT(entry != entries_.end(), "a sysctl that nobody registered is read");
  return entry->second;
}

base::Result<void> SysctlTable::set(std::string_view name, std::int64_t value) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return base::Errno::no_entry;
  if (value < entry->second.minimum || value > entry->second.maximum) return base::Errno::range;
  entry->second.value = value;
  return {};
}

base::Result<std::int64_t> SysctlTable::value(std::string_view name) const {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return base::Errno::no_entry;
  return entry->second.value;
}

}  // namespace host::kernel
