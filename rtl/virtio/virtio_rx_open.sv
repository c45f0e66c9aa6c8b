// SPDX-License-Identifier: Apache-2.0
// The write requests that the DMA engine has accepted and not finished: whose, and which ends a frame.
//
// Up to Open - 1 of them, finished in the order of acceptance. query_open_o: one of query_pair_i is among them.
// Place: beside virtio_rx_match.
`include "assert.svh"
`default_nettype none

module virtio_rx_open #(
    parameter int unsigned Open = 16
) (
    input  wire        clk_i,
    input  wire        rst_i,
    // requests
    input  wire        open_i,
    input  wire  [5:0] open_pair_i,
    input  wire        open_final_i,
    input  wire        done_i,
    // answers
    output logic       written_o,     // a frame's last request is done
    input  wire  [5:0] query_pair_i,
    output logic       query_open_o
);

  localparam int unsigned CountW = $clog2(Open);

  logic   [CountW-1:0] open_q, after_done;
  logic     [Open-1:0] finals_q;
  logic   [6*Open-1:0] pairs_q, pairs_shifted;

  assign after_done = open_q - {{(CountW - 1) {1'b0}}, done_i};
  assign pairs_shifted = done_i ? (pairs_q >> 6) : pairs_q;
  assign written_o = done_i && finals_q[0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q   <= '0;
      finals_q <= '0;
    end else if (done_i || open_i) begin
      open_q   <= after_done + {{(CountW - 1) {1'b0}}, open_i};
      finals_q <= (done_i ? (finals_q >> 1) : finals_q) |
                  ((open_i && open_final_i) ? (Open'(1) << after_done) : '0);
    end
    if (done_i || open_i) begin
      pairs_q <= pairs_shifted;
      if (open_i) pairs_q[6*after_done+:6] <= open_pair_i;
    end
  end

  always_comb begin
    query_open_o = 1'b0;
    for (int unsigned k = 0; k < Open; k++) begin
      if (CountW'(k) < open_q && pairs_q[6*k+:6] == query_pair_i) query_open_o = 1'b1;
    end
  end

  `ASSERT(NotTooManyOpen_A, open_q != '1 || !open_i || done_i, clk_i, rst_i)
  `ASSERT(DoneForARequest_A, !done_i || open_q != '0, clk_i, rst_i)

endmodule

`default_nettype wire
