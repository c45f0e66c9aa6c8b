// SPDX-License-Identifier: Apache-2.0
// The NIC with its struct ports split into plain words, so that C++ reads and drives them cheaply.
//
// Stands for the PCIe hard block and the PHY. Every pin ends in a register, so that no logic of the NIC
// hangs on one (what hangs on a pin is evaluated at every edge of every clock); the TLP input's register
// is a pipeline stage, whose ready depends on registers only. Place: sim/rtl_bridge/edge_loop.hpp -> this -> nic_top.
`default_nettype none

module nic_sim_top (
    input  wire         core_clk_i,
    input  wire         core_rst_i,
    input  wire         mac_rx_clk_i,
    input  wire         mac_rx_rst_i,
    input  wire         mac_tx_clk_i,
    input  wire         mac_tx_rst_i,
    // straps
    input  wire  [47:0] strap_mac_i,
    input  wire  [15:0] strap_mtu_i,
    input  wire         link_up_i,
    input  wire  [31:0] strap_completion_timeout_i,
    // XGMII
    input  wire  [63:0] xgmii_rx_data_i,
    input  wire  [7:0]  xgmii_rx_ctrl_i,
    output logic [63:0] xgmii_tx_data_o,
    output logic [7:0]  xgmii_tx_ctrl_o,
    // host -> NIC
    input  wire         tlp_in_valid_i,
    output logic        tlp_in_ready_o,
    input  wire  [63:0] tlp_in_hdr_hi_i,
    input  wire  [63:0] tlp_in_hdr_lo_i,
    input  wire  [1:0]  tlp_in_flags_i,   // {first, last}
    input  wire  [tlp_pkg::DataW-1:0] tlp_in_data_i,
    // NIC -> host
    output logic        tlp_out_valid_o,
    input  wire         tlp_out_ready_i,
    output logic [63:0] tlp_out_hdr_hi_o,
    output logic [63:0] tlp_out_hdr_lo_o,
    output logic [1:0]  tlp_out_flags_o,  // {first, last}
    output logic [tlp_pkg::DataW-1:0] tlp_out_data_o,
    // flow control
    input  wire  [27:0] credit_limit_i,   // {ph, pd, nph}: completions are not limited
    output logic [11:0] credit_return_o,  // tlp_pkg::credit_return_t
    // journey
    output logic [31:0] mac_rx_events_o,
    output logic [31:0] core_events_o,
    output logic [31:0] mac_tx_events_o
);

  // -------------------------------------------------------------------------------------- inputs

  logic                   core_rst_q;
  logic                   mac_rx_rst_q;
  logic                   mac_tx_rst_q;
  logic [47:0]            strap_mac_q;
  logic [15:0]            strap_mtu_q;
  logic                   link_up_q;
  tlp_pkg::beat_t         tlp_in_q;
  logic                   tlp_in_valid_q;
  logic                   tlp_in_ready;
  logic [27:0]            credit_limit_q;
  tlp_pkg::credit_limit_t credit_limit;
  xgmii_pkg::word_t       xgmii_rx_q;

  assign tlp_in_ready_o = !tlp_in_valid_q || tlp_in_ready;

  // In reset from the very first edge: nothing behind has a value yet.
  initial begin
    core_rst_q   = 1'b1;
    mac_rx_rst_q = 1'b1;
    mac_tx_rst_q = 1'b1;
  end

  always_ff @(posedge core_clk_i) begin
    core_rst_q <= core_rst_i;
    if (core_rst_i) begin
      tlp_in_valid_q <= 1'b0;
    end else if (tlp_in_ready_o) begin
      tlp_in_valid_q <= tlp_in_valid_i;
    end
    if (tlp_in_ready_o && tlp_in_valid_i) begin
      tlp_in_q.hdr   <= {tlp_in_hdr_hi_i, tlp_in_hdr_lo_i};
      tlp_in_q.first <= tlp_in_flags_i[1];
      tlp_in_q.last  <= tlp_in_flags_i[0];
      tlp_in_q.data  <= tlp_in_data_i;
    end
    strap_mac_q    <= strap_mac_i;
    strap_mtu_q    <= strap_mtu_i;
    link_up_q      <= link_up_i;
    credit_limit_q <= credit_limit_i;
  end

  always_ff @(posedge mac_rx_clk_i) begin
    mac_rx_rst_q <= mac_rx_rst_i;
    xgmii_rx_q   <= {xgmii_rx_ctrl_i, xgmii_rx_data_i};
  end

  always_ff @(posedge mac_tx_clk_i) begin
    mac_tx_rst_q <= mac_tx_rst_i;
  end

  always_comb begin
    credit_limit = '0;
    credit_limit.cplh_infinite = 1'b1;
    credit_limit.cpld_infinite = 1'b1;
    credit_limit.ph  = credit_limit_q[27:20];
    credit_limit.pd  = credit_limit_q[19:8];
    credit_limit.nph = credit_limit_q[7:0];
  end

  // -------------------------------------------------------------------------------------- the NIC

  tlp_pkg::beat_t          tlp_out;
  tlp_pkg::credit_return_t credit_return;
  xgmii_pkg::word_t        xgmii_tx;
  gmii_pkg::word_t         unused_gmii_tx;
  nic_pkg::mac_rx_events_t mac_rx_events;
  nic_pkg::core_events_t   core_events;
  nic_pkg::mac_tx_events_t mac_tx_events;

  nic_top u_nic (
      .core_clk_i, .core_rst_i(core_rst_q), .mac_rx_clk_i, .mac_rx_rst_i(mac_rx_rst_q),
      .mac_tx_clk_i, .mac_tx_rst_i(mac_tx_rst_q),
      .strap_mac_i(strap_mac_q), .strap_mtu_i(strap_mtu_q), .link_up_i(link_up_q), .strap_completion_timeout_i,
      .xgmii_rx_i(xgmii_rx_q), .xgmii_tx_o(xgmii_tx), .gmii_rx_i('0), .gmii_tx_o(unused_gmii_tx),
      .tlp_in_valid_i(tlp_in_valid_q), .tlp_in_ready_o(tlp_in_ready), .tlp_in_i(tlp_in_q),
      .tlp_out_valid_o, .tlp_out_ready_i, .tlp_out_o(tlp_out),
      .credit_limit_i(credit_limit), .credit_return_o(credit_return),
      .mac_rx_events_o(mac_rx_events), .core_events_o(core_events), .mac_tx_events_o(mac_tx_events));

  // ------------------------------------------------------------------------------------- outputs

  assign xgmii_tx_data_o = xgmii_tx.data;
  assign xgmii_tx_ctrl_o = xgmii_tx.ctrl;
  assign tlp_out_hdr_hi_o = tlp_out.hdr[127:64];
  assign tlp_out_hdr_lo_o = tlp_out.hdr[63:0];
  assign tlp_out_flags_o = {tlp_out.first, tlp_out.last};
  assign tlp_out_data_o = tlp_out.data;
  assign credit_return_o = credit_return;
  assign mac_rx_events_o = 32'(mac_rx_events);
  assign core_events_o = 32'(core_events);
  assign mac_tx_events_o = 32'(mac_tx_events);

endmodule

`default_nettype wire
