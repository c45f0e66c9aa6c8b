// SPDX-License-Identifier: Apache-2.0
// Device reset, function level reset and queue reset of any number of queues, in the one order that is safe.
//
//   StPick    a queue whose reset was asked for, or, in a device reset, each pair that is enabled in turn
//   StRest    its stop is set; its blocks have been quiet for RestCycles in a row: nothing is on its way
//   StClear   one pulse: the blocks put its state to the reset value
//   StCleared quiet again for RestCycles: they have done so
//   StRelease its interrupts are taken back and those on their way are gone
//   StDone    the registers forget the queue (or, after the last pair, the device)
//
// Only then does status or queue_reset read as done (virtio 1.2, 2.4 and 2.6.1). stop_o of a queue stands from
// the request until its enable bit falls. query_pair_o names the pair whose quiet is looked at; the answer
// counts from two cycles after a change. A device that never reached DRIVER_OK and resets no queue has
// nothing to bring to rest and is cleared at once. A device reset takes over queue resets that wait.
// Place: virtio_status, virtio_queue_table, pcie_core -> this -> data path, virtio_irq_vectors, registers.
`include "assert.svh"
`default_nettype none

module virtio_drain #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned RestCycles = 16,
    localparam int unsigned Queues = 2 * Pairs
) (
    input  wire                clk_i,
    input  wire                rst_i,
    // requests
    input  wire                driver_ok_i,
    input  wire  [Queues-1:0]  enabled_i,
    input  wire                reset_request_i,   // status was written with 0
    input  wire                flr_i,
    input  wire                queue_reset_valid_i,
    input  wire  [6:0]         queue_reset_i,
    // data path
    output logic [Queues-1:0]  stop_o,
    output logic [5:0]         query_pair_o,
    input  wire                rx_quiet_i,
    input  wire                tx_quiet_i,
    output logic               rx_clear_o,
    output logic               tx_clear_o,
    output logic [5:0]         clear_pair_o,
    // interrupts; held until ready
    output logic               release_valid_o,
    input  wire                release_ready_i,
    output logic               release_all_o,
    // registers
    output logic               locked_o,          // a device reset is under way
    output logic               clear_o,           // ... and complete
    output logic [Queues-1:0]  resetting_o,       // queue_reset reads 1
    output logic               queue_clear_o,     // queue_o's registers
    output logic [6:0]         queue_o
);

  localparam int unsigned QueueW = $clog2(Queues);
  localparam int unsigned AnswerCycles = 3;       // a query's answer may be the last pair's for so long
  localparam int unsigned CountW = $clog2(RestCycles + AnswerCycles + 1);
  localparam logic [CountW-1:0] Rest = CountW'(RestCycles + AnswerCycles);
  localparam logic [QueueW-1:0] LastQueue = QueueW'(Queues - 1);

  typedef enum logic [2:0] {StPick, StRest, StClear, StCleared, StRelease, StDone} state_e;

  state_e            state_q;
  logic              device_q;     // a device reset is under way
  logic              whole_q;      // ... and what the machine is doing belongs to it
  logic              last_q;       // every pair has been looked at
  logic [QueueW-1:0] queue_q;      // in a device reset the pair's first
  logic [CountW-1:0] count_q;
  logic [Queues-1:0] queues_q;     // resets of single queues

  logic request, at_once, quiet, pick_pair, pick_queue;

  assign request = reset_request_i || flr_i;
  assign at_once = request && !driver_ok_i && !device_q && queues_q == '0;
  assign quiet = (whole_q || !queue_q[0] ? rx_quiet_i : 1'b1) && (whole_q || queue_q[0] ? tx_quiet_i : 1'b1);
  assign pick_pair = enabled_i[queue_q & ~(QueueW'(1))] || enabled_i[queue_q | QueueW'(1)];
  assign pick_queue = queues_q[queue_q];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StPick;
      device_q <= 1'b0;
      whole_q  <= 1'b0;
      last_q   <= 1'b0;
      queues_q <= '0;
      queue_q  <= '0;
      count_q  <= Rest;
    end else begin
      if (request && !at_once) device_q <= 1'b1;
      if (queue_reset_valid_i && !device_q && !at_once) queues_q[queue_reset_i[QueueW-1:0]] <= 1'b1;
      count_q <= Rest;
      unique case (state_q)
        StPick: begin
          if (device_q && !whole_q) begin
            whole_q <= 1'b1;
            last_q  <= 1'b0;
            queue_q <= '0;
          end else if (whole_q && last_q) begin
            state_q <= StRelease;
          end else if (whole_q ? pick_pair : pick_queue) begin
            state_q <= StRest;
          end else if (whole_q) begin
            last_q  <= queue_q == LastQueue - 1'b1;
            queue_q <= queue_q + QueueW'(2);
          end else if (queues_q != '0) begin
            queue_q <= (queue_q == LastQueue) ? '0 : queue_q + 1'b1;
          end
        end
        StRest, StCleared: begin
          count_q <= quiet ? count_q - 1'b1 : Rest;
          if (quiet && count_q == '0) begin
            count_q <= Rest;
            if (state_q == StRest) state_q <= StClear;
            else if (whole_q) begin
              last_q  <= queue_q == LastQueue - 1'b1;
              queue_q <= queue_q + QueueW'(2);
              state_q <= StPick;
            end else state_q <= StRelease;
          end
        end
        StClear: state_q <= StCleared;
        StRelease: if (release_ready_i) state_q <= StDone;
        default: begin
          state_q <= StPick;
          queues_q[queue_q] <= 1'b0;
          if (whole_q) begin
            device_q <= 1'b0;
            whole_q  <= 1'b0;
            queues_q <= '0;
            queue_q  <= '0;
          end
        end
      endcase
    end
  end

  assign stop_o = queues_q | {Queues{device_q}};
  assign query_pair_o = 6'(7'(queue_q) >> 1);
  assign clear_pair_o = 6'(7'(queue_q) >> 1);
  assign rx_clear_o = state_q == StClear && (whole_q || !queue_q[0]);
  assign tx_clear_o = state_q == StClear && (whole_q || queue_q[0]);
  assign release_valid_o = state_q == StRelease;
  assign release_all_o = whole_q;
  assign locked_o = device_q;
  assign clear_o = at_once || (state_q == StDone && whole_q);
  assign resetting_o = queues_q;
  assign queue_clear_o = state_q == StDone && !whole_q;
  assign queue_o = 7'(queue_q);

  logic unused_bits;
  assign unused_bits = ^queue_reset_i;

  `ASSERT(ClearedWhileStopped_A, !(rx_clear_o || tx_clear_o) || stop_o[queue_q], clk_i, rst_i)
  `COVER(DeviceResetCompletes_C, clear_o && whole_q, clk_i, rst_i)

endmodule

`default_nettype wire
