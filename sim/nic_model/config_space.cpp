// SPDX-License-Identifier: Apache-2.0
#include "sim/nic_model/config_space.hpp"

#include <utility>

namespace sim::nic_model {
namespace {

using namespace contract;

constexpr std::uint32_t kMemoryBar64 = 4;
constexpr std::uint32_t kNoSoftReset = 8;
constexpr std::uint32_t kPowerStateMask = 3;
constexpr std::uint32_t kD3Hot = 3;
constexpr std::uint32_t kExpVersion2 = 2;
constexpr std::uint32_t kLinkCap = 0x0040'0043;        // 8 GT/s, x4
constexpr std::uint32_t kLinkStatus = 0x1043;          // the same, slot clock
constexpr std::uint32_t kLinkCap2 = 0x0E;              // 2.5, 5, 8 GT/s
constexpr std::uint32_t kDeviceControlReset = 0x2810;  // MRRS 512, no snoop, relaxed ordering
constexpr std::uint32_t kUnsupportedDetected = 1U << 19;
constexpr std::uint32_t kNonFatalDetected = 1U << 17;
constexpr std::uint32_t kParityDetected = 1U << 31;
constexpr std::uint32_t kInterruptStatus = 1U << 19;
constexpr std::uint32_t kDeviceErrors = 0x000F'0000;
constexpr unsigned kPayloadMask = 7U << 5;
constexpr std::uint32_t kPinA = 1U << 8;

}  // namespace

ConfigSpace::ConfigSpace(const ModelConfig& config) {
  build(config);
  build_capabilities(config);
  fresh_ = value_;
}

void ConfigSpace::put(unsigned offset, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) value_.at(offset + i) = static_cast<std::uint8_t>(value >> (8 * i));
}
void ConfigSpace::allow(unsigned offset, std::uint32_t mask) {
  for (unsigned i = 0; i < 4; ++i) writable_.at(offset + i) = static_cast<std::uint8_t>(mask >> (8 * i));
}
void ConfigSpace::clear_by_one(unsigned offset, std::uint32_t mask) {
  for (unsigned i = 0; i < 4; ++i) sticky_.at(offset + i) = static_cast<std::uint8_t>(mask >> (8 * i));
}

