// SPDX-License-Identifier: Apache-2.0
// Where the fields of dma_pkg's packed structs stand, in bits from the lowest, for a 64-bit data path.
#pragma once

namespace dma_layout {

inline constexpr unsigned kLocalW = 18;
inline constexpr unsigned kWordW = kLocalW - 3;

// rd_req_t
inline constexpr unsigned kReqOp = 0;
inline constexpr unsigned kReqLocal = 5;
inline constexpr unsigned kReqLen = kReqLocal + kLocalW;
inline constexpr unsigned kReqAddr = kReqLen + 16;
inline constexpr unsigned kReqW = kReqAddr + 64;

// rd_place_t
inline constexpr unsigned kPlaceBe = 0;
inline constexpr unsigned kPlaceData = 8;
inline constexpr unsigned kPlaceWord = kPlaceData + 64;
inline constexpr unsigned kPlaceClient = kPlaceWord + kWordW;

}  // namespace dma_layout
