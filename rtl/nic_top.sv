// SPDX-License-Identifier: Apache-2.0
// The whole NIC: XGMII on one side, PCIe transaction-layer packets on the other.
//
// Three clocks: the core (PCIe side), the receive and the transmit clock of the MAC. Each reset belongs to
// its clock, is released synchronously to it (common/reset_sync on a board), and all three overlap.
// A transfer on a TLP link is valid && ready; see tlp_pkg.
// Place: the edge of the design; hard-IP shims and the simulation's bridge stand outside.
`default_nettype none

module nic_top (
    // core clock (PCIe side)
    input  wire                     core_clk_i,
    input  wire                     core_rst_i,
    // MAC clocks
    input  wire                     mac_rx_clk_i,
    input  wire                     mac_rx_rst_i,
    input  wire                     mac_tx_clk_i,
    input  wire                     mac_tx_rst_i,
    // straps: constant while out of reset, but for the link's state, which may change at any time
    input  wire  [47:0]             strap_mac_i,  // first byte of the address in [7:0]
    input  wire                     link_up_i,
    input  wire  [31:0]             strap_completion_timeout_i,  // core cycles
    // wire
    input  xgmii_pkg::word_t        xgmii_rx_i,
    output xgmii_pkg::word_t        xgmii_tx_o,
    // TLPs from the host
    input  wire                     tlp_in_valid_i,
    output logic                    tlp_in_ready_o,
    input  tlp_pkg::beat_t          tlp_in_i,
    // TLPs to the host
    output logic                    tlp_out_valid_o,
    input  wire                     tlp_out_ready_i,
    output tlp_pkg::beat_t          tlp_out_o,
    // flow control
    input  tlp_pkg::credit_limit_t  credit_limit_i,
    output tlp_pkg::credit_return_t credit_return_o,
    // journey events, each in its own clock domain
    output nic_pkg::mac_rx_events_t mac_rx_events_o,
    output nic_pkg::core_events_t   core_events_o,
    output nic_pkg::mac_tx_events_t mac_tx_events_o
);

  logic               link_up;
  // received frames, core clock
  logic               rx_valid, rx_ready;
  stream_pkg::beat_t  rx;
  logic         [3:0] rx_lost;
  // frames to send, core clock
  logic               tx_valid, tx_ready;
  stream_pkg::beat_t  tx;
  logic         [3:0] tx_sent, tx_underrun;

  cdc_sync u_link_up (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .in_i(link_up_i), .out_o(link_up));

  mac_rx_path u_mac_rx_path (
      .mac_clk_i(mac_rx_clk_i), .mac_rst_i(mac_rx_rst_i), .core_clk_i, .core_rst_i,
      // wire
      .xgmii_i(xgmii_rx_i),
      // received frames
      .out_valid_o(rx_valid), .out_ready_i(rx_ready), .out_o(rx), .lost_o(rx_lost),
      .events_o(mac_rx_events_o));

  nic_core u_nic_core (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .strap_mac_i, .link_up_i(link_up),
      .strap_completion_timeout_i,
      // received frames
      .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_i(rx), .rx_lost_i(rx_lost),
      // frames to send
      .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_o(tx), .tx_sent_i(tx_sent),
      .tx_underrun_i(tx_underrun),
      // TLPs
      .tlp_in_valid_i, .tlp_in_ready_o, .tlp_in_i, .tlp_out_valid_o, .tlp_out_ready_i, .tlp_out_o,
      .credit_limit_i, .credit_return_o, .events_o(core_events_o));

  mac_tx_path u_mac_tx_path (
      .core_clk_i, .core_rst_i, .mac_clk_i(mac_tx_clk_i), .mac_rst_i(mac_tx_rst_i),
      // frames to send
      .in_valid_i(tx_valid), .in_ready_o(tx_ready), .in_i(tx), .sent_o(tx_sent),
      .underrun_o(tx_underrun),
      // wire
      .xgmii_o(xgmii_tx_o), .events_o(mac_tx_events_o));

endmodule

`default_nettype wire
