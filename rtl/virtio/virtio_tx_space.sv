// SPDX-License-Identifier: Apache-2.0
// Hands out the words of the transmit packet buffer, in a ring, and takes them back.
//
// take_i reserves the next words from base_o; they are given up in the same order: with a frame
// (retire_i with committed_i: the packet buffer returns them when the frame was sent) or without one
// (they go back together with the next frame's, or at once when no frame is in the buffer).
// Not touched by the reset of a queue: frames already committed are sent and return their words later.
// Place: virtio_tx_issue, virtio_tx_retire, tx_packet_buffer -> this.
`include "assert.svh"
`default_nettype none

module virtio_tx_space #(
    parameter int unsigned DepthWords = 2048  // a power of two
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    // reserve
    input  wire [dma_pkg::WordW-1:0]   want_i,
    output logic                       fits_o,
    output logic [dma_pkg::WordW-1:0]  base_o,
    input  wire                        take_i,
    // give up
    input  wire                        retire_i,
    input  wire                        committed_i,
    input  wire [dma_pkg::WordW-1:0]   retire_words_i,
    output logic [dma_pkg::WordW-1:0]  release_words_o,  // what the packet buffer has to return
    // returned
    input  wire                        free_valid_i,
    input  wire [dma_pkg::WordW-1:0]   free_words_i
);

  localparam int unsigned WordW = dma_pkg::WordW;

  if (DepthWords > (1 << WordW) || (DepthWords & (DepthWords - 1)) != 0) begin : g_bad_depth
    $error("virtio_tx_space %m: DepthWords must be a power of two within the local address");
  end

  logic   [WordW:0] room_q;   // words free
  logic [WordW-1:0] next_q;   // the next word to hand out
  logic [WordW-1:0] lent_q;   // words in the packet buffer's hands
  logic [WordW-1:0] loose_q;  // words without a frame, behind those
  logic             reclaim;

  assign fits_o = {1'b0, want_i} <= room_q;
  assign base_o = next_q;
  assign release_words_o = retire_words_i + loose_q;
  assign reclaim = lent_q == '0 && loose_q != '0 && !retire_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      room_q  <= (WordW + 1)'(DepthWords);
      next_q  <= '0;
      lent_q  <= '0;
      loose_q <= '0;
    end else begin
      if (take_i) next_q <= next_q + want_i;
      if (take_i || free_valid_i || reclaim) begin
        room_q <= room_q - (take_i ? {1'b0, want_i} : '0) + (free_valid_i ? {1'b0, free_words_i} : '0) +
                  (reclaim ? {1'b0, loose_q} : '0);
      end
      if ((retire_i && committed_i) || free_valid_i) begin
        lent_q <= lent_q + ((retire_i && committed_i) ? release_words_o : '0) -
                  (free_valid_i ? free_words_i : '0);
      end
      if (reclaim || (retire_i && committed_i)) loose_q <= '0;
      else if (retire_i) loose_q <= release_words_o;
    end
  end

  `ASSERT(RoomWithinDepth_A, room_q <= (WordW + 1)'(DepthWords), clk_i, rst_i)
  `ASSERT(TakenOnlyWhenFits_A, !take_i || fits_o, clk_i, rst_i)
  `ASSERT(OnlyLentWordsReturn_A, !free_valid_i || free_words_i <= lent_q, clk_i, rst_i)

endmodule

`default_nettype wire
