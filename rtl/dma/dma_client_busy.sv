// SPDX-License-Identifier: Apache-2.0
// Counts each client's requests that were accepted and are not done.
//
// busy_o is registered state: it rises in the cycle after the acceptance and falls in the cycle
// after done.
// Place: beside dma_write and dma_read, for queue resets that must know when a client is quiet.
`include "assert.svh"
`default_nettype none

module dma_client_busy #(
    parameter int unsigned Clients = 6,
    parameter int unsigned CountW = 7
) (
    input  wire                clk_i,
    input  wire                rst_i,
    input  wire  [Clients-1:0] accept_i,
    input  wire  [Clients-1:0] done_i,
    output logic [Clients-1:0] busy_o
);

  logic [Clients*CountW-1:0] count_q;
  logic [Clients-1:0]        full;

  always_ff @(posedge clk_i) begin
    if (rst_i) count_q <= '0;
    else if (accept_i != done_i) begin
      for (int i = 0; i < Clients; i++) begin
        if (accept_i[i] && !done_i[i]) count_q[i*CountW+:CountW] <= count_q[i*CountW+:CountW] + 1'b1;
        if (done_i[i] && !accept_i[i]) count_q[i*CountW+:CountW] <= count_q[i*CountW+:CountW] - 1'b1;
      end
    end
  end

  for (genvar i = 0; i < Clients; i++) begin : g_client
    assign busy_o[i] = count_q[i*CountW+:CountW] != '0;
    assign full[i] = count_q[i*CountW+:CountW] == '1;
  end

  `ASSERT(DoneOnlyWhenBusy_A, (done_i & ~busy_o) == '0, clk_i, rst_i)
  `ASSERT(CountDoesNotWrap_A, (accept_i & ~done_i & full) == '0, clk_i, rst_i)

endmodule

`default_nettype wire
