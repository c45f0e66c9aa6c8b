// SPDX-License-Identifier: Apache-2.0
// The register windows, walked as drivers do and as they should not.
#include <catch2/catch.hpp>

#include "rtl/contract/nic_contract.hpp"
#include "rtl/contract/pci_contract.hpp"
#include "rtl/contract/virtio_contract.hpp"
#include "tests/rtl/clocked.hpp"
#include "tests/rtl/virtio/bits.hpp"
#include "Vvirtio_registers_test_rtl.h"

namespace {

constexpr std::uint64_t feature(unsigned bit) {
  return std::uint64_t{1} << bit;
}
constexpr std::uint64_t kOffered =
    feature(contract::NET_F_CSUM) | feature(contract::NET_F_HOST_TSO4) | feature(contract::NET_F_HOST_TSO6) |
    feature(contract::NET_F_HOST_ECN) | feature(contract::NET_F_HOST_USO) | feature(contract::NET_F_MTU) |
    feature(contract::NET_F_MAC) | feature(contract::NET_F_STATUS) | feature(contract::RING_F_EVENT_IDX) |
    feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED) | feature(contract::F_RING_RESET);
constexpr std::uint64_t kNeedsMore = feature(contract::NET_F_HOST_TSO4) | feature(contract::NET_F_HOST_TSO6) |
                                     feature(contract::NET_F_HOST_ECN) | feature(contract::NET_F_HOST_USO);
constexpr unsigned kAcked = contract::STATUS_ACKNOWLEDGE | contract::STATUS_DRIVER;

class Registers {
 public:
  Registers() {
    dut->mac_i = 0x060504030201;
    dut->msix_enabled_i = 1;
    dut->link_up_i = 0;
    dut.reset();
  }

  std::uint32_t access(bool write, std::uint32_t addr, unsigned be, std::uint32_t data) {
    dut->req_valid_i = 1;
    dut->req_i = std::uint64_t{write} << 51 | std::uint64_t{addr & ~3u} << 36 | std::uint64_t{be} << 32 | data;
    dut.settle();
    REQUIRE(dut->req_ready_o);
    ring = dut->ring_o;
    doorbell = dut->doorbell_o;
    doorbell_bad = dut->doorbell_bad_o;
    reset_request = dut->reset_request_o;
    queue_reset_request = dut->queue_reset_request_o;
    dut.tick();
    dut->req_valid_i = 0;
    dut.settle();
    REQUIRE(dut->rsp_valid_o);
    return dut->rsp_rdata_o;
  }
  std::uint32_t read(std::uint32_t addr, unsigned bytes) {
    const unsigned lane = addr % 4;
    const std::uint32_t word = access(false, addr, ((1u << bytes) - 1) << lane, 0);
    return bytes == 4 ? word : word >> (8 * lane) & ((1u << (8 * bytes)) - 1);
  }
  void write(std::uint32_t addr, std::uint32_t value, unsigned bytes) {
    const unsigned lane = addr % 4;
    access(true, addr, ((1u << bytes) - 1) << lane, value << (8 * lane));
  }
  unsigned status() { return read(contract::COMMON_DEVICE_STATUS, 1); }
  void set_status(unsigned value) { write(contract::COMMON_DEVICE_STATUS, value, 1); }

  void accept(std::uint64_t features) {
    set_status(contract::STATUS_ACKNOWLEDGE);
    set_status(kAcked);
    for (unsigned half = 0; half < 2; ++half) {
      write(contract::COMMON_DRIVER_FEATURE_SELECT, half, 4);
      write(contract::COMMON_DRIVER_FEATURE, static_cast<std::uint32_t>(features >> (32 * half)), 4);
    }
    set_status(kAcked | contract::STATUS_FEATURES_OK);
  }
  bool accepted() { return (status() & contract::STATUS_FEATURES_OK) != 0; }
  void clear() {
    dut->clear_i = 1;
    dut.tick();
    dut->clear_i = 0;
  }

  tests::Clocked<Vvirtio_registers_test_rtl> dut;
  unsigned ring = 0;
  bool doorbell = false;
  bool doorbell_bad = false;
  bool reset_request = false;
  unsigned queue_reset_request = 0;
};

constexpr unsigned kConfigW = 210;

}  // namespace

