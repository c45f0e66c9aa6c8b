// SPDX-License-Identifier: Apache-2.0
// The completion timer (PCIe 2.8) and the end of the quarantine.
//
// Each tag carries the time at which its read left for the link, in sixteenths of the time-out.
// After each tick all tags are visited, one a cycle: an outstanding one expires between timeout_i
// and 9/8 of it, a quarantined one is released nine time-outs after that time. An expiry waits
// while completion data of the same tag is being placed (block_i) and until the request's
// bookkeeping takes it (expire_ready_i).
//
// A read that was dropped on its way to the link has nothing to wait for: a visit, which begins at
// once, aborts it and releases its tag. Until then full_o stands, and no other read may be issued.
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
    // a tag's time starts, or starts again
    input  wire             start_i,
    input  wire  [TagW-1:0] start_tag_i,
    // a tag's read was dropped
    input  wire             drop_i,
    input  wire  [TagW-1:0] drop_tag_i,
    output logic            full_o,
    // visit
    input  wire             any_i,
    output logic [TagW-1:0] scan_tag_o,
    input  wire             scan_outstanding_i,
    input  wire             scan_quarantined_i,
    input  wire             block_i,
    // verdicts on scan_tag_o
    output logic            expire_valid_o,
    input  wire             expire_ready_i,
    output logic            expire_aborted_o,  // it was never sent: no time-out, no quarantine
    output logic            release_o
);

  localparam logic [7:0] ExpireAge = 8'd17;    // one tick of doubt on top of 16
  localparam logic [7:0] ReleaseAge = 8'd144;

  logic [7:0]      stamp[0:Tags-1];
  logic [27:0]     prescale_q;
  logic [7:0]      now_q;
  logic            visiting_q;
  logic [TagW-1:0] scan_q;
  logic            drop_q;
  logic [TagW-1:0] drop_tag_q;
  logic            tick;
  logic [7:0]      age;
  logic            dropped;    // the tag that is visited
  logic            over, wait_here;

  assign tick = prescale_q == '0;
  assign age = now_q - stamp[scan_q];
  assign scan_tag_o = scan_q;
  assign full_o = drop_q;
  assign dropped = drop_q && scan_q == drop_tag_q;
  assign over = visiting_q && scan_outstanding_i && (dropped || age >= ExpireAge);
  assign expire_valid_o = over && !block_i;
  assign expire_aborted_o = dropped;
  assign release_o = (visiting_q && scan_quarantined_i && age >= ReleaseAge && !block_i) ||
                     (expire_valid_o && expire_ready_i && dropped);
  assign wait_here = over && (block_i || !expire_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      prescale_q <= '0;
      now_q      <= '0;
      visiting_q <= 1'b0;
      scan_q     <= '0;
      drop_q     <= 1'b0;
    end else if (any_i || visiting_q || drop_q || drop_i) begin
      prescale_q <= tick ? timeout_i[31:4] : prescale_q - 1'b1;
      if (tick) now_q <= now_q + 1'b1;
      if (tick || drop_q) visiting_q <= 1'b1;
      else if (scan_q == TagW'(Tags - 1) && !wait_here) visiting_q <= 1'b0;
      if (visiting_q && !wait_here) scan_q <= scan_q + 1'b1;
      if (drop_i) drop_q <= 1'b1;
      else if (visiting_q && dropped && !wait_here) drop_q <= 1'b0;
    end
    if (drop_i) drop_tag_q <= drop_tag_i;
    if (start_i) stamp[start_tag_i] <= now_q;
  end

  logic unused_fraction;
  assign unused_fraction = ^timeout_i[3:0];

  `ASSUME(OneDropAtATime_A, !drop_i || !drop_q, clk_i, rst_i)
  `COVER(TagExpires_C, expire_valid_o && expire_ready_i, clk_i, rst_i)

endmodule

`default_nettype wire
