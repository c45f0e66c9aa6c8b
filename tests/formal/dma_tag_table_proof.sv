// SPDX-License-Identifier: Apache-2.0
// Proof of dma_tag_table: a tag is handed out only while it is free, and every free tag comes up again.
//
// One tag of anybody's choice is followed through free, outstanding and quarantine beside the table.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module dma_tag_table_proof #(
    parameter int unsigned Tags = 32,
    parameter bit          ExtTags = 1'b1,
    localparam int unsigned TagW = $clog2(Tags)
) (
    input wire            clk_i,
    input wire            want_i,
    input wire [TagW-1:0] cpl_tag_i,
    input wire            finish_i,
    input wire            condemn_i,
    input wire [TagW-1:0] scan_tag_i,
    input wire            expire_i,
    input wire            release_i,
    input wire            ext_tag_en_i  // ExtTags = 0: extended tags are taken away at any time, for good
);

  `PROOF_RESET(clk_i, rst)

  logic taken_away_q, ext_tag_en;
  assign ext_tag_en = ExtTags || (ext_tag_en_i && !taken_away_q);
  always_ff @(posedge clk_i) taken_away_q <= !rst && (taken_away_q || !ext_tag_en);

  logic next_valid, cpl_outstanding, cpl_quarantined, scan_outstanding, scan_quarantined, any, take;
  logic [TagW-1:0] next_tag;

  assign take = want_i && next_valid && !rst;

  dma_tag_table #(.Tags(Tags)) u_leaf (
      .clk_i, .rst_i(rst), .ext_tag_en_i(ext_tag_en),
      .next_valid_o(next_valid), .next_tag_o(next_tag), .take_i(take),
      .cpl_tag_i, .cpl_outstanding_o(cpl_outstanding), .cpl_quarantined_o(cpl_quarantined),
      .finish_i, .condemn_i,
      .scan_tag_i, .scan_outstanding_o(scan_outstanding), .scan_quarantined_o(scan_quarantined),
      .expire_i, .release_i, .any_o(any));

  (* anyconst *) logic [TagW-1:0] chosen;
  logic outstanding_q, quarantine_q;
  logic [5:0] idle_q;  // cycles in which the chosen tag was free and nothing was offered

  always_ff @(posedge clk_i) begin
    if (rst) begin
      outstanding_q <= 1'b0;
      quarantine_q  <= 1'b0;
      idle_q        <= '0;
    end else begin
      if (take && next_tag == chosen) outstanding_q <= 1'b1;
      if (finish_i && cpl_tag_i == chosen) {outstanding_q, quarantine_q} <= 2'b00;
      if (condemn_i && cpl_tag_i == chosen) {outstanding_q, quarantine_q} <= 2'b01;
      if (expire_i && scan_tag_i == chosen) {outstanding_q, quarantine_q} <= 2'b01;
      if (release_i && scan_tag_i == chosen) {outstanding_q, quarantine_q} <= 2'b00;
      if (outstanding_q || quarantine_q || next_valid) idle_q <= '0;
      else if (idle_q != '1) idle_q <= idle_q + 1'b1;
    end
  end

  `ASSERT(OfferedTagIsFree_A, !next_valid || next_tag != chosen || (!outstanding_q && !quarantine_q), clk_i, rst)
  `ASSERT(CompletionSeesTheState_A,
          cpl_tag_i != chosen || (cpl_outstanding == outstanding_q && cpl_quarantined == quarantine_q), clk_i, rst)
  `ASSERT(TimerSeesTheState_A,
          scan_tag_i != chosen || (scan_outstanding == outstanding_q && scan_quarantined == quarantine_q), clk_i, rst)
  `ASSERT(AnyCountsEveryTag_A, any || !(outstanding_q || quarantine_q), clk_i, rst)
  `ASSERT(PlainTagsOnly_A, ext_tag_en || !next_valid || 32'(next_tag) < 32, clk_i, rst)
  // once round the groups and one choice
  `ASSERT(FreeTagComesUp_A, (!ExtTags && 32'(chosen) >= 32) || 32'(idle_q) <= Tags / 8, clk_i, rst)

  `COVER(SecondTagTaken_C, take && next_tag == chosen && any, clk_i, rst)

endmodule

`default_nettype wire
