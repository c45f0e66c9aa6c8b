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

  for (genvar i = 0; i < Clients; i++) begin : g_client
    logic [CountW-1:0] count_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) count_q <= '0;
      else if (accept_i[i] && !done_i[i]) count_q <= count_q + 1'b1;
      else if (done_i[i] && !accept_i[i]) count_q <= count_q - 1'b1;
    end

    assign busy_o[i] = count_q != '0;

    `ASSERT(DoneOnlyWhenBusy_A, !done_i[i] || count_q != '0, clk_i, rst_i)
    `ASSERT(CountDoesNotWrap_A, !accept_i[i] || done_i[i] || count_q != '1, clk_i, rst_i)
  end

endmodule

`default_nettype wire
