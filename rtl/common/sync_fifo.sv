// SPDX-License-Identifier: Apache-2.0
// A FIFO of one clock: fall-through, with its output straight from a register.
//
// Input link -> output link, order kept, one word a cycle, Depth words in all; a word shows at the
// output two cycles after it was taken (one for Depth <= 2). A full FIFO stalls its input.
// level_o counts every word inside, the one at the output included.
// Place: wherever a burst has to wait.
`include "assert.svh"
`default_nettype none

module sync_fifo #(
    parameter int unsigned Width = 8,
    parameter int unsigned Depth = 16,
    localparam int unsigned LevelW = $clog2(Depth + 1)
) (
    input  wire               clk_i,
    input  wire               rst_i,
    // in
    input  wire               in_valid_i,
    output logic              in_ready_o,
    input  wire  [ Width-1:0] in_i,
    // out
    output logic              out_valid_o,
    input  wire               out_ready_i,
    output logic [ Width-1:0] out_o,
    // fill
    output logic [LevelW-1:0] level_o
);

  if (Depth < 1) begin : g_bad_depth
    $error("sync_fifo %m: Depth must be at least 1");
  end

  logic push, pop, out_free;

  assign push = in_valid_i && in_ready_o;
  assign pop = out_valid_o && out_ready_i;
  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = level_o != LevelW'(Depth);

  always_ff @(posedge clk_i) begin
    if (rst_i) level_o <= '0;
    else if (push != pop) level_o <= push ? level_o + 1'b1 : level_o - 1'b1;
  end

  if (Depth == 1) begin : g_one
    always_ff @(posedge clk_i) begin
      if (rst_i) out_valid_o <= 1'b0;
      else if (push || pop) out_valid_o <= push;
      if (push) out_o <= in_i;
    end
    logic unused_out_free;
    assign unused_out_free = out_free;
  end else if (Depth == 2) begin : g_two
    // A second register waits behind the output.
    logic             wait_valid_q;
    logic [Width-1:0] wait_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        out_valid_o  <= 1'b0;
        wait_valid_q <= 1'b0;
      end else if (out_free) begin
        out_valid_o  <= wait_valid_q || push;
        wait_valid_q <= 1'b0;  // was full, if it held a word: nothing can have come
      end else if (push) begin
        wait_valid_q <= 1'b1;
      end
      if (out_free && (wait_valid_q || push)) out_o <= wait_valid_q ? wait_q : in_i;
      if (push) wait_q <= in_i;
    end
  end else begin : g_ram
    // The RAM's read register is the output. It is filled as soon as it is free, so the RAM itself holds
    // at most Depth - 1 words when the output is taken and one when it is not: equal pointers mean empty.
    localparam int unsigned PtrW = $clog2(Depth);
    localparam logic [PtrW-1:0] Last = PtrW'(Depth - 1);
    logic [PtrW-1:0] wr_ptr_q, rd_ptr_q;
    logic fetch;

    assign fetch = out_free && wr_ptr_q != rd_ptr_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        wr_ptr_q    <= '0;
        rd_ptr_q    <= '0;
        out_valid_o <= 1'b0;
      end else begin
        if (push) wr_ptr_q <= (wr_ptr_q == Last) ? '0 : wr_ptr_q + 1'b1;
        if (fetch) rd_ptr_q <= (rd_ptr_q == Last) ? '0 : rd_ptr_q + 1'b1;
        if (out_free) out_valid_o <= fetch;
      end
    end

    ram_sdp #(.Width(Width), .Depth(Depth)) u_ram (
        .clk_i, .wr_en_i(push), .wr_addr_i(wr_ptr_q), .wr_data_i(in_i),
        .rd_en_i(fetch), .rd_addr_i(rd_ptr_q), .rd_data_o(out_o));
  end

  if (Depth != 2 ** LevelW - 1) begin : g_level
    `ASSERT(LevelWithinDepth_A, 32'(level_o) <= Depth, clk_i, rst_i)
  end
  `ASSERT(OutputMeansNotEmpty_A, !out_valid_o || level_o != '0, clk_i, rst_i)
  `COVER(Full_C, !in_ready_o, clk_i, rst_i)

  stream_checker #(.Width(Width), .Assumed(1'b1)) u_check_in (
      .clk_i, .rst_i, .valid_i(in_valid_i), .ready_i(in_ready_o), .payload_i(in_i));
  stream_checker #(.Width(Width)) u_check_out (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
