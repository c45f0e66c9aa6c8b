// SPDX-License-Identifier: Apache-2.0
// The rules of a descriptor: pure logic (virtio 1.2, 2.7.5 to 2.7.7, 2.8.5 to 2.8.9).
//
// A descriptor and where it stands -> DESC_ERR_* of the first rule that it breaks, whether it points to an
// indirect table, whether its chain goes on. WRITE has to fit the queue's direction, but for a descriptor that
// points to a table, where it is ignored. Lengths are 1 .. 65535, ranges do not wrap; a table has 1 .. 32
// entries and closes its chain; a chain has at most 32 pieces, and no more direct ones than the ring.
// Place: inside virtq_fetch_walk.
`default_nettype none

module virtq_fetch_rules #(
    parameter bit DeviceWrites = 1'b0  // receive queues: every piece has to say WRITE
) (
    input  wire virtq_pkg::mode_t mode_i,
    input  wire [15:0]            size_i,
    // the descriptor: a split one's next stands where a packed one has its id, and flags below
    input  wire [63:0]            addr_i,
    input  wire [31:0]            len_i,
    input  wire [15:0]            flags_i,
    input  wire [15:0]            next_i,
    // where it stands
    input  wire                   in_table_i,   // of an indirect table
    input  wire [5:0]             line_i,       // its line there
    input  wire [5:0]             lines_i,      // lines of the table
    input  wire [5:0]             pieces_i,     // of its chain, before it
    // verdict
    output logic [3:0]            error_o,
    output logic                  indirect_o,
    output logic                  more_o
);

  logic        has_next, wrong_way, bad_len, bad_table, wraps, too_long, bad_next;
  logic [16:0] end_low;
  logic [5:0]  pieces;

  assign has_next = (flags_i & contract_pkg::DESC_F_NEXT) != '0;
  assign indirect_o = (flags_i & contract_pkg::DESC_F_INDIRECT) != '0;
  assign more_o = (in_table_i && mode_i.is_packed) ? line_i + 6'd1 != lines_i : has_next;
  assign wrong_way = ((flags_i & contract_pkg::DESC_F_WRITE) != '0) != DeviceWrites;
  assign bad_len = len_i == '0 || len_i[31:16] != '0;
  assign bad_table = len_i == '0 || len_i[3:0] != '0 || len_i > 32'(16 * virtq_pkg::FetchMaxPieces);
  // One 64 KB step from the top is the only place from where a length of 16 bits can wrap.
  assign end_low = {1'b0, addr_i[15:0]} + {1'b0, len_i[15:0]};
  assign wraps = (&addr_i[63:16]) && end_low > 17'h10000;
  assign pieces = pieces_i + 6'd1;
  assign too_long = pieces == 6'(virtq_pkg::FetchMaxPieces) || (!in_table_i && {10'd0, pieces} >= size_i);
  assign bad_next = !mode_i.is_packed && next_i >= (in_table_i ? {10'd0, lines_i} : size_i);

  always_comb begin
    error_o = contract_pkg::DESC_ERR_NONE;
    if (indirect_o && (in_table_i || !mode_i.indirect || has_next)) error_o = contract_pkg::DESC_ERR_INDIRECT;
    else if (indirect_o && bad_table) error_o = contract_pkg::DESC_ERR_LENGTH;
    else if (!indirect_o && wrong_way) error_o = contract_pkg::DESC_ERR_DIRECTION;
    else if (!indirect_o && bad_len) error_o = contract_pkg::DESC_ERR_LENGTH;
    else if (wraps) error_o = contract_pkg::DESC_ERR_ADDRESS;
    else if (!indirect_o && more_o && (too_long || bad_next)) error_o = contract_pkg::DESC_ERR_CHAIN;
  end

  logic unused_bits;
  assign unused_bits = ^{flags_i, mode_i};

endmodule

`default_nettype wire
