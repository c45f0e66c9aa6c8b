// SPDX-License-Identifier: Apache-2.0
// The pieces in which a packet leaves that is larger than the MTU, of either family.
#pragma once

#include "host/device/net_core.hpp"
#include "host/headers/bytes.hpp"

namespace host::ip {

/// The whole's checksum is in place and its bytes are in one piece afterwards. no_memory.
[[nodiscard]] base::Result<void> prepare_for_pieces(skb::SkBuff& whole);

/// A packet of header and part, data and network header at the header, with what the layers know of the whole. Null
/// when there is no memory.
[[nodiscard]] skb::Skb make_piece(kernel::Cpu& cpu, skb::SkbPool& pool, const skb::SkBuff& whole, headers::Bytes header,
                                  headers::Bytes part);

}  // namespace host::ip
