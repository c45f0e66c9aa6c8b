// SPDX-License-Identifier: Apache-2.0
// The transmit packet buffer: DMA placements fill it in any order, committed frames leave it in order.
//
// Placements (a word address modulo the depth, byte enables; never stalled) -> RAM; commit link -> beats,
// one a cycle. A frame is committed once all its bytes are placed, so it is never found short. Space is the
// committer's to keep: free_valid_o gives back commit_release_i words when the frame has been read.
// Place: dma_read and virtio_tx_engine -> this -> mac_tx_path.
`include "assert.svh"
`default_nettype none

module tx_packet_buffer #(
    parameter int unsigned DepthBytes = 16384,
    parameter int unsigned MaxFrames = 64
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    // placements of client RD_TX_DATA
    input  wire                           place_valid_i,
    input  dma_pkg::rd_place_t            place_i,
    // whole frames
    input  wire                           commit_valid_i,
    output logic                          commit_ready_o,
    input  wire     [dma_pkg::LocalW-1:0] commit_start_i,    // byte address of the frame's first byte
    input  wire                    [15:0] commit_len_i,      // bytes, 1 ..
    input  wire     [ dma_pkg::WordW-1:0] commit_release_i,  // words to give back
    // beats
    output logic                          out_valid_o,
    input  wire                           out_ready_i,
    output stream_pkg::beat_t             out_o,
    // room given back
    output logic                          free_valid_o,
    output logic    [ dma_pkg::WordW-1:0] free_words_o
);

  localparam int unsigned Words = DepthBytes / stream_pkg::Bytes;
  localparam int unsigned AddrW = $clog2(Words);
  localparam int unsigned EntryW = AddrW + 16 + dma_pkg::WordW;

  if (Words != (1 << AddrW)) begin : g_bad_depth
    $error("tx_packet_buffer %m: DepthBytes must be a power of two");
  end
  if (AddrW > dma_pkg::WordW) begin : g_too_deep
    $error("tx_packet_buffer %m: a placement cannot address DepthBytes");
  end

  logic                         rd_en, frame_valid, frame_ready;
  logic [AddrW-1:0]             rd_addr, frame_word, commit_word;
  logic [stream_pkg::DataW-1:0] rd_data;
  logic [15:0]                  frame_len;
  logic [dma_pkg::WordW-1:0]    frame_release;

  assign commit_word = commit_start_i[stream_pkg::EmptyW+:AddrW];

  ram_sdp_be #(.Width(stream_pkg::DataW), .Depth(Words)) u_ram (
      .clk_i, .wr_en_i(place_valid_i), .wr_addr_i(place_i.word[AddrW-1:0]), .wr_be_i(place_i.be),
      .wr_data_i(place_i.data), .rd_en_i(rd_en), .rd_addr_i(rd_addr), .rd_data_o(rd_data));

  logic [$clog2(MaxFrames+1)-1:0] unused_level;
  sync_fifo #(.Width(EntryW), .Depth(MaxFrames)) u_frames (
      .clk_i, .rst_i,
      .in_valid_i(commit_valid_i), .in_ready_o(commit_ready_o),
      .in_i({commit_word, commit_len_i, commit_release_i}),
      .out_valid_o(frame_valid), .out_ready_i(frame_ready),
      .out_o({frame_word, frame_len, frame_release}), .level_o(unused_level));

  tx_buffer_read #(.Words(Words)) u_read (
      .clk_i, .rst_i,
      // committed frames
      .frame_valid_i(frame_valid), .frame_ready_o(frame_ready), .frame_word_i(frame_word),
      .frame_len_i(frame_len), .frame_release_i(frame_release),
      // RAM
      .ram_rd_en_o(rd_en), .ram_rd_addr_o(rd_addr), .ram_rd_data_i(rd_data),
      // beats
      .out_valid_o, .out_ready_i, .out_o,
      // room given back
      .free_valid_o, .free_words_o);

  logic unused_inputs;
  assign unused_inputs = ^{place_i.client, place_i.word, commit_start_i};

  `ASSUME(FrameStartsOnAWord_A, !commit_valid_i || commit_start_i[stream_pkg::EmptyW-1:0] == '0,
          clk_i, rst_i)
  `ASSUME(OnlyOurClient_A, !place_valid_i || place_i.client == contract_pkg::RD_TX_DATA, clk_i, rst_i)

endmodule

`default_nettype wire
