// SPDX-License-Identifier: Apache-2.0
// The tree of /proc and /sys.
#include "host/kernel/pseudo_files.hpp"

#include <algorithm>
#include <set>

#include "host/base/invariant.hpp"
#include "host/kernel/sysctl.hpp"

namespace host::kernel {
namespace {

using base::Errno;

constexpr std::string_view kSysctl = "/proc/sys/";

/// One way to write each path: no slash at the end, none twice.
std::string plain(std::string_view path) {
  std::string result;
  for (const char letter : path) {
    if (letter == '/' && result.ends_with('/')) continue;
    result += letter;
  }
  while (result.ends_with('/')) result.pop_back();
  return result;
}

/// The tunable's name of a path below /proc/sys; empty for others.
std::string sysctl_name(std::string_view path) {
  if (!path.starts_with(kSysctl)) return {};
  return swap_dots_and_slashes(path.substr(kSysctl.size()));
}

/// The first path at or after `prefix` in an ordered range starts with it.
template <typename Ordered>
bool has_below(const Ordered& names, const std::string& prefix) {
  const auto next = names.lower_bound(prefix);
  return next != names.end() && next->first.starts_with(prefix);
}

}  // namespace

void PseudoFiles::mount(std::string_view directory, std::function<Files()> present) {
  INVARIANT(directory.starts_with('/') && plain(directory) == directory, "a mount's path is not absolute and plain");
  const bool fresh = mounts_.try_emplace(std::string(directory), std::move(present)).second;
  INVARIANT(fresh, "a directory is mounted twice");
}

PseudoFiles::Files PseudoFiles::mounted_near(std::string_view path) const {
  const std::string inside = std::string(path) + '/';
  Files near;
  for (const auto& [directory, present] : mounts_) {
    const std::string root = directory + '/';
    if (!inside.starts_with(root) && !root.starts_with(inside)) continue;
    for (auto& [name, file] : present()) near.try_emplace(root + name, std::move(file));
  }
  return near;
}

std::optional<PseudoFiles::File> PseudoFiles::find(std::string_view path) const {
  if (const auto file = files_.find(path); file != files_.end()) return file->second;
  const Files near = mounted_near(path);
  if (const auto file = near.find(path); file != near.end()) return file->second;
  return std::nullopt;
}

bool PseudoFiles::is_directory(std::string_view path) const {
  const std::string below = std::string(path) + '/';
  if (has_below(files_, below) || kSysctl.starts_with(below)) return true;
  if (mounts_.contains(path) || has_below(mounts_, below) || has_below(mounted_near(path), below)) return true;
  if (!below.starts_with(kSysctl)) return false;
  const auto names = sysctl_.names();
  const std::string prefix = swap_dots_and_slashes(std::string_view(below).substr(kSysctl.size()));
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(prefix); });
}

void PseudoFiles::add(std::string_view path, Read read, Write write) {
  INVARIANT(path.starts_with('/') && plain(path) == path, "a file's path is not absolute and plain");
  INVARIANT(!is_directory(path), "a file has the path of a directory");
  for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    INVARIANT(!files_.contains(path.substr(0, slash)), "a file lies below a file");
  }
  const auto [place, fresh] = files_.try_emplace(std::string(path), File{std::move(read), std::move(write)});
  INVARIANT(fresh, "a file is registered twice");
}

void PseudoFiles::remove(std::string_view path) {
  const std::string name = plain(path);
  const auto removed =
      std::erase_if(files_, [&](const auto& file) { return file.first == name || file.first.starts_with(name + '/'); });
  INVARIANT(removed != 0, "a file that nobody registered is removed");
}

base::Result<std::string> PseudoFiles::read(std::string_view path) const {
  const std::string name = plain(path);
  if (const auto file = find(name)) return file->read();
  if (is_directory(name)) return Errno::is_directory;
  auto tunable = sysctl_.text(sysctl_name(name));
  if (!tunable) return tunable.error();
  return std::move(*tunable) + '\n';
}

base::Result<void> PseudoFiles::may_write(std::string_view path) const {
  const std::string name = plain(path);
  if (const auto file = find(name)) return file->write ? base::Result<void>() : Errno::access;
  if (is_directory(name)) return Errno::is_directory;
  return sysctl_.contains(sysctl_name(name)) ? base::Result<void>() : Errno::no_entry;
}

base::Result<void> PseudoFiles::write(Cpu& cpu, std::string_view path, std::string_view text) {
  if (auto openable = may_write(path); !openable) return openable;
  const std::string name = plain(path);
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (const auto file = find(name)) return file->write(cpu, text);
  const auto done = sysctl_.set_text(sysctl_name(name), text);
  // Linux: proc_dointvec_minmax has one answer to what is out of range and to what is no number.
  if (!done && done.error() == Errno::range) return Errno::invalid;
  return done;
}

base::Result<std::vector<std::string>> PseudoFiles::list(std::string_view directory) const {
  const std::string name = plain(directory);
  const std::string prefix = name + '/';
  if (!is_directory(name)) {
    return find(name) || sysctl_.contains(sysctl_name(name)) ? Errno::not_directory : Errno::no_entry;
  }
  std::set<std::string> found;
  const auto look = [&](std::string_view path) {
    if (!path.starts_with(prefix) || path.size() == prefix.size()) return;
    const std::string_view rest = path.substr(prefix.size());
    found.emplace(rest.substr(0, std::min(rest.find('/'), rest.size() - 1) + 1));
  };
  for (const auto& [path, file] : files_) look(path);
  for (const auto& [path, file] : mounted_near(name)) look(path);
  for (const auto& [path, present] : mounts_) look(path + '/');
  for (const std::string& tunable : sysctl_.names()) look(std::string(kSysctl) + swap_dots_and_slashes(tunable));
  return std::vector<std::string>(found.begin(), found.end());
}

}  // namespace host::kernel
