// SPDX-License-Identifier: Apache-2.0
// The configuration space as it reads: identity, capabilities, and the writable state in its
// places.
//
// Combinational, still while nobody reads. Chain: power management -> MSI-X -> PCI Express ->
// virtio common, notify, ISR, device, CFG access. Everything else, extended configuration space
// included, reads as zero.
// Place: inside pci_config_space.
`default_nettype none

module pci_config_read #(
    parameter int unsigned Vectors = 17
) (
    input  wire         valid_i,
    input  wire  [11:0] addr_i,  // DW aligned
    output logic [31:0] rdata_o,
    // writable state
    input  wire  [15:0] command_i,
    input  wire         interrupt_i,
    input  wire         parity_error_i,
    input  wire         target_abort_i,
    input  wire  [7:0]  cache_line_i,
    input  wire  [7:0]  interrupt_line_i,
    input  wire  [63:0] bar_i,
    input  wire  [1:0]  power_i,
    input  wire         msix_enable_i,
    input  wire         msix_mask_i,
    input  wire  [15:0] device_control_i,
    input  wire  [3:0]  device_status_i,
    input  wire  [15:0] link_control_i,
    input  wire  [3:0]  link_speed_i,
    input  wire  [7:0]  window_bar_i,
    input  wire  [31:0] window_offset_i,
    input  wire  [31:0] window_length_i,
    input  wire  [31:0] window_data_i
);

  localparam logic [11:0] Pm = contract_pkg::CAP_PM;
  localparam logic [11:0] Msix = contract_pkg::CAP_MSIX;
  localparam logic [11:0] Exp = contract_pkg::CAP_EXP;
  localparam logic [11:0] Common = contract_pkg::CAP_VIRTIO_COMMON;
  localparam logic [11:0] Notify = contract_pkg::CAP_VIRTIO_NOTIFY;
  localparam logic [11:0] Isr = contract_pkg::CAP_VIRTIO_ISR;
  localparam logic [11:0] Device = contract_pkg::CAP_VIRTIO_DEVICE;
  localparam logic [11:0] Window = contract_pkg::CAP_VIRTIO_PCI;

  localparam logic [7:0] VirtioCapBytes = 8'd16;      // plain
  localparam logic [7:0] VirtioLongCapBytes = 8'd20;  // with a fifth DW
  localparam logic [31:0] WindowBytes = {16'd0, contract_pkg::BAR_WINDOW_BYTES};
  // 64-bit memory BAR, not prefetchable
  localparam logic [31:0] BarFlags = 32'h0000_0004;
  // PM 1.2 (version 3), no PME, no D1 and D2; control: No_Soft_Reset
  localparam logic [15:0] PowerCapabilities = 16'h0003;
  localparam logic [7:0] NoSoftReset = 8'h08;
  // PCI Express capability version 2, endpoint, interrupt message 0
  localparam logic [15:0] ExpCapabilities = 16'h0002;
  localparam logic [31:0] DeviceCapabilities = contract_pkg::EXP_DEVCAP_MPS_256
      | contract_pkg::EXP_DEVCAP_EXT_TAG | contract_pkg::EXP_DEVCAP_RBER
      | contract_pkg::EXP_DEVCAP_FLR;
  // 8 GT/s, x4, no ASPM, ASPM optionality compliance
  localparam logic [31:0] LinkCapabilities = 32'h0040_0043;
  // 8 GT/s, x4, slot clock
  localparam logic [15:0] LinkStatus = 16'h1043;
  // 2.5, 5 and 8 GT/s
  localparam logic [31:0] LinkCapabilities2 = 32'h0000_000E;

  logic [15:0] msix_control;
  assign msix_control = (msix_enable_i ? contract_pkg::MSIX_CTRL_ENABLE : 16'd0)
      | (msix_mask_i ? contract_pkg::MSIX_CTRL_FUNCTION_MASK : 16'd0)
      | 16'(Vectors - 1);

  always_comb begin
    rdata_o = '0;
    if (valid_i) begin
      unique case (addr_i)
        contract_pkg::CFG_VENDOR_ID: rdata_o = {contract_pkg::PCI_DEVICE, contract_pkg::PCI_VENDOR};
        contract_pkg::CFG_COMMAND:
          rdata_o = {parity_error_i, 3'd0, target_abort_i, 11'd0, command_i}
                    | {contract_pkg::STATUS_CAP_LIST, 16'd0}
                    | {interrupt_i ? contract_pkg::STATUS_INTERRUPT : 16'd0, 16'd0};
        contract_pkg::CFG_CLASS: rdata_o = {contract_pkg::PCI_CLASS, contract_pkg::PCI_REVISION};
        contract_pkg::CFG_CACHE_LINE: rdata_o = {24'd0, cache_line_i};
        contract_pkg::CFG_BAR0: rdata_o = bar_i[31:0] | BarFlags;
        contract_pkg::CFG_BAR1: rdata_o = bar_i[63:32];
        contract_pkg::CFG_SUBSYSTEM: rdata_o = {contract_pkg::PCI_SUBDEVICE,
            contract_pkg::PCI_SUBVENDOR};
        contract_pkg::CFG_CAP_PTR: rdata_o = {24'd0, Pm[7:0]};
        contract_pkg::CFG_INTERRUPT_LINE: rdata_o = {16'd0, contract_pkg::INTERRUPT_PIN_A,
            interrupt_line_i};
        // power management
        Pm: rdata_o = {PowerCapabilities, Msix[7:0], contract_pkg::CAP_ID_PM};
        Pm + 12'd4: rdata_o = {24'd0, NoSoftReset | {6'd0, power_i}};
        // MSI-X: control, table and PBA in BAR 0
        Msix: rdata_o = {msix_control, Exp[7:0], contract_pkg::CAP_ID_MSIX};
        Msix + 12'd4: rdata_o = {16'd0, contract_pkg::BAR_MSIX_TABLE};
        Msix + 12'd8: rdata_o = {16'd0, contract_pkg::BAR_MSIX_PBA};
        // PCI Express
        Exp: rdata_o = {ExpCapabilities, Common[7:0], contract_pkg::CAP_ID_EXP};
        Exp + {4'd0, contract_pkg::EXP_DEVICE_CAP}: rdata_o = DeviceCapabilities;
        Exp + {4'd0, contract_pkg::EXP_DEVICE_CTRL}: rdata_o = {12'd0, device_status_i,
            device_control_i};
        Exp + {4'd0, contract_pkg::EXP_LINK_CAP}: rdata_o = LinkCapabilities;
        Exp + {4'd0, contract_pkg::EXP_LINK_CTRL}: rdata_o = {LinkStatus, link_control_i};
        Exp + {4'd0, contract_pkg::EXP_LINK_CAP2}: rdata_o = LinkCapabilities2;
        Exp + {4'd0, contract_pkg::EXP_LINK_CTRL2}: rdata_o = {28'd0, link_speed_i};
        // virtio: {type, length, next, id}, BAR, offset, length
        Common: rdata_o = {contract_pkg::VIRTIO_CFG_COMMON, VirtioCapBytes, Notify[7:0],
            contract_pkg::CAP_ID_VENDOR};
        Common + 12'd8: rdata_o = {16'd0, contract_pkg::BAR_COMMON};
        Common + 12'd12: rdata_o = WindowBytes;
        Notify: rdata_o = {contract_pkg::VIRTIO_CFG_NOTIFY, VirtioLongCapBytes, Isr[7:0],
            contract_pkg::CAP_ID_VENDOR};
        Notify + 12'd8: rdata_o = {16'd0, contract_pkg::BAR_NOTIFY};
        Notify + 12'd12: rdata_o = WindowBytes;
        Notify + 12'd16: rdata_o = {24'd0, contract_pkg::NOTIFY_OFF_MULTIPLIER};
        Isr: rdata_o = {contract_pkg::VIRTIO_CFG_ISR, VirtioCapBytes, Device[7:0],
            contract_pkg::CAP_ID_VENDOR};
        Isr + 12'd8: rdata_o = {16'd0, contract_pkg::BAR_ISR};
        Isr + 12'd12: rdata_o = WindowBytes;
        Device: rdata_o = {contract_pkg::VIRTIO_CFG_DEVICE, VirtioCapBytes, Window[7:0],
            contract_pkg::CAP_ID_VENDOR};
        Device + 12'd8: rdata_o = {16'd0, contract_pkg::BAR_DEVICE};
        Device + 12'd12: rdata_o = WindowBytes;
        Window: rdata_o = {contract_pkg::VIRTIO_CFG_PCI, VirtioLongCapBytes, 8'd0,
            contract_pkg::CAP_ID_VENDOR};
        Window + 12'd4: rdata_o = {24'd0, window_bar_i};
        Window + 12'd8: rdata_o = window_offset_i;
        Window + 12'd12: rdata_o = window_length_i;
        contract_pkg::CAP_VIRTIO_PCI_DATA: rdata_o = window_data_i;
        default: ;
      endcase
    end
  end

  logic unused_bits;  // capability pointers are bytes
  assign unused_bits = ^{Pm[11:8], Msix[11:8], Exp[11:8], Common[11:8], Notify[11:8], Isr[11:8],
      Device[11:8],
                         Window[11:8]};

endmodule

`default_nettype wire
