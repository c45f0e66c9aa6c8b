// SPDX-License-Identifier: Apache-2.0
// Files that are made when they are read: /proc and /sys of one host (Linux: procfs, sysfs).
#pragma once

#include <functional>
#include <map>
#include <optional>
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
  /// Or why there is nothing to read now (the carrier of an interface that is down: invalid).
  using Read = std::function<base::Result<std::string>()>;
  /// Takes the text without its end of line. On the CPU that writes.
  using Write = std::function<base::Result<void>(Cpu&, std::string_view)>;

  struct File {
    Read read;
    Write write = {};
  };
  /// By path below a directory: "eth0/mtu".
  using Files = std::map<std::string, File, std::less<>>;

  /// Outlives it.
  explicit PseudoFiles(SysctlTable& sysctl) : sysctl_(sysctl) {}
  PseudoFiles(const PseudoFiles&) = delete;
  PseudoFiles& operator=(const PseudoFiles&) = delete;

  /// `path` is absolute ("/proc/net/dev"). Without `write` the file is read-only. A path that is taken, or that passes
  /// through a file, is a broken invariant.
  void add(std::string_view path, Read read, Write write = {});
  /// A file, or a directory with all below it; neither is a broken invariant.
  void remove(std::string_view path);
  /// A directory whose files come and go by themselves, like those of interfaces: `present` makes them, at each look.
  /// Files that were added below it stand beside them and go first. A second one of the path is a broken invariant.
  void mount(std::string_view directory, std::function<Files()> present);

  /// no_entry, is_directory, and what the file says.
  [[nodiscard]] base::Result<std::string> read(std::string_view path) const;
  /// no_entry, is_directory, access (read-only), and what the file says of the text.
  [[nodiscard]] base::Result<void> write(Cpu& cpu, std::string_view path, std::string_view text);
  /// What opening the file for writing says: no_entry, is_directory, access (read-only).
  [[nodiscard]] base::Result<void> may_write(std::string_view path) const;
  /// The names in a directory, in order; directories end in '/'. no_entry; not_directory.
  [[nodiscard]] base::Result<std::vector<std::string>> list(std::string_view directory) const;

 private:
  [[nodiscard]] bool is_directory(std::string_view path) const;
  [[nodiscard]] std::optional<File> find(std::string_view path) const;
  /// Of the mounted directories that the path leads through or to: their files by whole path.
  [[nodiscard]] Files mounted_near(std::string_view path) const;

  SysctlTable& sysctl_;
  Files files_;
  std::map<std::string, std::function<Files()>, std::less<>> mounts_;
};

}  // namespace host::kernel
