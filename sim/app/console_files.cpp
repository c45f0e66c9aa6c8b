// SPDX-License-Identifier: Apache-2.0
#include "sim/app/console_files.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sim::app {
namespace {

using host::base::Errno;
using host::base::Result;

constexpr std::uintmax_t kLongest = 64U << 20;

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Errno::is_directory;
  const bool endless = std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored);
  if (endless) return Errno::invalid;
  if (const auto bytes = std::filesystem::file_size(path, ignored); !ignored && bytes > kLongest) {
    return Errno::no_memory;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return errno == EACCES ? Errno::access : errno == ENOTDIR ? Errno::not_directory : Errno::no_entry;
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return Errno::io;
  return text;
}

}  // namespace

std::function<Result<std::string>(const std::string& path)> console_files() {
  return read_file;
}

}  // namespace sim::app
