// SPDX-License-Identifier: Apache-2.0
// The option, then the device.
#include "host/console/ethtool_command.hpp"

#include <algorithm>
#include <array>

#include "host/console/errors.hpp"

namespace host::console {
namespace {

using base::Errno;
using kernel::Task;

struct Option {
  std::string_view letter;
  std::string_view whole;
  int (*run)(const EthtoolCall&);
};
constexpr std::array<Option, 12> kOptions{{{"-i", "--driver", ethtool_driver},
                                           {"-S", "--statistics", ethtool_statistics},
                                           {"-k", "--show-features", ethtool_features},
                                           {"-K", "--features", ethtool_set_features},
                                           {"-c", "--show-coalesce", ethtool_coalesce},
                                           {"-C", "--coalesce", ethtool_set_coalesce},
                                           {"-g", "--show-ring", ethtool_rings},
                                           {"-G", "--set-ring", ethtool_set_rings},
                                           {"-l", "--show-channels", ethtool_channels},
                                           {"-L", "--set-channels", ethtool_set_channels},
                                           {"-x", "--show-rxfh-indir", ethtool_flow_hash},
                                           {"-X", "--set-rxfh-indir", ethtool_set_flow_hash}}};
constexpr int kNoDriverInfo = 71;
constexpr int kNoSettings = 75;

int misused(const Invocation& invocation) {
  invocation.err("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n");
  return kFailure;
}

int no_such_device(const EthtoolCall& call, const Option* option) {
  if (option != nullptr && option->letter == "-i") {
    call.err("Cannot get driver information: No such device");
    return kNoDriverInfo;
  }
  return ethtool_refused(call, Errno::no_device, "no device matches name (offset 24)",
                         option == nullptr ? kNoSettings : kFailure);
}

int run(const System& system, const Invocation& invocation) {
  std::span<const std::string> words = std::span(invocation.words).subspan(1);
  const Option* option = nullptr;
  if (!words.empty() && words.front().starts_with('-')) {
    const auto found = std::ranges::find_if(
        kOptions, [&](const Option& each) { return each.letter == words.front() || each.whole == words.front(); });
    if (found == kOptions.end()) return misused(invocation);
    option = &*found;
    words = words.subspan(1);
  }
  if (words.empty()) return misused(invocation);
  device::NetDevice* dev = system.net.device_by_name(words.front());
  const EthtoolCall call{.invocation = invocation,
                         .name = words.front(),
                         .dev = dev,
                         .driver = dev == nullptr ? nullptr : dev->ethtool_ops(),
                         .words = words.subspan(1)};
  if (dev == nullptr) return no_such_device(call, option);
  return option == nullptr ? ethtool_settings(call) : option->run(call);
}

}  // namespace

int ethtool_refused(const EthtoolCall& call, Errno error, std::string_view kernels_words, int status) {
  if (!kernels_words.empty()) call.err(fmt::format("netlink error: {}", kernels_words));
  call.err(fmt::format("netlink error: {}", error_text(error)));
  return status;
}

void add_ethtool_command(Console& console) {
  console.add("ethtool", "a driver's settings: ethtool -S eth0, ethtool -C eth0 rx-usecs 8",
              [&system = console.system()](Invocation& invocation) -> Task<int> { co_return run(system, invocation); });
}

}  // namespace host::console
