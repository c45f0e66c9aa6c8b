// SPDX-License-Identifier: Apache-2.0
// Issues memory read TLPs: a tag for each, a slot for each request, an entry in the tag's record.
//
// One TLP every two cycles at best; waits for a free tag, a free slot and the link. With the bus
// master off a chunk is not issued: it retires at once as aborted. A TLP that waited for the link by
// then is dropped there; dma_tag_timer retires it.
// Place: dma_split -> this -> tlp_tx_arbiter; dma_cpl_check reads the record, dma_read_retire owns
// the slots.
`include "assert.svh"
`default_nettype none

module dma_read_issue #(
    parameter int unsigned Tags = 64,
    parameter int unsigned Slots = 64,
    localparam int unsigned TagW = $clog2(Tags),
    localparam int unsigned SlotW = $clog2(Slots)
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire                        bus_master_en_i,
    input  wire  [15:0]                requester_id_i,
    // chunks, with their request's name and local address
    input  wire                        chunk_valid_i,
    output logic                       chunk_ready_o,
    input  wire dma_pkg::chunk_t       chunk_i,
    input  wire  [2:0]                 client_i,
    input  wire  [dma_pkg::OpW-1:0]    op_i,
    input  wire  [dma_pkg::LocalW-1:0] local_addr_i,
    // tags
    input  wire                        tag_valid_i,
    input  wire  [TagW-1:0]            tag_i,
    output logic                       tag_take_o,
    output logic                       start_o,      // start_tag_o's time-out begins with the last such cycle:
    output logic [TagW-1:0]            start_tag_o,  // a read that waits for credits has not left yet
    // slots
    input  wire                        slot_valid_i,
    input  wire  [SlotW-1:0]           slot_i,
    output logic                       open_o,        // slot_i belongs to this request from now on
    output logic [2:0]                 open_client_o,
    output logic [dma_pkg::OpW-1:0]    open_op_o,
    // the open slot's last TLP; close_tlps_o is how many there are
    output logic                       close_o,
    output logic [9:0]                 close_tlps_o,
    output logic [SlotW-1:0]           close_slot_o,
    // record of the tag, written as its TLP becomes visible
    output logic                       record_valid_o,
    output logic [TagW-1:0]            record_tag_o,
    output logic [SlotW-1:0]           record_slot_o,
    output logic [2:0]                 record_client_o,
    output logic [dma_pkg::LocalW-1:0] record_end_o,       // local address behind the last byte
    output logic [6:0]                 record_host_end_o,  // host address behind the last byte
    output logic [9:0]                 record_bytes_o,
    // chunks that are never issued
    output logic                       abort_valid_o,
    input  wire                        abort_ready_i,
    output logic [SlotW-1:0]           abort_slot_o,
    // TLPs
    output logic                       out_valid_o,
    input  wire                        out_ready_i,
    input  wire                        out_dropped_i,  // the TLP that is taken goes nowhere
    output tlp_pkg::beat_t             out_o,
    output logic                       dropped_o,      // ... and this was its tag
    output logic [TagW-1:0]            dropped_tag_o,
    // statistics
    output logic                       stat_tlp_o
);

  logic [SlotW-1:0]           slot_q;
  logic [9:0]                 tlps_q;   // of this request, so far
  logic [dma_pkg::LocalW-1:0] delta_q;  // local minus host address, the same for all bytes
  logic [dma_pkg::LocalW-1:0] host_end_q;
  logic                       send, abort, step;
  logic [SlotW-1:0]           slot;
  logic [9:0]                 tlps;
  tlp_pkg::request_t          header;

  assign slot = chunk_i.first ? slot_i : slot_q;
  assign tlps = chunk_i.first ? 10'd1 : tlps_q + 10'd1;
  assign send = chunk_valid_i && (!chunk_i.first || slot_valid_i) && bus_master_en_i && tag_valid_i
                && (!out_valid_o || out_ready_i);
  assign abort = chunk_valid_i && (!chunk_i.first || slot_valid_i) && !bus_master_en_i
                 && (!abort_valid_o || abort_ready_i);
  assign step = send || abort;

  assign chunk_ready_o = step;
  assign tag_take_o = send;
  assign start_o = send || out_valid_o;
  assign start_tag_o = send ? tag_i : record_tag_o;
  assign open_o = step && chunk_i.first;
  assign open_client_o = client_i;
  assign open_op_o = op_i;
  assign close_o = step && chunk_i.last;
  assign close_tlps_o = tlps;
  assign close_slot_o = slot;

  always_comb begin
    header = '0;
    if (chunk_valid_i) begin
      header.dw0.fmt_type = chunk_i.wide ? contract_pkg::TLP_MRD64 : contract_pkg::TLP_MRD32;
      header.dw0.length = {2'd0, chunk_i.dws};
      header.requester = requester_id_i;
      header.tag = 8'(tag_i);
      header.last_be = chunk_i.last_be;
      header.first_be = chunk_i.first_be;
      header.dw2 = chunk_i.wide ? chunk_i.addr[63:32] : {chunk_i.addr[31:2], 2'd0};
      header.dw3 = chunk_i.wide ? {chunk_i.addr[31:2], 2'd0} : 32'd0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o    <= 1'b0;
      record_valid_o <= 1'b0;
      abort_valid_o  <= 1'b0;
    end else begin
      if (send) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
      record_valid_o <= send;
      if (abort) abort_valid_o <= 1'b1;
      else if (abort_ready_i) abort_valid_o <= 1'b0;
    end
    if (step) begin
      slot_q <= slot;
      tlps_q <= tlps;
      if (chunk_i.first) delta_q <= local_addr_i - chunk_i.addr[dma_pkg::LocalW-1:0];
    end
    if (abort) abort_slot_o <= slot;
    if (send) begin
      out_o             <= {header, 1'b1, 1'b1, {tlp_pkg::DataW{1'b0}}};
      record_tag_o      <= tag_i;
      record_slot_o     <= slot;
      record_client_o   <= client_i;
      record_bytes_o    <= chunk_i.bytes;
      host_end_q        <= chunk_i.addr[dma_pkg::LocalW-1:0] + dma_pkg::LocalW'(chunk_i.bytes);
    end
  end

  assign record_end_o = host_end_q + delta_q;
  assign record_host_end_o = host_end_q[6:0];
  assign dropped_o = out_valid_o && out_ready_i && out_dropped_i;
  assign dropped_tag_o = record_tag_o;
  assign stat_tlp_o = out_valid_o && out_ready_i && !out_dropped_i;

  // --- rules ---

  logic unused_chunk;
  assign unused_chunk = ^{chunk_i.rot, chunk_i.addr[1:0]};

  stream_checker #(.Width(128 + 2 + tlp_pkg::DataW)) u_check (
      .clk_i, .rst_i, .valid_i(out_valid_o), .ready_i(out_ready_i), .payload_i(out_o));

endmodule

`default_nettype wire
