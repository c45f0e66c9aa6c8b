// SPDX-License-Identifier: Apache-2.0
// Gives buffers back: writes used descriptors into the ring, several to a line (virtio 1.2, 2.8.6 to 2.8.8).
//
// A line holds up to 4 entries that stand side by side in one aligned 64-byte block of the ring. It is
// written when it is full, when the next entry would not stand beside it (a buffer of several descriptors
// leaves a gap, the ring ends), when nothing more has been on its way (idle_i) for a few cycles, or after
// a short time. Flags stand last in each entry, so an entry never shows before its id and length.
// published_o pulses when a line was handed to the link: the position behind it, how many entries it held
// and how many descriptors they stand for.
// stop_i: write nothing new (what waits is dropped with the reset that follows); quiet_o: no write open.
// Place: virtio_rx_engine, virtio_tx_engine -> this -> dma_write; -> virtq_event.
`include "assert.svh"
`default_nettype none

module virtq_used_write #(
    parameter int unsigned IdleCycles = 8,   // longer than the gap between two frames of a burst
    parameter int unsigned FlushCycles = 64
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // queue
    input  virtq_pkg::config_t    config_i,
    input  wire                   stop_i,
    output logic                  quiet_o,
    // buffers to give back
    input  wire                   idle_i,  // none is on its way
    input  wire                   used_valid_i,
    output logic                  used_ready_o,
    input  virtq_pkg::used_t      used_i,
    // write
    output logic                  wr_req_valid_o,
    input  wire                   wr_req_ready_i,
    output dma_pkg::wr_req_t      wr_req_o,
    output logic                  wr_data_valid_o,
    input  wire                   wr_data_ready_i,
    output stream_pkg::beat_t     wr_data_o,
    input  wire                   wr_done_i,
    // written
    output logic                  published_o,
    output logic            [2:0] published_entries_o,
    output logic           [17:0] published_descs_o,
    output virtq_pkg::position_t  published_position_o
);

  localparam int unsigned Line = 4;
  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned EntryBits = 128;
  localparam int unsigned Beats = EntryBits / DataW;  // of an entry
  localparam int unsigned BeatCountW = $clog2(Line * Beats);
  localparam int unsigned TimerW = $clog2(FlushCycles + 1);
  localparam int unsigned IdleW = $clog2(IdleCycles + 1);

  typedef enum logic [1:0] {StCollect, StWrite, StDone} state_e;
  state_e state_q;

  virtq_pkg::position_t   pos_q;       // of the next used entry
  logic            [14:0] start_q;     // of the line's first entry
  logic             [2:0] count_q;     // entries in the line
  logic            [17:0] descs_q;     // descriptors they stand for
  logic   [64*Line-1:0]   line_q;      // flags, id, len of each
  logic                   closed_q;    // nothing may be added
  logic    [TimerW-1:0]   timer_q;
  logic     [IdleW-1:0]   idle_q;      // idle cycles still to see
  logic [BeatCountW-1:0]  beat_q;

  // -- the next position -----------------------------------------------------------------------------
  logic [16:0]          next_raw;
  logic                 ring_end;
  virtq_pkg::position_t next_pos;
  logic                 take, flush;
  logic [15:0]          flags;

  assign next_raw = {2'b0, pos_q.index} + {1'b0, used_i.descs};
  assign ring_end = next_raw >= {1'b0, config_i.size};
  assign next_pos.wrap = pos_q.wrap ^ ring_end;
  assign next_pos.index = ring_end ? 15'(next_raw - {1'b0, config_i.size}) : next_raw[14:0];

  assign used_ready_o = state_q == StCollect && !closed_q && !stop_i;
  assign take = used_valid_i && used_ready_o;
  assign flush = count_q != '0 && (closed_q || idle_q == '0 || timer_q == '0);
  assign quiet_o = state_q == StCollect;

  assign flags = (pos_q.wrap ? (contract_pkg::DESC_F_AVAIL | contract_pkg::DESC_F_USED) : 16'd0) |
                 (used_i.written ? contract_pkg::DESC_F_WRITE : 16'd0);

  always_ff @(posedge clk_i) begin
    if (take) begin
      for (int unsigned k = 0; k < Line; k++) begin
        if (count_q == 3'(k)) line_q[64*k+:64] <= {flags, used_i.id, used_i.len};
      end
      if (count_q == '0) start_q <= pos_q.index;
    end
    if (rst_i) begin
      pos_q    <= {1'b1, 15'd0};
      count_q  <= '0;
      descs_q  <= '0;
      closed_q <= 1'b0;
    end else if (take) begin
      pos_q    <= next_pos;
      count_q  <= count_q + 1'b1;
      descs_q  <= descs_q + {2'b0, used_i.descs};
      closed_q <= used_i.descs != 16'd1 || ring_end || (&pos_q.index[1:0]);
    end else if (published_o) begin
      count_q  <= '0;
      descs_q  <= '0;
      closed_q <= 1'b0;
    end
  end

  // -- writing a line --------------------------------------------------------------------------------
  logic last_beat, data_sent;

  assign last_beat = {{(3 + $clog2(Beats) - BeatCountW) {1'b0}}, beat_q} ==
                     (3 + $clog2(Beats))'(count_q * (3 + $clog2(Beats))'(Beats)) - 1'b1;
  assign data_sent = wr_data_valid_o && wr_data_ready_i && last_beat;
  assign published_o = state_q == StDone && wr_done_i;
  assign published_entries_o = count_q;
  assign published_descs_o = descs_q;
  assign published_position_o = pos_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q         <= StCollect;
      wr_req_valid_o  <= 1'b0;
      wr_data_valid_o <= 1'b0;
      timer_q         <= TimerW'(FlushCycles);
      idle_q          <= IdleW'(IdleCycles);
    end else begin
      if (wr_req_ready_i) wr_req_valid_o <= 1'b0;
      unique case (state_q)
        StCollect: begin
          beat_q <= '0;
          if (count_q == '0) timer_q <= TimerW'(FlushCycles);
          else if (timer_q != '0) timer_q <= timer_q - 1'b1;
          if (count_q == '0 || used_valid_i || !idle_i) idle_q <= IdleW'(IdleCycles);
          else if (idle_q != '0) idle_q <= idle_q - 1'b1;
          if (flush && !take && !stop_i) begin
            wr_req_valid_o  <= 1'b1;
            wr_data_valid_o <= 1'b1;
            state_q         <= StWrite;
          end
        end
        StWrite: begin
          if (wr_data_valid_o && wr_data_ready_i) beat_q <= beat_q + 1'b1;
          if (data_sent) begin
            wr_data_valid_o <= 1'b0;
            state_q         <= StDone;
          end
        end
        default: if (wr_done_i) state_q <= StCollect;
      endcase
    end
  end

  always_comb begin
    wr_req_o = '0;
    wr_req_o.addr = {config_i.desc[63:4], 4'b0} + {45'd0, start_q, 4'b0};
    wr_req_o.len = {9'd0, count_q, 4'b0};
  end

  // The address field of a used entry means nothing: zero.
  logic [63:0] entry;
  if (Beats == 1) begin : g_wide
    assign entry = line_q[64*beat_q+:64];
    assign wr_data_o = {contract_pkg::FRAME_OK, last_beat, stream_pkg::EmptyW'(0), entry, 64'd0};
  end else begin : g_narrow
    assign entry = line_q[64*beat_q[BeatCountW-1:1]+:64];
    assign wr_data_o = {contract_pkg::FRAME_OK, last_beat, stream_pkg::EmptyW'(0),
                        beat_q[0] ? entry : 64'd0};
  end

  logic unused_config;
  assign unused_config = ^{config_i.enabled, config_i.event_idx, config_i.driver, config_i.device,
                           config_i.desc[3:0]};

  `ASSERT(LineNotOverfull_A, count_q <= 3'(Line), clk_i, rst_i)
  `ASSERT(LineWithinRing_A, state_q != StWrite || {1'b0, start_q} + {13'd0, count_q} <= config_i.size,
          clk_i, rst_i)
  `ASSERT(DoneOnlyWhenAwaited_A, !wr_done_i || state_q == StDone, clk_i, rst_i)

  stream_checker #(.Width(65), .Assumed(1'b1)) u_check_used (
      .clk_i, .rst_i, .valid_i(used_valid_i), .ready_i(used_ready_o), .payload_i(used_i));
  stream_checker #(.Width(80)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));

endmodule

`default_nettype wire
