// SPDX-License-Identifier: Apache-2.0
// Checks every completion against the record of its tag before a byte of it is placed (PCIe 2.3.2).
//
// Completions of one tag come in address order (PCIe 2.3.1.1), so the byte count must be exactly
// what remains, the lower address what the end of the request says, and the length at most what the
// byte count allows.
//   ignored:        foreign requester, no such tag, tag in quarantine (late)
//   ends the read:  error status (tag free); wrong byte count, length, address (tag to quarantine)
//   placed:         the rest, in any order between tags and in any split; poisoned
//                   data is not placed but counts as received
// Each verdict is one statistics pulse. The header is evaluated in the first beat's cycle, so
// back-to-back completions of one tag see each other's effect. Two stages, one beat a cycle.
// Place: tlp_rx_demux -> this -> dma_cpl_place; dma_tag_table holds the tags' states.
`include "assert.svh"
`default_nettype none

module dma_cpl_check #(
    parameter int unsigned Tags = 64,
    parameter int unsigned Slots = 64,
    localparam int unsigned TagW = $clog2(Tags),
    localparam int unsigned SlotW = $clog2(Slots)
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire  [15:0]                requester_id_i,
    // completions
    input  wire                        cpl_valid_i,
    output logic                       cpl_ready_o,
    input  wire tlp_pkg::beat_t        cpl_i,
    // records of issued reads
    input  wire                        record_valid_i,
    input  wire  [TagW-1:0]            record_tag_i,
    input  wire  [SlotW-1:0]           record_slot_i,
    input  wire  [2:0]                 record_client_i,
    input  wire  [dma_pkg::LocalW-1:0] record_end_i,
    input  wire  [6:0]                 record_host_end_i,
    input  wire  [9:0]                 record_bytes_i,
    // tag table
    output logic [TagW-1:0]            tag_o,
    input  wire                        outstanding_i,
    input  wire                        quarantined_i,
    output logic                       finish_o,
    output logic                       condemn_o,
    // timer: may this tag expire now?
    input  wire  [TagW-1:0]            scan_tag_i,
    output logic                       scan_block_o,
    // checked beats
    output logic                       out_valid_o,
    input  wire                        out_ready_i,
    output dma_pkg::checked_t          out_o,
    output logic [SlotW-1:0]           out_slot_o,
    // statistics
    output dma_pkg::stat_t             stat_o
);

  localparam int unsigned DwPerBeat = tlp_pkg::DataW / 32;
  localparam int unsigned BeatShift = $clog2(DwPerBeat);
  localparam int unsigned RecordW = SlotW + 3 + dma_pkg::LocalW + 7 + 10;

  // --- what the header alone tells, registered with the first beat ---

  tlp_pkg::completion_t hdr;
  logic [12:0]          count;      // byte count, 1 .. 4096
  logic [10:0]          dws;        // length, 1 .. 1024
  logic [3:0]           fraction;
  logic [10:0]          total_dws;  // that would finish the read
  logic [12:0]          dw_bytes;

  assign hdr = cpl_i.hdr;
  assign count = {hdr.byte_count == '0, hdr.byte_count};
  assign dws = {hdr.dw0.length == '0, hdr.dw0.length};
  assign fraction = {2'd0, count[1:0]} + {2'd0, hdr.lower_address[1:0]} + 4'd3;
  assign total_dws = count[12:2] + {9'd0, fraction[3:2]};
  assign dw_bytes = {dws, 2'd0};

  logic                      valid_q, first_q, last_q, mid_q;
  logic [tlp_pkg::DataW-1:0] data_q;
  logic                      ours_q, has_data_q, is_cpl_q, poisoned_q, success_q;
  logic                      final_q, too_long_q, in_range_q;
  logic [TagW-1:0]           tag_q;
  logic [12:0]               count_q;
  logic [9:0]                after_q;       // remaining once this one has come, if not final
  // bytes from lane 0 of the first beat to the last byte's end
  logic [9:0]                span_q;
  logic [12:0]               reach_q;       // byte count + lane of the first byte
  logic [1:0]                lane_q;
  logic [6:0]                host_end_q;    // where the request must end, by this header
  logic [8:0]                last_beat_q;   // index of the last beat
  logic [8:0]                beat_q;        // index of the beat in the second stage
  logic                      fire;

  assign cpl_ready_o = !valid_q || fire;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= 1'b0;
    end else if (cpl_ready_o) begin
      valid_q <= cpl_valid_i;
    end
    if (cpl_valid_i && cpl_ready_o) begin
      first_q <= cpl_i.first;
      last_q  <= cpl_i.last;
      data_q  <= cpl_i.data;
      beat_q  <= cpl_i.first ? '0 : beat_q + {8'd0, beat_q != '1};
    end
    if (cpl_valid_i && cpl_ready_o && cpl_i.first) begin
      is_cpl_q    <= hdr.dw0.fmt_type == contract_pkg::TLP_CPL
                     || hdr.dw0.fmt_type == contract_pkg::TLP_CPLD;
      has_data_q  <= hdr.dw0.fmt_type == contract_pkg::TLP_CPLD;
      poisoned_q  <= hdr.dw0.ep;
      success_q   <= hdr.status == contract_pkg::CPL_SC;
      ours_q      <= hdr.requester == requester_id_i;
      tag_q       <= hdr.tag[TagW-1:0];
      in_range_q  <= {1'b0, hdr.tag} < 9'(Tags);
      count_q     <= count;
      lane_q      <= hdr.lower_address[1:0];
      final_q     <= dws == total_dws;
      too_long_q  <= dws > total_dws;
      reach_q     <= count + {11'd0, hdr.lower_address[1:0]};
      span_q      <= (dws == total_dws) ? count[9:0] + {8'd0, hdr.lower_address[1:0]}
          : dw_bytes[9:0];
      after_q     <= count[9:0] - dw_bytes[9:0] + {8'd0, hdr.lower_address[1:0]};
      host_end_q  <= hdr.lower_address + hdr.byte_count[6:0];
      last_beat_q <= 9'((dws - 11'd1) >> BeatShift);
    end
  end

  // --- records ---

  logic [RecordW-1:0]         record[0:Tags-1];
  logic [9:0]                 left[0:Tags-1];
  logic [Tags-1:0]            untouched_q;  // nothing has come yet: all of record_bytes is left
  logic [SlotW-1:0]           rec_slot;
  logic [2:0]                 rec_client;
  logic [dma_pkg::LocalW-1:0] rec_end;
  logic [6:0]                 rec_host_end;
  logic [9:0]                 rec_bytes;
  logic [12:0]                remaining;
  logic                       progress;

  always_comb begin
    {rec_slot, rec_client, rec_end, rec_host_end, rec_bytes, remaining} = '0;
    if (valid_q && first_q) begin
      {rec_slot, rec_client, rec_end, rec_host_end, rec_bytes} = record[tag_q];
      remaining = {3'd0, untouched_q[tag_q] ? rec_bytes : left[tag_q]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (record_valid_i) begin
      record[record_tag_i] <= {record_slot_i, record_client_i, record_end_i, record_host_end_i,
                               record_bytes_i};
      untouched_q[record_tag_i] <= 1'b1;
    end
    if (progress) begin
      left[tag_q]        <= after_q;
      untouched_q[tag_q] <= 1'b0;
    end
  end

  // --- verdict on the header ---

  logic recorded;  // a tag taken this very cycle has no record yet, and no completion
  logic known, active, late, fits, address_fits, accepted;
  logic bad_status, bad_length, bad_address;

  always_comb begin
    {recorded, known, active, late, fits, address_fits} = '0;
    {bad_status, bad_length, bad_address, accepted} = '0;
    if (valid_q && first_q) begin
      known = is_cpl_q && ours_q && in_range_q;
      recorded = !(record_valid_i && record_tag_i == tag_q);
      active = known && outstanding_i && recorded;
      late = known && quarantined_i;
      fits = has_data_q && count_q == remaining && !too_long_q;
      address_fits = host_end_q == rec_host_end;
      bad_status = active && !success_q;
      bad_length = active && success_q && !fits;
      bad_address = active && success_q && fits && !address_fits;
      accepted = active && success_q && fits && address_fits;
    end
  end

  logic header_now;  // the first beat moves on

  assign fire = valid_q && (!out_valid_o || out_ready_i);
  assign header_now = fire && first_q;
  assign tag_o = tag_q;
  assign finish_o = header_now && (bad_status || (accepted && final_q)
                                   || (late && (!success_q || (fits && final_q))));
  assign condemn_o = header_now && (bad_length || bad_address);
  assign progress = header_now && (accepted || (late && success_q && fits)) && !final_q;
  assign scan_block_o = ((valid_q || mid_q) && tag_q == scan_tag_i)
                        || (out_valid_o && out_o.tag == 8'(scan_tag_i));

  // --- verdict on the payload, with the last beat ---

  logic       accepted_q, ends_q;
  logic [2:0] status_q;
  logic       is_accepted, ends, wrong_payload;
  logic [2:0] status;

  assign is_accepted = first_q ? accepted : accepted_q;
  assign ends = first_q ? (bad_status || bad_length || bad_address || (accepted && final_q))
      : ends_q;
  always_comb begin
    status = status_q;
    if (first_q) begin
      if (bad_status) status = contract_pkg::RD_CPL_STATUS;
      else if (bad_length || bad_address) status = contract_pkg::RD_BAD_LENGTH;
      else if (poisoned_q) status = contract_pkg::RD_POISONED;
      else status = contract_pkg::RD_OK;
    end
  end
  assign wrong_payload = is_accepted && last_q && status == contract_pkg::RD_OK
      && beat_q != last_beat_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o <= 1'b0;
      mid_q       <= 1'b0;
    end else begin
      if (fire) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
      if (fire) mid_q <= !last_q;
    end
    if (fire) begin
      accepted_q        <= is_accepted;
      ends_q            <= ends;
      status_q          <= status;
      out_o.first       <= first_q;
      out_o.last        <= last_q;
      out_o.data        <= data_q;
      out_o.place       <= is_accepted && status == contract_pkg::RD_OK && beat_q <= last_beat_q;
      out_o.retire      <= last_q && (ends || wrong_payload
                                      || (is_accepted && status != contract_pkg::RD_OK));
      out_o.retire_ends <= ends;
      out_o.status      <= wrong_payload ? contract_pkg::RD_BAD_LENGTH : status;
    end
    if (header_now) begin
      out_o.tag    <= 8'(tag_q);
      out_o.client <= rec_client;
      out_o.lane   <= lane_q;
      out_o.span   <= span_q;
      out_o.base   <= rec_end - dma_pkg::LocalW'(reach_q);
      out_slot_o   <= rec_slot;
    end
  end

  // --- statistics ---

  always_comb begin
    stat_o = '0;
    stat_o.cpl_unexpected = header_now && (!is_cpl_q || (ours_q && !active && !late));
    stat_o.cpl_bad_requester = header_now && is_cpl_q && !ours_q;
    stat_o.cpl_late = header_now && late;
    stat_o.cpl_error_status = header_now && bad_status;
    stat_o.cpl_bad_length = (header_now && bad_length) || (fire && wrong_payload);
    stat_o.cpl_bad_address = header_now && bad_address;
    stat_o.cpl_poisoned = header_now && accepted && poisoned_q;
  end

  // --- rules ---

  logic unused_header;
  assign unused_header = ^{hdr.completer, hdr.bcm, hdr.rsvd, hdr.unused_dw3, hdr.dw0, fraction[1:0],
                           hdr.tag, dw_bytes[12:10]};

  `ASSERT(PlacesOnlyWhatWasAsked_A, !(header_now && accepted) || outstanding_i, clk_i, rst_i)
  stream_checker #(.Width(128 + 2 + tlp_pkg::DataW), .Assumed(1'b1)) u_check (
      .clk_i, .rst_i, .valid_i(cpl_valid_i), .ready_i(cpl_ready_o), .payload_i(cpl_i));

endmodule

`default_nettype wire
