// SPDX-License-Identifier: Apache-2.0
// The MAC: both directions, their registers, statistics, pause, link state and the two loopbacks.
//
// The wire of two MAC clocks <-> links of the core's clock. Gmii = 0: 10G on XGMII; 1: 1G on GMII, whose faults do
// not exist. Wiring only. Place: nic_top: XGMII or GMII <-> this <-> nic_core.
`default_nettype none

module mac_core #(
    parameter bit Gmii = 1'b0
) (
    input  wire                       core_clk_i,
    input  wire                       core_rst_i,
    input  wire                       mac_rx_clk_i,
    input  wire                       mac_rx_rst_i,
    input  wire                       mac_tx_clk_i,
    input  wire                       mac_tx_rst_i,
    // straps
    input  wire                [47:0] strap_mac_i,
    input  wire                [15:0] strap_mtu_i,
    input  wire                       link_up_i,         // any clock
    // wire, each direction in its clock
    input  xgmii_pkg::word_t          xgmii_rx_i,
    output xgmii_pkg::word_t          xgmii_tx_o,
    input  gmii_pkg::word_t           gmii_rx_i,
    output gmii_pkg::word_t           gmii_tx_o,
    // received frames
    output logic                      rx_valid_o,
    input  wire                       rx_ready_i,
    output stream_pkg::beat_t         rx_o,
    output logic                [3:0] rx_lost_o,
    output logic                [3:0] rx_control_o,      // MAC control frames: they end here
    input  wire                [17:0] rx_level_i,        // bytes in the receive buffer
    // frames to send
    input  wire                       tx_valid_i,
    output logic                      tx_ready_o,
    input  stream_pkg::beat_t         tx_i,
    output logic                [3:0] tx_sent_o,
    output logic                [3:0] tx_underrun_o,
    output logic                [3:0] tx_fault_o,
    // settings, state of the link
    output logic               [13:0] max_frame_o,       // bytes with FCS
    output logic                      link_up_o,
    output logic                [7:0] class_paused_o,
    // control bus: window CTL_MAC, window CTL_MAC_STATS
    input  wire                       ctl_valid_i,
    output logic                      ctl_ready_o,
    input  wire ctl_pkg::req_t        ctl_i,
    output logic                      ctl_rsp_valid_o,
    output logic               [31:0] ctl_rsp_rdata_o,
    input  wire                       stats_valid_i,
    output logic                      stats_ready_o,
    input  wire ctl_pkg::req_t        stats_i,
    output logic                      stats_rsp_valid_o,
    output logic               [31:0] stats_rsp_rdata_o,
    // journey events, each in its clock
    output nic_pkg::mac_rx_events_t   rx_events_o,
    output nic_pkg::mac_tx_events_t   tx_events_o
);

  localparam int unsigned XgmiiW = 72;
  localparam logic [XgmiiW-1:0] XgmiiIdle = {8'hFF, {8{xgmii_pkg::Idle}}};

  mac_pkg::config_t  cfg;
  logic              link_up, xoff;
  logic       [17:0] xoff_level, xon_level;
  logic        [1:0] send_valid, send_ready, ask_valid, ask_ready, total_valid;
  logic        [4:0] ask_index;
  logic      [127:0] total;
  logic        [1:0] fault_rx, fault;
  logic        [8:0] paused;
  // links of the MAC paths, core clock
  logic              mac_rx_valid, mac_rx_ready, mac_tx_valid, mac_tx_ready, looped;
  stream_pkg::beat_t mac_rx, mac_tx;
  logic        [3:0] sent;
  // pause frames, receiver's clock to transmitter's
  logic              pause_rx_valid, pause_tx_valid, unused_pause_ready;
  mac_pkg::pause_t   pause_rx, pause_tx;
  // loopback of the wire
  logic              loop_rx, loop_tx, loop_hold;
  xgmii_pkg::word_t  xgmii_rx, loop_xgmii;
  gmii_pkg::word_t   gmii_rx, loop_gmii;

  // -- registers, link state -------------------------------------------------------------------------
  cdc_sync u_link_up (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .in_i(link_up_i), .out_o(link_up));
  cdc_sync #(.Width(2)) u_fault (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .in_i(fault_rx), .out_o(fault));

  assign link_up_o      = link_up && fault == '0;
  assign class_paused_o = paused[7:0];
  assign max_frame_o    = cfg.max_frame;

  mac_control u_control (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .station_i(strap_mac_i), .mtu_i(strap_mtu_i),
      // control bus
      .ctl_valid_i, .ctl_ready_o, .ctl_i, .rsp_valid_o(ctl_rsp_valid_o), .rsp_rdata_o(ctl_rsp_rdata_o),
      // levels
      .link_up_i(link_up_o), .fault_i(fault), .paused_i(paused[8]), .class_paused_i(paused[7:0]),
      // settings
      .config_o(cfg), .xoff_level_o(xoff_level), .xon_level_o(xon_level),
      .send_valid_o(send_valid), .send_ready_i(send_ready));

  mac_stat_window u_stat_window (
      .clk_i(core_clk_i), .rst_i(core_rst_i),
      // control bus
      .ctl_valid_i(stats_valid_i), .ctl_ready_o(stats_ready_o), .ctl_i(stats_i),
      .rsp_valid_o(stats_rsp_valid_o), .rsp_rdata_o(stats_rsp_rdata_o),
      // questions and answers
      .ask_valid_o(ask_valid), .ask_ready_i(ask_ready), .ask_index_o(ask_index),
      .total_valid_i(total_valid), .total_i(total));

  mac_level u_level (
      .clk_i(core_clk_i), .rst_i(core_rst_i),
      .level_i(rx_level_i), .xoff_level_i(xoff_level), .xon_level_i(xon_level), .xoff_o(xoff));

  // -- receive ---------------------------------------------------------------------------------------
  mac_rx_path #(.Gmii(Gmii)) u_rx_path (
      .mac_clk_i(mac_rx_clk_i), .mac_rst_i(mac_rx_rst_i), .core_clk_i, .core_rst_i,
      // wire
      .xgmii_i(xgmii_rx), .gmii_i(gmii_rx),
      // settings
      .config_valid_i(send_valid[0]), .config_ready_o(send_ready[0]), .config_i(cfg),
      // frames
      .out_valid_o(mac_rx_valid), .out_ready_i(mac_rx_ready), .out_o(mac_rx), .lost_o(rx_lost_o),
      .control_o(rx_control_o),
      // statistics
      .ask_valid_i(ask_valid[0]), .ask_ready_o(ask_ready[0]), .ask_index_i(ask_index),
      .total_valid_o(total_valid[0]), .total_o(total[63:0]),
      // to the transmitter
      .pause_valid_o(pause_rx_valid), .pause_o(pause_rx), .fault_o(fault_rx), .loop_wire_o(loop_rx),
      .events_o(rx_events_o));

  // -- transmit --------------------------------------------------------------------------------------
  mac_tx_path #(.Gmii(Gmii)) u_tx_path (
      .core_clk_i, .core_rst_i, .mac_clk_i(mac_tx_clk_i), .mac_rst_i(mac_tx_rst_i),
      // frames
      .in_valid_i(mac_tx_valid), .in_ready_o(mac_tx_ready), .in_i(mac_tx),
      // settings
      .config_valid_i(send_valid[1]), .config_ready_o(send_ready[1]), .config_i(cfg),
      // pause and faults
      .xoff_i(xoff), .fault_i(fault_rx), .pause_valid_i(pause_tx_valid), .pause_i(pause_tx), .paused_o(paused),
      // wire
      .xgmii_o(xgmii_tx_o), .gmii_o(gmii_tx_o), .loop_wire_o(loop_tx), .loop_hold_i(loop_hold),
      .loop_xgmii_o(loop_xgmii), .loop_gmii_o(loop_gmii),
      // frames that left
      .sent_o(sent), .underrun_o(tx_underrun_o), .fault_drop_o(tx_fault_o),
      // statistics
      .ask_valid_i(ask_valid[1]), .ask_ready_o(ask_ready[1]), .ask_index_i(ask_index),
      .total_valid_o(total_valid[1]), .total_o(total[127:64]),
      .events_o(tx_events_o));

  async_fifo #(.Width(mac_pkg::PauseW), .Depth(4)) u_pause (
      .wr_clk_i(mac_rx_clk_i), .wr_rst_i(mac_rx_rst_i),
      .in_valid_i(pause_rx_valid), .in_ready_o(unused_pause_ready), .in_i(pause_rx),
      .rd_clk_i(mac_tx_clk_i), .rd_rst_i(mac_tx_rst_i),
      .out_valid_o(pause_tx_valid), .out_ready_i(1'b1), .out_o(pause_tx));

  // -- loopbacks -------------------------------------------------------------------------------------
  if (Gmii) begin : g_gmii_loop
    assign xgmii_rx = xgmii_rx_i;

    logic [gmii_pkg::WordW-1:0] thin, looped_word;
    logic            thin_valid, thin_ready, looped_valid, unused_loop;

    mac_loop_thin #(.Width(gmii_pkg::WordW), .IdleWord('0)) u_loop_thin (
        .clk_i(mac_tx_clk_i), .rst_i(mac_tx_rst_i), .enable_i(loop_tx), .word_i(loop_gmii),
        .out_valid_o(thin_valid), .out_ready_i(thin_ready), .out_o(thin), .hold_o(loop_hold));

    async_fifo #(.Width(gmii_pkg::WordW), .Depth(16)) u_loop_cross (
        .wr_clk_i(mac_tx_clk_i), .wr_rst_i(mac_tx_rst_i),
        .in_valid_i(thin_valid), .in_ready_o(thin_ready), .in_i(thin),
        .rd_clk_i(mac_rx_clk_i), .rd_rst_i(mac_rx_rst_i),
        .out_valid_o(looped_valid), .out_ready_i(1'b1), .out_o(looped_word));

    mac_loop #(.Width(gmii_pkg::WordW), .IdleWord('0)) u_loop (
        .clk_i(mac_rx_clk_i), .rst_i(mac_rx_rst_i), .enable_i(loop_rx),
        .in_valid_i(looped_valid), .in_i(looped_word), .wire_i(gmii_rx_i), .word_o(gmii_rx));

    assign unused_loop = ^loop_xgmii;
  end else begin : g_xgmii_loop
    assign gmii_rx = gmii_rx_i;

    logic [XgmiiW-1:0] thin, looped_word;
    logic            thin_valid, thin_ready, looped_valid, unused_loop;

    mac_loop_thin #(.Width(XgmiiW), .IdleWord(XgmiiIdle)) u_loop_thin (
        .clk_i(mac_tx_clk_i), .rst_i(mac_tx_rst_i), .enable_i(loop_tx), .word_i(loop_xgmii),
        .out_valid_o(thin_valid), .out_ready_i(thin_ready), .out_o(thin), .hold_o(loop_hold));

    async_fifo #(.Width(XgmiiW), .Depth(16)) u_loop_cross (
        .wr_clk_i(mac_tx_clk_i), .wr_rst_i(mac_tx_rst_i),
        .in_valid_i(thin_valid), .in_ready_o(thin_ready), .in_i(thin),
        .rd_clk_i(mac_rx_clk_i), .rd_rst_i(mac_rx_rst_i),
        .out_valid_o(looped_valid), .out_ready_i(1'b1), .out_o(looped_word));

    mac_loop #(.Width(XgmiiW), .IdleWord(XgmiiIdle)) u_loop (
        .clk_i(mac_rx_clk_i), .rst_i(mac_rx_rst_i), .enable_i(loop_rx),
        .in_valid_i(looped_valid), .in_i(looped_word), .wire_i(xgmii_rx_i), .word_o(xgmii_rx));

    assign unused_loop = ^loop_gmii;
  end

  mac_host_loop u_host_loop (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .enable_i(cfg.loop_host),
      // received by the MAC, for the core
      .mac_rx_valid_i(mac_rx_valid), .mac_rx_ready_o(mac_rx_ready), .mac_rx_i(mac_rx),
      .rx_valid_o, .rx_ready_i, .rx_o,
      // to send, from the core, for the MAC
      .tx_valid_i, .tx_ready_o, .tx_i,
      .mac_tx_valid_o(mac_tx_valid), .mac_tx_ready_i(mac_tx_ready), .mac_tx_o(mac_tx),
      // events
      .looped_o(looped));

  assign tx_sent_o = sent + 4'(looped);

endmodule

`default_nettype wire
