// SPDX-License-Identifier: Apache-2.0
// Writes received frames into the driver's buffers.
//
// Wiring only: frames get their header, are cut to the segments of a buffer and handed to the write
// engine; the buffer goes back as used. stop_i: take nothing more, finish the write under way; quiet_o:
// none is open. A reset is allowed only when quiet.
// Place: rx_packet_buffer, virtq_core -> this -> dma_write, virtq_core.
`include "assert.svh"
`default_nettype none

module virtio_rx_engine (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   stop_i,
    output logic                  quiet_o,
    output logic                  idle_o,
    // next frame
    input  wire                   len_valid_i,
    output logic                  len_ready_o,
    input  wire            [15:0] len_i,
    output logic                  len_drop_o,
    input  wire                   frame_valid_i,
    output logic                  frame_ready_o,
    input  stream_pkg::beat_t     frame_i,
    // buffers
    input  wire                   chain_valid_i,
    output logic                  chain_ready_o,
    input  virtq_pkg::chain_t     chain_i,
    input  wire                   segment_valid_i,
    output logic                  segment_ready_o,
    input  virtq_pkg::segment_t   segment_i,
    // used buffers
    output logic                  used_valid_o,
    input  wire                   used_ready_i,
    output virtq_pkg::used_t      used_o,
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
    output logic                  drop_too_small_o,
    output logic                  drop_reset_o,
    output logic                  written_o
);

  logic              match_quiet, scatter_quiet;
  logic              reading, frame_end;
  logic              frame_valid, frame_ready;
  logic              headed_valid, headed_ready;
  stream_pkg::beat_t headed;
  logic              piece_valid, piece_ready, piece_final;
  logic       [15:0] piece_len;

  assign quiet_o = match_quiet && scatter_quiet;
  // Beats are read only for a frame whose length was taken: the next one may yet be thrown away.
  assign frame_valid = frame_valid_i && reading;
  assign frame_ready_o = frame_ready && reading;
  assign frame_end = frame_valid && frame_ready && frame_i.last;

  virtio_rx_match u_match (
      .clk_i, .rst_i, .stop_i, .quiet_o(match_quiet), .idle_o,
      // next frame
      .len_valid_i, .len_ready_o, .len_i, .len_drop_o, .reading_o(reading),
      .frame_end_i(frame_end),
      // buffers
      .chain_valid_i, .chain_ready_o, .chain_i, .segment_valid_i, .segment_ready_o, .segment_i,
      // pieces of the frame
      .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_len_o(piece_len),
      .piece_final_o(piece_final),
      // write requests
      .wr_req_valid_o, .wr_req_ready_i, .wr_req_o, .wr_done_i,
      // used buffers
      .used_valid_o, .used_ready_i, .used_o,
      // one pulse a frame
      .taken_o, .delivered_o, .drop_too_small_o, .drop_reset_o, .written_o);

  rx_virtio_header u_header (
      .clk_i, .rst_i,
      // frame
      .in_valid_i(frame_valid), .in_ready_o(frame_ready), .in_i(frame_i),
      // header and frame
      .out_valid_o(headed_valid), .out_ready_i(headed_ready), .out_o(headed));

  virtio_rx_scatter u_scatter (
      .clk_i, .rst_i, .quiet_o(scatter_quiet),
      // header and frame
      .in_valid_i(headed_valid), .in_ready_o(headed_ready), .in_i(headed),
      // pieces
      .piece_valid_i(piece_valid), .piece_ready_o(piece_ready), .piece_len_i(piece_len),
      .piece_final_i(piece_final),
      // payload of write requests
      .out_valid_o(wr_data_valid_o), .out_ready_i(wr_data_ready_i), .out_o(wr_data_o));

endmodule

`default_nettype wire
