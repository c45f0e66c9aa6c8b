// SPDX-License-Identifier: Apache-2.0
// Descriptors and the files that they stand for (Linux: struct fdtable).
#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "host/base/result.hpp"
#include "host/socket/file.hpp"

namespace host::socket {

class DescriptorTable {
 public:
  explicit DescriptorTable(std::size_t limit) : limit_(limit) {}
  DescriptorTable(const DescriptorTable&) = delete;
  DescriptorTable& operator=(const DescriptorTable&) = delete;

  /// A number for the next file to be made, never given twice.
  [[nodiscard]] std::uint64_t next_generation() { return ++last_generation_; }
  /// The lowest free descriptor from 3 on; too_many_open: the file is gone.
  [[nodiscard]] base::Result<int> install(std::unique_ptr<File> file);
  /// Null for a descriptor that is not open.
  [[nodiscard]] File* find(int fd) const {
    const auto slot = static_cast<std::size_t>(fd) - kFirst;  // a small or negative one becomes huge
    return slot < files_.size() ? files_[slot].get() : nullptr;
  }
  /// bad_descriptor. The file is freed when no call uses it any more, at a later close.
  [[nodiscard]] base::Result<void> close(kernel::Cpu& cpu, int fd);
  /// Everything that is open, in order.
  void close_all(kernel::Cpu& cpu);

  [[nodiscard]] std::size_t open() const { return open_; }

 private:
  static constexpr std::size_t kFirst = 3;  // 0, 1 and 2 are what they always are

  using FreeDescriptors = std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>>;

  std::size_t limit_;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<File>> files_;  // by descriptor, from the first on
  FreeDescriptors free_;
  std::vector<std::unique_ptr<File>> closing_;
  std::uint64_t last_generation_ = 0;
};

}  // namespace host::socket
