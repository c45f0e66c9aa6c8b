// SPDX-License-Identifier: Apache-2.0
// Proof of tlp_credit: a TLP goes exactly when its credits are there, through every wrap of the counters.
//
// The environment keeps the room that is left as plain numbers; the leaf sees only the modular limits.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module tlp_credit_proof (
    input wire        clk_i,
    input wire [ 7:0] more_headers_i,
    input wire [11:0] more_data_i,
    input wire [31:0] dw0_i,
    input wire        send_i
);

  `PROOF_RESET(clk_i, rst)

  (* anyconst *) logic header_infinite;
  (* anyconst *) logic data_infinite;
  (* anyconst *) logic [7:0] first_headers;  // initial credits
  (* anyconst *) logic [11:0] first_data;

  logic [7:0]  header_limit_q, header_room_q;
  logic [11:0] data_limit_q, data_room_q;
  logic        go, consume;

  tlp_credit u_leaf (
      .clk_i, .rst_i(rst), .header_limit_i(header_limit_q), .header_infinite_i(header_infinite),
      .data_limit_i(data_limit_q), .data_infinite_i(data_infinite), .dw0_i, .go_o(go), .consume_i(consume));

  assign consume = send_i && go && !rst;

  // A TLP with data (fmt bit 1) needs a credit for every 4 DW begun; length 0 means 1024 DW.
  logic [10:0] length;
  logic [11:0] need;
  assign length = (dw0_i[9:0] == 10'd0) ? 11'd1024 : 11'(dw0_i[9:0]);
  assign need = !dw0_i[30] ? 12'd0 : 12'(length / 11'd4) + ((length % 11'd4 != 11'd0) ? 12'd1 : 12'd0);

  // The partner never has more than 127 header and 2047 data credits out (PCIe 2.6.1).
  `ASSUME(FirstCreditsLegal_A, first_headers <= 8'd127 && first_data <= 12'd2047, clk_i, 1'b0)
  `ASSUME(HeaderCreditsLegal_A, header_infinite || (9'(header_room_q) + 9'(more_headers_i) <= 9'd127), clk_i, rst)
  `ASSUME(DataCreditsLegal_A, data_infinite || (13'(data_room_q) + 13'(more_data_i) <= 13'd2047), clk_i, rst)

  always_ff @(posedge clk_i) begin
    if (rst) begin
      header_limit_q <= first_headers;
      header_room_q  <= first_headers;
      data_limit_q   <= first_data;
      data_room_q    <= first_data;
    end else begin
      header_limit_q <= header_limit_q + more_headers_i;
      header_room_q  <= header_room_q + more_headers_i - 8'(consume);
      data_limit_q   <= data_limit_q + more_data_i;
      data_room_q    <= data_room_q + more_data_i - (consume ? need : 12'd0);
    end
  end

  logic header_fits, data_fits;
  assign header_fits = header_infinite || header_room_q != '0;
  assign data_fits = data_infinite || need <= data_room_q;

  // The leaf's own counters, looked at from outside: what ties them to the plain numbers.
  logic [7:0]  header_consumed;
  logic [11:0] data_consumed;
  `ASSERT(HeaderCountersAgree_A, header_infinite || header_consumed == header_limit_q - header_room_q, clk_i, rst)
  `ASSERT(DataCountersAgree_A, data_infinite || data_consumed == data_limit_q - data_room_q, clk_i, rst)
  `ASSERT(RoomLegal_A, (header_infinite || header_room_q <= 8'd127) && (data_infinite || data_room_q <= 12'd2047),
          clk_i, rst)

  `ASSERT(GoesExactlyWhenItFits_A, go == (header_fits && data_fits), clk_i, rst)

  `COVER(WaitsForData_C, !go && header_fits, clk_i, rst)
  `COVER(WaitsForHeader_C, !go && data_fits, clk_i, rst)

endmodule

`default_nettype wire
