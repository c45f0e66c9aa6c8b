// SPDX-License-Identifier: Apache-2.0
// The type 0 configuration space: what software may write, its effects, and function level reset.
//
// A write takes effect in its cycle, a read's data is there in the next. FLR (PCIe 6.6.2) resets
// everything but the fields the specification exempts (MPS, link control) and the captured bus
// number; flr_o pulses in the cycle after the write. The BAR is one 64-bit, non-prefetchable memory
// BAR of BAR_BYTES.
// Place: tlp_completer -> this -> settings for dma_engine, msix_send, tlp_request_decode.
`include "assert.svh"
`default_nettype none

module pci_config_space #(
    parameter int unsigned Vectors = 17
) (
    input  wire         clk_i,
    input  wire         rst_i,
    // configuration accesses
    input  wire         cfg_valid_i,
    input  wire         cfg_write_i,
    input  wire  [11:0] cfg_addr_i,
    input  wire  [3:0]  cfg_be_i,
    input  wire  [31:0] cfg_wdata_i,
    output logic [31:0] cfg_rdata_o,
    input  wire         capture_i,
    input  wire  [12:0] capture_id_i,    // bus, device
    // to be shown in the status registers
    input  wire         interrupt_i,     // an INTx cause is there
    input  wire         unsupported_i,
    input  wire         aborted_i,
    input  wire         poisoned_i,
    // settings
    output logic        memory_en_o,
    output logic        bus_master_en_o,
    output logic [63:0] bar_o,
    output logic [15:0] function_id_o,
    output logic [2:0]  mps_o,
    output logic [2:0]  mrrs_o,
    output logic        ext_tag_en_o,
    output logic        msix_enable_o,
    output logic        msix_mask_o,
    output logic        intx_disable_o,
    output logic        flr_o,
    // window of the CFG access capability
    output logic        window_valid_o,
    output logic [15:0] window_addr_o,
    output logic [3:0]  window_be_o,
    output logic [31:0] window_wdata_o,
    input  wire         window_load_i,
    input  wire  [31:0] window_rdata_i
);

  // --- writable registers ---

  logic [15:0] command_q;
  logic [7:0]  cache_line_q, interrupt_line_q;
  logic [63:16] bar_q;
  logic [1:0]  power_q;           // D0 .. D3hot
  logic        msix_enable_q, msix_mask_q;
  logic [15:0] device_control_q;
  logic [3:0]  device_status_q;   // correctable, non-fatal, fatal, unsupported request
  logic        parity_error_q, target_abort_q;
  logic [15:0] link_control_q;
  logic [3:0]  link_speed_q;      // target
  logic [7:0]  window_bar_q;
  logic [31:0] window_offset_q, window_length_q, window_data_q;
  logic [12:0] id_q;

  localparam logic [15:0] CommandBits = contract_pkg::COMMAND_MEMORY | contract_pkg::COMMAND_MASTER
      | contract_pkg::COMMAND_PARITY | contract_pkg::COMMAND_SERR
      | contract_pkg::COMMAND_INTX_DISABLE;
  // RCB, common clock, extended synch
  localparam logic [15:0] LinkControlBits = 16'h00C8;
  // error reporting, relaxed ordering, MPS, extended tag, no snoop, MRRS
  localparam logic [15:0] DeviceControlBits = 16'h79FF;
  // relaxed ordering, no snoop, MRRS 512 B
  localparam logic [15:0] DeviceControlReset = 16'h2810;
  localparam logic [15:0] MpsBits = 16'h00E0;

  // --- a write: which register, which bits ---

  logic        write;
  logic [11:0] addr;
  logic [31:0] mask, data;
  logic        flr;

  assign write = cfg_valid_i && cfg_write_i;
  assign addr = {cfg_addr_i[11:2], 2'd0};
  assign mask = {{8{cfg_be_i[3]}}, {8{cfg_be_i[2]}}, {8{cfg_be_i[1]}}, {8{cfg_be_i[0]}}};
  assign data = cfg_wdata_i & mask;

  localparam logic [11:0] DeviceControl = contract_pkg::CAP_EXP + {4'd0,
      contract_pkg::EXP_DEVICE_CTRL};
  localparam logic [11:0] LinkControl = contract_pkg::CAP_EXP + {4'd0, contract_pkg::EXP_LINK_CTRL};
  localparam logic [11:0] LinkControl2 = contract_pkg::CAP_EXP + {4'd0,
      contract_pkg::EXP_LINK_CTRL2};
  localparam logic [11:0] PowerControl = contract_pkg::CAP_PM + 12'd4;
  localparam logic [11:0] WindowBar = contract_pkg::CAP_VIRTIO_PCI + 12'd4;
  localparam logic [11:0] WindowOffset = contract_pkg::CAP_VIRTIO_PCI + 12'd8;
  localparam logic [11:0] WindowLength = contract_pkg::CAP_VIRTIO_PCI + 12'd12;

  assign flr = write && addr == DeviceControl && (data[15:0] & contract_pkg::EXP_DEVCTRL_FLR) != '0;

  always_ff @(posedge clk_i) begin
    flr_o <= !rst_i && flr;
    if (rst_i || flr) begin
      command_q        <= '0;
      cache_line_q     <= '0;
      interrupt_line_q <= '0;
      bar_q            <= '0;
      power_q          <= '0;
      msix_enable_q    <= 1'b0;
      msix_mask_q      <= 1'b0;
      device_status_q  <= '0;
      parity_error_q   <= 1'b0;
      target_abort_q   <= 1'b0;
      window_bar_q     <= '0;
      window_offset_q  <= '0;
      window_length_q  <= '0;
      window_data_q    <= '0;
      device_control_q <= DeviceControlReset | (rst_i ? 16'd0 : device_control_q & MpsBits);
      if (rst_i) link_control_q <= '0;
      if (rst_i) link_speed_q <= 4'd3;
    end else begin
      if (write) begin
        unique case (addr)
          contract_pkg::CFG_COMMAND: command_q <= (command_q & ~mask[15:0])
              | (data[15:0] & CommandBits);
          contract_pkg::CFG_CACHE_LINE: cache_line_q <= (cache_line_q & ~mask[7:0]) | data[7:0];
          contract_pkg::CFG_BAR0: bar_q[31:16] <= (bar_q[31:16] & ~mask[31:16]) | data[31:16];
          contract_pkg::CFG_BAR1: bar_q[63:32] <= (bar_q[63:32] & ~mask) | data;
          contract_pkg::CFG_INTERRUPT_LINE: begin
            interrupt_line_q <= (interrupt_line_q & ~mask[7:0]) | data[7:0];
          end
          // D1 and D2 are not supported: such a write is ignored
          PowerControl: if (cfg_be_i[0] && data[1] == data[0]) power_q <= data[1:0];
          contract_pkg::CAP_MSIX: if (cfg_be_i[3]) {msix_enable_q, msix_mask_q} <= data[31:30];
          DeviceControl: device_control_q <= (device_control_q & ~mask[15:0])
              | (data[15:0] & DeviceControlBits);
          LinkControl: link_control_q <= (link_control_q & ~mask[15:0])
              | (data[15:0] & LinkControlBits);
          LinkControl2: if (cfg_be_i[0]) link_speed_q <= data[3:0];
          WindowBar: window_bar_q <= (window_bar_q & ~mask[7:0]) | data[7:0];
          WindowOffset: window_offset_q <= (window_offset_q & ~mask) | data;
          WindowLength: window_length_q <= (window_length_q & ~mask) | data;
          contract_pkg::CAP_VIRTIO_PCI_DATA: window_data_q <= (window_data_q & ~mask) | data;
          default: ;
        endcase
      end
      if (window_load_i) window_data_q <= window_rdata;
      // write one to clear; a new error wins
      if (write && addr == contract_pkg::CFG_COMMAND) begin
        if (data[31]) parity_error_q <= 1'b0;
        if (data[27]) target_abort_q <= 1'b0;
      end
      if (write && addr == DeviceControl) device_status_q <= device_status_q & ~data[19:16];
      if (poisoned_i) parity_error_q <= 1'b1;
      if (aborted_i) target_abort_q <= 1'b1;
      if (unsupported_i) device_status_q[3] <= 1'b1;
      if (unsupported_i || aborted_i || poisoned_i) device_status_q[1] <= 1'b1;
    end
    if (rst_i) id_q <= '0;
    else if (capture_i) id_q <= capture_id_i;
  end

  // --- settings ---

  assign memory_en_o = (command_q & contract_pkg::COMMAND_MEMORY) != '0 && power_q == 2'd0;
  assign bus_master_en_o = (command_q & contract_pkg::COMMAND_MASTER) != '0 && power_q == 2'd0;
  assign bar_o = {bar_q, 16'd0};
  assign function_id_o = {id_q, 3'd0};
  assign mps_o = device_control_q[7:5];
  assign mrrs_o = device_control_q[14:12];
  assign ext_tag_en_o = (device_control_q & contract_pkg::EXP_DEVCTRL_EXT_TAG) != '0;
  assign msix_enable_o = msix_enable_q;
  assign msix_mask_o = msix_mask_q;
  assign intx_disable_o = (command_q & contract_pkg::COMMAND_INTX_DISABLE) != '0;

  // --- window of the CFG access capability: 1, 2 or 4 bytes, naturally aligned, inside the BAR ---

  logic [31:0] window_rdata, window_mask;
  logic [3:0]  length_be;
  logic        aligned;

  always_comb begin
    unique case (window_length_q)
      32'd1: {aligned, length_be, window_mask} = {1'b1, 4'h1, 32'h0000_00FF};
      32'd2: {aligned, length_be, window_mask} = {!window_offset_q[0], 4'h3, 32'h0000_FFFF};
      32'd4: {aligned, length_be, window_mask} = {window_offset_q[1:0] == 2'd0, 4'hF,
          32'hFFFF_FFFF};
      default: {aligned, length_be, window_mask} = '0;
    endcase
  end

  assign window_valid_o = aligned && window_bar_q == '0
      && window_offset_q < contract_pkg::BAR_BYTES;
  assign window_addr_o = window_offset_q[15:0];
  assign window_be_o = length_be << window_offset_q[1:0];
  assign window_wdata_o = window_data_q << {window_offset_q[1:0], 3'd0};
  assign window_rdata = (window_data_q & ~window_mask)
                        | ((window_rdata_i >> {window_offset_q[1:0], 3'd0}) & window_mask);

  // --- reads ---

  logic [31:0] rdata;

  pci_config_read #(.Vectors(Vectors)) u_read (
      .valid_i(cfg_valid_i), .addr_i(addr), .rdata_o(rdata),
      // writable state
      .command_i(command_q), .interrupt_i, .parity_error_i(parity_error_q), .target_abort_i(target_abort_q),
      .cache_line_i(cache_line_q), .interrupt_line_i(interrupt_line_q), .bar_i(bar_o),
      .power_i(power_q),
      .msix_enable_i(msix_enable_q), .msix_mask_i(msix_mask_q), .device_control_i(device_control_q),
      .device_status_i(device_status_q), .link_control_i(link_control_q),
      .link_speed_i(link_speed_q),
      .window_bar_i(window_bar_q), .window_offset_i(window_offset_q),
      .window_length_i(window_length_q),
      .window_data_i(window_data_q));

  always_ff @(posedge clk_i) begin
    if (cfg_valid_i) cfg_rdata_o <= rdata;
  end

  logic unused_addr;
  assign unused_addr = ^cfg_addr_i[1:0];

  `COVER(FunctionLevelReset_C, flr_o, clk_i, rst_i)

endmodule

`default_nettype wire
