// SPDX-License-Identifier: Apache-2.0
// The receiver: XGMII (10G) or GMII (1G) in, checked frames without FCS out, in the core's clock.
//
// Words of mac_clk_i -> beats of core_clk_i. Each frame that started ends with exactly one `last` beat whose `err`
// is its verdict, or is counted once by lost_o, or was a MAC control frame, or a false start; the statistics count
// each once, too. Throughput: every legal stream as long as the core takes beats as fast as the wire brings them;
// otherwise whole frames are given up.
// Place: XGMII or GMII -> this -> rx_packet_buffer.
`default_nettype none

module mac_rx_path #(
    parameter bit          Gmii = 1'b0,
    parameter int unsigned FifoDepth = 64
) (
    input  wire                       mac_clk_i,
    input  wire                       mac_rst_i,
    input  wire                       core_clk_i,
    input  wire                       core_rst_i,
    // wire, mac_clk_i: one of the two
    input  xgmii_pkg::word_t          xgmii_i,
    input  gmii_pkg::word_t           gmii_i,
    // settings, core_clk_i
    input  wire                       config_valid_i,
    output logic                      config_ready_o,
    input  mac_pkg::config_t          config_i,
    // frames, core_clk_i
    output logic                      out_valid_o,
    input  wire                       out_ready_i,
    output stream_pkg::beat_t         out_o,
    // frames lost whole, MAC control frames, core_clk_i: how many this cycle
    output logic                [3:0] lost_o,
    output logic                [3:0] control_o,
    // statistics, core_clk_i: questions and answers
    input  wire                       ask_valid_i,
    output logic                      ask_ready_o,
    input  wire                 [4:0] ask_index_i,
    output logic                      total_valid_o,
    output logic               [63:0] total_o,
    // to the transmitter, mac_clk_i
    output logic                      pause_valid_o,
    output mac_pkg::pause_t           pause_o,
    output logic                [1:0] fault_o,      // remote, local
    output logic                      loop_wire_o,
    // events, mac_clk_i
    output nic_pkg::mac_rx_events_t   events_o
);

  localparam logic [mac_pkg::ConfigW-1:0] ConfigReset = {
    48'd0, contract_pkg::MAC_PFC_CLASSES_RESET, contract_pkg::MAC_QUANTA_RESET, contract_pkg::MAC_WATCHDOG_RESET,
    contract_pkg::MAX_FRAME_RESET + 14'd4, contract_pkg::MAX_FRAME_RESET, contract_pkg::MAC_CONTROL_RESET[5:4],
    2'b00, 1'b0, contract_pkg::MAC_CONTROL_RESET[0]};

  mac_pkg::config_t     config_mac;
  logic                 false_start_mac, word_valid_mac, fcs_good_mac;
  mac_pkg::rx_word_t    word_mac;
  logic                 checked_valid_mac, beat_valid_mac, wide_valid_mac;
  mac_pkg::beat_t       checked_mac, beat_mac;
  stream_pkg::beat_t    wide_mac;
  logic                 fifo_valid_mac, fifo_ready_mac;
  stream_pkg::beat_t    fifo_mac;
  logic                 lost_mac, unsupported_mac, local_began_mac, remote_began_mac;
  mac_pkg::frame_stat_t stat_mac;
  logic          [31:0] frame_inc_mac, inc_mac;
  logic          [15:0] octets_mac, good_octets_mac;
  logic                 ask_valid_mac, total_valid_mac;
  logic           [4:0] ask_index_mac;
  logic          [63:0] total_mac;
  logic                 unused_config_valid_mac, unused_total_ready_mac, unused_wire_mac;

  cdc_word #(.Width(mac_pkg::ConfigW), .ResetValue(ConfigReset)) u_config (
      .src_clk_i(core_clk_i), .src_rst_i(core_rst_i),
      .in_valid_i(config_valid_i), .in_ready_o(config_ready_o), .in_i(config_i),
      .dst_clk_i(mac_clk_i), .dst_rst_i(mac_rst_i), .out_valid_o(unused_config_valid_mac), .out_o(config_mac));

  assign loop_wire_o = config_mac.loop_wire;

  // -- frames ----------------------------------------------------------------------------------------
  if (Gmii) begin : g_gmii
    assign fault_o          = 2'b00;
    assign local_began_mac  = 1'b0;
    assign remote_began_mac = 1'b0;
    assign unused_wire_mac  = ^xgmii_i;

    mac_gmii_rx u_gmii (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // GMII
        .gmii_i,
        // limits
        .max_frame_i(config_mac.max_frame), .max_tagged_i(config_mac.max_tagged),
        // frame words
        .out_valid_o(word_valid_mac), .out_o(word_mac),
        // events
        .rx_start_o(events_o.rx_start), .false_start_o(false_start_mac));
  end else begin : g_xgmii
    xgmii_pkg::word_t aligned_mac;
    logic             start_mac;

    assign unused_wire_mac = ^gmii_i;

    mac_rx_fault u_fault (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // XGMII
        .xgmii_i,
        // levels
        .local_o(fault_o[0]), .remote_o(fault_o[1]),
        // events
        .local_began_o(local_began_mac), .remote_began_o(remote_began_mac));

    mac_rx_align u_align (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // XGMII
        .xgmii_i,
        // aligned
        .word_o(aligned_mac), .start_o(start_mac),
        // events
        .false_start_o(false_start_mac));

    mac_rx_frame u_frame (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // aligned XGMII
        .word_i(aligned_mac), .start_i(start_mac),
        // limits
        .max_frame_i(config_mac.max_frame), .max_tagged_i(config_mac.max_tagged),
        // frame words
        .out_valid_o(word_valid_mac), .out_o(word_mac),
        // events
        .rx_start_o(events_o.rx_start));
  end

  mac_rx_fcs_check u_fcs_check (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // frame words
      .word_valid_i(word_valid_mac), .word_i(word_mac),
      // beats
      .beat_valid_o(checked_valid_mac), .beat_o(checked_mac),
      // for the statistics
      .fcs_good_o(fcs_good_mac));

  mac_rx_control u_control (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // how to behave
      .pause_enable_i(config_mac.rx_pause), .pfc_enable_i(config_mac.rx_pfc), .station_i(config_mac.station),
      // beats
      .beat_valid_i(checked_valid_mac), .beat_i(checked_mac),
      // beats without control frames
      .out_valid_o(beat_valid_mac), .out_o(beat_mac),
      // what they said
      .pause_valid_o, .pause_o, .unsupported_o(unsupported_mac));

  assign events_o.rx_end = beat_valid_mac && beat_mac.last;

  // -- to the core -----------------------------------------------------------------------------------
  mac_rx_widen u_widen (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // 64 bits
      .in_valid_i(beat_valid_mac), .in_i(beat_mac),
      // the data path's
      .out_valid_o(wide_valid_mac), .out_o(wide_mac));

  rx_overflow_guard u_guard (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // beats
      .beat_valid_i(wide_valid_mac), .beat_i(wide_mac),
      // out
      .out_valid_o(fifo_valid_mac), .out_ready_i(fifo_ready_mac), .out_o(fifo_mac),
      // events
      .lost_o(lost_mac));

  async_fifo #(.Width(stream_pkg::BeatW), .Depth(FifoDepth)) u_fifo (
      // in
      .wr_clk_i(mac_clk_i), .wr_rst_i(mac_rst_i),
      .in_valid_i(fifo_valid_mac), .in_ready_o(fifo_ready_mac), .in_i(fifo_mac),
      // out
      .rd_clk_i(core_clk_i), .rd_rst_i(core_rst_i), .out_valid_o, .out_ready_i, .out_o);

  cdc_count #(.Width(4)) u_lost (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(lost_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(lost_o));

  cdc_count #(.Width(4)) u_control_count (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(pause_valid_o || unsupported_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(control_o));

  // -- statistics ------------------------------------------------------------------------------------
  mac_rx_monitor u_monitor (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // frame words
      .word_valid_i(word_valid_mac), .word_i(word_mac), .fcs_good_i(fcs_good_mac),
      // statistics
      .stat_o(stat_mac));

  mac_frame_counts #(.Unicast(contract_pkg::MACSTAT_RX_UNICAST), .Size64(contract_pkg::MACSTAT_RX_64)) u_counts (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i), .stat_i(stat_mac),
      // what to count
      .inc_o(frame_inc_mac), .octets_o(octets_mac), .good_octets_o(good_octets_mac));

  always_comb begin
    inc_mac = frame_inc_mac;
    inc_mac[contract_pkg::MACSTAT_RX_FALSE_START]         = false_start_mac;
    inc_mac[contract_pkg::MACSTAT_RX_PAUSE]               = pause_valid_o && !pause_o.pfc;
    inc_mac[contract_pkg::MACSTAT_RX_PFC]                 = pause_valid_o && pause_o.pfc;
    inc_mac[contract_pkg::MACSTAT_RX_CONTROL_UNSUPPORTED] = unsupported_mac;
    inc_mac[contract_pkg::MACSTAT_RX_LOST]                = lost_mac;
    inc_mac[contract_pkg::MACSTAT_RX_LOCAL_FAULT]         = local_began_mac;
    inc_mac[contract_pkg::MACSTAT_RX_REMOTE_FAULT]        = remote_began_mac;
  end

  mac_counters u_counters (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // what to count
      .inc_i(inc_mac), .octets_i(octets_mac), .good_octets_i(good_octets_mac),
      // questions
      .read_valid_i(ask_valid_mac), .read_index_i(ask_index_mac),
      .total_valid_o(total_valid_mac), .total_o(total_mac));

  cdc_word #(.Width(5)) u_ask (
      .src_clk_i(core_clk_i), .src_rst_i(core_rst_i),
      .in_valid_i(ask_valid_i), .in_ready_o(ask_ready_o), .in_i(ask_index_i),
      .dst_clk_i(mac_clk_i), .dst_rst_i(mac_rst_i), .out_valid_o(ask_valid_mac), .out_o(ask_index_mac));

  cdc_word #(.Width(64)) u_total (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i),
      .in_valid_i(total_valid_mac), .in_ready_o(unused_total_ready_mac), .in_i(total_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .out_valid_o(total_valid_o), .out_o(total_o));

  logic unused_config_mac;
  assign unused_config_mac = ^config_mac;

endmodule

`default_nettype wire
