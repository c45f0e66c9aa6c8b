// SPDX-License-Identifier: Apache-2.0
#include "sim/world/station.hpp"

#include <fmt/format.h>

#include <utility>

#include "host/headers/ipv6_address.hpp"
#include "sim/app/duration.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::world {
namespace {

using host::kernel::Task;
using When = app::ScriptLine::When;

host::kernel::CostTable costs_of(const HostPlan& plan) {
  auto costs = host::kernel::CostTable::typical();
  std::string culprit;
  if (!costs.load(plan.costs, &culprit)) {
    throw UserError(fmt::format("host '{}': '{}' is no operation with a cost of 0 or more; known: {}", plan.name,
                                culprit, fmt::join(host::kernel::kOpNames, ", ")));
  }
  return costs;
}

/// 52:54:00:HOST:00:PORT, as it stands in the file.
host::base::MacAddress address_of(const PortPlan& plan, std::size_t host, std::size_t port) {
  return plan.mac.value_or(host::base::MacAddress{
      {0x52, 0x54, 0x00, static_cast<std::uint8_t>(host + 1), 0x00, static_cast<std::uint8_t>(port + 1)}});
}

}  // namespace

Station::Station(HostPlan plan, Options options, const std::vector<Plug>& plugs)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      machine_(options_.prefix + plan_.name, {.cpus = plan_.cpus,
                                              .speed = plan_.speed,
                                              .host = {.seed = options_.seed, .costs = costs_of(plan_), .skbs = {}},
                                              .boot = [this] { power_on(); }}) {
  machine_.kernel().observe(&ledger_);
  plug_in(plugs);
  for (const std::string& line : plan_.script) {
    for (app::ScriptLine& parsed : app::parse_script(line, plan_.name)) script_.push_back(std::move(parsed));
  }
  for (const AppPlan& app : plan_.apps) {
    programs_.push_back(make_program(app, options_.seed * 1000 + programs_.size()));
  }
}

void Station::plug_in(const std::vector<Plug>& plugs) {
  for (std::size_t i = 0; i < plan_.ports.size(); ++i) {
    if (plugs[i].wire == nullptr) continue;
    const PortPlan& plan = plan_.ports[i];
    const auto address = address_of(plan, options_.number, i);
    Port& port = ports_.emplace_back(Port{plan});
    if (plan.nic == Nic::native) {
      natives_.push_back(
          std::make_unique<NativeNic>(host().net(), machine_.irqs(), *plugs[i].wire, plugs[i].end, plan, address));
      port.native = natives_.back().get();
      plugs[i].wire->attach(plugs[i].end, *port.native);
    } else {
      nics_.push_back(std::make_unique<PcieNic>(fmt::format("{}{}_{}", options_.prefix, plan_.name, plan.name),
                                                machine_, *plugs[i].wire, plugs[i].end, plan, address,
                                                options_.seed + i));
      port.pcie = nics_.back().get();
    }
  }
}

/// A run that could not be brought to its end has been reported; what it left is not taken apart.
Station::~Station() {
  machine_.kernel().observe(nullptr);
  machine_.kernel().terminate_processes();
  bool left_up = false;
  for (Port& port : ports_) {
    if (!port.exists()) continue;
    if (port.pcie != nullptr && port.device().is_up()) {
      port.pcie->abandon_driver();
      left_up = true;
    } else if (port.native != nullptr && port.device().core() != nullptr) {
      if (port.device().is_up()) port.device().close(machine_.kernel().cpu(0));
      host().net().unregister_device(port.device());
    }
  }
  if (left_up) machine_.abandon_host();
}

/// On CPU 0, before its kernel runs: what firmware does.
void Station::power_on() {
  for (const auto& nic : nics_) {
    problem_ = nic->enumerate();
    if (!problem_.empty()) return;
  }
  machine_.kernel().spawn(0, "init", [this](Process& self) { return bring_up(self); });
}

Task<void> Station::bring_up(Process& self) {
  for (Port& port : ports_) {
    if (port.pcie != nullptr) problem_ = port.pcie->probe(self.cpu(), host().net());
    if (port.native != nullptr && !host().net().register_device(port.device())) {
      problem_ = fmt::format("{}: the interface {} was refused", plan_.name, port.plan.name);
    }
    if (!problem_.empty()) co_return;
  }
  if (plan_.router) problem_ = set_sysctl("net.ipv4.ip_forward", "1");
  if (plan_.router && problem_.empty()) problem_ = set_sysctl("net.ipv6.conf.all.forwarding", "1");
  for (const auto& [name, value] : plan_.sysctls) {
    if (problem_.empty()) problem_ = set_sysctl(name, value);
  }
  for (Port& port : ports_) {
    if (problem_.empty()) problem_ = open_port(self.cpu(), port);
  }
  if (problem_.empty()) co_await configure(self);
  up_ = problem_.empty();
}

std::string Station::set_sysctl(const std::string& name, const std::string& value) {
  const auto set = machine_.kernel().sysctl().set_text(name, value);
  if (set.ok()) return {};
  return fmt::format("host '{}': sysctl '{}' cannot be '{}': {}", plan_.name, name, value, errno_name(set.error()));
}

