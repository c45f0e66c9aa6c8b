// SPDX-License-Identifier: Apache-2.0
// ip: interfaces, addresses, routes, neighbours in iproute2's words (iproute2: ip/ip.c).
#pragma once

#include "host/console/console.hpp"
#include "host/console/ip_arguments.hpp"
#include "host/console/printer.hpp"

namespace host::console {

/// The options in front of the object.
struct IpOptions {
  enum class Family : std::uint8_t { any, inet, inet6, link };
  Family family = Family::any;
  Printer::Form form = Printer::Form::text;
  unsigned statistics = 0;
  bool details = false;
  bool brief = false;
  bool oneline = false;
};

/// One `ip` under way. The objects' functions print to `out` and throw IpExit.
struct IpCall {
  const System& system;
  kernel::Process& self;
  IpOptions options;
  Printer out;

  /// What ends a line that another of the same thing follows.
  [[nodiscard]] std::string_view line_end() const { return options.oneline ? "\\" : "\n"; }
};

void ip_link(IpCall& call, IpArguments arguments);
void ip_link_add(IpCall& call, IpArguments& arguments);
void ip_link_delete(IpCall& call, IpArguments& arguments);
void ip_address(IpCall& call, IpArguments arguments);
void ip_route(IpCall& call, IpArguments arguments);
void ip_rule(IpCall& call, IpArguments arguments);
void ip_neighbour(IpCall& call, IpArguments arguments);
void ip_maddress(IpCall& call, IpArguments arguments);

/// "02:00:00:00:00:07". Throws IpExit.
/// Why an interface does not take an MTU.
[[nodiscard]] IpExit mtu_refused(base::Errno error, std::uint32_t mtu);
[[nodiscard]] base::MacAddress to_lladdr(const std::string& word);

/// `IDX: NAME: <FLAGS> mtu ...` and the line with the hardware address. `mode`: with the word that `ip addr` leaves
/// out, without it, or without all that `ip -6 addr` leaves out.
enum class LinkMode : std::uint8_t { shown, left_out, of_inet6 };
void print_link(IpCall& call, const device::NetDevice& dev, LinkMode mode);
/// The first two columns of -brief; and the whole line that `ip -brief link` prints.
void print_brief(IpCall& call, const device::NetDevice& dev);
void print_brief_link(IpCall& call, const device::NetDevice& dev);
/// RX: and TX:, with -s; and their errors, with -s -s.
void print_statistics(IpCall& call, const device::NetDevice& dev);
/// Whether `-4`, `-6` or `-0` leaves the family in.
[[nodiscard]] inline bool shows(const IpOptions& options, IpOptions::Family family) {
  return options.family == IpOptions::Family::any || options.family == family;
}

void add_ip_command(Console& console);

}  // namespace host::console
