// SPDX-License-Identifier: Apache-2.0
// One host of a world: its machine and ports, what an administrator types, and the programs that run on it.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "host/kernel/process.hpp"
#include "sim/app/script.hpp"
#include "sim/board/machine.hpp"
#include "sim/world/ledger.hpp"
#include "sim/world/native_nic.hpp"
#include "sim/world/pcie_nic.hpp"
#include "sim/world/program.hpp"

namespace sim::world {

/// Takes what a run prints: a host's commands and their answers.
using Printer = std::function<void(std::string_view)>;

class Station {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::size_t number = 0;  ///< its place in the file: addresses of NICs follow from it
    std::string prefix;      ///< of the simulator's names; another world in the same process has another
    Printer print;
  };
  /// Where a port's wire is; null: nothing is plugged in.
  struct Plug {
    Wire* wire = nullptr;
    unsigned end = 0;
  };

  Station(HostPlan plan, Options options, const std::vector<Plug>& plugs);
  ~Station();

  [[nodiscard]] const HostPlan& plan() const { return plan_; }
  [[nodiscard]] board::Machine& machine() { return machine_; }
  [[nodiscard]] host::apps::Host& host() { return machine_.host(); }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const std::vector<std::unique_ptr<PcieNic>>& nics() const { return nics_; }

  [[nodiscard]] bool is_up() const { return up_; }
  /// Why it did not come up, in one line; or empty.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// All hosts are up: programs and scripts begin.
  void begin();
  /// Programs that end by themselves have, and so have scripts but for `every`.
  [[nodiscard]] bool finished() const;
  void stop();
  /// Grows with everything that a frame makes happen.
  [[nodiscard]] std::uint64_t activity() const;

  /// Closes its ports; closed() once that is done.
  void shut_down();
  [[nodiscard]] bool closed() const { return closed_; }

  /// Counters of ports, NICs, protocols and programs, and what does not add up. From an SC_THREAD, before shut_down().
  void report(board::Report& report);
  /// What became of received packets; after it was shut down.
  void report_after_close(board::Report& report);

 private:
  using Process = host::kernel::Process;

  struct Port {
    PortPlan plan;
    NativeNic* native = nullptr;
    PcieNic* pcie = nullptr;
    [[nodiscard]] host::device::NetDevice& device() const {
      return native != nullptr ? native->device() : pcie->device();
    }
    [[nodiscard]] bool exists() const { return native != nullptr || pcie->probed(); }
  };

  void plug_in(const std::vector<Plug>& plugs);
  void power_on();
  [[nodiscard]] host::kernel::Task<void> bring_up(Process& self);
  [[nodiscard]] std::string open_port(host::kernel::Cpu& cpu, Port& port);
  [[nodiscard]] std::string set_sysctl(const std::string& name, const std::string& value);
  [[nodiscard]] host::kernel::Task<void> configure(Process& self);
  [[nodiscard]] host::kernel::Task<bool> must(Process& self, std::string command);
  [[nodiscard]] host::kernel::Task<int> give(Process& self, std::string title, std::string command);
  [[nodiscard]] host::kernel::Task<void> script_in_order(Process& self);
  [[nodiscard]] host::kernel::Task<void> script_line(Process& self, const app::ScriptLine& line);
  [[nodiscard]] host::kernel::Task<void> close_ports(Process& self);
  void check_ledger(board::Report& report);

  HostPlan plan_;
  Options options_;
  Ledger ledger_;
  board::Machine machine_;
  std::vector<std::unique_ptr<NativeNic>> natives_;
  std::vector<std::unique_ptr<PcieNic>> nics_;
  std::vector<Port> ports_;
  std::deque<std::unique_ptr<Program>> programs_;
  std::vector<app::ScriptLine> script_;
  unsigned script_left_ = 0;
  host::platform::Nanoseconds zero_ = 0;
  std::string problem_;
  bool up_ = false;
  bool stopped_ = false;
  bool closed_ = false;
};

}  // namespace sim::world
