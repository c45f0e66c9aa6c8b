// SPDX-License-Identifier: Apache-2.0
#include "sim/app/output_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/pcie/user_error.hpp"

namespace sim::app {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw UserError(fmt::format("cannot write '{}': {}; choose a place you may write to", path, std::strerror(errno)));
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  file_.open(path_);
  if (!file_) refuse(path_);
}

void OutputFile::write(const std::string& text) {
  if (path_.empty()) return;
  file_ << text;
  file_.close();
  if (!file_) refuse(path_);
}

}  // namespace sim::app
