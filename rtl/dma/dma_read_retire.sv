// SPDX-License-Identifier: Apache-2.0
// The bookkeeping of read requests: a slot for each, done once all its TLPs have finished.
//
// A TLP finishes exactly once: by its last completion, by a time-out or by being aborted. The
// request's status is the first one that was not RD_OK. Issued and finished TLPs are counted apart,
// so each memory has one writer. A report of a completion cannot wait; time-outs and aborts do.
// `done` comes two cycles after the last report.
// Place: dma_read_issue opens and closes; dma_cpl_place, dma_tag_timer, dma_read_issue report; ->
// clients.
`include "assert.svh"
`default_nettype none

module dma_read_retire #(
    parameter int unsigned Tags = 64,
    parameter int unsigned Slots = 64,
    localparam int unsigned TagW = $clog2(Tags),
    localparam int unsigned SlotW = $clog2(Slots)
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // the next free slot
    output logic                    slot_valid_o,
    output logic [SlotW-1:0]        slot_o,
    input  wire                     open_i,
    input  wire  [2:0]              open_client_i,
    input  wire  [dma_pkg::OpW-1:0] open_op_i,
    input  wire                     close_i,
    input  wire  [SlotW-1:0]        close_slot_i,
    input  wire  [9:0]              close_tlps_i,
    // which slot a tag belongs to
    input  wire                     record_valid_i,
    input  wire  [TagW-1:0]         record_tag_i,
    input  wire  [SlotW-1:0]        record_slot_i,
    // reports: completions
    input  wire                     cpl_valid_i,
    input  wire                     cpl_ends_i,
    input  wire  [SlotW-1:0]        cpl_slot_i,
    input  wire  [2:0]              cpl_status_i,
    // reports: time-outs
    input  wire                     expire_valid_i,
    output logic                    expire_ready_o,
    input  wire  [TagW-1:0]         expire_tag_i,
    input  wire                     expire_aborted_i,
    // reports: aborted before issue
    input  wire                     abort_valid_i,
    output logic                    abort_ready_o,
    input  wire  [SlotW-1:0]        abort_slot_i,
    // finished requests
    output logic                    done_valid_o,
    output dma_pkg::rd_done_t       done_o
);

  localparam int unsigned NameW = 3 + dma_pkg::OpW;

  logic [Slots-1:0] busy_q, closed_q, untouched_q;
  logic [SlotW-1:0] slot_q;
  logic [NameW-1:0] name[0:Slots-1];
  logic [9:0]       issued[0:Slots-1];
  logic [9:0]       finished[0:Slots-1];
  logic [2:0]       status[0:Slots-1];
  logic [SlotW-1:0] tag_slot[0:Tags-1];

  // --- one report a cycle, registered ---

  logic             report_q, ends_q;
  logic [SlotW-1:0] report_slot_q;
  logic [2:0]       report_status_q;

  assign expire_ready_o = !cpl_valid_i;
  assign abort_ready_o = !cpl_valid_i && !expire_valid_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) report_q <= 1'b0;
    else report_q <= cpl_valid_i || expire_valid_i || abort_valid_i;
    if (cpl_valid_i) begin
      ends_q          <= cpl_ends_i;
      report_slot_q   <= cpl_slot_i;
      report_status_q <= cpl_status_i;
    end else if (expire_valid_i) begin
      ends_q          <= 1'b1;
      report_slot_q   <= tag_slot[expire_tag_i];
      report_status_q <= expire_aborted_i ? contract_pkg::RD_ABORTED : contract_pkg::RD_TIMEOUT;
    end else if (abort_valid_i) begin
      ends_q          <= 1'b1;
      report_slot_q   <= abort_slot_i;
      report_status_q <= contract_pkg::RD_ABORTED;
    end
    if (record_valid_i) tag_slot[record_tag_i] <= record_slot_i;
  end

  // --- count it ---

  logic [9:0] finished_before, finished_now;
  logic [2:0] status_before, status_now;
  logic       complete;

  assign finished_before = untouched_q[report_slot_q] ? '0 : finished[report_slot_q];
  assign status_before = untouched_q[report_slot_q] ? contract_pkg::RD_OK : status[report_slot_q];
  assign finished_now = finished_before + {9'd0, ends_q};
  assign status_now = (status_before == contract_pkg::RD_OK) ? report_status_q : status_before;
  assign complete = report_q && ends_q && closed_q[report_slot_q]
                    && finished_now == issued[report_slot_q];

  assign slot_valid_o = !busy_q[slot_q];
  assign slot_o = slot_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q       <= '0;
      closed_q     <= '0;
      slot_q       <= '0;
      done_valid_o <= 1'b0;
    end else begin
      if (open_i || !slot_valid_o) slot_q <= slot_q + 1'b1;
      if (open_i) busy_q[slot_q] <= 1'b1;
      if (close_i) closed_q[close_slot_i] <= 1'b1;
      if (complete) begin
        busy_q[report_slot_q]   <= 1'b0;
        closed_q[report_slot_q] <= 1'b0;
      end
      done_valid_o <= complete;
    end
    if (report_q) begin
      untouched_q[report_slot_q] <= 1'b0;
      finished[report_slot_q]    <= finished_now;
      status[report_slot_q]      <= status_now;
    end
    if (open_i) begin
      untouched_q[slot_q] <= 1'b1;
      name[slot_q]        <= {open_client_i, open_op_i};
    end
    if (close_i) issued[close_slot_i] <= close_tlps_i;
    if (complete) done_o <= {name[report_slot_q], status_now};
  end

  // --- rules ---

  if (Slots < 2 || (Slots & (Slots - 1)) != 0) begin : g_bad_slots
    $error("%m: Slots must be a power of two");
  end

  `ASSERT(ReportsOnlyOpenSlots_A, !report_q || busy_q[report_slot_q], clk_i, rst_i)
  `ASSERT(FinishesNoMoreThanIssued_A,
          !(report_q && closed_q[report_slot_q]) || finished_now <= issued[report_slot_q], clk_i,
          rst_i)
  `COVER(RequestCompletes_C, complete, clk_i, rst_i)

endmodule

`default_nettype wire
