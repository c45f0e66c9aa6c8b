// SPDX-License-Identifier: Apache-2.0
// Numbers for open files.
#include "host/socket/descriptor_table.hpp"

namespace host::socket {
base::Result<int> DescriptorTable::install(std::unique_ptr<File> file) {
  if (open_ >= limit_) return base::Errno::too_many_open;
  std::size_t slot = files_.size();
  if (free_.empty()) {
    files_.push_back(std::move(file));
  } else {
    slot = free_.top();
    free_.pop();
    files_[slot] = std::move(file);
  }
  ++open_;
  return static_cast<int>(slot + kFirst);
}

base::Result<void> DescriptorTable::close(kernel::Cpu& cpu, int fd) {
  if (find(fd) == nullptr) return base::Errno::bad_descriptor;
  const auto slot = static_cast<std::size_t>(fd) - kFirst;
  std::unique_ptr<File> file = std::move(files_[slot]);
  free_.push(slot);
  --open_;
  file->close(cpu);
  std::erase_if(closing_, [](const auto& gone) { return !gone->in_use(); });
  if (file->in_use()) closing_.push_back(std::move(file));
  return {};
}

void DescriptorTable::close_all(kernel::Cpu& cpu) {
  for (std::size_t slot = 0; slot < files_.size(); ++slot) {
    if (files_[slot]) static_cast<void>(close(cpu, static_cast<int>(slot + kFirst)));
  }
}

}  // namespace host::socket
