// SPDX-License-Identifier: Apache-2.0
// What a reference NIC is made of: size, offered features, and the few times that it takes.
#pragma once

#include <cstdint>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "sim/pcie/ports.hpp"

namespace sim::nic_model {

[[nodiscard]] constexpr std::uint64_t feature(unsigned bit) {
  return std::uint64_t{1} << bit;
}
[[nodiscard]] constexpr bool has(std::uint64_t features, unsigned bit) {
  return (features & feature(bit)) != 0;
}

/// What it offers: everything that it knows.
inline constexpr std::uint64_t kFeatures =
    feature(contract::NET_F_CSUM) | feature(contract::NET_F_GUEST_CSUM) | feature(contract::NET_F_MTU) |
    feature(contract::NET_F_MAC) | feature(contract::NET_F_GUEST_TSO4) | feature(contract::NET_F_GUEST_TSO6) |
    feature(contract::NET_F_GUEST_ECN) | feature(contract::NET_F_HOST_TSO4) | feature(contract::NET_F_HOST_TSO6) |
    feature(contract::NET_F_HOST_ECN) | feature(contract::NET_F_HOST_USO) | feature(contract::NET_F_MRG_RXBUF) |
    feature(contract::NET_F_STATUS) | feature(contract::NET_F_HASH_REPORT) | feature(contract::RING_F_INDIRECT_DESC) |
    feature(contract::RING_F_EVENT_IDX) | feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED) |
    feature(contract::F_IN_ORDER) | feature(contract::F_NOTIFICATION_DATA) | feature(contract::F_RING_RESET);

/// Plain, fixed times: the model is no measure of speed.
struct Latencies {
  Picoseconds receive = 60'000;   ///< from a frame's last byte to the first write
  Picoseconds transmit = 60'000;  ///< from the last byte read to the start on the wire
  Picoseconds dma = 24'000;       ///< from a decision to the TLP that follows from it
};

struct ModelConfig {
  std::uint64_t mac_address = 0x0000'0100'005E'0002;  ///< first byte of the address in [7:0]
  unsigned pairs = 8;                                 ///< 1..64
  std::uint64_t features = kFeatures;
  unsigned queue_size = contract::QUEUE_SIZE_DEFAULT;  ///< after a reset
  unsigned queue_size_max = contract::QUEUE_SIZE_MAX;
  bool intx = true;  ///< an interrupt pin, for hosts without MSI-X
  unsigned max_frame = contract::MAX_FRAME_NO_FCS;
  unsigned max_pieces = 32;  ///< of a buffer
  std::size_t rx_buffer_bytes = 65'536;
  std::size_t coalesce_bytes = 32'768;  ///< a large frame has at most so many
  unsigned coalesce_flows = 4;          ///< that are held at a time
  std::size_t tx_buffer_bytes = 131'072;
  Picoseconds patience = 8'192'000;  ///< of a frame that waits for buffers while several queues are enabled
  Picoseconds completion_timeout = 10'000'000'000;
  Latencies latency;

  [[nodiscard]] unsigned vectors() const { return 2 * pairs + 1; }
};

}  // namespace sim::nic_model
