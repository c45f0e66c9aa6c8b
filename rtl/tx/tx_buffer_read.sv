// SPDX-License-Identifier: Apache-2.0
// The reading half of the transmit packet buffer: turns committed frames into beats.
//
// Frame entries and words -> beats, one a cycle; when the last word of a frame has been read, its words
// (free_words_o, as committed) may be written again.
// Place: RAM and frame FIFO of tx_packet_buffer -> this -> mac_tx_path.
`include "assert.svh"
`default_nettype none

module tx_buffer_read #(
    parameter int unsigned Words = 2048,
    localparam int unsigned AddrW = $clog2(Words)
) (
    input  wire                            clk_i,
    input  wire                            rst_i,
    // committed frames
    input  wire                            frame_valid_i,
    output logic                           frame_ready_o,
    input  wire                [AddrW-1:0] frame_word_i,     // of the first byte
    input  wire                     [15:0] frame_len_i,
    input  wire      [dma_pkg::WordW-1:0]  frame_release_i,
    // RAM
    output logic                           ram_rd_en_o,
    output logic               [AddrW-1:0] ram_rd_addr_o,
    input  wire   [stream_pkg::DataW-1:0]  ram_rd_data_i,
    // beats
    output logic                           out_valid_o,
    input  wire                            out_ready_i,
    output stream_pkg::beat_t              out_o,
    // room given back
    output logic                           free_valid_o,
    output logic     [dma_pkg::WordW-1:0]  free_words_o
);

  localparam int unsigned CountW = 17 - stream_pkg::EmptyW;

  // ---- the frame in hand ----
  logic              reading_q;
  logic [AddrW-1:0]  word_q;
  logic [CountW-1:0] left_q;  // words to read
  logic [stream_pkg::EmptyW-1:0] empty_q;
  logic [dma_pkg::WordW-1:0]     release_q;
  logic [16:0]       len_up;
  logic              take, last_word;

  assign len_up        = {1'b0, frame_len_i} + 17'(stream_pkg::Bytes - 1);
  assign last_word     = left_q == CountW'(1);
  assign frame_ready_o = !reading_q || (ram_rd_en_o && last_word);
  assign take          = frame_valid_i && frame_ready_o;

  // ---- words out of the RAM into the skid buffer ----
  logic fetched_valid_q, fetched_last_q, skid_ready;
  logic [stream_pkg::EmptyW-1:0] fetched_empty_q;
  stream_pkg::beat_t fetched;

  assign ram_rd_en_o   = reading_q && (!fetched_valid_q || skid_ready);
  assign ram_rd_addr_o = word_q;
  assign fetched       = {contract_pkg::FRAME_OK, fetched_last_q, fetched_empty_q, ram_rd_data_i};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      reading_q       <= 1'b0;
      fetched_valid_q <= 1'b0;
      free_valid_o    <= 1'b0;
    end else begin
      if (take) reading_q <= 1'b1;
      else if (ram_rd_en_o && last_word) reading_q <= 1'b0;
      if (!fetched_valid_q || skid_ready) fetched_valid_q <= ram_rd_en_o;
      free_valid_o <= ram_rd_en_o && last_word;
    end
    if (take) begin
      word_q    <= frame_word_i;
      left_q    <= CountW'(len_up >> stream_pkg::EmptyW);
      empty_q   <= -frame_len_i[stream_pkg::EmptyW-1:0];
      release_q <= frame_release_i;
    end else if (ram_rd_en_o) begin
      word_q <= word_q + 1'b1;
      left_q <= left_q - 1'b1;
    end
    if (ram_rd_en_o) begin
      fetched_last_q  <= last_word;
      fetched_empty_q <= last_word ? empty_q : '0;
    end
    if (ram_rd_en_o && last_word) free_words_o <= release_q;
  end

  skid_buffer #(.Width(stream_pkg::BeatW)) u_skid (
      .clk_i, .rst_i,
      // in
      .in_valid_i(fetched_valid_q), .in_ready_o(skid_ready), .in_i(fetched),
      // out
      .out_valid_o, .out_ready_i, .out_o);

  logic unused_len;
  assign unused_len = ^len_up[stream_pkg::EmptyW-1:0];

  `ASSUME(FramesHaveBytes_A, !frame_valid_i || frame_len_i != '0, clk_i, rst_i)

endmodule

`default_nettype wire
