// SPDX-License-Identifier: Apache-2.0
// Segmentation: committed sources become frames without virtio_net_hdr, one or many each.
//
// Wiring only. A source is looked at while the frames of the one before are still read; 64-byte frames
// leave at one beat a cycle but for the two cycles in which the next virtio_net_hdr is read.
// Place: tx_packet_buffer -> this -> tx_vlan.
`default_nettype none

module tx_segment #(
    parameter int unsigned MaxHead = 256
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    input  wire        [tx_pkg::LenW-1:0] max_frame_i,
    // sources
    input  wire                           source_valid_i,
    output logic                          source_ready_o,
    input  tx_pkg::source_t               source_i,
    // RAM; data in the cycle after rd_en_o
    output logic                          ram_rd_en_o,
    output logic      [tx_pkg::WordW-1:0] ram_rd_word_o,
    input  wire   [stream_pkg::DataW-1:0] ram_rd_data_i,
    // frames; csum_o holds over a frame
    output logic                          out_valid_o,
    input  wire                           out_ready_i,
    output stream_pkg::beat_t             out_o,
    output tx_pkg::csum_t                 csum_o,
    // room given back
    output logic                          free_valid_o,
    output logic      [tx_pkg::WordW-1:0] free_words_o,
    // pulses of one source or frame, with its pair
    output logic                    [5:0] pair_o,
    output logic                          drop_o,
    output logic                          frame_made_o,
    output logic                          extra_o,
    output logic       [tx_pkg::LenW-1:0] frame_len_o
);

  // scan before a frame's read only where it asks for it
  logic                     scan_valid, scan_first, scan_grant, read_valid, read_grant;
  logic [tx_pkg::WordW-1:0] scan_word, read_word;
  logic                     plan_valid, plan_ready, frame_valid, frame_ready;
  tx_pkg::plan_t            plan;
  tx_pkg::frame_t           frame;

  assign scan_grant = scan_first || !read_valid;
  assign read_grant = !(scan_valid && scan_first);
  assign ram_rd_en_o = scan_valid || read_valid;
  assign ram_rd_word_o = (scan_valid && scan_grant) ? scan_word : read_word;

  tx_source_scan #(.MaxHead(MaxHead)) u_scan (
      .clk_i, .rst_i, .max_frame_i,
      // sources
      .source_valid_i, .source_ready_o, .source_i,
      // RAM
      .rd_valid_o(scan_valid), .rd_first_o(scan_first), .rd_grant_i(scan_grant), .rd_word_o(scan_word),
      .rd_data_i(ram_rd_data_i),
      // plans
      .plan_valid_o(plan_valid), .plan_ready_i(plan_ready), .plan_o(plan));

  tx_segment_cut u_cut (
      .clk_i, .rst_i,
      // plans
      .plan_valid_i(plan_valid), .plan_ready_o(plan_ready), .plan_i(plan),
      // frames
      .frame_valid_o(frame_valid), .frame_ready_i(frame_ready), .frame_o(frame),
      // what became of them
      .pair_o, .drop_o, .frame_made_o, .extra_o, .frame_len_o);

  tx_segment_read u_read (
      .clk_i, .rst_i,
      // frames
      .frame_valid_i(frame_valid), .frame_ready_o(frame_ready), .frame_i(frame),
      // RAM
      .rd_valid_o(read_valid), .rd_grant_i(read_grant), .rd_word_o(read_word), .rd_data_i(ram_rd_data_i),
      // beats
      .out_valid_o, .out_ready_i, .out_o, .csum_o,
      // room given back
      .free_valid_o, .free_words_o);

endmodule

`default_nettype wire
