// SPDX-License-Identifier: Apache-2.0
// Who owns each tag: free, outstanding, or in quarantine after an error or a time-out.
//
//            take                 finish (last completion, error status), release (never sent)
//   free ------------> outstanding ------------------------------------> free
//                          | condemn (completion that does not fit), expire (time-out)
//                          v
//                      quarantine --------------------------------------> free
//                                   finish (its last completion came late), release (long after)
//
// The next tag is chosen ahead: group after group of 8, so that a tag rests before it is used
// again; one tag every two cycles. With extended tags disabled only tags 0 .. 31 are handed out
// (PCIe 2.2.6.2).
// Place: dma_read_issue takes, dma_cpl_check finishes and condemns, dma_tag_timer expires and
// releases.
`include "assert.svh"
`default_nettype none

module dma_tag_table #(
    parameter int unsigned Tags = 64,
    localparam int unsigned TagW = $clog2(Tags)
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             ext_tag_en_i,
    // the next free tag
    output logic            next_valid_o,
    output logic [TagW-1:0] next_tag_o,
    input  wire             take_i,
    // a completion's tag
    input  wire  [TagW-1:0] cpl_tag_i,
    output logic            cpl_outstanding_o,
    output logic            cpl_quarantined_o,
    input  wire             finish_i,    // cpl_tag_i is over
    input  wire             condemn_i,   // cpl_tag_i goes to quarantine
    // the timer's tag
    input  wire  [TagW-1:0] scan_tag_i,
    output logic            scan_outstanding_o,
    output logic            scan_quarantined_o,
    input  wire             expire_i,    // scan_tag_i goes to quarantine
    input  wire             release_i,   // scan_tag_i is free again
    output logic            any_o        // some tag is not free
);

  localparam int unsigned Groups = Tags / 8;
  localparam int unsigned GroupW = $clog2(Groups);
  localparam logic [GroupW-1:0] LastPlainGroup = GroupW'(3);  // tags 24 .. 31

  logic [Tags-1:0]   outstanding_q, quarantine_q;
  logic [GroupW-1:0] group_q;
  logic              chosen_q;
  logic [TagW-1:0]   tag_q;

  // --- choice of the next tag ---

  logic [7:0] group_free;
  logic [2:0] lowest;
  logic       allowed;

  assign group_free = ~(outstanding_q[{group_q, 3'd0} +: 8] | quarantine_q[{group_q, 3'd0} +: 8]);
  always_comb begin
    lowest = 3'd0;
    for (int i = 7; i >= 0; i--) if (group_free[i]) lowest = 3'(i);
  end
  assign allowed = ext_tag_en_i || tag_q[TagW-1:3] <= LastPlainGroup;
  assign next_valid_o = chosen_q && allowed;
  assign next_tag_o = tag_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      group_q  <= '0;
      chosen_q <= 1'b0;
    end else if (!chosen_q) begin
      chosen_q <= group_free != '0;
      group_q  <= (!ext_tag_en_i && group_q >= LastPlainGroup) ? '0 : group_q + 1'b1;
    end else if (take_i || !allowed) begin
      chosen_q <= 1'b0;
    end
    if (!chosen_q) tag_q <= {group_q, lowest};
  end

  // --- states ---

  assign cpl_outstanding_o = outstanding_q[cpl_tag_i];
  assign cpl_quarantined_o = quarantine_q[cpl_tag_i];
  assign scan_outstanding_o = outstanding_q[scan_tag_i];
  assign scan_quarantined_o = quarantine_q[scan_tag_i];
  assign any_o = (outstanding_q | quarantine_q) != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      outstanding_q <= '0;
      quarantine_q  <= '0;
    end else begin
      if (take_i) outstanding_q[tag_q] <= 1'b1;
      if (finish_i || condemn_i) begin
        outstanding_q[cpl_tag_i] <= 1'b0;
        quarantine_q[cpl_tag_i]  <= condemn_i;
      end
      if (expire_i || release_i) begin
        outstanding_q[scan_tag_i] <= 1'b0;
        quarantine_q[scan_tag_i]  <= expire_i;
      end
    end
  end

  // --- rules ---

  if (Tags < 32 || Tags > 256 || (Tags & (Tags - 1)) != 0) begin : g_bad_tags
    $error("%m: Tags must be 32, 64, 128 or 256");
  end

  `ASSERT(TakesOnlyFreeTags_A,
          !take_i || (next_valid_o && !outstanding_q[tag_q] && !quarantine_q[tag_q]),
          clk_i, rst_i)
  `ASSERT(NeverBothStates_A, (outstanding_q & quarantine_q) == '0, clk_i, rst_i)
  `ASSUME(FinishOrCondemn_A, !(finish_i && condemn_i), clk_i, rst_i)
  `ASSUME(ExpireOrRelease_A, !(expire_i && release_i), clk_i, rst_i)
  `ASSUME(FinishesWhatIsNotFree_A, !finish_i || cpl_outstanding_o || cpl_quarantined_o, clk_i,
      rst_i)
  `ASSUME(CondemnsWhatIsOutstanding_A, !condemn_i || cpl_outstanding_o, clk_i, rst_i)
  `ASSUME(ExpiresWhatIsOutstanding_A, !expire_i || scan_outstanding_o, clk_i, rst_i)
  `ASSUME(ReleasesWhatIsNotFree_A, !release_i || scan_outstanding_o || scan_quarantined_o, clk_i, rst_i)
  `ASSUME(OnePathToFreedom_A,
          !((finish_i || condemn_i) && (expire_i || release_i) && cpl_tag_i == scan_tag_i),
          clk_i, rst_i)
  `COVER(TagComesBackFromQuarantine_C, release_i, clk_i, rst_i)

endmodule

`default_nettype wire
