// SPDX-License-Identifier: Apache-2.0
// Chooses the queue pair of a frame: by its hash through the indirection table (RSS).
//
// Hash and report -> pair, two cycles later. Frames without a hash go to the unclassified pair. A pair that is not
// active (pairs_i is how many are) counts as pair 0: tables may be written before the queues exist.
// Place: rx_path: rx_hash -> this -> the frame's meta_t.
`default_nettype none

module rx_steer (
    input  wire         clk_i,
    // settings
    input  wire  [6:0]  mask_i,
    input  wire  [5:0]  unclassified_i,
    input  wire  [6:0]  pairs_i,
    input  wire         table_write_i,
    input  wire  [6:0]  table_index_i,
    input  wire  [5:0]  table_pair_i,
    // the frame
    input  wire         valid_i,
    input  wire  [31:0] hash_i,
    input  wire  [3:0]  report_i,
    // two cycles later
    output logic [5:0]  pair_o
);

  logic       hashed_q;
  logic [5:0] entry, pair;

  ram_sdp #(.Width(6), .Depth(128)) u_table (
      .clk_i, .wr_en_i(table_write_i), .wr_addr_i(table_index_i), .wr_data_i(table_pair_i),
      .rd_en_i(valid_i), .rd_addr_i(hash_i[6:0] & mask_i), .rd_data_o(entry));

  assign pair = hashed_q ? entry : unclassified_i;

  always_ff @(posedge clk_i) begin
    if (valid_i) hashed_q <= report_i != contract_pkg::HASH_NONE;
    pair_o <= ({1'b0, pair} < pairs_i) ? pair : 6'd0;
  end

  logic unused_hash;
  assign unused_hash = ^hash_i[31:7];

endmodule

`default_nettype wire
