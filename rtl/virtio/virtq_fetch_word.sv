// SPDX-License-Identifier: Apache-2.0
// One word a queue, in RAM: what a block remembers of each queue, or tells another block.
//
// Read data comes one cycle after rd_en_i and stays until the next read; a word that is written in the very
// cycle of its read is read new. After reset, and after clear_valid_i for its queue, a word reads fresh_i
// until it is written.
// Place: inside the leaves of virtq_fetch.
`default_nettype none

module virtq_fetch_word #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned Width = 8
) (
    input  wire              clk_i,
    input  wire              rst_i,
    input  wire              clear_valid_i,
    input  wire  [5:0]       clear_pair_i,
    input  wire  [Width-1:0] fresh_i,
    // write
    input  wire              wr_en_i,
    input  wire  [5:0]       wr_pair_i,
    input  wire  [Width-1:0] wr_data_i,
    // read
    input  wire              rd_en_i,
    input  wire  [5:0]       rd_pair_i,
    output logic [Width-1:0] rd_data_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic [Pairs-1:0] written_q;  // since reset or clear
  logic             override_q;
  logic [Width-1:0] other_q, ram;

  always_ff @(posedge clk_i) begin
    if (rst_i) written_q <= '0;
    else begin
      if (wr_en_i) written_q[wr_pair_i[PairW-1:0]] <= 1'b1;
      if (clear_valid_i) written_q[clear_pair_i[PairW-1:0]] <= 1'b0;
    end
    if (rd_en_i) begin
      override_q <= 1'b1;
      if (wr_en_i && wr_pair_i == rd_pair_i) other_q <= wr_data_i;
      else if (!written_q[rd_pair_i[PairW-1:0]]) other_q <= fresh_i;
      else override_q <= 1'b0;
    end
  end

  ram_sdp #(.Width(Width), .Depth(Pairs)) u_ram (
      .clk_i, .wr_en_i, .wr_addr_i(wr_pair_i[PairW-1:0]), .wr_data_i,
      .rd_en_i, .rd_addr_i(rd_pair_i[PairW-1:0]), .rd_data_o(ram));

  assign rd_data_o = override_q ? other_q : ram;

  logic unused_pair;
  assign unused_pair = ^{wr_pair_i, rd_pair_i, clear_pair_i};

endmodule

`default_nettype wire
