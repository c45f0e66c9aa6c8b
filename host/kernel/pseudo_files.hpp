// SPDX-License-Identifier: Apache-2.0
// Files that are made when they are read: /proc and /sys of one host (Linux: procfs, sysfs).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"

namespace host::kernel {

class Cpu;
class SysctlTable;

/// The tree. Layers register what they can tell beside the numbers; /proc/sys is the table of tunables.
class PseudoFiles {
 public:
  using Read = std::function<std::string()>;
  /// Takes the text without its end of line. On the CPU that writes.
  using Write = std::function<base::Result<void>(Cpu&, std::string_view)>;

  /// Outlives it.
  explicit PseudoFiles(SysctlTable& sysctl) : sysctl_(sysctl) {}
  PseudoFiles(const PseudoFiles&) = delete;
  PseudoFiles& operator=(const PseudoFiles&) = delete;

  /// `path` is absolute ("/proc/net/dev"). Without `write` the file is read-only. A path that is taken, or that passes
  /// through a file, is a broken invariant.
  void add(std::string_view path, Read read, Write write = {});
  /// A file, or a directory with all below it; neither is a broken invariant.
  void remove(std::string_view path);

  /// no_entry, is_directory.
  [[nodiscard]] base::Result<std::string> read(std::string_view path) const;
  /// no_entry, is_directory, access (read-only), and what the file says of the text.
  [[nodiscard]] base::Result<void> write(Cpu& cpu, std::string_view path, std::string_view text);
  /// What opening the file for writing says: no_entry, is_directory, access (read-only).
  [[nodiscard]] base::Result<void> may_write(std::string_view path) const;
  /// The names in a directory, in order; directories end in '/'. no_entry; not_directory.
  [[nodiscard]] base::Result<std::vector<std::string>> list(std::string_view directory) const;

 private:
  struct File {
    Read read;
    Write write;
  };
  [[nodiscard]] bool is_directory(std::string_view path) const;

  SysctlTable& sysctl_;
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace host::kernel
