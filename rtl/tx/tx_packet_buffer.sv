// SPDX-License-Identifier: Apache-2.0
// The transmit packet buffer: DMA placements fill it in any order, committed buffers are announced in order.
//
// Placements (a word address modulo the depth, byte enables; never stalled) -> RAM; commit link -> sources,
// which name where a buffer lies: padding and virtio_net_hdr from the base word on (tx_pkg::header_pad),
// the frame on the word behind. A buffer is committed once all its bytes are placed. Space
// is the committer's to keep: who reads a source gives its commit_release_i words back.
// Place: dma_read and virtio_tx_engine -> this -> tx_segment.
`include "assert.svh"
`default_nettype none

module tx_packet_buffer #(
    parameter int unsigned DepthBytes = 131072,
    parameter int unsigned MaxFrames = 64
) (
    input  wire                           clk_i,
    input  wire                           rst_i,
    input  tx_pkg::features_t             features_i,        // negotiated
    // placements of client RD_TX_DATA
    input  wire                           place_valid_i,
    input  dma_pkg::rd_place_t            place_i,
    // whole buffers
    input  wire                           commit_valid_i,
    output logic                          commit_ready_o,
    input  wire     [ dma_pkg::WordW-1:0] commit_base_i,     // word of the header
    input  wire                    [16:0] commit_len_i,      // bytes, virtio_net_hdr included
    input  wire     [ dma_pkg::WordW-1:0] commit_release_i,  // words to give back
    input  wire                     [5:0] commit_pair_i,
    // sources
    output logic                          source_valid_o,
    input  wire                           source_ready_i,
    output tx_pkg::source_t               source_o,
    // their bytes; data in the cycle after rd_en_i
    input  wire                           rd_en_i,
    input  wire       [tx_pkg::WordW-1:0] rd_word_i,
    output logic  [stream_pkg::DataW-1:0] rd_data_o
);

  localparam int unsigned Words = DepthBytes / stream_pkg::Bytes;
  localparam int unsigned AddrW = $clog2(Words);

  if (Words != (1 << AddrW)) begin : g_bad_depth
    $error("tx_packet_buffer %m: DepthBytes must be a power of two");
  end
  if (AddrW > dma_pkg::WordW) begin : g_too_deep
    $error("tx_packet_buffer %m: a placement cannot address DepthBytes");
  end

  logic [16:0] frame_len;
  assign frame_len = commit_len_i - 17'(tx_pkg::header_bytes(features_i.hash_report));

  ram_sdp_be #(.Width(stream_pkg::DataW), .Depth(Words)) u_ram (
      .clk_i, .wr_en_i(place_valid_i), .wr_addr_i(place_i.word[AddrW-1:0]), .wr_be_i(place_i.be),
      .wr_data_i(place_i.data), .rd_en_i, .rd_addr_i(rd_word_i[AddrW-1:0]), .rd_data_o);

  logic [$clog2(MaxFrames+1)-1:0] unused_level;
  sync_fifo #(.Width(tx_pkg::SourceW), .Depth(MaxFrames)) u_sources (
      .clk_i, .rst_i,
      .in_valid_i(commit_valid_i), .in_ready_o(commit_ready_o),
      .in_i({features_i, commit_pair_i, commit_base_i, frame_len, commit_release_i}),
      .out_valid_o(source_valid_o), .out_ready_i(source_ready_i), .out_o(source_o), .level_o(unused_level));

  logic unused_inputs;
  assign unused_inputs = ^{place_i.client, place_i.word, rd_word_i};

  `ASSUME(HeaderAndFrame_A, !commit_valid_i ||
          commit_len_i >= 17'(tx_pkg::header_bytes(features_i.hash_report)) + 17'd14, clk_i, rst_i)
  `ASSUME(OnlyOurClient_A, !place_valid_i || place_i.client == contract_pkg::RD_TX_DATA, clk_i, rst_i)

endmodule

`default_nettype wire
