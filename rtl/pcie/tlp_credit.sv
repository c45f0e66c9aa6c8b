// SPDX-License-Identifier: Apache-2.0
// Transmit credits of one flow-control class: may the TLP at its head be sent? (PCIe 2.6.1.2)
//
// CREDIT_LIMIT and CREDITS_CONSUMED are modular counters; a TLP may go when limit - (consumed +
// need) does not exceed half the range. Combinational verdict on the head, counted when its first
// beat is taken.
// Place: beside each input of tlp_tx_arbiter.
`include "assert.svh"
`default_nettype none

module tlp_credit (
    input  wire         clk_i,
    input  wire         rst_i,
    // the link partner's limits
    input  wire  [7:0]  header_limit_i,
    input  wire         header_infinite_i,
    input  wire  [11:0] data_limit_i,
    input  wire         data_infinite_i,
    // the TLP at the head: first DW of its header
    input  wire  [31:0] dw0_i,
    output logic        go_o,
    input  wire         consume_i
);

  logic [7:0]  header_q;  // consumed
  logic [11:0] data_q;
  logic [10:0] dws;
  logic [8:0]  need;      // units of 4 DW
  logic [7:0]  header_left;
  logic [11:0] data_left;

  assign dws = {dw0_i[9:0] == '0, dw0_i[9:0]} + 11'd3;
  assign need = dw0_i[30] ? dws[10:2] : '0;
  assign header_left = header_limit_i - (header_q + 8'd1);
  assign data_left = data_limit_i - (data_q + {3'd0, need});
  assign go_o = (header_infinite_i || header_left <= 8'd128)
                && (data_infinite_i || need == '0 || data_left <= 12'd2048);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      header_q <= '0;
      data_q   <= '0;
    end else if (consume_i) begin
      header_q <= header_q + 8'd1;
      data_q   <= data_q + {3'd0, need};
    end
  end

  logic unused_dw0;
  assign unused_dw0 = ^{dw0_i[31], dw0_i[29:10], dws[1:0]};

  `ASSUME(ConsumesOnlyWhatIsGranted_A, !consume_i || go_o, clk_i, rst_i)

endmodule

`default_nettype wire
