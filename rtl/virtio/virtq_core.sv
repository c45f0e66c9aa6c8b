// SPDX-License-Identifier: Apache-2.0
// One packed virtqueue, device side: the driver's buffers in, used buffers out.
//
// Wiring only. kick -> descriptors read ahead -> checked buffers (chain and segments) for the queue's
// engine; used buffers from it -> used descriptors -> interrupt or not. error_o is not DESC_ERR_NONE from
// the first broken rule until reset; the queue then fetches nothing more.
// stop_i: start no DMA; quiet_o: none is under way. A reset is allowed only when quiet.
// Place: virtio_notify, dma_engine <-> this <-> virtio_rx_engine or virtio_tx_engine; -> virtio_interrupt.
`default_nettype none

module virtq_core #(
    parameter bit         DeviceWrites = 1'b0,
    parameter logic [2:0] DescClient = contract_pkg::RD_RX_DESC,
    parameter logic [2:0] EventClient = contract_pkg::RD_RX_EVENT
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // queue
    input  virtq_pkg::config_t    config_i,
    input  wire                   ring_i,  // doorbell
    input  wire                   stop_i,
    output logic                  quiet_o,
    output logic            [3:0] error_o,
    // buffers to fill or send
    output logic                  chain_valid_o,
    input  wire                   chain_ready_i,
    output virtq_pkg::chain_t     chain_o,
    output logic                  segment_valid_o,
    input  wire                   segment_ready_i,
    output virtq_pkg::segment_t   segment_o,
    // buffers to give back
    input  wire                   used_idle_i,
    input  wire                   used_valid_i,
    output logic                  used_ready_o,
    input  virtq_pkg::used_t      used_i,
    // interrupt
    output logic                  irq_o,
    output logic                  suppressed_o,
    output logic            [2:0] used_entries_o,  // handed to the link in this cycle
    // reads: descriptors, driver event suppression
    output logic                  desc_req_valid_o,
    input  wire                   desc_req_ready_i,
    output dma_pkg::rd_req_t      desc_req_o,
    output logic                  event_req_valid_o,
    input  wire                   event_req_ready_i,
    output dma_pkg::rd_req_t      event_req_o,
    input  wire                   rd_place_valid_i,
    input  dma_pkg::rd_place_t    rd_place_i,
    input  wire                   rd_done_valid_i,
    input  dma_pkg::rd_done_t     rd_done_i,
    // writes: used descriptors
    output logic                  used_req_valid_o,
    input  wire                   used_req_ready_i,
    output dma_pkg::wr_req_t      used_req_o,
    output logic                  used_data_valid_o,
    input  wire                   used_data_ready_i,
    output stream_pkg::beat_t     used_data_o,
    input  wire                   used_done_i,
    // writes: device event suppression
    output logic                  arm_req_valid_o,
    input  wire                   arm_req_ready_i,
    output dma_pkg::wr_req_t      arm_req_o,
    output logic                  arm_data_valid_o,
    input  wire                   arm_data_ready_i,
    output stream_pkg::beat_t     arm_data_o,
    input  wire                   arm_done_i
);

  localparam int unsigned MaxSegments = 32;
  localparam int unsigned SegmentDepth = 64;  // a whole buffer fits, or nothing would ever move
  localparam int unsigned ChainDepth = 16;
  localparam int unsigned UsedDepth = 16;
  localparam int unsigned SegmentW = 81;
  localparam int unsigned ChainW = 49;
  localparam int unsigned UsedW = 65;

  logic                 kick, kick_taken;
  logic                 arm_valid, arm_done;
  virtq_pkg::position_t arm_position;
  logic                 fetch_quiet, fetch_error, used_quiet, event_quiet;
  logic           [3:0] walk_error;
  // descriptors
  logic                 desc_valid, desc_ready;
  virtq_pkg::desc_t     desc;
  // buffers, before their FIFOs
  logic                 segment_valid, segment_ready, chain_valid, chain_ready;
  virtq_pkg::segment_t  segment;
  virtq_pkg::chain_t    chain;
  // used buffers behind their FIFO
  logic                 used_valid, used_ready;
  virtq_pkg::used_t     used;
  // published
  logic                 published;
  logic           [2:0] published_entries;
  logic          [17:0] published_descs;
  virtq_pkg::position_t published_position;

  logic [$clog2(SegmentDepth+1)-1:0] segments_level;
  logic   [$clog2(ChainDepth+1)-1:0] chains_level;
  logic    [$clog2(UsedDepth+1)-1:0] used_level;
  logic                              unused_levels;
  assign unused_levels = ^{segments_level, chains_level, used_level};

  assign error_o = fetch_error ? contract_pkg::DESC_ERR_READ : walk_error;
  assign quiet_o = fetch_quiet && used_quiet && event_quiet;
  assign used_entries_o = published ? published_entries : '0;

  virtq_doorbell u_doorbell (
      .clk_i, .rst_i, .ring_i, .taken_i(kick_taken), .pending_o(kick));

  virtq_desc_fetch #(.Client(DescClient)) u_desc_fetch (
      .clk_i, .rst_i,
      // queue
      .config_i, .stop_i(stop_i || error_o != contract_pkg::DESC_ERR_NONE), .quiet_o(fetch_quiet),
      .error_o(fetch_error),
      // kick
      .kick_i(kick), .kick_taken_o(kick_taken),
      // arming
      .arm_valid_o(arm_valid), .arm_o(arm_position), .arm_done_i(arm_done),
      // read
      .rd_req_valid_o(desc_req_valid_o), .rd_req_ready_i(desc_req_ready_i), .rd_req_o(desc_req_o),
      .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // available descriptors
      .desc_valid_o(desc_valid), .desc_ready_i(desc_ready), .desc_o(desc));

  virtq_arm u_arm (
      .clk_i, .rst_i,
      // queue
      .config_i,
      // where to wake up
      .arm_valid_i(arm_valid), .arm_i(arm_position), .done_o(arm_done),
      // write
      .wr_req_valid_o(arm_req_valid_o), .wr_req_ready_i(arm_req_ready_i), .wr_req_o(arm_req_o),
      .wr_data_valid_o(arm_data_valid_o), .wr_data_ready_i(arm_data_ready_i), .wr_data_o(arm_data_o),
      .wr_done_i(arm_done_i));

  virtq_buffer_walk #(.DeviceWrites(DeviceWrites), .MaxSegments(MaxSegments)) u_buffer_walk (
      .clk_i, .rst_i, .size_i(config_i.size), .error_o(walk_error),
      // descriptors
      .desc_valid_i(desc_valid), .desc_ready_o(desc_ready), .desc_i(desc),
      // segments
      .segment_valid_o(segment_valid), .segment_ready_i(segment_ready), .segment_o(segment),
      // buffers
      .chain_valid_o(chain_valid), .chain_ready_i(chain_ready), .chain_o(chain));

  sync_fifo #(.Width(SegmentW), .Depth(SegmentDepth)) u_segments (
      .clk_i, .rst_i,
      // in
      .in_valid_i(segment_valid), .in_ready_o(segment_ready), .in_i(segment),
      // out
      .out_valid_o(segment_valid_o), .out_ready_i(segment_ready_i), .out_o(segment_o),
      .level_o(segments_level));

  sync_fifo #(.Width(ChainW), .Depth(ChainDepth)) u_chains (
      .clk_i, .rst_i,
      // in
      .in_valid_i(chain_valid), .in_ready_o(chain_ready), .in_i(chain),
      // out
      .out_valid_o(chain_valid_o), .out_ready_i(chain_ready_i), .out_o(chain_o),
      .level_o(chains_level));

  sync_fifo #(.Width(UsedW), .Depth(UsedDepth)) u_used (
      .clk_i, .rst_i,
      // in
      .in_valid_i(used_valid_i), .in_ready_o(used_ready_o), .in_i(used_i),
      // out
      .out_valid_o(used_valid), .out_ready_i(used_ready), .out_o(used),
      .level_o(used_level));

  virtq_used_write u_used_write (
      .clk_i, .rst_i,
      // queue
      .config_i, .stop_i, .quiet_o(used_quiet),
      // buffers to give back
      .idle_i(used_idle_i), .used_valid_i(used_valid), .used_ready_o(used_ready), .used_i(used),
      // write
      .wr_req_valid_o(used_req_valid_o), .wr_req_ready_i(used_req_ready_i), .wr_req_o(used_req_o),
      .wr_data_valid_o(used_data_valid_o), .wr_data_ready_i(used_data_ready_i), .wr_data_o(used_data_o),
      .wr_done_i(used_done_i),
      // written
      .published_o(published), .published_entries_o(published_entries),
      .published_descs_o(published_descs), .published_position_o(published_position));

  virtq_event #(.Client(EventClient)) u_event (
      .clk_i, .rst_i,
      // queue
      .config_i, .stop_i, .quiet_o(event_quiet),
      // published used entries
      .published_i(published), .published_descs_i(published_descs),
      .published_position_i(published_position),
      // read
      .rd_req_valid_o(event_req_valid_o), .rd_req_ready_i(event_req_ready_i), .rd_req_o(event_req_o),
      .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // decision
      .irq_o, .suppressed_o);

endmodule

`default_nettype wire
