// SPDX-License-Identifier: Apache-2.0
// The administrator's commands on one host: looked up by name, run in a process.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/capture/capture_file.hpp"
#include "host/device/net_core.hpp"
#include "host/ip/ip_layer.hpp"
#include "host/kernel/process.hpp"
#include "host/socket/socket_calls.hpp"
#include "host/udp/udp_layer.hpp"

namespace host::console {

struct SimpleCommand;

/// What the commands act on. All outlive the console.
struct System {
  kernel::Kernel& kernel;
  device::NetCore& net;
  ip::IpLayer& ip;
  udp::UdpLayer& udp;
  socket::SocketCalls& sockets;
};

enum class Stream : std::uint8_t { out, err };
/// Takes what commands print, as they print it.
using Sink = std::function<void(Stream, std::string_view)>;

/// A command under way: its words (the first is its name), its process, where it prints.
struct Invocation {
  kernel::Process& self;
  const std::vector<std::string>& words;
  const Sink& sink;
  /// When a command that would run for ever ends, as at Ctrl-C.
  std::optional<platform::Nanoseconds> ends_at = {};
  /// What it reads from the shell: `< FILE` or `<<< TEXT`.
  std::optional<std::string> input = {};

  void out(std::string_view text) const { sink(Stream::out, text); }
  void err(std::string_view text) const { sink(Stream::err, text); }
};

/// Returns the exit status; may sleep.
using Main = std::function<kernel::Task<int>(Invocation&)>;

inline constexpr int kNotFound = 127;  // bash: no such command
inline constexpr int kMisused = 2;     // bash: a line that is none
inline constexpr int kFailure = 1;     // and what most commands say of most errors

class Console {
 public:
  /// With every command of this folder.
  explicit Console(System system);
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// `summary`: one line for `help`. A name that is taken is a broken invariant.
  void add(std::string_view name, std::string_view summary, Main main);

  /// Runs a line; returns the last command's exit status. Errors are printed as bash does.
  [[nodiscard]] kernel::Task<int> run(kernel::Process& self, std::string line, Sink sink);

  /// What the last word of an unfinished line may become: commands, files, tunables. In order.
  [[nodiscard]] std::vector<std::string> complete(std::string_view line) const;

  /// Looks the command up by its first word and runs it.
  [[nodiscard]] kernel::Task<int> execute(Invocation& call);

  [[nodiscard]] System& system() { return system_; }

  /// Where `tcpdump -w` writes; none: nowhere.
  capture::OpenCapture open_capture;
  /// A whole file that `nft -f` and `<` read, of the machine that this host runs on; none: there are no files.
  std::function<base::Result<std::string>(const std::string& path)> read_file;

 private:
  [[nodiscard]] base::Result<std::string> read_input(const std::string& path) const;
  struct Command {
    std::string summary;
    Main main;
  };

  void help(const Invocation& call) const;
  /// The redirections first, as a shell does: a file that does not open is reported and nothing runs.
  [[nodiscard]] kernel::Task<int> run_command(kernel::Process& self, const SimpleCommand& command, const Sink& sink);

  System system_;
  std::map<std::string, Command, std::less<>> commands_;
};

}  // namespace host::console
