// SPDX-License-Identifier: Apache-2.0
// Hands an access of the control bus to the slave of its window; a window without one reads as zero.
//
// One access in flight. No added latency to a slave; an access to nobody is answered in the next cycle.
// Present says in which windows there are slaves; their links are flat vectors, window w at bit w.
// Place: ctl_bridge -> this -> every slave of the control bus.
`include "assert.svh"
`default_nettype none

module ctl_decode #(
    parameter logic [7:0] Present = 8'h01,
    localparam int unsigned Windows = 32'(contract_pkg::CTL_WINDOWS)
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    // master
    input  wire                    valid_i,
    output logic                   ready_o,
    input  wire  [2:0]             window_i,
    input  ctl_pkg::req_t          req_i,
    output logic                   rsp_valid_o,
    output logic [31:0]            rsp_rdata_o,
    // slaves
    output logic [Windows-1:0]     slave_valid_o,
    input  wire  [Windows-1:0]     slave_ready_i,
    output ctl_pkg::req_t          slave_o,
    input  wire  [Windows-1:0]     slave_rsp_valid_i,
    input  wire  [32*Windows-1:0]  slave_rsp_rdata_i
);

  logic [Windows-1:0] chosen;
  logic               nobody, nobody_q;

  assign chosen = Windows'(1) << window_i;
  assign nobody = (chosen & Present) == '0;
  assign slave_valid_o = valid_i ? (chosen & Present) : '0;
  assign slave_o = req_i;
  assign ready_o = nobody || (chosen & slave_ready_i) != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) nobody_q <= 1'b0;
    else nobody_q <= valid_i && nobody;
  end

  assign rsp_valid_o = nobody_q || (slave_rsp_valid_i & Present) != '0;
  always_comb begin
    rsp_rdata_o = '0;
    for (int unsigned w = 0; w < Windows; w++) begin
      if (slave_rsp_valid_i[w] && Present[w]) rsp_rdata_o = slave_rsp_rdata_i[32*w+:32];
    end
  end

  `ASSERT(OneAnswers_A, $countones(slave_rsp_valid_i & Present) + {31'd0, nobody_q} <= 1, clk_i, rst_i)

endmodule

`default_nettype wire
