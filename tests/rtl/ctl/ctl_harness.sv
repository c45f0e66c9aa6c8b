// SPDX-License-Identifier: Apache-2.0
// The control bus from the BAR to its slaves: CTL_GENERAL, and one slave that the test plays, in window 5.
`default_nettype none

module ctl_harness (
    input  wire            clk_i,
    input  wire            rst_i,
    input  wire            link_up_i,
    // register slave
    input  wire            req_valid_i,
    output logic           req_ready_o,
    input  reg_pkg::req_t  req_i,
    output logic           rsp_valid_o,
    output logic [31:0]    rsp_rdata_o,
    // the slave of window 5
    output logic           slave_valid_o,
    input  wire            slave_ready_i,
    output ctl_pkg::req_t  slave_o,
    input  wire            slave_rsp_valid_i,
    input  wire  [31:0]    slave_rsp_rdata_i
);

  localparam logic [7:0] Present = 8'h21;

  logic           valid, ready, done;
  logic     [2:0] window;
  ctl_pkg::req_t  req;
  logic    [31:0] rdata, general_rdata;
  logic     [7:0] slave_valid;
  logic           general_ready, general_done;

  ctl_bridge u_bridge (
      .clk_i, .rst_i, .req_valid_i, .req_ready_o, .req_i, .rsp_valid_o, .rsp_rdata_o,
      .ctl_valid_o(valid), .ctl_ready_i(ready), .ctl_window_o(window), .ctl_o(req),
      .ctl_rsp_valid_i(done), .ctl_rsp_rdata_i(rdata));

  ctl_decode #(.Present(Present)) u_decode (
      .clk_i, .rst_i, .valid_i(valid), .ready_o(ready), .window_i(window), .req_i(req),
      .rsp_valid_o(done), .rsp_rdata_o(rdata), .slave_valid_o(slave_valid),
      .slave_ready_i({2'b11, slave_ready_i, 4'b1111, general_ready}), .slave_o,
      .slave_rsp_valid_i({2'b00, slave_rsp_valid_i, 4'b0000, general_done}),
      .slave_rsp_rdata_i({64'd0, slave_rsp_rdata_i, 128'd0, general_rdata}));

  ctl_general #(.Pairs(12), .ClockKhz(250000), .Windows(Present)) u_general (
      .clk_i, .rst_i, .link_up_i, .features_offered_i(64'h0123_4567_89AB_CDEF),
      .features_i(64'hFEDC_BA98_7654_3210), .last_fail_i(16'h8304),
      .req_valid_i(slave_valid[0]), .req_ready_o(general_ready), .req_i(slave_o),
      .rsp_valid_o(general_done), .rsp_rdata_o(general_rdata));

  assign slave_valid_o = slave_valid[5];

  logic unused_valid;
  assign unused_valid = ^slave_valid;

endmodule

`default_nettype wire
