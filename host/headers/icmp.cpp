// SPDX-License-Identifier: Apache-2.0
// The ICMP header (RFC 792).
#include "host/headers/icmp.hpp"

#include "host/base/byte_order.hpp"
#include "host/base/checksum.hpp"

namespace host::headers {

std::optional<IcmpView> IcmpView::parse(Bytes message) {
  if (message.size() < kIcmpHeaderBytes) {
    return std::nullopt;
  }
  return IcmpView(message);
}

bool IcmpView::checksum_ok() const {
  return base::internet_checksum(message_) == 0;
}

IcmpFields IcmpView::fields() const {
  return {.type = type(),
          .code = base::load_u8(message_, 1),
          .id = base::load_be16(message_, 4),
          .sequence = base::load_be16(message_, 6)};
}

void write_icmp(MutableBytes message, const IcmpFields& fields) {
  base::store_u8(message, 0, static_cast<std::uint8_t>(fields.type));
  base::store_u8(message, 1, fields.code);
  base::store_be16(message, 2, 0);
  base::store_be16(message, 4, fields.id);
  base::store_be16(message, 6, fields.sequence);
  base::store_be16(message, 2, base::internet_checksum(message));
}

}  // namespace host::headers
