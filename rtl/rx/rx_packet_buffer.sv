// SPDX-License-Identifier: Apache-2.0
// The receive packet buffer: takes every beat, gives whole good frames, and is the one place that drops.
//
// Beats, never stalled -> length, meta_t and the beats of each good frame, in order. Frames with a verdict other
// than FRAME_OK, frames that a filter refused (meta.drop) and frames that find no room are dropped
// whole before anything of them can be read.
// Each frame that enters and is not void gives exactly one pulse: drop_verdict_o[err], drop_filtered_o, drop_missed_o
// or commit_o; each committed frame leaves through its length handshake.
// Place: rx_path -> this -> virtio_rx_engine.
`default_nettype none

module rx_packet_buffer #(
    parameter int unsigned DepthBytes = 32768,
    parameter int unsigned MaxFrames = 512
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    // in, always ready
    input  wire                 in_valid_i,
    output logic                in_ready_o,
    input  stream_pkg::beat_t   in_i,
    input  rx_pkg::meta_t       in_meta_i,         // with the last beat
    input  wire                 in_void_i,         // with the last beat: it was no frame at all
    // length of the next frame
    output logic                out_len_valid_o,
    input  wire                 out_len_ready_i,
    output logic         [15:0] out_len_o,
    output rx_pkg::meta_t       out_meta_o,
    input  wire                 out_drop_i,        // with the handshake: throw the frame away
    // its beats
    output logic                out_valid_o,
    input  wire                 out_ready_i,
    output stream_pkg::beat_t   out_o,
    // fill in bytes, free words
    output logic         [17:0] level_o,
    output logic         [14:0] room_o,
    // events, one cycle each
    output logic                frames_in_o,
    output logic                commit_o,
    output logic          [7:0] drop_verdict_o,    // one-hot by FRAME_*
    output logic                drop_filtered_o,
    output logic                drop_missed_o
);

  localparam int unsigned Words = DepthBytes / stream_pkg::Bytes;
  localparam int unsigned AddrW = $clog2(Words);

  if (Words != (1 << AddrW)) begin : g_bad_depth
    $error("rx_packet_buffer %m: DepthBytes must be a power of two");
  end

  logic                         wr_en, rd_en;
  logic [AddrW-1:0]             wr_addr, rd_addr;
  logic [stream_pkg::DataW-1:0] wr_data, rd_data;
  logic [AddrW:0]               rd_ptr;
  logic                         new_len_valid, new_len_ready, len_valid, len_ready;
  logic [15:0]                  new_len, len;

  logic [AddrW:0]               level;

  assign in_ready_o = 1'b1;
  assign room_o     = 15'(Words) - 15'(level);
  assign level_o    = 18'({level, {stream_pkg::EmptyW{1'b0}}});

  rx_buffer_write #(.Words(Words)) u_write (
      .clk_i, .rst_i,
      // in
      .in_valid_i, .in_i, .in_drop_i(in_meta_i.drop), .in_void_i,
      // RAM
      .ram_wr_en_o(wr_en), .ram_wr_addr_o(wr_addr), .ram_wr_data_o(wr_data), .rd_ptr_i(rd_ptr),
      // length
      .len_valid_o(new_len_valid), .len_ready_i(new_len_ready), .len_o(new_len),
      // fill
      .level_o(level),
      // events
      .frame_o(frames_in_o), .commit_o, .drop_verdict_o, .drop_filtered_o, .drop_missed_o);

  ram_sdp #(.Width(stream_pkg::DataW), .Depth(Words)) u_ram (
      .clk_i, .wr_en_i(wr_en), .wr_addr_i(wr_addr), .wr_data_i(wr_data),
      .rd_en_i(rd_en), .rd_addr_i(rd_addr), .rd_data_o(rd_data));

  logic [$clog2(MaxFrames+1)-1:0] unused_level;
  sync_fifo #(.Width(16 + rx_pkg::MetaW), .Depth(MaxFrames)) u_lengths (
      .clk_i, .rst_i,
      .in_valid_i(new_len_valid), .in_ready_o(new_len_ready), .in_i({new_len, in_meta_i}),
      .out_valid_o(len_valid), .out_ready_i(len_ready), .out_o({len, out_meta_o}), .level_o(unused_level));

  rx_buffer_read #(.Words(Words)) u_read (
      .clk_i, .rst_i,
      // lengths
      .len_valid_i(len_valid), .len_ready_o(len_ready), .len_i(len),
      // RAM
      .ram_rd_en_o(rd_en), .ram_rd_addr_o(rd_addr), .ram_rd_data_i(rd_data), .rd_ptr_o(rd_ptr),
      // length of the next frame
      .out_len_valid_o, .out_len_ready_i, .out_len_o, .out_drop_i,
      // its beats
      .out_valid_o, .out_ready_i, .out_o);

endmodule

`default_nettype wire
