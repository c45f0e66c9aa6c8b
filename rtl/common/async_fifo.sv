// SPDX-License-Identifier: Apache-2.0
// A FIFO between two clocks of any ratio and phase, the same clock included.
//
// Input link of wr_clk_i -> output link of rd_clk_i, order kept, one word a cycle on either side; about
// two wr and three rd cycles of latency. Depth words in the RAM (a power of two) and one at the output,
// which comes straight from a register. Pointers cross in Gray code through cdc_sync.
// Both resets have to overlap: one side alone must not be reset while the other runs.
// Place: the edges of the MAC; constraints/cdc/async_fifo.tcl.
`include "assert.svh"
`default_nettype none

module async_fifo #(
    parameter int unsigned Width = 8,
    parameter int unsigned Depth = 16
) (
    // in, wr_clk_i
    input  wire              wr_clk_i,
    input  wire              wr_rst_i,
    input  wire              in_valid_i,
    output logic             in_ready_o,
    input  wire  [Width-1:0] in_i,
    // out, rd_clk_i
    input  wire              rd_clk_i,
    input  wire              rd_rst_i,
    output logic             out_valid_o,
    input  wire              out_ready_i,
    output logic [Width-1:0] out_o
);

  localparam int unsigned AddrW = $clog2(Depth);

  if (Depth < 4 || Depth != (1 << AddrW)) begin : g_bad_depth
    $error("async_fifo %m: Depth must be a power of two, at least 4");
  end

  // Pointers have one bit more than an address: equal means empty, equal but for that bit means full.
  localparam logic [AddrW:0] FullXor = {2'b11, {(AddrW - 1) {1'b0}}};

  logic [Width-1:0] mem_q[Depth];
  logic [AddrW:0] wr_ptr_q, wr_ptr_d, wr_gray_q, rd_gray_at_wr;
  logic [AddrW:0] rd_ptr_q, rd_ptr_d, rd_gray_q, wr_gray_at_rd;

  // ---- write side ----
  logic push;
  assign in_ready_o = wr_gray_q != (rd_gray_at_wr ^ FullXor);
  assign push = in_valid_i && in_ready_o;
  assign wr_ptr_d = wr_ptr_q + 1'b1;

  always_ff @(posedge wr_clk_i) begin
    if (wr_rst_i) begin
      wr_ptr_q  <= '0;
      wr_gray_q <= '0;
    end else if (push) begin
      wr_ptr_q  <= wr_ptr_d;
      wr_gray_q <= wr_ptr_d ^ (wr_ptr_d >> 1);
    end
    if (push) mem_q[wr_ptr_q[AddrW-1:0]] <= in_i;
  end

  cdc_sync #(.Width(AddrW + 1)) u_rd_to_wr (
      .clk_i(wr_clk_i), .rst_i(wr_rst_i), .in_i(rd_gray_q), .out_o(rd_gray_at_wr));

  // ---- read side ----
  logic fetch, out_free;
  assign out_free = !out_valid_o || out_ready_i;
  assign fetch = out_free && rd_gray_q != wr_gray_at_rd;
  assign rd_ptr_d = rd_ptr_q + 1'b1;

  always_ff @(posedge rd_clk_i) begin
    if (rd_rst_i) begin
      rd_ptr_q    <= '0;
      rd_gray_q   <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (fetch) begin
        rd_ptr_q  <= rd_ptr_d;
        rd_gray_q <= rd_ptr_d ^ (rd_ptr_d >> 1);
      end
      if (out_free) out_valid_o <= fetch;
    end
    if (fetch) out_o <= mem_q[rd_ptr_q[AddrW-1:0]];
  end

  cdc_sync #(.Width(AddrW + 1)) u_wr_to_rd (
      .clk_i(rd_clk_i), .rst_i(rd_rst_i), .in_i(wr_gray_q), .out_o(wr_gray_at_rd));

  `COVER(Full_C, !in_ready_o, wr_clk_i, wr_rst_i)

  stream_checker #(.Width(Width), .Assumed(1'b1)) u_check_in (
      .clk_i(wr_clk_i), .rst_i(wr_rst_i), .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(Width)) u_check_out (
      .clk_i(rd_clk_i), .rst_i(rd_rst_i), .valid_i(out_valid_o), .ready_i(out_ready_i),
      .payload_i(out_o));

endmodule

`default_nettype wire