TEST_CASE("The offered features are read in two halves and nothing beyond", "[rtl][virtio]") {
  Registers r;
  std::uint64_t offered = 0;
  for (unsigned half = 0; half < 2; ++half) {
    r.write(contract::COMMON_DEVICE_FEATURE_SELECT, half, 4);
    REQUIRE(r.read(contract::COMMON_DEVICE_FEATURE_SELECT, 4) == half);
    offered |= std::uint64_t{r.read(contract::COMMON_DEVICE_FEATURE, 4)} << (32 * half);
  }
  REQUIRE(offered == kOffered);
  for (const std::uint32_t beyond : {2u, 3u, 0x10000u, 0xffffffffu}) {
    r.write(contract::COMMON_DEVICE_FEATURE_SELECT, beyond, 4);
    REQUIRE(r.read(contract::COMMON_DEVICE_FEATURE, 4) == 0);
  }
}

TEST_CASE("FEATURES_OK is refused for what was not offered and without the two that are needed", "[rtl][virtio]") {
  const std::uint64_t needed = feature(contract::F_VERSION_1) | feature(contract::F_RING_PACKED);
  for (unsigned bit = 0; bit < 64; ++bit) {
    Registers r;
    r.accept(needed | feature(bit));
    INFO("bit " << bit);
    REQUIRE(r.accepted() == ((kOffered & ~kNeedsMore & feature(bit)) != 0));
  }
  for (const unsigned bit : {contract::NET_F_HOST_TSO4, contract::NET_F_HOST_TSO6, contract::NET_F_HOST_USO}) {
    Registers with_csum;
    with_csum.accept(needed | feature(bit) | feature(contract::NET_F_CSUM));
    REQUIRE(with_csum.accepted());
  }
  Registers without_tso;
  without_tso.accept(needed | feature(contract::NET_F_CSUM) | feature(contract::NET_F_HOST_ECN));
  REQUIRE_FALSE(without_tso.accepted());
  Registers r;
  r.accept(feature(contract::F_VERSION_1));
  REQUIRE_FALSE(r.accepted());
  r.accept(feature(contract::F_RING_PACKED));
  REQUIRE_FALSE(r.accepted());
  r.set_status(kAcked | contract::STATUS_FEATURES_OK | contract::STATUS_DRIVER_OK);
  REQUIRE(r.status() == kAcked);  // DRIVER_OK needs FEATURES_OK
  r.accept(kOffered);
  REQUIRE(r.status() == (kAcked | contract::STATUS_FEATURES_OK));
  r.write(contract::COMMON_DRIVER_FEATURE, 0, 4);  // too late
  REQUIRE(r.read(contract::COMMON_DRIVER_FEATURE, 4) == kOffered >> 32);
}

TEST_CASE("Status bits add up, and 0 is a request that shows only when the reset is complete", "[rtl][virtio]") {
  Registers r;
  r.accept(kOffered);
  r.set_status(contract::STATUS_DRIVER_OK);
  REQUIRE(r.status() == (kAcked | contract::STATUS_FEATURES_OK | contract::STATUS_DRIVER_OK));
  REQUIRE(r.dut->driver_ok_o);
  r.dut->needs_reset_i = 1;
  r.dut.tick();
  r.dut->needs_reset_i = 0;
  REQUIRE((r.status() & contract::STATUS_NEEDS_RESET) != 0);
  r.set_status(0);
  REQUIRE(r.reset_request);
  REQUIRE(r.status() != 0);
  r.dut->locked_i = 1;
  r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 2, 2);  // without effect while the reset is under way
  r.dut->locked_i = 0;
  REQUIRE(r.read(contract::COMMON_CONFIG_MSIX_VECTOR, 2) == contract::MSI_NO_VECTOR);
  r.clear();
  REQUIRE(r.status() == 0);
  r.accept(kOffered);
  REQUIRE(r.accepted());
}

