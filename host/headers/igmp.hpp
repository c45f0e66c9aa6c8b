// SPDX-License-Identifier: Apache-2.0
// IGMP messages (RFC 2236 section 2, RFC 3376 section 4).
#pragma once

#include <optional>
#include <span>

#include "host/base/byte_order.hpp"
#include "host/headers/bytes.hpp"
#include "host/headers/group_record.hpp"

namespace host::headers {

enum class IgmpType : std::uint8_t {
  query = 0x11,
  v1_report = 0x12,
  v2_report = 0x16,
  v2_leave = 0x17,
  v3_report = 0x22,
};

inline constexpr std::size_t kIgmpBytes = 8;
inline constexpr std::size_t kIgmpV3QueryBytes = 12;
inline constexpr std::size_t kIgmpRecordBytes = 8;

/// 224.0.0.1, .2 and .22: all hosts, all routers, and the routers that speak version 3.
inline constexpr Ipv4Address kAllHosts{0xe000'0001};
inline constexpr Ipv4Address kAllIpv4Routers{0xe000'0002};
inline constexpr Ipv4Address kIgmpV3Routers{0xe000'0016};

/// Byte layout:  0 type   1 maximum response code   2 checksum   4 group   8 (version 3) more
class IgmpView {
 public:
  /// Nothing when the message ends inside the header. The checksum is checksum_ok()'s.
  [[nodiscard]] static std::optional<IgmpView> parse(Bytes message);

  [[nodiscard]] bool checksum_ok() const;
  [[nodiscard]] IgmpType type() const { return IgmpType{base::load_u8(message_, 0)}; }
  [[nodiscard]] std::uint8_t code() const { return base::load_u8(message_, 1); }
  [[nodiscard]] Ipv4Address group() const { return {base::load_be32(message_, 4)}; }
  [[nodiscard]] bool is_v3_query() const { return message_.size() >= kIgmpV3QueryBytes; }
  /// Of a query: how long members may wait with their reports, in tenths of a second (RFC 3376 section 4.1.1).
  [[nodiscard]] std::uint32_t response_tenths() const;

 private:
  explicit IgmpView(Bytes message) : message_(message) {}

  Bytes message_;
};

/// Of versions 1 and 2. `out` holds kIgmpBytes.
void write_igmp(MutableBytes out, IgmpType type, Ipv4Address group);
/// Of version 3. `out` holds kIgmpBytes and kIgmpRecordBytes for each record.
void write_igmp_v3_report(MutableBytes out, std::span<const GroupRecord> records);

}  // namespace host::headers
