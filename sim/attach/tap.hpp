// SPDX-License-Identifier: Apache-2.0
// A TAP device of the operating system: frames of its network stack, in and out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sim::attach {

/// The only place where the real world enters a run: what receive() returns depends on the moment.
class Tap {
 public:
  /// Opens a TAP device that exists. Throws UserError when it does not, when it is none, when it is in
  /// use, or when the rights are missing. `netns`: the network namespace that it is in, as `ip netns` names it; empty:
  /// this one's.
  explicit Tap(const std::string& name, const std::string& netns = {});
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  /// A frame that the operating system sent, if one waits; never blocks.
  [[nodiscard]] std::optional<std::vector<std::byte>> receive();
  /// Hands a frame to the operating system; never blocks. False when it would not take it.
  [[nodiscard]] bool send(std::span<const std::byte> frame);

  /// For poll(2): readable when receive() has something.
  [[nodiscard]] int file() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace sim::attach