void ConfigSpace::build(const ModelConfig& config) {
  put(CFG_VENDOR_ID, PCI_VENDOR | PCI_DEVICE << 16);
  put(CFG_COMMAND, STATUS_CAP_LIST << 16);
  allow(CFG_COMMAND, COMMAND_MEMORY | COMMAND_MASTER | COMMAND_PARITY | COMMAND_SERR | COMMAND_INTX_DISABLE);
  clear_by_one(CFG_COMMAND, kParityDetected | 1U << 27);
  put(CFG_CLASS, PCI_REVISION | PCI_CLASS << 8);
  allow(CFG_CACHE_LINE, 0xFF);
  put(CFG_BAR0, kMemoryBar64);
  allow(CFG_BAR0, ~(BAR_BYTES - 1));
  allow(CFG_BAR1, 0xFFFF'FFFF);
  put(CFG_SUBSYSTEM, PCI_SUBVENDOR | PCI_SUBDEVICE << 16);
  put(CFG_CAP_PTR, CAP_PM);
  put(CFG_INTERRUPT_LINE, config.intx ? kPinA : 0U);
  allow(CFG_INTERRUPT_LINE, 0xFF);
}

void ConfigSpace::build_capabilities(const ModelConfig& config) {
  put(CAP_PM, CAP_ID_PM | CAP_MSIX << 8 | 3U << 16);
  put(CAP_PM + 4, kNoSoftReset);
  put(CAP_MSIX, CAP_ID_MSIX | CAP_EXP << 8 | (config.vectors() - 1) << 16);
  allow(CAP_MSIX, (MSIX_CTRL_ENABLE | MSIX_CTRL_FUNCTION_MASK) << 16);
  put(CAP_MSIX + 4, BAR_MSIX_TABLE);
  put(CAP_MSIX + 8, BAR_MSIX_PBA);
  put(CAP_EXP, CAP_ID_EXP | CAP_VIRTIO_COMMON << 8 | kExpVersion2 << 16);
  put(CAP_EXP + EXP_DEVICE_CAP, EXP_DEVCAP_MPS_256 | EXP_DEVCAP_EXT_TAG | EXP_DEVCAP_RBER | EXP_DEVCAP_FLR);
  put(CAP_EXP + EXP_DEVICE_CTRL, kDeviceControlReset);
  allow(CAP_EXP + EXP_DEVICE_CTRL, 0x7FFF & ~(1U << 10) & ~(1U << 9));
  clear_by_one(CAP_EXP + EXP_DEVICE_CTRL, kDeviceErrors);
  put(CAP_EXP + EXP_LINK_CAP, kLinkCap);
  put(CAP_EXP + EXP_LINK_CTRL, kLinkStatus << 16);
  allow(CAP_EXP + EXP_LINK_CTRL, 0xC8);
  put(CAP_EXP + EXP_LINK_CAP2, kLinkCap2);
  put(CAP_EXP + EXP_LINK_CTRL2, 3);
  allow(CAP_EXP + EXP_LINK_CTRL2, 0xF);
  virtio_capability(CAP_VIRTIO_COMMON, CAP_VIRTIO_NOTIFY, VIRTIO_CFG_COMMON, 16, BAR_COMMON);
  virtio_capability(CAP_VIRTIO_NOTIFY, CAP_VIRTIO_ISR, VIRTIO_CFG_NOTIFY, 20, BAR_NOTIFY);
  put(CAP_VIRTIO_NOTIFY + 16, NOTIFY_OFF_MULTIPLIER);
  virtio_capability(CAP_VIRTIO_ISR, CAP_VIRTIO_DEVICE, VIRTIO_CFG_ISR, 16, BAR_ISR);
  virtio_capability(CAP_VIRTIO_DEVICE, CAP_VIRTIO_PCI, VIRTIO_CFG_DEVICE, 16, BAR_DEVICE);
  virtio_capability(CAP_VIRTIO_PCI, 0, VIRTIO_CFG_PCI, 20, 0);
  put(CAP_VIRTIO_PCI + 12, 0);
  allow(CAP_VIRTIO_PCI + 4, 0xFF);
  allow(CAP_VIRTIO_PCI + 8, 0xFFFF'FFFF);
  allow(CAP_VIRTIO_PCI + 12, 0xFFFF'FFFF);
  allow(CAP_VIRTIO_PCI_DATA, 0xFFFF'FFFF);
  // PCIe 6.6.2: what describes the link belongs to the port, and the payload size is set by the system
  exempt_.at(CAP_EXP + EXP_DEVICE_CTRL) = kPayloadMask;
  for (unsigned i = 0; i < 4; ++i) {
    exempt_.at(CAP_EXP + EXP_LINK_CTRL + i) = 0xFF;
    exempt_.at(CAP_EXP + EXP_LINK_CTRL2 + i) = 0xFF;
  }
}

void ConfigSpace::virtio_capability(unsigned at, unsigned next, unsigned type, unsigned bytes, std::uint32_t offset) {
  put(at, CAP_ID_VENDOR | next << 8 | bytes << 16 | type << 24);
  put(at + 8, offset);
  put(at + 12, BAR_WINDOW_BYTES);
}

std::uint32_t ConfigSpace::read(unsigned offset) const {
  if (offset + 4 > kBytes) return 0;
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{value_[offset + i]} << (8 * i);
  return value;
}

bool ConfigSpace::write(unsigned offset, unsigned byte_enables, std::uint32_t data) {
  if (offset + 4 > kBytes) return false;
  if (offset == CAP_PM + 4) {  // D0 and D3hot are all there is (PCI PM 1.2, 3.2.4)
    const std::uint32_t state = data & kPowerStateMask;
    if ((byte_enables & 1) != 0 && (state == 0 || state == kD3Hot)) put(offset, kNoSoftReset | state);
    return false;
  }
  for (unsigned i = 0; i < 4; ++i) {
    if (((byte_enables >> i) & 1) == 0) continue;
    const auto byte = static_cast<std::uint8_t>(data >> (8 * i));
    std::uint8_t& value = value_[offset + i];
    const std::uint8_t mask = writable_[offset + i];
    value = static_cast<std::uint8_t>((value & ~mask) | (byte & mask));
    value = static_cast<std::uint8_t>(value & ~(byte & sticky_[offset + i]));
  }
  const bool reset = offset == CAP_EXP + EXP_DEVICE_CTRL && (byte_enables & 2) != 0 && (data & EXP_DEVCTRL_FLR) != 0;
  if (reset) function_level_reset();
  return reset;
}

void ConfigSpace::function_level_reset() {
  for (unsigned i = 0; i < kBytes; ++i) {
    value_[i] = static_cast<std::uint8_t>((value_[i] & exempt_[i]) | (fresh_[i] & ~exempt_[i]));
  }
}

bool ConfigSpace::memory_enabled() const {
  return (get(CFG_COMMAND) & COMMAND_MEMORY) != 0 && (get(CAP_PM + 4) & kPowerStateMask) == 0;
}
bool ConfigSpace::bus_master() const {
  return (get(CFG_COMMAND) & COMMAND_MASTER) != 0 && (get(CAP_PM + 4) & kPowerStateMask) == 0;
}
bool ConfigSpace::intx_enabled() const {
  return (get(CFG_INTERRUPT_LINE) & kPinA) != 0 && (get(CFG_COMMAND) & COMMAND_INTX_DISABLE) == 0;
}
bool ConfigSpace::msix_enabled() const {
  return (get(CAP_MSIX) >> 16 & MSIX_CTRL_ENABLE) != 0;
}
bool ConfigSpace::msix_masked() const {
  return (get(CAP_MSIX) >> 16 & MSIX_CTRL_FUNCTION_MASK) != 0;
}
bool ConfigSpace::extended_tags() const {
  return (get(CAP_EXP + EXP_DEVICE_CTRL) & EXP_DEVCTRL_EXT_TAG) != 0;
}
std::uint64_t ConfigSpace::bar() const {
  return (std::uint64_t{get(CFG_BAR1)} << 32) | (get(CFG_BAR0) & ~0xFU);
}
/// The device can do 256 bytes, whatever it was told.
unsigned ConfigSpace::max_payload() const {
  return (get(CAP_EXP + EXP_DEVICE_CTRL) & kPayloadMask) == 0 ? 128 : 256;
}
unsigned ConfigSpace::max_read_request() const {
  const unsigned code = (get(CAP_EXP + EXP_DEVICE_CTRL) >> 12) & 7;
  return 128U << (code > 5 ? 5 : code);
}

void ConfigSpace::unsupported_request() {
  put(CAP_EXP + EXP_DEVICE_CTRL, get(CAP_EXP + EXP_DEVICE_CTRL) | kUnsupportedDetected);
}
void ConfigSpace::parity_error() {
  put(CFG_COMMAND, get(CFG_COMMAND) | kParityDetected);
  put(CAP_EXP + EXP_DEVICE_CTRL, get(CAP_EXP + EXP_DEVICE_CTRL) | kNonFatalDetected);
}
void ConfigSpace::interrupt_pending(bool pending) {
  put(CFG_COMMAND, (get(CFG_COMMAND) & ~kInterruptStatus) | (pending ? kInterruptStatus : 0U));
}

ConfigSpace::Window ConfigSpace::window() const {
  const std::uint32_t bar = get(CAP_VIRTIO_PCI + 4) & 0xFF;
  const std::uint32_t offset = get(CAP_VIRTIO_PCI + 8);
  const std::uint32_t length = get(CAP_VIRTIO_PCI + 12);
  if (bar != 0 || offset >= BAR_BYTES || (length != 1 && length != 2 && length != 4) || offset % length != 0) return {};
  return {true, offset & ~3U, ((1U << length) - 1U) << (offset % 4)};
}

}  // namespace sim::nic_model
