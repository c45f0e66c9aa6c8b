// SPDX-License-Identifier: Apache-2.0
// The transmitter: frames without FCS of the core's clock in, XGMII (10G) or GMII (1G) out.
//
// Link of core_clk_i -> words of mac_clk_i. Frames are padded to 60 bytes, get preamble, FCS and terminate, and
// stand 12 bytes apart on average. A frame whose beats come too late is aborted with an error and counted
// (underrun_o); every frame that enters is counted once by sent_o, underrun_o or fault_drop_o (thrown away while
// the link has a fault). Pause frames of its own go in between; a pause from the other side holds frames back.
// Place: tx_packet_buffer -> this -> XGMII or GMII.
`default_nettype none

module mac_tx_path #(
    parameter bit          Gmii = 1'b0,
    parameter int unsigned FifoDepth = 64
) (
    input  wire                      core_clk_i,
    input  wire                      core_rst_i,
    input  wire                      mac_clk_i,
    input  wire                      mac_rst_i,
    // frames, core_clk_i
    input  wire                      in_valid_i,
    output logic                     in_ready_o,
    input  stream_pkg::beat_t        in_i,
    // settings, core_clk_i
    input  wire                      config_valid_i,
    output logic                     config_ready_o,
    input  mac_pkg::config_t         config_i,
    // pause and faults
    input  wire                      xoff_i,         // the other side has to stop; a register of any clock
    input  wire                [1:0] fault_i,        // remote, local; registers of any clock
    input  wire                      pause_valid_i,  // what the other side asks for; mac_clk_i
    input  mac_pkg::pause_t          pause_i,
    output logic               [8:0] paused_o,       // link, classes; core_clk_i
    // wire, mac_clk_i: one of the two
    output xgmii_pkg::word_t         xgmii_o,
    output gmii_pkg::word_t          gmii_o,
    // the same for the receiver, mac_clk_i
    output logic                     loop_wire_o,
    input  wire                      loop_hold_i,
    output xgmii_pkg::word_t         loop_xgmii_o,
    output gmii_pkg::word_t          loop_gmii_o,
    // frames that left, core_clk_i: how many this cycle
    output logic               [3:0] sent_o,
    output logic               [3:0] underrun_o,
    output logic               [3:0] fault_drop_o,
    // statistics, core_clk_i: questions and answers
    input  wire                      ask_valid_i,
    output logic                     ask_ready_o,
    input  wire                [4:0] ask_index_i,
    output logic                     total_valid_o,
    output logic              [63:0] total_o,
    // events, mac_clk_i
    output nic_pkg::mac_tx_events_t  events_o
);

  localparam int unsigned TickCycles = Gmii ? 64 : 8;
  localparam logic [mac_pkg::ConfigW-1:0] ConfigReset = {
    48'd0, contract_pkg::MAC_PFC_CLASSES_RESET, contract_pkg::MAC_QUANTA_RESET, contract_pkg::MAC_WATCHDOG_RESET,
    contract_pkg::MAX_FRAME_RESET + 14'd4, contract_pkg::MAX_FRAME_RESET, contract_pkg::MAC_CONTROL_RESET[5:4],
    2'b00, 1'b0, contract_pkg::MAC_CONTROL_RESET[0]};

  mac_pkg::config_t     config_mac;
  logic                 fifo_valid_mac, fifo_ready_mac;
  stream_pkg::beat_t    fifo_mac;
  logic                 core_valid_mac, core_ready_mac, pause_beat_valid_mac, pause_beat_ready_mac;
  mac_pkg::beat_t       core_mac, pause_beat_mac;
  logic                 frame_valid_mac, frame_ready_mac, padded_valid_mac, padded_ready_mac;
  logic                 whole_valid_mac, whole_ready_mac;
  mac_pkg::beat_t       frame_mac, padded_mac, whole_mac;
  logic                 begin_mac, begin_control_mac, own_mac, sent_mac, underrun_mac, fault_drop_mac, storm_mac;
  logic                 pause_sent_mac, pfc_sent_mac, control_fault_mac, xoff_mac;
  logic           [1:0] fault_mac;
  logic           [8:0] paused_mac;
  mac_pkg::frame_stat_t stat_mac;
  logic          [31:0] frame_inc_mac, inc_mac;
  logic          [15:0] octets_mac, good_octets_mac;
  logic                 ask_valid_mac, total_valid_mac;
  logic           [4:0] ask_index_mac;
  logic          [63:0] total_mac;
  logic                 unused_config_valid_mac, unused_total_ready_mac, unused_whose_ready_mac;
  logic                 unused_whose_valid_mac;
  logic           [3:0] unused_whose_level_mac;

  // -- settings and levels ---------------------------------------------------------------------------
  cdc_word #(.Width(mac_pkg::ConfigW), .ResetValue(ConfigReset)) u_config (
      .src_clk_i(core_clk_i), .src_rst_i(core_rst_i),
      .in_valid_i(config_valid_i), .in_ready_o(config_ready_o), .in_i(config_i),
      .dst_clk_i(mac_clk_i), .dst_rst_i(mac_rst_i), .out_valid_o(unused_config_valid_mac), .out_o(config_mac));

  cdc_sync #(.Width(3)) u_levels (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i), .in_i({xoff_i, fault_i}), .out_o({xoff_mac, fault_mac}));

  cdc_sync #(.Width(9)) u_paused (
      .clk_i(core_clk_i), .rst_i(core_rst_i), .in_i(paused_mac), .out_o(paused_o));

  assign loop_wire_o = config_mac.loop_wire;

  // -- frames of the core, pause frames --------------------------------------------------------------
  async_fifo #(.Width(stream_pkg::BeatW), .Depth(FifoDepth)) u_fifo (
      // in
      .wr_clk_i(core_clk_i), .wr_rst_i(core_rst_i), .in_valid_i, .in_ready_o, .in_i,
      // out
      .rd_clk_i(mac_clk_i), .rd_rst_i(mac_rst_i),
      .out_valid_o(fifo_valid_mac), .out_ready_i(fifo_ready_mac), .out_o(fifo_mac));

  mac_tx_narrow u_narrow (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // the data path's
      .in_valid_i(fifo_valid_mac), .in_ready_o(fifo_ready_mac), .in_i(fifo_mac),
      // 64 bits
      .out_valid_o(core_valid_mac), .out_ready_i(core_ready_mac), .out_o(core_mac));

  mac_pause_timer #(.TickCycles(TickCycles)) u_pause_timer (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i), .watchdog_i(config_mac.watchdog),
      // pause frames
      .pause_valid_i, .pause_i,
      // levels, events
      .paused_o(paused_mac), .storm_o(storm_mac));

  mac_tx_pause #(.TickCycles(TickCycles)) u_pause (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // how to behave
      .pause_enable_i(config_mac.tx_pause), .pfc_enable_i(config_mac.tx_pfc), .classes_i(config_mac.pfc_classes),
      .quanta_i(config_mac.quanta), .station_i(config_mac.station),
      // level
      .xoff_i(xoff_mac),
      // out
      .out_valid_o(pause_beat_valid_mac), .out_ready_i(pause_beat_ready_mac), .out_o(pause_beat_mac),
      // events
      .pause_sent_o(pause_sent_mac), .pfc_sent_o(pfc_sent_mac));

  mac_tx_mux u_mux (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // levels
      .paused_i(paused_mac[8] || loop_hold_i), .fault_i(fault_mac != '0),
      // frames of the core
      .in_valid_i(core_valid_mac), .in_ready_o(core_ready_mac), .in_i(core_mac),
      // pause frames
      .control_valid_i(pause_beat_valid_mac), .control_ready_o(pause_beat_ready_mac), .control_i(pause_beat_mac),
      // out
      .out_valid_o(frame_valid_mac), .out_ready_i(frame_ready_mac), .out_o(frame_mac),
      // events
      .begin_o(begin_mac), .begin_control_o(begin_control_mac), .fault_o(fault_drop_mac),
      .control_fault_o(control_fault_mac));

  // Whose outcome comes next: our own frames are none of the core's.
  sync_fifo #(.Width(1), .Depth(8)) u_whose (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      .in_valid_i(begin_mac), .in_ready_o(unused_whose_ready_mac), .in_i(begin_control_mac),
      .out_valid_o(unused_whose_valid_mac), .out_ready_i(sent_mac || underrun_mac), .out_o(own_mac),
      .level_o(unused_whose_level_mac));

  // -- to the wire -----------------------------------------------------------------------------------
  mac_tx_pad u_pad (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // in
      .in_valid_i(frame_valid_mac), .in_ready_o(frame_ready_mac), .in_i(frame_mac),
      // out
      .out_valid_o(padded_valid_mac), .out_ready_i(padded_ready_mac), .out_o(padded_mac));

  mac_tx_fcs_insert u_fcs_insert (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // in
      .in_valid_i(padded_valid_mac), .in_ready_o(padded_ready_mac), .in_i(padded_mac),
      // out
      .out_valid_o(whole_valid_mac), .out_ready_i(whole_ready_mac), .out_o(whole_mac));

  if (Gmii) begin : g_gmii
    assign xgmii_o      = {8'hFF, {8{xgmii_pkg::Idle}}};
    assign loop_xgmii_o = {8'hFF, {8{xgmii_pkg::Idle}}};
    assign gmii_o       = config_mac.loop_wire ? '0 : loop_gmii_o;

    mac_gmii_tx u_gmii (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // in
        .in_valid_i(whole_valid_mac), .in_ready_o(whole_ready_mac), .in_i(whole_mac),
        // GMII
        .gmii_o(loop_gmii_o),
        // events
        .sent_o(sent_mac), .underrun_o(underrun_mac), .events_o);
  end else begin : g_xgmii
    logic              word_valid_mac, word_ready_mac;
    mac_pkg::tx_word_t word_mac;

    assign gmii_o      = '0;
    assign loop_gmii_o = '0;

    mac_tx_frame u_frame (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // in
        .in_valid_i(whole_valid_mac), .in_ready_o(whole_ready_mac), .in_i(whole_mac),
        // out
        .out_valid_o(word_valid_mac), .out_ready_i(word_ready_mac), .out_o(word_mac),
        // events
        .sent_o(sent_mac), .underrun_o(underrun_mac));

    mac_tx_gap u_gap (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // words of frames
        .in_valid_i(word_valid_mac), .in_ready_o(word_ready_mac), .in_i(word_mac),
        // XGMII
        .xgmii_o(loop_xgmii_o),
        // events
        .events_o);

    mac_tx_edge u_edge (
        .clk_i(mac_clk_i), .rst_i(mac_rst_i),
        // levels
        .local_fault_i(fault_mac[0]), .loop_i(config_mac.loop_wire),
        // XGMII
        .word_i(loop_xgmii_o), .xgmii_o);
  end

  cdc_count #(.Width(4)) u_sent (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(sent_mac && !own_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(sent_o));

  cdc_count #(.Width(4)) u_underrun (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(underrun_mac && !own_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(underrun_o));

  cdc_count #(.Width(4)) u_fault_drop (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(fault_drop_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(fault_drop_o));

  // -- statistics ------------------------------------------------------------------------------------
  mac_tx_monitor u_monitor (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // beats taken
      .taken_i(whole_valid_mac && whole_ready_mac), .beat_i(whole_mac),
      // outcome
      .sent_i(sent_mac), .underrun_i(underrun_mac),
      // statistics
      .stat_o(stat_mac));

  mac_frame_counts #(.Unicast(contract_pkg::MACSTAT_TX_UNICAST), .Size64(contract_pkg::MACSTAT_TX_64)) u_counts (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i), .stat_i(stat_mac),
      // what to count
      .inc_o(frame_inc_mac), .octets_o(octets_mac), .good_octets_o(good_octets_mac));

  always_comb begin
    inc_mac = frame_inc_mac;
    inc_mac[contract_pkg::MACSTAT_TX_FAULT]       = fault_drop_mac;
    inc_mac[contract_pkg::MACSTAT_TX_PAUSE]       = pause_sent_mac && !control_fault_mac;
    inc_mac[contract_pkg::MACSTAT_TX_PFC]         = pfc_sent_mac && !control_fault_mac;
    inc_mac[contract_pkg::MACSTAT_TX_PAUSE_STORM] = storm_mac;
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
