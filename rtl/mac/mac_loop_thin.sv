// SPDX-License-Identifier: Apache-2.0
// Loopback of the wire, the transmitter's end: leaves idle words out, so that a slower receiver's clock keeps up.
//
// Words, one a cycle -> link, combinational. Of two idle words in a row the second is left out, once in 1024 words:
// never the only one between two frames, whose gap has to stay. Where 1024 words had no two in a row, hold_o keeps
// the next frame back until they come. Clocks 800 ppm apart and more would lose words.
// Place: mac_tx_gap or mac_gmii_tx -> this -> async_fifo, mac_loop.
`default_nettype none

module mac_loop_thin #(
    parameter int unsigned Width = 72,
    parameter logic [Width-1:0] IdleWord = '0
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire              enable_i,
    // words
    input  wire  [Width-1:0] word_i,
    // out
    output logic             out_valid_o,
    input  wire              out_ready_i,
    output logic [Width-1:0] out_o,
    // to mac_tx_mux
    output logic             hold_o
);

  logic       idle, idle_q;
  logic [9:0] since_q;  // words since one was left out
  logic       leave_out;

  assign idle        = word_i == IdleWord;
  assign leave_out   = idle && idle_q && since_q == '1;
  assign out_valid_o = enable_i && !leave_out && out_ready_i;
  assign out_o       = word_i;
  assign hold_o      = since_q == '1;

  always_ff @(posedge clk_i) begin
    if (rst_i || !enable_i) begin
      idle_q  <= 1'b0;
      since_q <= '0;
    end else begin
      idle_q <= idle;
      if (leave_out) since_q <= '0;
      else if (since_q != '1) since_q <= since_q + 1'b1;
    end
  end

endmodule

`default_nettype wire
