// SPDX-License-Identifier: Apache-2.0
// Whether a packet can have come from where it says (Linux: fib_validate_source; RFC 3704).
#include "host/ip/ip_route.hpp"

namespace host::ip {

SourceVerdict validate_source(const IpLayer& ip, const Flow& flow) {
  constexpr std::int64_t kStrict = 1;
  const device::NetDevice& in = *flow.in;
  const std::int64_t filter = ip.conf.larger(in, Conf::rp_filter);
  const SourceVerdict unknown = filter != 0 ? SourceVerdict::reverse_path : SourceVerdict::fine;
  const Flow back{.destination = flow.source, .source = flow.destination, .tos = flow.tos, .in = &in};
  base::Errno error{};
  const Route* way = ip.routes.lookup(back, error);
  if (way == nullptr) {
    return unknown;
  }
  const Route& route = *way;
  const bool ours = route.type == RouteType::local && ip.conf.either(in, Conf::accept_local);
  if (route.type != RouteType::unicast && !ours) {
    return SourceVerdict::martian;
  }
  const SourceVerdict by_gateway = route.gateway.is_any() ? SourceVerdict::neighbour : SourceVerdict::fine;
  if (route.device == &in) {
    return by_gateway;
  }
  if (filter == kStrict) {
    return SourceVerdict::reverse_path;
  }
  return SourceVerdict::fine;  // loose: there is a way, whichever
}

}  // namespace host::ip
