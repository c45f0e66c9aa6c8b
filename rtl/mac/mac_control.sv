// SPDX-License-Identifier: Apache-2.0
// The MAC's registers on the control bus (window CTL_MAC): limits, pause, loopback, link state.
//
// Accesses -> config_t for the core's own clock and, after reset and after each write, over a link to each MAC
// clock. The frame limit follows the strapped MTU after reset and is held within its bounds. MACREG_STATUS shows the
// levels at this moment. Registers that do not exist read as 0.
// Place: control bus -> this -> cdc_word to both MAC clocks.
`include "assert.svh"
`default_nettype none

module mac_control (
    input  wire                 clk_i,
    input  wire                 rst_i,
    // straps, constant out of reset
    input  wire  [47:0]         station_i,
    input  wire  [15:0]         mtu_i,
    // control bus, slave
    input  wire                 ctl_valid_i,
    output logic                ctl_ready_o,
    input  wire ctl_pkg::req_t  ctl_i,
    output logic                rsp_valid_o,
    output logic [31:0]         rsp_rdata_o,
    // levels
    input  wire                 link_up_i,
    input  wire  [1:0]          fault_i,    // remote, local
    input  wire                 paused_i,
    input  wire  [7:0]          class_paused_i,
    // settings
    output mac_pkg::config_t    config_o,
    output logic [17:0]         xoff_level_o,
    output logic [17:0]         xon_level_o,
    // ... on their way to the receiver [0] and the transmitter [1]
    output logic [1:0]          send_valid_o,
    input  wire  [1:0]          send_ready_i
);

  logic        rx_pause_q, tx_pause_q, rx_pfc_q, tx_pfc_q, loop_wire_q, loop_host_q;
  logic [13:0] max_frame_q, max_frame_d, max_tagged_q;
  logic [31:0] watchdog_q;
  logic [15:0] quanta_q;
  logic [17:0] xoff_q, xon_q;
  logic [7:0]  classes_q;
  logic        write, fresh_q;
  logic [31:0] status, rdata, frame;

  assign config_o = {station_i, classes_q, quanta_q, watchdog_q, max_tagged_q, max_frame_q, loop_host_q, loop_wire_q,
                     tx_pfc_q, rx_pfc_q, tx_pause_q, rx_pause_q};
  assign xoff_level_o = xoff_q;
  assign xon_level_o  = xon_q;
  assign ctl_ready_o  = 1'b1;
  assign write        = ctl_valid_i && ctl_i.write;

  assign status = (link_up_i ? contract_pkg::MAC_STATUS_LINK_UP : 32'd0) |
                  (fault_i[0] ? contract_pkg::MAC_STATUS_LOCAL_FAULT : 32'd0) |
                  (fault_i[1] ? contract_pkg::MAC_STATUS_REMOTE_FAULT : 32'd0) |
                  (paused_i ? contract_pkg::MAC_STATUS_PAUSED : 32'd0) | {16'd0, class_paused_i, 8'd0};

  always_comb begin
    frame = rst_i ? {16'd0, mtu_i} + 32'(contract_pkg::MAX_FRAME_OVER_MTU) : ctl_i.wdata;
    max_frame_d = frame[13:0];
    if (frame > 32'(contract_pkg::MAX_FRAME_MAX)) max_frame_d = contract_pkg::MAX_FRAME_MAX;
    else if (frame < 32'(contract_pkg::MAX_FRAME_MIN)) max_frame_d = contract_pkg::MAX_FRAME_MIN;
  end

  always_comb begin
    rdata = '0;
    unique case (ctl_i.addr)
      contract_pkg::MACREG_CONTROL:
        rdata = (rx_pause_q ? contract_pkg::MAC_CONTROL_RX_PAUSE : 32'd0) |
                (tx_pause_q ? contract_pkg::MAC_CONTROL_TX_PAUSE : 32'd0) |
                (rx_pfc_q ? contract_pkg::MAC_CONTROL_RX_PFC : 32'd0) |
                (tx_pfc_q ? contract_pkg::MAC_CONTROL_TX_PFC : 32'd0) |
                (loop_wire_q ? contract_pkg::MAC_CONTROL_LOOP_WIRE : 32'd0) |
                (loop_host_q ? contract_pkg::MAC_CONTROL_LOOP_HOST : 32'd0);
      contract_pkg::MACREG_MAX_FRAME:    rdata = {18'd0, max_frame_q};
      contract_pkg::MACREG_STATUS:       rdata = status;
      contract_pkg::MACREG_WATCHDOG:     rdata = watchdog_q;
      contract_pkg::MACREG_PAUSE_QUANTA: rdata = {16'd0, quanta_q};
      contract_pkg::MACREG_XOFF_LEVEL:   rdata = {14'd0, xoff_q};
      contract_pkg::MACREG_XON_LEVEL:    rdata = {14'd0, xon_q};
      contract_pkg::MACREG_PFC_CLASSES:  rdata = {24'd0, classes_q};
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= ctl_valid_i && !rst_i;
    if (ctl_valid_i) rsp_rdata_o <= ctl_i.write ? '0 : rdata;

    if (rst_i) begin
      rx_pause_q  <= 1'b1;  // contract_pkg::MAC_CONTROL_RESET
      {tx_pause_q, rx_pfc_q, tx_pfc_q, loop_wire_q, loop_host_q} <= '0;
      max_frame_q <= max_frame_d;
      watchdog_q  <= contract_pkg::MAC_WATCHDOG_RESET;
      quanta_q    <= contract_pkg::MAC_QUANTA_RESET;
      xoff_q      <= contract_pkg::MAC_XOFF_RESET;
      xon_q       <= contract_pkg::MAC_XON_RESET;
      classes_q   <= contract_pkg::MAC_PFC_CLASSES_RESET;
    end else if (write) begin
      unique case (ctl_i.addr)
        contract_pkg::MACREG_CONTROL: begin
          rx_pause_q  <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_RX_PAUSE) != '0;
          tx_pause_q  <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_TX_PAUSE) != '0;
          rx_pfc_q    <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_RX_PFC) != '0;
          tx_pfc_q    <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_TX_PFC) != '0;
          loop_wire_q <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_LOOP_WIRE) != '0;
          loop_host_q <= (ctl_i.wdata & contract_pkg::MAC_CONTROL_LOOP_HOST) != '0;
        end
        contract_pkg::MACREG_MAX_FRAME:    max_frame_q <= max_frame_d;
        contract_pkg::MACREG_WATCHDOG:     watchdog_q <= ctl_i.wdata;
        contract_pkg::MACREG_PAUSE_QUANTA: quanta_q <= ctl_i.wdata[15:0];
        contract_pkg::MACREG_XOFF_LEVEL:   xoff_q <= ctl_i.wdata[17:0];
        contract_pkg::MACREG_XON_LEVEL:    xon_q <= ctl_i.wdata[17:0];
        contract_pkg::MACREG_PFC_CLASSES:  classes_q <= ctl_i.wdata[7:0];
        default: ;
      endcase
    end
  end

  // A second VLAN tag makes a frame 4 bytes longer, but none longer than the longest.
  always_ff @(posedge clk_i) begin
    max_tagged_q <= (max_frame_q > contract_pkg::MAX_FRAME_MAX - 14'd4) ? contract_pkg::MAX_FRAME_MAX
                                                                         : max_frame_q + 14'd4;
    if (rst_i) begin
      fresh_q      <= 1'b1;
      send_valid_o <= 2'b00;
    end else begin
      fresh_q      <= write;
      send_valid_o <= fresh_q ? 2'b11 : send_valid_o & ~send_ready_i;
    end
  end

endmodule

`default_nettype wire
