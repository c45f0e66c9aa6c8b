// SPDX-License-Identifier: Apache-2.0
// PCI and PCI Express numbers: identity, configuration space, capabilities, TLP encodings.
// Sources: PCI Local Bus 3.0, PCI Express Base 3.0, virtio 1.2 section 4.1.
#pragma once

#include "rtl/contract/number.hpp"

namespace contract {

// clang-format off
#define CONTRACT_PCI(X) \
  /* identity, virtio 4.1.2 */ \
  X(PCI_VENDOR, 16, 0x1AF4) X(PCI_DEVICE, 16, 0x1041) X(PCI_SUBVENDOR, 16, 0x1AF4) \
  X(PCI_SUBDEVICE, 16, 0x1100) X(PCI_REVISION, 8, 1) X(PCI_CLASS, 24, 0x020000) \
  /* type 0 header, byte offsets */ \
  X(CFG_VENDOR_ID, 12, 0x00) X(CFG_COMMAND, 12, 0x04) X(CFG_CLASS, 12, 0x08) X(CFG_CACHE_LINE, 12, 0x0C) \
  X(CFG_BAR0, 12, 0x10) X(CFG_BAR1, 12, 0x14) X(CFG_SUBSYSTEM, 12, 0x2C) X(CFG_CAP_PTR, 12, 0x34) \
  X(CFG_INTERRUPT_LINE, 12, 0x3C) X(CFG_INTERRUPT_PIN, 12, 0x3D) X(INTERRUPT_PIN_A, 8, 1) \
  X(COMMAND_MEMORY, 16, 1u << 1) X(COMMAND_MASTER, 16, 1u << 2) X(COMMAND_PARITY, 16, 1u << 6) \
  X(COMMAND_SERR, 16, 1u << 8) X(COMMAND_INTX_DISABLE, 16, 1u << 10) X(STATUS_INTERRUPT, 16, 1u << 3) \
  X(STATUS_CAP_LIST, 16, 1u << 4) \
  /* where each capability stands */ \
  X(CAP_PM, 12, 0x40) X(CAP_MSIX, 12, 0x50) X(CAP_EXP, 12, 0x60) X(CAP_VIRTIO_COMMON, 12, 0xA0) \
  X(CAP_VIRTIO_NOTIFY, 12, 0xB0) X(CAP_VIRTIO_ISR, 12, 0xC4) X(CAP_VIRTIO_DEVICE, 12, 0xD4) \
  X(CAP_VIRTIO_PCI, 12, 0xE4) X(CAP_VIRTIO_PCI_DATA, 12, 0xF4) \
  X(CAP_ID_PM, 8, 0x01) X(CAP_ID_VENDOR, 8, 0x09) X(CAP_ID_EXP, 8, 0x10) X(CAP_ID_MSIX, 8, 0x11) \
  X(VIRTIO_CFG_COMMON, 8, 1) X(VIRTIO_CFG_NOTIFY, 8, 2) X(VIRTIO_CFG_ISR, 8, 3) \
  X(VIRTIO_CFG_DEVICE, 8, 4) X(VIRTIO_CFG_PCI, 8, 5) \
  /* MSI-X capability and table */ \
  /* two a queue pair and one; the most there can be */ \
  X(MSIX_VECTORS, 12, 129) X(MSIX_CTRL_ENABLE, 16, 1u << 15) X(MSIX_CTRL_FUNCTION_MASK, 16, 1u << 14) \
  X(MSIX_ENTRY_BYTES, 8, 16) X(MSIX_ENTRY_ADDR_LO, 8, 0) X(MSIX_ENTRY_ADDR_HI, 8, 4) \
  X(MSIX_ENTRY_DATA, 8, 8) X(MSIX_ENTRY_CONTROL, 8, 12) X(MSIX_ENTRY_MASKED, 32, 1) \
  /* PCI Express capability registers, offset from CAP_EXP */ \
  X(EXP_CAPABILITIES, 8, 0x02) X(EXP_DEVICE_CAP, 8, 0x04) X(EXP_DEVICE_CTRL, 8, 0x08) X(EXP_DEVICE_STATUS, 8, 0x0A) \
  X(EXP_LINK_CAP, 8, 0x0C) X(EXP_LINK_CTRL, 8, 0x10) X(EXP_LINK_STATUS, 8, 0x12) X(EXP_DEVICE_CAP2, 8, 0x24) \
  X(EXP_DEVICE_CTRL2, 8, 0x28) X(EXP_LINK_CAP2, 8, 0x2C) X(EXP_LINK_CTRL2, 8, 0x30) \
  X(EXP_DEVCAP_MPS_256, 32, 1) X(EXP_DEVCAP_EXT_TAG, 32, 1u << 5) X(EXP_DEVCAP_RBER, 32, 1u << 15) \
  X(EXP_DEVCAP_FLR, 32, 1u << 28) X(EXP_DEVCTRL_EXT_TAG, 16, 1u << 8) X(EXP_DEVCTRL_FLR, 16, 1u << 15) \
  /* one 64-bit memory BAR; byte offsets of its windows */ \
  X(BAR_BYTES, 32, 0x10000) X(BAR_COMMON, 16, 0x0000) X(BAR_ISR, 16, 0x1000) X(BAR_DEVICE, 16, 0x2000) \
  X(BAR_NOTIFY, 16, 0x3000) X(BAR_MSIX_TABLE, 16, 0x4000) X(BAR_MSIX_PBA, 16, 0x5000) \
  X(BAR_STATS, 16, 0x6000) X(BAR_WINDOW_BYTES, 16, 0x1000) X(NOTIFY_OFF_MULTIPLIER, 8, 4) \
  X(BAR_CONTROL, 16, 0x8000) X(BAR_CONTROL_BYTES, 16, 0x8000) \
  /* TLP format and type, PCIe 2.2.1; {fmt[2:0], type[4:0]} */ \
  X(TLP_MRD32, 8, 0x00) X(TLP_MRD64, 8, 0x20) X(TLP_MRDLK32, 8, 0x01) X(TLP_MRDLK64, 8, 0x21) \
  X(TLP_MWR32, 8, 0x40) X(TLP_MWR64, 8, 0x60) X(TLP_IORD, 8, 0x02) X(TLP_IOWR, 8, 0x42) \
  X(TLP_CFGRD0, 8, 0x04) X(TLP_CFGWR0, 8, 0x44) X(TLP_CFGRD1, 8, 0x05) X(TLP_CFGWR1, 8, 0x45) \
  X(TLP_FETCHADD32, 8, 0x4C) X(TLP_FETCHADD64, 8, 0x6C) X(TLP_SWAP32, 8, 0x4D) X(TLP_SWAP64, 8, 0x6D) \
  X(TLP_CAS32, 8, 0x4E) X(TLP_CAS64, 8, 0x6E) \
  /* message without data, local to the root complex, and its codes (2.2.8.1) */ \
  X(TLP_MSG_LOCAL, 8, 0x34) X(MSG_ASSERT_INTA, 8, 0x20) X(MSG_DEASSERT_INTA, 8, 0x24) \
  X(TLP_CPL, 8, 0x0A) X(TLP_CPLD, 8, 0x4A) X(TLP_CPLLK, 8, 0x0B) X(TLP_CPLDLK, 8, 0x4B) \
  X(CPL_SC, 3, 0) X(CPL_UR, 3, 1) X(CPL_CRS, 3, 2) X(CPL_CA, 3, 4)
// clang-format on

CONTRACT_PCI(CONTRACT_DEFINE)
inline constexpr Number kPciNumbers[] = {CONTRACT_PCI(CONTRACT_ROW)};

}  // namespace contract