TEST_CASE("Queue fields have their defaults, any width of access, and freeze while enabled", "[rtl][virtio]") {
  Registers r;
  r.accept(kOffered);
  REQUIRE(r.read(contract::COMMON_NUM_QUEUES, 2) == 2);
  for (unsigned queue = 0; queue < 2; ++queue) {
    r.write(contract::COMMON_QUEUE_SELECT, queue, 2);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
    REQUIRE(r.read(contract::COMMON_QUEUE_MSIX_VECTOR, 2) == contract::MSI_NO_VECTOR);
    REQUIRE(r.read(contract::COMMON_QUEUE_NOTIFY_OFF, 2) == queue);
    for (const unsigned size : {1u, 3u, 255u, 100u}) {
      r.write(contract::COMMON_QUEUE_SIZE, size, 2);
      REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == size);
    }
    for (const unsigned size : {0u, 257u, 512u, 0xffffu}) {
      r.write(contract::COMMON_QUEUE_SIZE, size, 2);
      REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == 100);
    }
    for (const std::uint32_t at :
         {contract::COMMON_QUEUE_DESC_LO, contract::COMMON_QUEUE_DRIVER_LO, contract::COMMON_QUEUE_DEVICE_LO}) {
      r.write(at, 0x89abcdef, 4);
      r.write(at + 4, 0x01234567, 4);
      r.write(at + 1, 0x77, 1);
      r.write(at + 6, 0x5566, 2);
      REQUIRE(r.read(at, 4) == 0x89ab77ef);
      REQUIRE(r.read(at + 4, 4) == 0x55664567);
      REQUIRE(r.read(at + 2, 2) == 0x89ab);
    }
    r.write(contract::COMMON_QUEUE_ENABLE, 2, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 0, 2);
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 1);
    r.write(contract::COMMON_QUEUE_ENABLE, 0, 2);
    r.write(contract::COMMON_QUEUE_SIZE, 8, 2);
    r.write(contract::COMMON_QUEUE_DESC_LO, 0, 4);
    REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 1);
    REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == 100);
    REQUIRE(r.read(contract::COMMON_QUEUE_DESC_LO, 4) == 0x89ab77ef);
    using tests::virtio::bits;
    REQUIRE(bits(r.dut->queue_config_o, kConfigW * queue + 209, 1) == 0);  // enabled only with DRIVER_OK
    REQUIRE(bits(r.dut->queue_config_o, kConfigW * queue + 192, 16) == 100);
  }
  r.set_status(contract::STATUS_DRIVER_OK);
  REQUIRE(tests::virtio::bits(r.dut->queue_config_o, 209, 1) == 1);
}

TEST_CASE("A queue that does not exist reads as size 0 and takes nothing", "[rtl][virtio]") {
  Registers r;
  r.accept(kOffered);
  for (const unsigned queue : {2u, 3u, 0x100u, 0xffffu}) {
    r.write(contract::COMMON_QUEUE_SELECT, queue, 2);
    r.write(contract::COMMON_QUEUE_SIZE, 16, 2);
    r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
    for (std::uint32_t at = contract::COMMON_QUEUE_SIZE; at < contract::COMMON_CFG_BYTES; at += 4)
      REQUIRE(r.read(at, 4) == 0);
  }
  r.write(contract::COMMON_QUEUE_SELECT, 0, 2);
  REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
}

TEST_CASE("Vectors out of range read back as none", "[rtl][virtio]") {
  Registers r;
  for (const std::uint32_t at : {contract::COMMON_CONFIG_MSIX_VECTOR, contract::COMMON_QUEUE_MSIX_VECTOR}) {
    for (unsigned vector = 0; vector < contract::MSIX_VECTORS; ++vector) {
      r.write(at, vector, 2);
      REQUIRE(r.read(at, 2) == vector);
    }
    for (const unsigned vector : {contract::MSIX_VECTORS, 0x100u, 0xfffeu, 0xffffu}) {
      r.write(at, vector, 2);
      REQUIRE(r.read(at, 2) == contract::MSI_NO_VECTOR);
    }
  }
}

TEST_CASE("RING_RESET runs once, reads 1 until done, and restores the defaults", "[rtl][virtio]") {
  Registers r;
  r.accept(kOffered);
  r.write(contract::COMMON_QUEUE_SELECT, 1, 2);
  r.write(contract::COMMON_QUEUE_SIZE, 10, 2);
  r.write(contract::COMMON_QUEUE_RESET, 1, 2);
  REQUIRE(r.queue_reset_request == 0);  // not enabled
  r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);
  r.set_status(contract::STATUS_DRIVER_OK);
  r.write(contract::COMMON_QUEUE_RESET, 2, 2);
  REQUIRE(r.queue_reset_request == 0);
  r.write(contract::COMMON_QUEUE_RESET, 1, 2);
  REQUIRE(r.queue_reset_request == 2);
  r.dut->queue_resetting_i = 2;
  REQUIRE(r.read(contract::COMMON_QUEUE_RESET, 2) == 1);
  r.write(contract::COMMON_QUEUE_RESET, 1, 2);
  REQUIRE(r.queue_reset_request == 0);
  r.dut->queue_clear_i = 2;
  r.dut.tick();
  r.dut->queue_resetting_i = 0;
  r.dut->queue_clear_i = 0;
  REQUIRE(r.read(contract::COMMON_QUEUE_RESET, 2) == 0);
  REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 0);
  REQUIRE(r.read(contract::COMMON_QUEUE_SIZE, 2) == contract::QUEUE_SIZE_DEFAULT);
  r.write(contract::COMMON_QUEUE_ENABLE, 1, 2);  // also after DRIVER_OK
  REQUIRE(r.read(contract::COMMON_QUEUE_ENABLE, 2) == 1);
}

