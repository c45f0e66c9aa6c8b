// SPDX-License-Identifier: Apache-2.0
// Finding and running commands (Linux: bash, where there is a shell).
#include "host/console/console.hpp"

#include <algorithm>

#include "host/console/command_line.hpp"
#include "host/console/conntrack_command.hpp"
#include "host/console/errors.hpp"
#include "host/console/ethtool_command.hpp"
#include "host/console/file_commands.hpp"
#include "host/console/ip_command.hpp"
#include "host/console/mpstat_command.hpp"
#include "host/console/nft_command.hpp"
#include "host/console/nstat_command.hpp"
#include "host/console/ping_command.hpp"
#include "host/console/ss_command.hpp"
#include "host/console/sysctl_command.hpp"
#include "host/console/tc_command.hpp"
#include "host/console/tcpdump_command.hpp"
#include "host/console/timeout_command.hpp"

namespace host::console {

using kernel::Process;
using kernel::Task;

Console::Console(System system) : system_(system) {
  add_file_commands(*this);
  add_sysctl_command(*this);
  add_ip_command(*this);
  add_ethtool_command(*this);
  add_ss_command(*this);
  add_nstat_command(*this);
  add_mpstat_command(*this);
  add_ping_command(*this);
  add_nft_commands(*this);
  add_conntrack_command(*this);
  add_tc_command(*this);
  add_tcpdump_command(*this);
  add_timeout_command(*this);
  add("help", "the commands of this console", [this](Invocation& call) -> Task<int> {
    help(call);
    co_return 0;
  });
}

void Console::add(std::string_view name, std::string_view summary, Main main) {
  const bool fresh = commands_.try_emplace(std::string(name), Command{std::string(summary), std::move(main)}).second;
  INVARIANT(fresh, "a command is registered twice");
}

void Console::help(const Invocation& call) const {
  std::size_t widest = 0;
  for (const auto& [name, command] : commands_) widest = std::max(widest, name.size());
  for (const auto& [name, command] : commands_) {
    call.out(name + std::string(widest - name.size() + 2, ' ') + command.summary + '\n');
  }
}

Task<int> Console::execute(Invocation& call) {
  const std::string& name = call.words.front();
  const auto found = commands_.find(name);
  if (found == commands_.end()) {
    call.err("bash: " + name + ": command not found\n");
    co_return kNotFound;
  }
  co_return co_await found->second.main(call);
}

/// A file of the host, else of the machine that it runs on.
base::Result<std::string> Console::read_input(const std::string& path) const {
  auto own = system_.kernel.files().read(path);
  return own || own.error() != base::Errno::no_entry || read_file == nullptr ? own : read_file(path);
}

Task<int> Console::run_command(Process& self, const SimpleCommand& command, const Sink& sink) {
  const auto complain = [&](const std::string& what, base::Errno error) {
    sink(Stream::err, what + ": " + std::string(error_text(error)) + '\n');
    return kFailure;
  };
  std::optional<std::string> input = command.input_text;
  if (command.input) {
    auto text = read_input(*command.input);
    if (!text) co_return complain("bash: " + *command.input, text.error());
    input = *std::move(text);
  }
  if (!command.output) {
    Invocation call{self, command.words, sink, {}, std::move(input)};
    co_return co_await execute(call);
  }
  const std::string& path = *command.output;
  if (const auto opened = system_.kernel.files().may_write(path); !opened) {
    co_return complain("bash: " + path, opened.error());
  }
  std::string collected;
  const Sink collect = [&](Stream stream, std::string_view text) {
    if (stream == Stream::out) {
      collected += text;
    } else {
      sink(stream, text);
    }
  };
  Invocation call{self, command.words, collect, {}, std::move(input)};
  const int status = co_await execute(call);
  if (collected.empty()) co_return status;
  const auto written = system_.kernel.files().write(self.cpu(), path, collected);
  if (written) co_return status;
  const std::string& name = command.words.front();
  // echo is part of the shell.
  co_return complain((name == "echo" ? "bash: " : "") + name + ": write error", written.error());
}

Task<int> Console::run(Process& self, std::string line, Sink sink) {
  const auto parsed = parse_line(line);
  if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
    sink(Stream::err, "bash: " + error->message + '\n');
    co_return kMisused;
  }
  int status = 0;
  for (const SimpleCommand& command : std::get<std::vector<SimpleCommand>>(parsed)) {
    const bool skipped = (command.runs_after == RunsAfter::success && status != 0) ||
                         (command.runs_after == RunsAfter::failure && status == 0);
    if (!skipped) status = co_await run_command(self, command, sink);
  }
  co_return status;
}

std::vector<std::string> Console::complete(std::string_view line) const {
  const auto begins = line.find_last_of(" \t;&|>");
  const std::string_view word = begins == std::string_view::npos ? line : line.substr(begins + 1);
  const std::string_view before = line.substr(0, line.size() - word.size());
  const bool is_command = before.find_first_not_of(" \t") == std::string_view::npos;
  std::vector<std::string> found;
  const auto offer = [&](const std::string& name) {
    if (name.starts_with(word)) found.push_back(name);
  };
  if (is_command) {
    for (const auto& [name, command] : commands_) offer(name);
  } else if (word.starts_with('/')) {
    const std::string directory(word.substr(0, word.rfind('/') + 1));
    if (const auto names = system_.kernel.files().list(directory)) {
      for (const std::string& name : *names) offer(directory + name);
    }
  } else if (before.find("sysctl") != std::string_view::npos) {
    for (const std::string& name : system_.kernel.sysctl().names()) offer(name);
  }
  return found;
}

}  // namespace host::console