std::string Station::open_port(host::kernel::Cpu& cpu, Port& port) {
  auto& device = port.device();
  if (const auto opened = device.open(cpu); !opened.ok()) {
    return fmt::format("{}: the interface {} could not be opened: {}", plan_.name, port.plan.name,
                       errno_name(opened.error()));
  }
  for (const std::string& text : port.plan.addresses) {
    host::base::Result<void> added = host::base::Errno::invalid;
    if (const auto four = host::headers::Ipv4Prefix::parse(text)) {
      added = host().add_address(device, *four);
    } else if (const auto six = host::headers::Ipv6Prefix::parse(text)) {
      // Their seconds are long in simulation.
      for (const char* slow : {"accept_dad", "accept_ra"}) {
        const std::string name = fmt::format("net.ipv6.conf.{}.{}", device.name(), slow);
        if (std::string problem = set_sysctl(name, "0"); !problem.empty()) return problem;
      }
      added = host().add_address(device, *six);
    }
    if (added.ok()) continue;
    return fmt::format("{}: {} cannot have the address {}: {}", plan_.name, device.name(), text,
                       errno_name(added.error()));
  }
  return {};
}

/// Routes and commands, in order; one that fails ends the run before it began.
Task<void> Station::configure(Process& self) {
  for (const std::string& route : plan_.routes) {
    const bool six = route.find(':') != std::string::npos;
    const bool done = co_await must(self, (six ? "ip -6 route add " : "ip route add ") + route);
    if (!done) co_return;
  }
  for (const std::string& command : plan_.start) {
    const bool done = co_await must(self, command);
    if (!done) co_return;
  }
}

Task<bool> Station::must(Process& self, std::string command) {
  std::string answer;
  const auto sink = [&answer](host::console::Stream, std::string_view text) { answer += text; };
  const int status = co_await host().console().run(self, command, sink);
  if (status == 0) {
    if (!answer.empty()) options_.print(fmt::format("{}$ {}\n{}", plan_.name, command, answer));
    co_return true;
  }
  while (answer.ends_with('\n')) answer.pop_back();
  for (char& c : answer) c = c == '\n' ? ' ' : c;
  problem_ = fmt::format("host '{}': '{}' failed (status {}): {}", plan_.name, command, status, answer);
  co_return false;
}

Task<int> Station::give(Process& self, std::string title, std::string command) {
  std::string answer;
  const auto sink = [&answer](host::console::Stream, std::string_view text) { answer += text; };
  const int status = co_await host().console().run(self, std::move(command), sink);
  if (!answer.empty() && !answer.ends_with('\n')) answer += '\n';
  if (status != 0) answer += fmt::format("(status {})\n", status);
  options_.print(title + "\n" + answer);
  co_return status;
}

void Station::begin() {
  zero_ = machine_.kernel().now();
  for (const auto& program : programs_) {
    const AppPlan& plan = program->plan();
    machine_.kernel().spawn(plan.cpu, plan.name, [this, &program](Process& self) -> Task<void> {
      if (program->plan().start > 0) co_await self.sleep_until(zero_ + program->plan().start / kNanosecond);
      if (!program->stopped()) co_await program->run(self, host());
      program->finish();
    });
  }
  if (!script_.empty()) {
    ++script_left_;
    machine_.kernel().spawn(0, "bash", [this](Process& self) { return script_in_order(self); });
  }
  for (const app::ScriptLine& line : script_) {
    if (line.when == When::in_order) continue;
    if (line.when == When::at) ++script_left_;
    machine_.kernel().spawn(0, "bash", [this, &line](Process& self) { return script_line(self, line); });
  }
  for (unsigned cpu = 0; cpu < plan_.cpus; ++cpu) machine_.irqs().send_ipi(cpu);
}

Task<void> Station::script_in_order(Process& self) {
  for (const app::ScriptLine& line : script_) {
    if (line.when != When::in_order || stopped_) continue;
    co_await give(self, fmt::format("{}$ {}", plan_.name, line.command), line.command);
  }
  --script_left_;
}

Task<void> Station::script_line(Process& self, const app::ScriptLine& line) {
  const auto step = line.time / kNanosecond;
  for (auto next = zero_ + step;; next += step) {
    co_await self.sleep_until(next);
    if (stopped_) co_return;
    const std::string when = app::format_duration((next - zero_) * kNanosecond);
    co_await give(self, fmt::format("{} [{}]$ {}", plan_.name, when, line.command), line.command);
    if (line.when == When::at) break;
    // A turn that its command overslept is left out.
    while (next + step < self.cpu().now()) next += step;
  }
  --script_left_;
}

bool Station::finished() const {
  for (const auto& program : programs_) {
    if (!program->is_server() && !program->finished()) return false;
  }
  return script_left_ == 0;
}

void Station::stop() {
  stopped_ = true;
  for (const auto& program : programs_) program->stop();
}

std::uint64_t Station::activity() const {
  std::uint64_t sum = 0;
  for (const Port& port : ports_) {
    const auto& stats = port.device().stats();
    sum += stats.rx_packets + stats.tx_packets + stats.rx_dropped + stats.rx_errors;
  }
  return sum;
}

void Station::shut_down() {
  machine_.spawn("shutdown", [this](Process& self) { return close_ports(self); });
}

Task<void> Station::close_ports(Process& self) {
  for (Port& port : ports_) {
    if (port.device().is_up()) port.device().close(self.cpu());
  }
  closed_ = true;
  co_return;
}

}  // namespace sim::world