TEST_CASE("Device configuration: address, link, one pair, MTU; generation and interrupt on change", "[rtl][virtio]") {
  Registers r;
  for (unsigned k = 0; k < 6; ++k) REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MAC + k, 1) == k + 1);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_STATUS, 2) == 0);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MAX_PAIRS, 2) == 1);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_MTU, 2) == contract::NIC_MTU);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_BYTES, 4) == 0);
  r.accept(kOffered);
  r.set_status(contract::STATUS_DRIVER_OK);
  r.write(contract::COMMON_CONFIG_MSIX_VECTOR, 3, 2);
  const unsigned generation = r.read(contract::COMMON_CONFIG_GENERATION, 1);
  r.dut->link_up_i = 1;
  r.dut.tick();
  REQUIRE(r.dut->irq_req_o == 8);
  r.dut.tick();
  REQUIRE(r.dut->irq_req_o == 0);
  REQUIRE(r.read(contract::BAR_DEVICE + contract::NETCFG_STATUS, 2) == contract::NET_S_LINK_UP);
  REQUIRE(r.read(contract::COMMON_CONFIG_GENERATION, 1) == ((generation + 1) & 0xff));
}

TEST_CASE("Without MSI-X the causes collect in ISR, which a read clears", "[rtl][virtio]") {
  Registers r;
  r.accept(kOffered);
  r.set_status(contract::STATUS_DRIVER_OK);
  r.dut->queue_irq_i = 2;
  r.dut.tick();
  r.dut->queue_irq_i = 0;
  REQUIRE(r.read(contract::BAR_ISR, 1) == 0);  // MSI-X is enabled, but no vector is set
  r.dut->msix_enabled_i = 0;
  r.dut->queue_irq_i = 1;
  r.dut->link_up_i = 1;
  r.dut.tick();
  r.dut->queue_irq_i = 0;
  r.dut.tick();
  REQUIRE(r.dut->irq_req_o == 0);
  REQUIRE(r.read(contract::BAR_ISR, 1) == (contract::ISR_QUEUE | contract::ISR_CONFIG));
  REQUIRE(r.read(contract::BAR_ISR, 1) == 0);
}

TEST_CASE("Queue interrupts go to the vector of their queue", "[rtl][virtio]") {
  Registers r;
  for (unsigned queue = 0; queue < 2; ++queue) {
    r.write(contract::COMMON_QUEUE_SELECT, queue, 2);
    r.write(contract::COMMON_QUEUE_MSIX_VECTOR, queue + 1, 2);
  }
  r.dut->queue_irq_i = 3;
  r.dut.tick();
  r.dut->queue_irq_i = 0;
  REQUIRE(r.dut->irq_req_o == 6);
  r.dut.tick();
  REQUIRE(r.dut->irq_req_o == 0);
}

TEST_CASE("Doorbells ring their queue; anything else written there is counted", "[rtl][virtio]") {
  Registers r;
  for (unsigned queue = 0; queue < 2; ++queue) {
    const std::uint32_t at = contract::BAR_NOTIFY + contract::NOTIFY_OFF_MULTIPLIER * queue;
    for (const unsigned bytes : {2u, 4u}) {
      r.write(at, queue, bytes);
      REQUIRE(r.ring == 1u << queue);
      REQUIRE(r.doorbell);
      REQUIRE_FALSE(r.doorbell_bad);
    }
    r.write(at, queue ^ 1u, 2);
    REQUIRE(r.ring == 0);
    REQUIRE(r.doorbell_bad);
    r.write(at, queue, 1);
    REQUIRE(r.doorbell_bad);
  }
  r.write(contract::BAR_NOTIFY + 8, 2, 2);
  REQUIRE(r.doorbell_bad);
  r.write(contract::BAR_NOTIFY, 0xffff, 2);
  REQUIRE(r.doorbell_bad);
  r.write(contract::BAR_NOTIFY + 0xffc, 0x3ff, 2);
  REQUIRE(r.doorbell_bad);
  REQUIRE(r.read(contract::BAR_NOTIFY, 4) == 0);
  REQUIRE_FALSE(r.doorbell_bad);
}

TEST_CASE("Places behind the structures read 0 and take writes without effect", "[rtl][virtio]") {
  Registers r;
  for (std::uint32_t at = contract::COMMON_CFG_BYTES; at < contract::BAR_WINDOW_BYTES; at += 4) {
    r.write(at, 0xffffffff, 4);
    REQUIRE(r.read(at, 4) == 0);
  }
  REQUIRE(r.status() == 0);
}
