// SPDX-License-Identifier: Apache-2.0
// Loopback of the wire: what the transmitter sends, in the receiver's clock, instead of what the wire brings.
//
// Words that crossed from the transmitter's clock -> words, combinational. mac_loop_thin has left some idle words out,
// so more words are wanted than come, even by a clock a little faster: idle words are repeated while there are few,
// so that no frame ever waits for its next word. Words are always taken. Switched off, the wire's words pass; the
// moment of switching may cut a frame.
// Place: mac_loop_thin, async_fifo -> this -> front of the receiver.
`include "assert.svh"
`default_nettype none

module mac_loop #(
    parameter int unsigned Width = 72,
    parameter logic [Width-1:0] IdleWord = '0
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire              enable_i,
    // from the transmitter, always taken
    input  wire              in_valid_i,
    input  wire  [Width-1:0] in_i,
    // from the wire
    input  wire  [Width-1:0] wire_i,
    // to the receiver
    output logic [Width-1:0] word_o
);

  localparam int unsigned Depth = 16;
  localparam logic [4:0] Low = 5'd4;    // words to have before one that is not idle goes out

  logic             keep, fifo_valid, next, unused_ready;
  logic [Width-1:0] head;
  logic [4:0]       level;

  assign keep = in_valid_i && enable_i;

  sync_fifo #(.Width(Width), .Depth(Depth)) u_store (
      .clk_i, .rst_i, .in_valid_i(keep), .in_ready_o(unused_ready), .in_i,
      .out_valid_o(fifo_valid), .out_ready_i(next), .out_o(head), .level_o(level));

  // An idle word is the place where words may be gained: it is repeated while there are few.
  logic starved_q;  // the FIFO has run empty: collect some first
  assign next = fifo_valid && (level > Low || !enable_i || (head != IdleWord && !starved_q));

  always_ff @(posedge clk_i) begin
    if (rst_i || !fifo_valid) starved_q <= 1'b1;
    else if (level > Low) starved_q <= 1'b0;
  end

  always_comb begin
    word_o = wire_i;
    if (enable_i) word_o = next ? head : IdleWord;
  end

endmodule

`default_nettype wire
