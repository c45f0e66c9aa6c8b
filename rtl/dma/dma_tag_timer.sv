// SPDX-License-Identifier: Apache-2.0
// The completion timer (PCIe 2.8) and the end of the quarantine.
//
// Each tag carries the time of its issue in sixteenths of the time-out. After each tick all tags
// are visited, one a cycle: an outstanding one expires between timeout_i and 9/8 of it, a
// quarantined one is released nine time-outs after its issue. An expiry waits while completion data
// of the same tag is being placed (block_i) and until the request's bookkeeping takes it
// (expire_ready_i).
// Place: beside dma_tag_table -> dma_read_retire.
`include "assert.svh"
`default_nettype none

module dma_tag_timer #(
    parameter int unsigned Tags = 64,
    localparam int unsigned TagW = $clog2(Tags)
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire  [31:0]     timeout_i,  // clock cycles
    // a tag starts
    input  wire             start_i,
    input  wire  [TagW-1:0] start_tag_i,
    // visit
    input  wire             any_i,
    output logic [TagW-1:0] scan_tag_o,
    input  wire             scan_outstanding_i,
    input  wire             scan_quarantined_i,
    input  wire             block_i,
    // verdicts on scan_tag_o
    output logic            expire_valid_o,
    input  wire             expire_ready_i,
    output logic            release_o
);

  localparam logic [7:0] ExpireAge = 8'd17;    // one tick of doubt on top of 16
  localparam logic [7:0] ReleaseAge = 8'd144;

  logic [7:0]      stamp[0:Tags-1];
  logic [27:0]     prescale_q;
  logic [7:0]      now_q;
  logic            visiting_q;
  logic [TagW-1:0] scan_q;
  logic            tick;
  logic [7:0]      age;
  logic            wait_here;

  assign tick = prescale_q == '0;
  assign age = now_q - stamp[scan_q];
  assign scan_tag_o = scan_q;
  assign expire_valid_o = visiting_q && scan_outstanding_i && age >= ExpireAge && !block_i;
  assign release_o = visiting_q && scan_quarantined_i && age >= ReleaseAge && !block_i;
  assign wait_here = visiting_q && scan_outstanding_i && age >= ExpireAge && (block_i
      || !expire_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      prescale_q <= '0;
      now_q      <= '0;
      visiting_q <= 1'b0;
      scan_q     <= '0;
    end else if (any_i || visiting_q) begin
      prescale_q <= tick ? timeout_i[31:4] : prescale_q - 1'b1;
      if (tick) now_q <= now_q + 1'b1;
      if (tick) visiting_q <= 1'b1;
      else if (scan_q == TagW'(Tags - 1) && !wait_here) visiting_q <= 1'b0;
      if (visiting_q && !wait_here) scan_q <= scan_q + 1'b1;
    end
    if (start_i) stamp[start_tag_i] <= now_q;
  end

  logic unused_fraction;
  assign unused_fraction = ^timeout_i[3:0];

  `COVER(TagExpires_C, expire_valid_o && expire_ready_i, clk_i, rst_i)

endmodule

`default_nettype wire
