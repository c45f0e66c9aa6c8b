// SPDX-License-Identifier: Apache-2.0
// The debug window of the BAR as the control bus's master.
//
// BAR accesses of BAR_CONTROL -> accesses of the control bus, one by one; the answer is handed back as it
// comes. Writes need all four bytes enabled: others are answered and dropped, for the bus knows whole words.
// Whoever owns the bus next replaces this module; no slave can tell.
// Place: reg_decode -> this -> ctl_decode.
`include "assert.svh"
`default_nettype none

module ctl_bridge (
    input  wire              clk_i,
    input  wire              rst_i,
    // register slave
    input  wire              req_valid_i,
    output logic             req_ready_o,
    input  reg_pkg::req_t    req_i,
    output logic             rsp_valid_o,
    output logic [31:0]      rsp_rdata_o,
    // master: window and access
    output logic             ctl_valid_o,
    input  wire              ctl_ready_i,
    output logic [2:0]       ctl_window_o,
    output ctl_pkg::req_t    ctl_o,
    input  wire              ctl_rsp_valid_i,
    input  wire  [31:0]      ctl_rsp_rdata_i
);

  logic partial, partial_q, pending_q;

  assign partial = req_i.write && req_i.be != 4'hF;
  assign req_ready_o = !pending_q && !partial_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q   <= 1'b0;
      partial_q   <= 1'b0;
      ctl_valid_o <= 1'b0;
    end else begin
      partial_q <= req_valid_i && req_ready_o && partial;
      if (req_valid_i && req_ready_o && !partial) begin
        pending_q   <= 1'b1;
        ctl_valid_o <= 1'b1;
      end else begin
        if (ctl_ready_i) ctl_valid_o <= 1'b0;
        if (ctl_rsp_valid_i) pending_q <= 1'b0;
      end
    end
    if (req_valid_i && req_ready_o) begin
      ctl_window_o <= req_i.addr[14:12];
      ctl_o        <= {req_i.write, req_i.addr[11:2], 2'd0, req_i.wdata};
    end
  end

  assign rsp_valid_o = partial_q || (pending_q && ctl_rsp_valid_i);
  assign rsp_rdata_o = partial_q ? '0 : ctl_rsp_rdata_i;

  logic unused_bits;
  assign unused_bits = ^{req_i.addr[15], req_i.addr[1:0]};

  `ASSERT(AnsweredOnlyWhenAsked_A, !ctl_rsp_valid_i || pending_q, clk_i, rst_i)
  stream_checker #(.Width(3 + ctl_pkg::ReqW)) u_check_ctl (
      .clk_i, .rst_i, .valid_i(ctl_valid_o), .ready_i(ctl_ready_i), .payload_i({ctl_window_o, ctl_o}));

endmodule

`default_nettype wire
