// SPDX-License-Identifier: Apache-2.0
// Files of worlds: read within their bounds, or refused in one line that names the file.
#include <cstdlib>
#include <string>

#include "sim/pcie/user_error.hpp"
#include "sim/world/read_plan.hpp"

namespace {

/// What a plan promises to whoever builds it.
bool keeps_its_word(const sim::world::WorldPlan& plan) {
  if (plan.hosts.empty() || plan.hosts.size() > 64 || plan.wires.size() > 1024) return false;
  for (const auto& host : plan.hosts) {
    if (host.cpus < 1 || host.cpus > 64 || host.ports.size() > 64) return false;
    for (const auto& app : host.apps) {
      if (app.cpu >= host.cpus) return false;
    }
  }
  for (const auto& wire : plan.wires) {
    if (!(wire.gbps > 0) || wire.delay <= 0) return false;
    for (const std::string& end : wire.ends) {
      if (!sim::world::find_end(plan, end)) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    if (!keeps_its_word(sim::world::parse_plan(std::string(data, data + size), "w.toml"))) std::abort();
  } catch (const sim::UserError& error) {
    const std::string told = error.what();
    if (!told.starts_with("w.toml:")) std::abort();
  }
  return 0;
}
