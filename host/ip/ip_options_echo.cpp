// SPDX-License-Identifier: Apache-2.0
// Answers have the options of what they answer.
#include "host/ip/ip_options_echo.hpp"

#include <algorithm>

#include "host/base/byte_order.hpp"
#include "host/ip/ip_option.hpp"

namespace host::ip {

using headers::Ipv4Address;

namespace {

constexpr std::size_t kAddressBytes = 4;
constexpr std::size_t kFirstSlot = 3;  // in bytes from a source route's first
constexpr std::size_t kFirstPointer = kFirstSlot + 1;

Ipv4Address stop_of(const Option& route, std::size_t number) {
  return {base::load_be32(route.bytes(), kFirstSlot + number * kAddressBytes)};
}

/// Stops that the packet has been at.
std::size_t stops_behind(const Option& route) {
  const std::size_t pointer = std::min<std::size_t>(route.pointer(), route.length + 1);
  return pointer < kFirstPointer ? 0 : (pointer - kFirstPointer) / kAddressBytes;
}

}  // namespace

void EchoedOptions::add(headers::Bytes option) {
  std::ranges::copy(option, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += option.size();
}

/// The last stop is the first one of the way back, which ends where the packet came from.
void EchoedOptions::add_way_back(const Option& route, Ipv4Address to) {
  const std::size_t stops = stops_behind(route);
  if (stops == 0 || first_stop_) {
    return;
  }
  const std::size_t known = stop_of(route, 0) == to ? 1 : 0;  // RFC 1812 section 5.2.4.1: some senders list themselves
  if (stops == known) {
    return;
  }
  first_stop_ = stop_of(route, stops - 1);
  const std::size_t left = stops - known;  // the sender among them
  const headers::MutableBytes out = headers::MutableBytes(bytes_).subspan(size_, kFirstSlot + left * kAddressBytes);
  base::store_u8(out, 0, static_cast<std::uint8_t>(route.kind()));
  base::store_u8(out, 1, static_cast<std::uint8_t>(out.size()));
  base::store_u8(out, 2, kFirstPointer);
  for (std::size_t i = 0; i + 1 < left; ++i) {
    base::store_be32(out, kFirstSlot + i * kAddressBytes, stop_of(route, stops - 2 - i).value);
  }
  base::store_be32(out, out.size() - kAddressBytes, to.value);
  size_ += out.size();
}

void EchoedOptions::pad() {
  while (size_ % kAddressBytes != 0) {
    bytes_[size_++] = std::byte{static_cast<std::uint8_t>(OptionKind::end)};
  }
}

EchoedOptions ip_options_echo(const headers::Ipv4View& header) {
  EchoedOptions echoed;
  std::array<std::byte, headers::kIpv4HeaderBytesMost> copy{};
  const auto its_header = headers::MutableBytes(copy).first(header.header_bytes());
  std::ranges::copy(header.packet().first(its_header.size()), its_header.begin());
  for (auto option = first_option(its_header); option && option->length != 0; option = option_behind(*option)) {
    switch (option->kind()) {
      case OptionKind::record_route:
      case OptionKind::timestamp:
        echoed.add(option->bytes());
        break;
      case OptionKind::loose_route:
      case OptionKind::strict_route:
        echoed.add_way_back(*option, header.source());
        break;
      default:
        break;
    }
  }
  echoed.pad();
  return echoed;
}

}  // namespace host::ip
