// SPDX-License-Identifier: Apache-2.0
// Gives buffers back to the driver, for all queues of one direction: used entries, moderation, interrupt decision.
//
// Wiring only. give -> lines of used entries -> DMA writes -> (when they are on the link) moderation -> read of the
// driver's wish -> irq_valid_o with the pair. Packed and split rings (mode_i), frames of several buffers all at once
// (`more`), IN_ORDER batches in the transmit direction. A lone entry's write is requested at most 16 cycles after its
// give; a give in a stream takes at most 8 cycles as long as the DMA takes a beat a cycle (12: a line each).
//
// Configuration is written before a queue is enabled; a buffer of a queue that is not enabled is dropped.
// stop_i: give back at once what came, raise no interrupt, until the clear. query_quiet_o (registered, one cycle after
// query_pair_i): of that pair nothing is in flight or offered. clear_valid_i: all state of a quiet, stopped pair to its
// reset value, at once; the moderation parameters stay.
// Place: virtio_rx_engine, virtio_tx_engine -> this -> dma_engine, virtio_interrupt.
`default_nettype none

module virtq_give #(
    parameter int unsigned Pairs = 8,
    parameter bit          Transmit = 1'b0,
    parameter logic [2:0]  EventClient = contract_pkg::RD_RX_EVENT,
    parameter int unsigned CyclesPerUsec = 250,
    parameter int unsigned IdleCycles = 8,
    parameter int unsigned AgeCycles = 250,
    parameter int unsigned Slots = 8
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    // queues
    input  virtq_pkg::config_write_t    config_i,
    input  virtq_pkg::mode_t            mode_i,
    input  wire             [Pairs-1:0] enabled_i,
    // reset of one queue
    input  wire             [Pairs-1:0] stop_i,
    input  wire                   [5:0] query_pair_i,
    output logic                        query_quiet_o,
    input  wire                         clear_valid_i,
    input  wire                   [5:0] clear_pair_i,
    // moderation parameters
    input  virtq_give_pkg::coalesce_t   coalesce_i,
    // buffers to give back
    input  wire                         idle_i,  // none is on its way
    input  wire                         give_valid_i,
    output logic                        give_ready_o,
    input  virtq_pkg::give_t            give_i,
    // interrupt
    output logic                        irq_valid_o,
    output logic                  [5:0] irq_pair_o,
    output logic                        suppressed_o,
    output logic                  [3:0] published_entries_o,  // handed to the link
    // writes: used entries and indices
    output logic                        wr_req_valid_o,
    input  wire                         wr_req_ready_i,
    output dma_pkg::wr_req_t            wr_req_o,
    output logic                        wr_data_valid_o,
    input  wire                         wr_data_ready_i,
    output stream_pkg::beat_t           wr_data_o,
    input  wire                         wr_done_i,
    // reads: the driver's wish
    output logic                        rd_req_valid_o,
    input  wire                         rd_req_ready_i,
    output dma_pkg::rd_req_t            rd_req_o,
    input  wire                         rd_place_valid_i,
    input  dma_pkg::rd_place_t          rd_place_i,
    input  wire                         rd_done_valid_i,
    input  dma_pkg::rd_done_t           rd_done_i
);

  if (Pairs < 1 || Pairs > 64) begin : g_bad_pairs
    $error("virtq_give %m: Pairs must be 1 .. 64");
  end
  if (Slots < 1 || Slots > 2 ** dma_pkg::OpW) begin : g_bad_slots
    $error("virtq_give %m: Slots must fit the op of a read");
  end

  logic                     [Pairs-1:0] run;
  logic                                 lines_busy, write_busy, moderate_busy, event_busy;
  logic                                 entry_valid;
  logic                           [9:0] entry_slot;
  logic                          [63:0] entry;
  logic                                 job_valid, job_ready;
  virtq_give_pkg::job_t                 job;
  logic                                 notice_valid, notice_ready;
  virtq_give_pkg::notice_t              notice;
  logic                                 request_valid, request_ready;
  virtq_give_pkg::request_t             request;

  assign run = enabled_i & ~stop_i;
  assign query_quiet_o = !(lines_busy || write_busy || moderate_busy || event_busy);

  virtq_give_lines #(.Pairs(Pairs), .Transmit(Transmit), .IdleCycles(IdleCycles), .AgeCycles(AgeCycles)) u_lines (
      .clk_i, .rst_i,
      // queues
      .config_i, .mode_i, .enabled_i, .stop_i, .clear_valid_i, .clear_pair_i, .query_pair_i,
      .query_busy_o(lines_busy),
      // buffers to give back
      .idle_i, .give_valid_i, .give_ready_o, .give_i,
      // entry words
      .entry_valid_o(entry_valid), .entry_slot_o(entry_slot), .entry_o(entry),
      // jobs
      .job_valid_o(job_valid), .job_ready_i(job_ready), .job_o(job));

  virtq_give_write #(.Pairs(Pairs)) u_write (
      .clk_i, .rst_i,
      // queues
      .config_i, .query_pair_i, .query_busy_o(write_busy),
      // entry words
      .entry_valid_i(entry_valid), .entry_slot_i(entry_slot), .entry_i(entry),
      // jobs
      .job_valid_i(job_valid), .job_ready_o(job_ready), .job_i(job),
      // write
      .wr_req_valid_o, .wr_req_ready_i, .wr_req_o, .wr_data_valid_o, .wr_data_ready_i, .wr_data_o, .wr_done_i,
      // written
      .notice_valid_o(notice_valid), .notice_ready_i(notice_ready), .notice_o(notice), .published_entries_o);

  virtq_moderate #(.Pairs(Pairs), .CyclesPerUsec(CyclesPerUsec)) u_moderate (
      .clk_i, .rst_i,
      // queues
      .run_i(run), .clear_valid_i, .clear_pair_i, .query_pair_i, .query_busy_o(moderate_busy),
      // parameters
      .coalesce_i,
      // became visible
      .notice_valid_i(notice_valid), .notice_ready_o(notice_ready), .notice_i(notice),
      // the same, moderated
      .request_valid_o(request_valid), .request_ready_i(request_ready), .request_o(request));

  virtq_give_event #(.Pairs(Pairs), .Slots(Slots), .Client(EventClient)) u_event (
      .clk_i, .rst_i,
      // queues
      .config_i, .mode_i, .run_i(run), .clear_valid_i, .clear_pair_i, .query_pair_i, .query_busy_o(event_busy),
      // became visible; time to ask
      .request_valid_i(request_valid), .request_ready_o(request_ready), .request_i(request),
      // read
      .rd_req_valid_o, .rd_req_ready_i, .rd_req_o, .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // decision
      .irq_valid_o, .irq_pair_o, .suppressed_o);

endmodule

`default_nettype wire
