// SPDX-License-Identifier: Apache-2.0
// Writes received frames into the drivers' buffers of all receive queues.
//
// Wiring, but for who is told what: frames get their header, are cut to the pieces of their buffers and handed to the
// write engine; the buffers go back as used. stop_i: a queue gets no further frame and the one under way is given up;
// query_quiet_o (two cycles behind query_pair_i): nothing of that queue is on its way.
// Place: rx_packet_buffer, virtq_fetch -> this -> dma_write, virtq_give.
`default_nettype none

module virtio_rx_engine #(
    parameter int unsigned Pairs = 8
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // negotiated
    input  wire                   mrg_i,
    input  wire                   hash_report_i,
    input  wire                   large_i,        // GUEST_TSO4 or TSO6
    // queues
    input  wire       [Pairs-1:0] enabled_i,
    input  wire       [Pairs-1:0] stop_i,
    input  wire             [5:0] query_pair_i,
    output logic                  query_quiet_o,
    output logic                  idle_o,
    // next frame
    input  wire                   len_valid_i,
    output logic                  len_ready_o,
    input  wire            [15:0] len_i,
    input  rx_pkg::meta_t         meta_i,
    output logic                  len_drop_o,
    input  wire                   frame_valid_i,
    output logic                  frame_ready_o,
    input  stream_pkg::beat_t     frame_i,
    // buffers
    input  wire       [Pairs-1:0] head_valid_i,
    output logic            [5:0] head_pair_o,
    input  virtq_pkg::head_t      head_i,
    output logic                  take_valid_o,
    input  wire                   take_ready_i,
    output logic            [5:0] take_pair_o,
    input  wire                   piece_valid_i,
    output logic                  piece_ready_o,
    input  virtq_pkg::piece_t     piece_i,
    // used buffers
    output logic                  give_valid_o,
    input  wire                   give_ready_i,
    output virtq_pkg::give_t      give_o,
    // write
    output logic                  wr_req_valid_o,
    input  wire                   wr_req_ready_i,
    output dma_pkg::wr_req_t      wr_req_o,
    output logic                  wr_data_valid_o,
    input  wire                   wr_data_ready_i,
    output stream_pkg::beat_t     wr_data_o,
    input  wire                   wr_done_i,
    // one pulse a frame
    output logic                  taken_o,
    output logic                  delivered_o,
    output logic            [5:0] frame_pair_o,
    output logic           [16:0] frame_len_o,
    output logic                  drop_too_small_o,
    output logic                  drop_no_buffer_o,
    output logic                  drop_not_ready_o,
    output logic                  drop_reset_o,
    output logic                  written_o
);

  localparam logic [4:0] PlainHeader = contract_pkg::NET_HDR_BYTES[4:0];
  localparam logic [4:0] HashHeader = contract_pkg::NET_HDR_HASH_BYTES[4:0];

  logic              reading, frame_end, stale;
  logic              told_q;  // the header knows of the frame whose beats come
  logic              frame_valid, frame_ready;
  logic              headed_valid, headed_ready;
  stream_pkg::beat_t headed;
  logic              cut_valid, cut_ready;
  virtq_pkg::cut_t   cut;
  rx_pkg::meta_t     meta;

  assign stale = meta_i.gso_type != contract_pkg::NET_HDR_GSO_NONE && !large_i;

  // Beats are read only for a frame whose length was taken: the next one may yet be thrown away.
  assign frame_valid = frame_valid_i && told_q;
  assign frame_ready_o = frame_ready && told_q;
  assign frame_end = frame_valid && frame_ready && frame_i.last;

  virtio_rx_match #(.Pairs(Pairs)) u_match (
      .clk_i, .rst_i,
      // negotiated
      .mrg_i, .hdr_len_i(hash_report_i ? HashHeader : PlainHeader),
      // queues
      .enabled_i, .stop_i, .query_pair_i, .query_quiet_o, .idle_o,
      // next frame
      .len_valid_i, .len_ready_o, .len_i, .pair_i(meta_i.pair), .stale_i(stale),
      .len_drop_o,
      // buffers
      .head_valid_i, .head_pair_o, .head_i, .take_valid_o, .take_ready_i, .take_pair_o, .piece_valid_i,
      .piece_ready_o, .piece_i,
      // cuts of the frame's bytes
      .cut_valid_o(cut_valid), .cut_ready_i(cut_ready), .cut_o(cut),
      // write requests
      .wr_req_valid_o, .wr_req_ready_i, .wr_req_o, .wr_done_i,
      // used buffers
      .give_valid_o, .give_ready_i, .give_o,
      // one pulse a frame
      .taken_o, .delivered_o, .frame_pair_o, .frame_len_o, .drop_too_small_o, .drop_no_buffer_o, .drop_not_ready_o,
      .drop_reset_o, .written_o);

  // What is known of the frames whose beats are still to come.
  logic [3:0] unused_level;
  logic       unused_ready;

  sync_fifo #(.Width(rx_pkg::MetaW), .Depth(8)) u_taken (
      .clk_i, .rst_i,
      // in: the packet buffer lets fewer frames be taken ahead
      .in_valid_i(len_valid_i && len_ready_o && !len_drop_o), .in_ready_o(unused_ready), .in_i(meta_i),
      // out
      .out_valid_o(reading), .out_ready_i(frame_end), .out_o(meta), .level_o(unused_level));

  always_ff @(posedge clk_i) begin
    if (rst_i) told_q <= 1'b0;
    else told_q <= told_q ? !frame_end : reading;
  end

  rx_virtio_header u_header (
      .clk_i, .rst_i, .hash_report_i,
      // what the header says; more than one buffer is written over it by virtio_rx_match
      .meta_valid_i(reading && !told_q), .meta_i(meta), .num_buffers_i(16'd1),
      // frame
      .in_valid_i(frame_valid), .in_ready_o(frame_ready), .in_i(frame_i),
      // header and frame
      .out_valid_o(headed_valid), .out_ready_i(headed_ready), .out_o(headed));

  virtio_rx_scatter u_scatter (
      .clk_i, .rst_i,
      // header and frame
      .in_valid_i(headed_valid), .in_ready_o(headed_ready), .in_i(headed),
      // cuts
      .cut_valid_i(cut_valid), .cut_ready_o(cut_ready), .cut_i(cut),
      // payload of write requests
      .out_valid_o(wr_data_valid_o), .out_ready_i(wr_data_ready_i), .out_o(wr_data_o));

endmodule

`default_nettype wire
