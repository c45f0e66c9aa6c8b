// SPDX-License-Identifier: Apache-2.0
// The whole NIC: XGMII or GMII on one side, PCIe transaction-layer packets on the other.
//
// Three clocks: the core (PCIe side), the receive and the transmit clock of the MAC. Each reset belongs to
// its clock, is released synchronously to it (common/reset_sync on a board), and all three overlap.
// A transfer on a TLP link is valid && ready; see tlp_pkg.
// Place: the edge of the design; hard-IP shims and the simulation's bridge stand outside.
`default_nettype none

module nic_top #(
    parameter bit          Gmii = 1'b0,  // 1: 1G on GMII instead of 10G on XGMII
    parameter int unsigned Pairs = 8     // queue pairs, 1 .. 64
) (
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
    input  wire  [15:0]             strap_mtu_i,  // 68 .. 9198
    input  wire  [31:0]             strap_completion_timeout_i,  // core cycles
    // wire
    input  xgmii_pkg::word_t        xgmii_rx_i,
    output xgmii_pkg::word_t        xgmii_tx_o,
    input  gmii_pkg::word_t         gmii_rx_i,
    output gmii_pkg::word_t         gmii_tx_o,
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
  logic        [13:0] max_frame;
  logic         [7:0] class_paused;
  // received frames, core clock
  logic               rx_valid, rx_ready;
  stream_pkg::beat_t  rx;
  logic         [3:0] rx_lost, rx_control;
  logic        [17:0] rx_level;
  // frames to send, core clock
  logic               tx_valid, tx_ready;
  stream_pkg::beat_t  tx;
  logic         [3:0] tx_sent, tx_underrun, tx_fault;
  // control bus: registers, statistics
  logic         [1:0] ctl_valid, ctl_ready, ctl_rsp_valid;
  ctl_pkg::req_t      ctl;
  logic        [63:0] ctl_rsp_rdata;

  mac_core #(.Gmii(Gmii)) u_mac_core (
      .core_clk_i, .core_rst_i, .mac_rx_clk_i, .mac_rx_rst_i, .mac_tx_clk_i, .mac_tx_rst_i,
      // straps
      .strap_mac_i, .strap_mtu_i, .link_up_i,
      // wire
      .xgmii_rx_i, .xgmii_tx_o, .gmii_rx_i, .gmii_tx_o,
      // received frames
      .rx_valid_o(rx_valid), .rx_ready_i(rx_ready), .rx_o(rx), .rx_lost_o(rx_lost),
      .rx_control_o(rx_control), .rx_level_i(rx_level),
      // frames to send
      .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_i(tx), .tx_sent_o(tx_sent), .tx_underrun_o(tx_underrun),
      .tx_fault_o(tx_fault),
      // settings, state of the link
      .max_frame_o(max_frame), .link_up_o(link_up), .class_paused_o(class_paused),
      // control bus
      .ctl_valid_i(ctl_valid[0]), .ctl_ready_o(ctl_ready[0]), .ctl_i(ctl), .ctl_rsp_valid_o(ctl_rsp_valid[0]),
      .ctl_rsp_rdata_o(ctl_rsp_rdata[31:0]),
      .stats_valid_i(ctl_valid[1]), .stats_ready_o(ctl_ready[1]), .stats_i(ctl),
      .stats_rsp_valid_o(ctl_rsp_valid[1]), .stats_rsp_rdata_o(ctl_rsp_rdata[63:32]),
      // journey events
      .rx_events_o(mac_rx_events_o), .tx_events_o(mac_tx_events_o));

  nic_core #(.Pairs(Pairs)) u_nic_core (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .strap_mac_i, .link_up_i(link_up),
      .strap_completion_timeout_i,
      // MAC
      .max_frame_i(max_frame), .class_paused_i(class_paused),
      // received frames
      .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_i(rx), .rx_lost_i(rx_lost),
      .rx_control_i(rx_control), .rx_level_o(rx_level),
      // frames to send
      .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_o(tx), .tx_sent_i(tx_sent),
      .tx_underrun_i(tx_underrun), .tx_fault_i(tx_fault),
      // control bus
      .mac_ctl_valid_o(ctl_valid), .mac_ctl_ready_i(ctl_ready), .mac_ctl_o(ctl),
      .mac_ctl_rsp_valid_i(ctl_rsp_valid), .mac_ctl_rsp_rdata_i(ctl_rsp_rdata),
      // TLPs
      .tlp_in_valid_i, .tlp_in_ready_o, .tlp_in_i, .tlp_out_valid_o, .tlp_out_ready_i, .tlp_out_o,
      .credit_limit_i, .credit_return_o, .events_o(core_events_o));

endmodule

`default_nettype wire
