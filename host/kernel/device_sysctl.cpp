// SPDX-License-Identifier: Apache-2.0
// One row of tunables an interface.
#include "host/kernel/device_sysctl.hpp"

#include "host/base/invariant.hpp"

namespace host::kernel {

DeviceSysctls::DeviceSysctls(SysctlTable& table, std::string_view prefix, std::span<const DeviceVariable> variables,
                             HasAll has_all)
    : table_(table), prefix_(prefix), variables_(variables.begin(), variables.end()) {
  if (has_all == HasAll::yes) add_row("all", nullptr);
  add_row("default", nullptr);
}

DeviceSysctls::~DeviceSysctls() {
  for (const std::string& instance : instances()) remove_device(instance);
}

std::string DeviceSysctls::name_of(std::string_view instance, std::size_t variable) const {
  std::string name = prefix_ + '.';
  for (const char letter : instance) name += letter == '.' ? '/' : letter;
  return name.append(".").append(variables_.at(variable).name);
}

const SysctlRow& DeviceSysctls::add_row(std::string_view instance, const SysctlRow* model) {
  SysctlRow row;
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const DeviceVariable& variable = variables_[i];
    const std::int64_t value = model == nullptr ? variable.value : (*model)[i]->value;
    row.push_back(&table_.add(name_of(instance, i), value, variable.minimum, variable.maximum));
  }
  return rows_.emplace(instance, std::move(row)).first->second;
}

const SysctlRow& DeviceSysctls::add_device(std::string_view device) {
  return add_row(device, &row("default"));
}

void DeviceSysctls::remove_device(std::string_view device) {
  const auto found = rows_.find(device);
  INVARIANT(found != rows_.end(), "the tunables of an interface that is not there are removed");
  for (std::size_t i = 0; i < variables_.size(); ++i) table_.remove(name_of(device, i));
  rows_.erase(found);
}

const SysctlRow& DeviceSysctls::row(std::string_view instance) const {
  const auto found = rows_.find(instance);
  INVARIANT(found != rows_.end(), "the tunables of an interface that is not there are read");
  return found->second;
}

base::Result<void> DeviceSysctls::set(std::string_view instance, std::size_t variable, std::int64_t value) {
  return table_.set(name_of(instance, variable), value);
}

std::vector<std::string> DeviceSysctls::instances() const {
  std::vector<std::string> all;
  for (const auto& [name, row] : rows_) all.push_back(name);
  return all;
}

}  // namespace host::kernel
