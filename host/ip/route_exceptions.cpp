// SPDX-License-Identifier: Apache-2.0
// What routers said about single destinations (Linux: update_or_create_fnhe, find_exception).
#include "host/ip/route_exceptions.hpp"

namespace host::ip {

using headers::IpAddress;
using platform::Nanoseconds;

RouteExceptions::Entry& RouteExceptions::touch(const IpAddress& destination, const WayOut& way) {
  const auto found = by_destination_.find(destination);
  if (found == by_destination_.end()) {
    if (by_age_.size() >= kMost) {
      by_destination_.erase(by_age_.front().destination);
      by_age_.pop_front();
    }
    by_age_.push_back({.destination = destination, .way = way});
    by_destination_.emplace(destination, std::prev(by_age_.end()));
    return by_age_.back();
  }
  by_age_.splice(by_age_.end(), by_age_, found->second);
  Entry& entry = by_age_.back();
  if (entry.way != way) {
    entry = {.destination = destination, .way = way};
  }
  return entry;
}

void RouteExceptions::redirect(const IpAddress& destination, const WayOut& way, const IpAddress& gateway,
                               Nanoseconds expires) {
  Entry& entry = touch(destination, way);
  entry.exception.gateway = gateway;
  entry.expires = expires;
}

void RouteExceptions::limit(const IpAddress& destination, const WayOut& way, const RouteException& exception,
                            Nanoseconds expires) {
  Entry& entry = touch(destination, way);
  entry.exception.mtu = exception.mtu;
  entry.exception.mtu_locked = exception.mtu_locked;
  entry.expires = expires;
}

std::optional<RouteException> RouteExceptions::find(const IpAddress& destination, const WayOut& way,
                                                    Nanoseconds now) const {
  if (by_destination_.empty()) {
    return std::nullopt;  // as on most hosts: not worth a hash
  }
  const auto found = by_destination_.find(destination);
  if (found == by_destination_.end() || found->second->way != way || now >= found->second->expires) {
    return std::nullopt;
  }
  return found->second->exception;
}

void RouteExceptions::clear() {
  by_age_.clear();
  by_destination_.clear();
}

}  // namespace host::ip
