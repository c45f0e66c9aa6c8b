// SPDX-License-Identifier: Apache-2.0
// IGMP messages (RFC 2236 section 2, RFC 3376 section 4).
#include "host/headers/igmp.hpp"

#include <algorithm>

#include "host/base/checksum.hpp"

namespace host::headers {

std::optional<IgmpView> IgmpView::parse(Bytes message) {
  if (message.size() < kIgmpBytes) {
    return std::nullopt;
  }
  return IgmpView(message);
}

bool IgmpView::checksum_ok() const {
  return base::internet_checksum(message_) == 0;
}

std::uint32_t IgmpView::response_tenths() const {
  constexpr unsigned kMantissaBits = 4;
  return is_v3_query() ? floating_code(code(), kMantissaBits) : code();
}

void write_igmp(MutableBytes out, IgmpType type, Ipv4Address group) {
  base::store_u8(out, 0, static_cast<std::uint8_t>(type));
  base::store_u8(out, 1, 0);
  base::store_be16(out, 2, 0);
  base::store_be32(out, 4, group.value);
  base::store_be16(out, 2, base::internet_checksum(out));
}

void write_igmp_v3_report(MutableBytes out, std::span<const GroupRecord> records) {
  std::fill(out.begin(), out.end(), std::byte{});
  base::store_u8(out, 0, static_cast<std::uint8_t>(IgmpType::v3_report));
  base::store_be16(out, 6, static_cast<std::uint16_t>(records.size()));
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t at = kIgmpBytes + i * kIgmpRecordBytes;
    base::store_u8(out, at, static_cast<std::uint8_t>(records[i].type));
    base::store_be32(out, at + 4, records[i].group.ipv4().value);
  }
  base::store_be16(out, 2, base::internet_checksum(out));
}

}  // namespace host::headers
