// SPDX-License-Identifier: Apache-2.0
// The 10G receiver: XGMII in, checked frames without FCS out, in the core's clock.
//
// XGMII words of mac_clk_i -> beats of core_clk_i. Each frame that started ends with exactly one `last`
// beat whose `err` is its verdict, or is counted once by lost_o. Throughput: every legal XGMII stream as
// long as the core takes beats as fast as the wire brings them; otherwise whole frames are given up.
// Place: XGMII -> this -> rx_packet_buffer.
`default_nettype none

module mac_rx_path #(
    parameter int unsigned FifoDepth = 64
) (
    input  wire                       mac_clk_i,
    input  wire                       mac_rst_i,
    input  wire                       core_clk_i,
    input  wire                       core_rst_i,
    // XGMII, mac_clk_i
    input  xgmii_pkg::word_t          xgmii_i,
    // frames, core_clk_i
    output logic                      out_valid_o,
    input  wire                       out_ready_i,
    output stream_pkg::beat_t         out_o,
    // frames lost whole, core_clk_i: how many this cycle
    output logic                [3:0] lost_o,
    // events, mac_clk_i
    output nic_pkg::mac_rx_events_t   events_o
);

  if (stream_pkg::DataW != 64) begin : g_bad_width
    $error("mac_rx_path %m: XGMII and the stream behind it are 64 bits wide");
  end

  xgmii_pkg::word_t  aligned_mac;
  logic              start_mac;
  logic              word_valid_mac;
  mac_pkg::rx_word_t word_mac;
  logic              beat_valid_mac;
  stream_pkg::beat_t beat_mac;
  logic              fifo_valid_mac, fifo_ready_mac;
  stream_pkg::beat_t fifo_mac;
  logic              lost_mac;

  mac_rx_align u_align (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // XGMII
      .xgmii_i,
      // aligned
      .word_o(aligned_mac), .start_o(start_mac));

  mac_rx_frame u_frame (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // aligned XGMII
      .word_i(aligned_mac), .start_i(start_mac),
      // frame words
      .out_valid_o(word_valid_mac), .out_o(word_mac),
      // events
      .rx_start_o(events_o.rx_start));

  mac_rx_fcs_check u_fcs_check (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // frame words
      .word_valid_i(word_valid_mac), .word_i(word_mac),
      // beats
      .beat_valid_o(beat_valid_mac), .beat_o(beat_mac));

  assign events_o.rx_end = beat_valid_mac && beat_mac.last;

  rx_overflow_guard u_guard (
      .clk_i(mac_clk_i), .rst_i(mac_rst_i),
      // beats
      .beat_valid_i(beat_valid_mac), .beat_i(beat_mac),
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

endmodule

`default_nettype wire
