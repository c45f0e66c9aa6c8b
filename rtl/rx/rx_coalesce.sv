// SPDX-License-Identifier: Apache-2.0
// Receive coalescing: in-order TCP segments of a flow become one large frame for the host.
//
// Beats, never stalled, with a meta_t -> the same, fewer and larger. Nothing is held unless TSO4 or TSO6 was accepted
// together with GUEST_CSUM. A frame that cannot be held passes without delay while nothing else is inside. What is
// inside waits for room_i words in the packet buffer; what finds no room here is lost. Wiring only.
//
//   headers -> rx_coalesce_flow --.
//   beats ---> rx_coalesce_store -+-> rx_coalesce_flows -> rx_coalesce_emit -> rx_coalesce_switch -> beats
//        '-------------------------------------------------------------------------^ (nothing inside)
//
// Place: rx_path: rx_inspect -> this -> rx_packet_buffer.
`default_nettype none

module rx_coalesce #(
    parameter int unsigned StoreBytes = 65536,
    parameter int unsigned Contexts = 4,
    parameter int unsigned TickCycles = 250
) (
    input  wire               clk_i,
    input  wire               rst_i,
    // settings
    input  rx_pkg::offload_t  offload_i,
    input  wire         [9:0] usecs_i,
    // headers
    input  wire               parsed_valid_i,
    input  rx_pkg::parsed_t   parsed_i,
    input  wire        [15:0] addr_sum_i,
    // frames
    input  wire               in_valid_i,
    input  stream_pkg::beat_t in_i,
    input  rx_pkg::meta_t     in_meta_i,
    output logic              out_valid_o,
    output stream_pkg::beat_t out_o,
    output rx_pkg::meta_t     out_meta_o,
    output logic              out_void_o,   // with the last beat: as if the frame had never been
    input  wire        [14:0] room_i,       // words free in the packet buffer, a few cycles ago
    // events
    output logic              held_o,       // a frame waits for more of its flow
    output logic              coalesced_o,
    output logic              lost_o
);

  localparam int unsigned Words = StoreBytes / stream_pkg::Bytes;
  localparam int unsigned AddrW = $clog2(Words);
  // A large frame fits the packet buffer, and two of them the store.
  localparam int unsigned MaxBytes = (StoreBytes / 2 < 65400) ? StoreBytes / 2 : 65400;
  localparam int unsigned RecordW = 8 + 16 + 4 + rx_pkg::MetaW + rx_pkg::FlowW + 16;

  logic                         wanted, keep, idle, store_empty, flows_idle, emit_idle, records_empty;
  logic                         stored, high;
  logic                   [7:0] slot;
  logic                  [15:0] len, addr_sum;
  rx_pkg::flow_t                flow;
  logic                         rd_en, start_en, done;
  logic             [AddrW-1:0] rd_addr, start;
  logic [stream_pkg::DataW-1:0] rd_data;
  logic                   [7:0] start_slot, done_slot, next_of, next;

  assign wanted = offload_i.guest_csum && (offload_i.guest_tso4 || offload_i.guest_tso6);
  assign idle = store_empty && records_empty && flows_idle && emit_idle;

  rx_coalesce_flow u_flow (
      .clk_i, .rst_i, .offload_i, .parsed_valid_i, .parsed_i, .addr_sum_i,
      .take_i(in_valid_i && in_i.last), .flow_o(flow), .addr_sum_o(addr_sum));

  // -- frames that wait ------------------------------------------------------------------------------
  logic          record_ready, head_valid, head_ready;
  logic    [7:0] head_slot;
  logic   [15:0] head_len, head_sum;
  logic    [3:0] head_err;
  rx_pkg::meta_t head_meta;
  rx_pkg::flow_t head_flow;
  logic    [4:0] level;

  rx_coalesce_store #(.Words(Words)) u_store (
      .clk_i, .rst_i,
      // in
      .in_valid_i, .in_i, .in_drop_i(in_meta_i.drop), .in_keep_i(keep),
      // stored
      .stored_o(stored), .room_i(record_ready), .slot_o(slot), .len_o(len), .lost_o, .high_o(high),
      .empty_o(store_empty),
      // words
      .rd_en_i(rd_en), .rd_addr_i(rd_addr), .rd_data_o(rd_data), .start_en_i(start_en),
      .start_slot_i(start_slot), .start_o(start), .done_i(done), .done_slot_i(done_slot));

  sync_fifo #(.Width(RecordW), .Depth(16)) u_records (
      .clk_i, .rst_i, .in_valid_i(stored), .in_ready_o(record_ready),
      .in_i({slot, len, in_i.err, in_meta_i, flow, addr_sum}), .out_valid_o(head_valid),
      .out_ready_i(head_ready), .out_o({head_slot, head_len, head_err, head_meta, head_flow, head_sum}),
      .level_o(level));

  assign records_empty = level == '0;

  // -- who leaves ------------------------------------------------------------------------------------
  logic          send_valid, send_ready, queued_valid, queued_ready;
  rx_pkg::send_t send, queued;
  logic    [4:0] queued_level;

  rx_coalesce_flows #(.Contexts(Contexts), .TickCycles(TickCycles), .MaxBytes(MaxBytes)) u_flows (
      .clk_i, .rst_i, .usecs_i(wanted ? usecs_i : 10'd0), .high_i(high),
      // stored frames
      .in_valid_i(head_valid), .in_ready_o(head_ready), .in_slot_i(head_slot), .in_len_i(head_len),
      .in_err_i(head_err), .in_meta_i(head_meta), .in_flow_i(head_flow), .in_addr_sum_i(head_sum),
      // frames to send
      .send_valid_o(send_valid), .send_ready_i(send_ready), .send_o(send),
      .next_of_i(next_of), .next_o(next),
      // events
      .held_o, .coalesced_o, .idle_o(flows_idle));

  sync_fifo #(.Width(rx_pkg::SendW), .Depth(16)) u_sends (
      .clk_i, .rst_i, .in_valid_i(send_valid), .in_ready_o(send_ready), .in_i(send),
      .out_valid_o(queued_valid), .out_ready_i(queued_ready), .out_o(queued), .level_o(queued_level));

  // -- out -------------------------------------------------------------------------------------------
  logic              late_valid, emit_rests;
  stream_pkg::beat_t late;
  rx_pkg::meta_t     late_meta;

  rx_coalesce_emit #(.Words(Words)) u_emit (
      .clk_i, .rst_i,
      // frames
      .send_valid_i(queued_valid), .send_ready_o(queued_ready), .send_i(queued),
      // store
      .rd_en_o(rd_en), .rd_addr_o(rd_addr), .rd_data_i(rd_data), .start_en_o(start_en),
      .start_slot_o(start_slot), .start_i(start), .done_o(done), .done_slot_o(done_slot),
      .next_of_o(next_of), .next_i(next),
      // beats
      .out_valid_o(late_valid), .out_o(late), .out_meta_o(late_meta), .room_i, .idle_o(emit_rests));

  assign emit_idle = emit_rests && queued_level == '0;

  rx_coalesce_switch u_switch (
      .clk_i, .rst_i, .idle_i(idle), .usecs_i,
      // as they come
      .in_valid_i, .in_i, .in_meta_i, .eligible_i(flow.eligible), .psh_i(flow.psh), .keep_o(keep),
      // from inside
      .late_valid_i(late_valid), .late_i(late), .late_meta_i(late_meta),
      // out
      .out_valid_o, .out_o, .out_meta_o, .out_void_o);

endmodule

`default_nettype wire
