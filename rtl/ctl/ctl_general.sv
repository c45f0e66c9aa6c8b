// SPDX-License-Identifier: Apache-2.0
// Control slave CTL_GENERAL: who answers here, in what shape, and in what state.
//
// Read only, but for a scratch register with which a master tries out its way. Answered in the next cycle.
// Place: ctl_decode -> this.
`default_nettype none

module ctl_general #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned ClockKhz = 250000,
    parameter logic [7:0] Windows = 8'h01  // with a slave
) (
    input  wire            clk_i,
    input  wire            rst_i,
    // state
    input  wire            link_up_i,
    input  wire  [63:0]    features_offered_i,
    input  wire  [63:0]    features_i,          // negotiated
    input  wire  [15:0]    last_fail_i,         // as virtio_fail tells it
    // control slave
    input  wire            req_valid_i,
    output logic           req_ready_o,
    input  ctl_pkg::req_t  req_i,
    output logic           rsp_valid_o,
    output logic [31:0]    rsp_rdata_o
);

  logic [31:0] scratch_q, rdata;

  always_comb begin
    unique case (req_i.addr)
      contract_pkg::GENERAL_ID:            rdata = contract_pkg::GENERAL_ID_VALUE;
      contract_pkg::GENERAL_VERSION:       rdata = contract_pkg::GENERAL_VERSION_VALUE;
      contract_pkg::GENERAL_PAIRS:         rdata = Pairs;
      contract_pkg::GENERAL_DATA_BITS:     rdata = stream_pkg::DataW;
      contract_pkg::GENERAL_CLOCK_KHZ:     rdata = ClockKhz;
      contract_pkg::GENERAL_LINK:          rdata = link_up_i ? contract_pkg::GENERAL_LINK_UP : '0;
      contract_pkg::GENERAL_WINDOWS:       rdata = {24'd0, Windows};
      contract_pkg::GENERAL_OFFERED_LO:    rdata = features_offered_i[31:0];
      contract_pkg::GENERAL_OFFERED_HI:    rdata = features_offered_i[63:32];
      contract_pkg::GENERAL_NEGOTIATED_LO: rdata = features_i[31:0];
      contract_pkg::GENERAL_NEGOTIATED_HI: rdata = features_i[63:32];
      contract_pkg::GENERAL_LAST_FAIL:     rdata = {16'd0, last_fail_i};
      contract_pkg::GENERAL_SCRATCH:       rdata = scratch_q;
      default:                             rdata = '0;
    endcase
  end

  assign req_ready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= req_valid_i && !rst_i;
    if (req_valid_i) rsp_rdata_o <= req_i.write ? '0 : rdata;
    if (rst_i) scratch_q <= '0;
    else if (req_valid_i && req_i.write && req_i.addr == contract_pkg::GENERAL_SCRATCH) scratch_q <= req_i.wdata;
  end

endmodule

`default_nettype wire
