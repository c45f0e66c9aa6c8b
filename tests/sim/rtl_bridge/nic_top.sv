// SPDX-License-Identifier: Apache-2.0
// Stands in for the NIC in tests of the bridge: sends every TLP and every XGMII word back.
//
// A memory read or write comes back unchanged; one with a poisoned header breaks an assertion. TLPs wait
// while no posted header credit is left, so that credits can be seen to work.
`include "assert.svh"
`default_nettype none

module nic_top (
    input  wire                     core_clk_i,
    input  wire                     core_rst_i,
    input  wire                     mac_rx_clk_i,
    input  wire                     mac_rx_rst_i,
    input  wire                     mac_tx_clk_i,
    input  wire                     mac_tx_rst_i,
    input  wire  [47:0]             strap_mac_i,
    input  wire                     link_up_i,
    input  wire  [15:0]             strap_mtu_i,
    input  wire  [31:0]             strap_completion_timeout_i,
    input  wire  xgmii_pkg::word_t  xgmii_rx_i,
    output xgmii_pkg::word_t        xgmii_tx_o,
    input  wire  gmii_pkg::word_t   gmii_rx_i,
    output gmii_pkg::word_t         gmii_tx_o,
    input  wire                     tlp_in_valid_i,
    output logic                    tlp_in_ready_o,
    input  wire  tlp_pkg::beat_t    tlp_in_i,
    output logic                    tlp_out_valid_o,
    input  wire                     tlp_out_ready_i,
    output tlp_pkg::beat_t          tlp_out_o,
    input  wire  tlp_pkg::credit_limit_t credit_limit_i,
    output tlp_pkg::credit_return_t credit_return_o,
    output nic_pkg::mac_rx_events_t mac_rx_events_o,
    output nic_pkg::core_events_t   core_events_o,
    output nic_pkg::mac_tx_events_t mac_tx_events_o
);

  logic             valid;
  tlp_pkg::beat_t   beat_q;
  logic [7:0]       used_q;
  logic             may_start;
  logic             taken;
  logic [7:0]       heart_q;

  assign may_start = used_q != credit_limit_i.ph;
  assign tlp_in_ready_o = !valid || (tlp_out_ready_i && may_start);
  assign taken = tlp_in_valid_i && tlp_in_ready_o && tlp_in_i.last;

  always_ff @(posedge core_clk_i) begin
    if (core_rst_i) begin
      valid           <= 1'b0;
      used_q          <= '0;
      credit_return_o <= '0;
      heart_q         <= '0;
      core_events_o   <= '0;
    end else begin
      heart_q <= heart_q + 8'd1;
      credit_return_o <= '0;
      credit_return_o.posted <= taken;
      credit_return_o.pd_units <= taken ? 9'd1 : 9'd0;
      core_events_o <= '0;
      core_events_o.rx_commit <= taken && link_up_i;
      if (tlp_in_ready_o) valid <= tlp_in_valid_i;
      if (tlp_out_valid_o && tlp_out_ready_i && beat_q.last) used_q <= used_q + 8'd1;
    end
    if (tlp_in_ready_o) beat_q <= tlp_in_i;
  end

  assign tlp_out_o = beat_q;
  assign tlp_out_valid_o = valid && may_start;

  // the wire: registers back to back, receive and transmit clock being one frequency
  xgmii_pkg::word_t word_q;
  always_ff @(posedge mac_rx_clk_i) begin
    word_q <= xgmii_rx_i;
    mac_rx_events_o <= '0;
    if (!mac_rx_rst_i) mac_rx_events_o.rx_start <= xgmii_rx_i.ctrl[0] && xgmii_rx_i.data[7:0] == xgmii_pkg::Start;
  end
  always_ff @(posedge mac_tx_clk_i) begin
    xgmii_tx_o <= word_q;
    mac_tx_events_o <= '0;
    if (mac_tx_rst_i) xgmii_tx_o <= {8'hFF, {8{xgmii_pkg::Idle}}};
  end

  `ASSERT(NotPoisoned_A, !(tlp_in_valid_i && tlp_in_i.hdr[110]), core_clk_i, core_rst_i)

  assign gmii_tx_o = '0;

  logic unused;
  assign unused = ^{strap_mac_i, strap_mtu_i, gmii_rx_i, strap_completion_timeout_i, credit_limit_i, heart_q};

endmodule

`default_nettype wire
