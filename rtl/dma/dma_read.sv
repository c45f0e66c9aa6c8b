// SPDX-License-Identifier: Apache-2.0
// The read half of the DMA engine: clients' requests become memory read TLPs, completions become
// placements.
//
// Wiring only. Split and out-of-order completions are placed by byte count, without a reorder
// buffer.
// Place: clients -> this -> tlp_tx_arbiter; tlp_rx_demux -> this -> clients.
`default_nettype none

module dma_read #(
    parameter int unsigned Clients = 5,
    parameter int unsigned Tags = 64,
    parameter int unsigned Slots = 64
) (
    input  wire                                clk_i,
    input  wire                                rst_i,
    // function settings
    input  wire                                bus_master_en_i,
    input  wire  [2:0]                         mrrs_i,
    input  wire                                ext_tag_en_i,
    input  wire  [15:0]                        requester_id_i,
    input  wire  [31:0]                        timeout_i,
    // clients
    input  wire  [Clients-1:0]                 req_valid_i,
    output logic [Clients-1:0]                 req_ready_o,
    input  wire  [Clients*dma_pkg::RdReqW-1:0] req_i,
    output logic                               place_valid_o,
    output dma_pkg::rd_place_t                 place_o,
    output logic                               done_valid_o,
    output dma_pkg::rd_done_t                  done_o,
    input  wire  [Clients-1:0]                 gate_i,
    output logic [Clients-1:0]                 busy_o,
    // TLPs
    output logic                               out_valid_o,
    input  wire                                out_ready_i,
    input  wire                                out_dropped_i,
    output tlp_pkg::beat_t                     out_o,
    // completions
    input  wire                                cpl_valid_i,
    output logic                               cpl_ready_o,
    input  wire tlp_pkg::beat_t                cpl_i,
    // statistics
    output logic                               stat_tlp_o,
    output dma_pkg::stat_t                     stat_cpl_o,
    output logic                               stat_timeout_o
);

  localparam int unsigned TagW = $clog2(Tags);
  localparam int unsigned SlotW = $clog2(Slots);
  localparam int unsigned MetaW = 3 + dma_pkg::OpW + dma_pkg::LocalW;

  logic                       req_valid, req_ready;
  dma_pkg::rd_req_t           req;
  logic [2:0]                 req_client;
  logic                       chunk_valid, chunk_ready;
  dma_pkg::chunk_t            chunk;
  logic [2:0]                 chunk_client;
  logic [dma_pkg::OpW-1:0]    chunk_op;
  logic [dma_pkg::LocalW-1:0] chunk_local_addr;
  logic                       tag_valid, tag_take, tag_any, start;
  logic [TagW-1:0]            tag, start_tag;
  logic                       dropped, dropped_full;
  logic [TagW-1:0]            dropped_tag;
  logic                       slot_valid, open, close;
  logic [SlotW-1:0]           slot, close_slot;
  logic [2:0]                 open_client;
  logic [dma_pkg::OpW-1:0]    open_op;
  logic [9:0]                 close_tlps;
  logic                       record_valid;
  logic [TagW-1:0]            record_tag;
  logic [SlotW-1:0]           record_slot;
  logic [2:0]                 record_client;
  logic [dma_pkg::LocalW-1:0] record_end;
  logic [6:0]                 record_host_end;
  logic [9:0]                 record_bytes;
  logic                       abort_valid, abort_ready;
  logic [SlotW-1:0]           abort_slot;
  logic [TagW-1:0]            cpl_tag, scan_tag;
  logic                       cpl_outstanding, cpl_quarantined, finish, condemn;
  logic                       scan_outstanding, scan_quarantined, scan_block;
  logic                       expire_valid, expire_ready, expire_aborted, expire, release_tag;
  logic                       checked_valid, checked_ready;
  dma_pkg::checked_t          checked;
  logic [SlotW-1:0]           checked_slot;
  logic                       retire_valid, retire_ends;
  logic [SlotW-1:0]           retire_slot;
  logic [2:0]                 retire_status;
  logic [Clients-1:0]         client_done;

  // --- requests ---

  dma_client_arbiter #(.Clients(Clients), .ReqW(dma_pkg::RdReqW)) u_arbiter (
      .clk_i, .rst_i,
      // clients
      .req_valid_i, .req_ready_o, .req_i, .gate_i,
      // the chosen request
      .out_valid_o(req_valid), .out_ready_i(req_ready), .out_o(req), .out_client_o(req_client));

  assign client_done = Clients'({{(Clients-1){1'b0}}, done_valid_o} << done_o.client);

  dma_client_busy #(.Clients(Clients), .CountW(8)) u_busy (
      .clk_i, .rst_i, .accept_i(req_valid_i & req_ready_o), .done_i(client_done), .busy_o);

  dma_split #(.MaxLimit(2), .MetaW(MetaW)) u_split (
      .clk_i, .rst_i, .limit_i(mrrs_i),
      // requests
      .in_valid_i(req_valid), .in_ready_o(req_ready), .in_addr_i(req.addr), .in_len_i(req.len),
      .in_meta_i({req_client, req.op, req.local_addr}),
      // chunks
      .out_valid_o(chunk_valid), .out_ready_i(chunk_ready), .out_o(chunk),
      .out_meta_o({chunk_client, chunk_op, chunk_local_addr}));

  dma_read_issue #(.Tags(Tags), .Slots(Slots)) u_issue (
      .clk_i, .rst_i, .bus_master_en_i, .requester_id_i,
      // chunks
      .chunk_valid_i(chunk_valid), .chunk_ready_o(chunk_ready), .chunk_i(chunk),
      .client_i(chunk_client), .op_i(chunk_op), .local_addr_i(chunk_local_addr),
      // tags
      .tag_valid_i(tag_valid && !dropped_full), .tag_i(tag), .tag_take_o(tag_take),
      .start_o(start), .start_tag_o(start_tag),
      // slots
      .slot_valid_i(slot_valid), .slot_i(slot), .open_o(open), .open_client_o(open_client),
      .open_op_o(open_op), .close_o(close), .close_tlps_o(close_tlps), .close_slot_o(close_slot),
      // record of the tag
      .record_valid_o(record_valid), .record_tag_o(record_tag), .record_slot_o(record_slot),
      .record_client_o(record_client), .record_end_o(record_end),
      .record_host_end_o(record_host_end),
      .record_bytes_o(record_bytes),
      // chunks that are never issued
      .abort_valid_o(abort_valid), .abort_ready_i(abort_ready), .abort_slot_o(abort_slot),
      // TLPs
      .out_valid_o, .out_ready_i, .out_dropped_i, .out_o,
      .dropped_o(dropped), .dropped_tag_o(dropped_tag), .stat_tlp_o);

  // --- tags ---

  assign expire = expire_valid && expire_ready && !expire_aborted;

  dma_tag_table #(.Tags(Tags)) u_tags (
      .clk_i, .rst_i, .ext_tag_en_i,
      // the next free tag
      .next_valid_o(tag_valid), .next_tag_o(tag), .take_i(tag_take),
      // a completion's tag
      .cpl_tag_i(cpl_tag), .cpl_outstanding_o(cpl_outstanding), .cpl_quarantined_o(cpl_quarantined),
      .finish_i(finish), .condemn_i(condemn),
      // the timer's tag
      .scan_tag_i(scan_tag), .scan_outstanding_o(scan_outstanding),
      .scan_quarantined_o(scan_quarantined), .expire_i(expire), .release_i(release_tag),
      .any_o(tag_any));

  dma_tag_timer #(.Tags(Tags)) u_timer (
      .clk_i, .rst_i, .timeout_i,
      // a tag's time starts
      .start_i(start), .start_tag_i(start_tag),
      // its read was dropped
      .drop_i(dropped), .drop_tag_i(dropped_tag), .full_o(dropped_full),
      // visit
      .any_i(tag_any), .scan_tag_o(scan_tag), .scan_outstanding_i(scan_outstanding),
      .scan_quarantined_i(scan_quarantined), .block_i(scan_block),
      // verdicts
      .expire_valid_o(expire_valid), .expire_ready_i(expire_ready), .expire_aborted_o(expire_aborted),
      .release_o(release_tag));

  assign stat_timeout_o = expire;

  // --- completions ---

  dma_cpl_check #(.Tags(Tags), .Slots(Slots)) u_check (
      .clk_i, .rst_i, .requester_id_i,
      // completions
      .cpl_valid_i, .cpl_ready_o, .cpl_i,
      // records
      .record_valid_i(record_valid), .record_tag_i(record_tag), .record_slot_i(record_slot),
      .record_client_i(record_client), .record_end_i(record_end),
      .record_host_end_i(record_host_end),
      .record_bytes_i(record_bytes),
      // tag table
      .tag_o(cpl_tag), .outstanding_i(cpl_outstanding), .quarantined_i(cpl_quarantined),
      .finish_o(finish), .condemn_o(condemn),
      // timer
      .scan_tag_i(scan_tag), .scan_block_o(scan_block),
      // checked beats
      .out_valid_o(checked_valid), .out_ready_i(checked_ready), .out_o(checked),
      .out_slot_o(checked_slot),
      .stat_o(stat_cpl_o));

  dma_cpl_place #(.Slots(Slots)) u_place (
      .clk_i, .rst_i,
      // checked beats
      .in_valid_i(checked_valid), .in_ready_o(checked_ready), .in_i(checked),
      .in_slot_i(checked_slot),
      // placements
      .place_valid_o, .place_o,
      // reports
      .retire_valid_o(retire_valid), .retire_ends_o(retire_ends), .retire_slot_o(retire_slot),
      .retire_status_o(retire_status));

  dma_read_retire #(.Tags(Tags), .Slots(Slots)) u_retire (
      .clk_i, .rst_i,
      // the next free slot
      .slot_valid_o(slot_valid), .slot_o(slot), .open_i(open), .open_client_i(open_client),
      .open_op_i(open_op), .close_i(close), .close_slot_i(close_slot), .close_tlps_i(close_tlps),
      // which slot a tag belongs to
      .record_valid_i(record_valid), .record_tag_i(record_tag), .record_slot_i(record_slot),
      // reports
      .cpl_valid_i(retire_valid), .cpl_ends_i(retire_ends), .cpl_slot_i(retire_slot),
      .cpl_status_i(retire_status),
      .expire_valid_i(expire_valid), .expire_ready_o(expire_ready), .expire_tag_i(scan_tag),
      .expire_aborted_i(expire_aborted),
      .abort_valid_i(abort_valid), .abort_ready_o(abort_ready), .abort_slot_i(abort_slot),
      // finished requests
      .done_valid_o, .done_o);

endmodule

`default_nettype wire
