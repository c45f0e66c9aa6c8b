// SPDX-License-Identifier: Apache-2.0
// The 10G transmitter: frames without FCS of the core's clock in, XGMII out.
//
// Link of core_clk_i -> XGMII of mac_clk_i. Frames are padded to 60 bytes, get preamble, FCS and terminate,
// and stand 12 bytes apart on average. A frame whose beats come too late is aborted with /E/ and counted
// (underrun_o); every frame that enters is counted once by sent_o or underrun_o.
// Place: tx_packet_buffer -> this -> XGMII.
`default_nettype none

module mac_tx_path #(
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
    // XGMII, mac_clk_i
    output xgmii_pkg::word_t         xgmii_o,
    // frames that left, core_clk_i: how many this cycle
    output logic               [3:0] sent_o,
    output logic               [3:0] underrun_o,
    // events, mac_clk_i
    output nic_pkg::mac_tx_events_t  events_o
);

  if (stream_pkg::DataW != 64) begin : g_bad_width
    $error("mac_tx_path %m: XGMII and the stream in front of it are 64 bits wide");
  end

  logic              fifo_valid_mac, fifo_ready_mac;
  stream_pkg::beat_t fifo_mac;
  logic              padded_valid_mac, padded_ready_mac;
  stream_pkg::beat_t padded_mac;
  logic              whole_valid_mac, whole_ready_mac;
  stream_pkg::beat_t whole_mac;
  logic              word_valid_mac, word_ready_mac;
  mac_pkg::tx_word_t word_mac;
  logic              sent_mac, underrun_mac;

  async_fifo #(.Width(stream_pkg::BeatW), .Depth(FifoDepth)) u_fifo (
      // in
      .wr_clk_i(core_clk_i), .wr_rst_i(core_rst_i), .in_valid_i, .in_ready_o, .in_i,
      // out
      .rd_clk_i(mac_clk_i), .rd_rst_i(mac_rst_i),
      .out_valid_o(fifo_valid_mac), .out_ready_i(fifo_ready_mac), .out_o(fifo_mac));

  mac_tx_pad u_pad (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // in
      .in_valid_i(fifo_valid_mac), .in_ready_o(fifo_ready_mac), .in_i(fifo_mac),
      // out
      .out_valid_o(padded_valid_mac), .out_ready_i(padded_ready_mac), .out_o(padded_mac));

  mac_tx_fcs_insert u_fcs_insert (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // in
      .in_valid_i(padded_valid_mac), .in_ready_o(padded_ready_mac), .in_i(padded_mac),
      // out
      .out_valid_o(whole_valid_mac), .out_ready_i(whole_ready_mac), .out_o(whole_mac));

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
      .xgmii_o,
      // events
      .events_o);

  cdc_count #(.Width(4)) u_sent (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(sent_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(sent_o));

  cdc_count #(.Width(4)) u_underrun (
      .src_clk_i(mac_clk_i), .src_rst_i(mac_rst_i), .pulse_i(underrun_mac),
      .dst_clk_i(core_clk_i), .dst_rst_i(core_rst_i), .count_o(underrun_o));

endmodule

`default_nettype wire
