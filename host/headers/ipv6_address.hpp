// SPDX-License-Identifier: Apache-2.0
// IPv6 addresses and prefixes (RFC 4291), read in every form and written in one (RFC 5952).
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "host/base/mac_address.hpp"
#include "host/headers/ipv4_address.hpp"

namespace host::headers {

/// Sixteen bytes in wire order.
struct Ipv6Address {
  static constexpr std::size_t kBytes = 16;
  std::array<std::uint8_t, kBytes> octets{};

  /// By its eight groups: of(0xfd00, 0, 0, 0, 0, 0, 0, 1) is fd00::1.
  [[nodiscard]] static constexpr Ipv6Address of(unsigned a, unsigned b, unsigned c, unsigned d, unsigned e, unsigned f,
                                                unsigned g, unsigned h) {
    Ipv6Address address;
    std::size_t at = 0;
    for (const unsigned group : {a, b, c, d, e, f, g, h}) {
      address.octets[at++] = static_cast<std::uint8_t>(group >> 8 & 0xffU);
      address.octets[at++] = static_cast<std::uint8_t>(group & 0xffU);
    }
    return address;
  }
  /// Any form of RFC 4291 section 2.2, the dotted one included; no zone.
  [[nodiscard]] static std::optional<Ipv6Address> parse(std::string_view text);
  /// Reads the sixteen bytes at `offset`; the caller has checked that they are there.
  [[nodiscard]] static Ipv6Address load(std::span<const std::byte> bytes, std::size_t offset);
  void store(std::span<std::byte> bytes, std::size_t offset) const;
  /// ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
  [[nodiscard]] static constexpr Ipv6Address mapped(Ipv4Address address) {
    if constexpr (std::endian::native == std::endian::little) {
      const std::uint64_t low = std::uint64_t{__builtin_bswap32(address.value)} << 32 | kMappedMark;
      return {std::bit_cast<std::array<std::uint8_t, kBytes>>(Halves{0, low})};
    } else {
      return of(0, 0, 0, 0, 0, 0xffff, address.value >> 16, address.value & 0xffffU);
    }
  }

  [[nodiscard]] constexpr unsigned group(unsigned index) const {
    return static_cast<unsigned>(octets[2 * index]) << 8 | octets[2 * index + 1];
  }
  /// Its halves as they lie in memory: for comparing and hashing.
  using Halves = std::array<std::uint64_t, 2>;
  [[nodiscard]] constexpr Halves halves() const {
    if (std::is_constant_evaluated()) return std::bit_cast<Halves>(octets);
    Halves both;
    std::memcpy(&both[0], octets.data(), sizeof both[0]);
    std::memcpy(&both[1], octets.data() + sizeof both[0], sizeof both[1]);
    return both;
  }
  /// The halves as numbers.
  [[nodiscard]] constexpr Halves numbers() const {
    const Halves both = halves();
    if constexpr (std::endian::native == std::endian::big) return both;
    return {__builtin_bswap64(both[0]), __builtin_bswap64(both[1])};
  }
  [[nodiscard]] constexpr bool is_unspecified() const {
    const Halves both = halves();
    return (both[0] | both[1]) == 0;
  }
  [[nodiscard]] constexpr bool is_loopback() const { return *this == of(0, 0, 0, 0, 0, 0, 0, 1); }
  [[nodiscard]] constexpr bool is_multicast() const { return octets[0] == 0xff; }
  [[nodiscard]] constexpr bool is_link_local() const { return octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80; }
  [[nodiscard]] constexpr bool is_mapped() const {
    const Halves both = halves();
    return both[0] == 0 && (both[1] & kMappedMask) == kMappedMark;
  }
  /// The IPv4 address in the last four bytes.
  [[nodiscard]] constexpr Ipv4Address embedded_ipv4() const { return {group(6) << 16 | group(7)}; }
  /// A multicast address' scope: 1 interface, 2 link, 5 site, 14 global (RFC 4291 section 2.7).
  [[nodiscard]] constexpr unsigned multicast_scope() const { return octets[1] & 0xfU; }
  /// ff02::1:ffXX:XXXX, where questions about this address go (RFC 4291 section 2.7.1).
  [[nodiscard]] Ipv6Address solicited_node() const;
  /// 33:33 and the last four bytes: the station address of a multicast group (RFC 2464 section 7).
  [[nodiscard]] base::MacAddress multicast_mac() const;

  friend constexpr bool operator==(const Ipv6Address& a, const Ipv6Address& b) {
    const Halves one = a.halves();
    const Halves other = b.halves();
    return ((one[0] ^ other[0]) | (one[1] ^ other[1])) == 0;
  }
  friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;

 private:
  // The first four bytes of a mapped address' second half.
  static constexpr auto kMappedMask = std::bit_cast<std::uint64_t>(std::array<std::uint8_t, 8>{255, 255, 255, 255});
  static constexpr auto kMappedMark = std::bit_cast<std::uint64_t>(std::array<std::uint8_t, 8>{0, 0, 255, 255});
};

inline constexpr Ipv6Address kUnspecified{};
inline constexpr Ipv6Address kIpv6Loopback = Ipv6Address::of(0, 0, 0, 0, 0, 0, 0, 1);
/// ff02::1 and ff02::2 (RFC 4291 section 2.7.1).
inline constexpr Ipv6Address kAllNodes = Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 1);
inline constexpr Ipv6Address kAllRouters = Ipv6Address::of(0xff02, 0, 0, 0, 0, 0, 0, 2);

/// Small letters, no leading zeros, the first longest run of two zero groups or more as "::", mapped addresses dotted.
[[nodiscard]] std::string to_string(const Ipv6Address& address);

/// An address with a prefix length, 0..128: `fd00::1/64`.
struct Ipv6Prefix {
  Ipv6Address address;
  unsigned length = 0;

  [[nodiscard]] static std::optional<Ipv6Prefix> parse(std::string_view text);
  /// The address with all bits behind the prefix zero.
  [[nodiscard]] Ipv6Address network() const;
  [[nodiscard]] bool contains(const Ipv6Address& other) const;

  friend constexpr bool operator==(const Ipv6Prefix&, const Ipv6Prefix&) = default;
};

[[nodiscard]] std::string to_string(const Ipv6Prefix& prefix);

/// The prefix's 64 bits with the station's modified EUI-64 behind them (RFC 4291 appendix A).
[[nodiscard]] Ipv6Address with_interface_id(const Ipv6Address& prefix, const base::MacAddress& station);
/// fe80:: with the station's modified EUI-64.
[[nodiscard]] Ipv6Address link_local_of(const base::MacAddress& station);

}  // namespace host::headers

template <>
struct std::hash<host::headers::Ipv6Address> {
  std::size_t operator()(const host::headers::Ipv6Address& address) const noexcept {
    std::uint64_t state = 0xcbf2'9ce4'8422'2325;
    for (const std::uint8_t octet : address.octets) state = (state ^ octet) * 0x100'0000'01b3;
    return static_cast<std::size_t>(state ^ state >> 32);
  }
};
