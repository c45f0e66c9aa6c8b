// SPDX-License-Identifier: Apache-2.0
// Runs one probe as `cosnic bench VERB --probe TEXT` and reads what it prints.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/app/bench_child.hpp"
#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

std::string read_all(std::FILE* pipe) {
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), got);
  return text;
}

std::string read_and_remove(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::filesystem::remove(path);
  return text.str();
}

}  // namespace

ChildOutput run_for_json(const std::string& command, const std::string& what) {
  static std::atomic<unsigned> children = 0;
  const auto messages =
      std::filesystem::temp_directory_path() / fmt::format("cosnic-bench-{}-{}.log", getpid(), ++children);
  std::FILE* pipe = popen(fmt::format("{} 2>'{}'", command, messages.string()).c_str(), "r");
  if (pipe == nullptr) throw UserError("cannot start a second cosnic; is the machine out of processes?");
  const std::string text = read_all(pipe);
  const int status = pclose(pipe);
  ChildOutput output{nlohmann::json::parse(text, nullptr, false), read_and_remove(messages)};
  if (status != 0 || output.result.is_discarded()) {
    throw UserError(fmt::format("measuring {} failed: {}", what,
                                output.messages.empty() ? "no output" : output.messages.substr(0, 500)));
  }
  return output;
}

ChildOutput run_in_child(const std::string& verb, const std::string& probe, const std::string& wrapper) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  return run_for_json(fmt::format("{} '{}' bench {} --probe {}", wrapper, self, verb, probe), probe);
}

}  // namespace sim::app
