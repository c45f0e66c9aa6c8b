// SPDX-License-Identifier: Apache-2.0
#include "sim/attach/tap.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sim/pcie/user_error.hpp"

namespace sim::attach {
namespace {

/// The longest frame of the wire plus a VLAN tag and room to notice that one is longer.
constexpr std::size_t kLargest = 65536;

std::string advice(const std::string& name, int error) {
  switch (error) {
    case EBUSY:
      return fmt::format("TAP device '{}' is in use by another program; end it or choose another", name);
    case EPERM:
    case EACCES:
      return fmt::format("no right to open TAP device '{}': run as root, or 'ip tuntap add dev {} mode tap user $USER'",
                         name, name);
    case EINVAL:
      return fmt::format("'{}' is not a TAP device; make one with 'ip tuntap add dev NAME mode tap'", name);
    default:
      return fmt::format("cannot open TAP device '{}': {}", name, std::strerror(error));
  }
}

/// As long as it lives this thread is in another network namespace.
class InNamespace {
 public:
  explicit InNamespace(const std::string& netns) {
    if (netns.empty()) return;
    const std::string path = "/run/netns/" + netns;
    const int there = netns.find('/') == std::string::npos ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1;
    if (there < 0) {
      throw UserError(fmt::format("no network namespace '{}': make it with 'ip netns add {}'", netns, netns));
    }
    home_ = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const bool entered = home_ >= 0 && setns(there, CLONE_NEWNET) == 0;
    const int error = errno;
    close(there);
    if (entered) return;
    if (home_ >= 0) close(home_);
    throw UserError(fmt::format("cannot enter network namespace '{}': {}; run as root", netns, std::strerror(error)));
  }
  ~InNamespace() {
    if (home_ < 0) return;
    static_cast<void>(setns(home_, CLONE_NEWNET));
    close(home_);
  }
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

 private:
  int home_ = -1;
};

}  // namespace

Tap::Tap(const std::string& name, const std::string& netns) {
  const InNamespace inside(netns);
  if (name.size() >= IFNAMSIZ) {
    throw UserError(
        fmt::format("no TAP device can be named '{}': choose at most {} characters and make it with "
                    "'ip tuntap add dev NAME mode tap'",
                    name, IFNAMSIZ - 1));
  }
  if (name.empty() || if_nametoindex(name.c_str()) == 0) {
    throw UserError(fmt::format(
        "no TAP device '{}': make it with 'ip tuntap add dev {} mode tap' and 'ip link set {} up'", name, name, name));
  }
  fd_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) {
    throw UserError(
        fmt::format("cannot open /dev/net/tun: {}; run as root, or use '--wire peer'", std::strerror(errno)));
  }
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(fd_, TUNSETIFF, &request) != 0) {
    const int error = errno;
    close(fd_);
    throw UserError(advice(name, error));
  }
}

Tap::~Tap() {
  if (fd_ >= 0) close(fd_);
}

std::optional<std::vector<std::byte>> Tap::receive() {
  static thread_local std::array<std::byte, kLargest> buffer;
  const ssize_t got = read(fd_, buffer.data(), buffer.size());
  if (got <= 0) return std::nullopt;
  return std::vector<std::byte>(buffer.begin(), buffer.begin() + got);
}

bool Tap::send(std::span<const std::byte> frame) {
  return write(fd_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size());
}

}  // namespace sim::attach
