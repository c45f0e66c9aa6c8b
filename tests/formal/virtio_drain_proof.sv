// SPDX-License-Identifier: Apache-2.0
// Proof of virtio_drain: nothing is cleared before it rests, nothing reads as reset before it was cleared.
//
// Two pairs. A queue's blocks are busy as they like; once a stopped queue has rested for RestCycles in a row, nothing
// of it starts again. The answer to a query comes two cycles late. With Willing nothing is ever busy and interrupts are
// taken back at once: then every reset has to end.
`include "assert.svh"
`include "proof.svh"
`default_nettype none

module virtio_drain_proof #(
    parameter bit Willing = 1'b0
) (
    input wire       clk_i,
    input wire       start_i,          // the driver says DRIVER_OK
    input wire [3:0] enable_i,
    input wire       reset_request_i,
    input wire       flr_i,
    input wire       queue_reset_valid_i,
    input wire [1:0] queue_reset_i,
    input wire [3:0] busy_i,
    input wire       release_ready_i
);

  localparam int unsigned RestCycles = 2;
  localparam logic [1:0]  Rest = 2'd2;
  localparam logic [5:0]  EndsWithin = 6'd62;

  `PROOF_RESET(clk_i, rst)

  logic [3:0] enabled_q, stop, resetting, busy, idle, cleared_q, asked_q;
  logic [5:0] query_pair, clear_pair;
  logic       rx_clear, tx_clear, release_valid, release_all, locked, clear, queue_clear, released_q, driver_ok_q;
  logic [6:0] queue;
  logic [1:0] rx_answer_q, tx_answer_q;
  logic       request, ask, release_ready;
  logic [5:0] waits_q;
  logic       whole_q;  // a device reset of a running device was asked for

  assign request = reset_request_i && !rst;
  assign ask = queue_reset_valid_i && enabled_q[queue_reset_i] && !resetting[queue_reset_i] && !rst;
  assign busy = Willing ? 4'd0 : busy_i;
  assign release_ready = Willing || release_ready_i;

  virtio_drain #(.Pairs(2), .RestCycles(RestCycles)) u_leaf (
      .clk_i, .rst_i(rst), .driver_ok_i(driver_ok_q), .enabled_i(enabled_q), .reset_request_i(request),
      .flr_i(flr_i && !rst), .queue_reset_valid_i(ask), .queue_reset_i({5'd0, queue_reset_i}), .stop_o(stop),
      .query_pair_o(query_pair), .rx_quiet_i(rx_answer_q[1]), .tx_quiet_i(tx_answer_q[1]), .rx_clear_o(rx_clear),
      .tx_clear_o(tx_clear), .clear_pair_o(clear_pair), .release_valid_o(release_valid),
      .release_ready_i(release_ready), .release_all_o(release_all), .locked_o(locked), .clear_o(clear),
      .resetting_o(resetting), .queue_clear_o(queue_clear), .queue_o(queue));

  // ---- the data path: how long each queue has been idle ----
  logic [7:0] idle_q;  // two bits a queue: cycles, stays at Rest
  for (genvar q = 0; q < 4; q++) begin : g_queue
    assign idle[q] = idle_q[2*q+:2] == Rest;
    always_ff @(posedge clk_i) begin
      if (rst || busy[q]) idle_q[2*q+:2] <= '0;
      else if (!idle[q]) idle_q[2*q+:2] <= idle_q[2*q+:2] + 1'b1;
    end
  end
  `ASSUME(RestedStays_A, (stop & idle & busy) == '0, clk_i, rst)

  always_ff @(posedge clk_i) begin
    rx_answer_q <= {rx_answer_q[0], !busy[{query_pair[0], 1'b0}] && !rst};
    tx_answer_q <= {tx_answer_q[0], !busy[{query_pair[0], 1'b1}] && !rst};
  end

  // ---- driver and registers ----
  logic [3:0] rx_bit, tx_bit;
  assign rx_bit = {1'b0, rx_clear && clear_pair[0], 1'b0, rx_clear && !clear_pair[0]};
  assign tx_bit = {tx_clear && clear_pair[0], 1'b0, tx_clear && !clear_pair[0], 1'b0};

  always_ff @(posedge clk_i) begin
    if (rst) begin
      enabled_q   <= '0;
      driver_ok_q <= 1'b0;
      cleared_q   <= '0;
      asked_q     <= '0;
      released_q  <= 1'b0;
      whole_q     <= 1'b0;
      waits_q     <= '0;
    end else begin
      enabled_q <= enabled_q | (enable_i & ~stop);
      cleared_q <= (cleared_q & ~(enable_i & ~stop)) | rx_bit | tx_bit;
      if (ask && !locked && !clear) asked_q[queue_reset_i] <= 1'b1;
      if (start_i && !locked) driver_ok_q <= 1'b1;
      if (release_valid && release_ready) released_q <= 1'b1;
      if ((request || flr_i) && driver_ok_q) whole_q <= 1'b1;
      if (queue_clear) begin
        enabled_q[queue[1:0]] <= 1'b0;
        asked_q[queue[1:0]]   <= 1'b0;
        released_q            <= 1'b0;
      end
      if (clear) begin
        enabled_q   <= '0;
        driver_ok_q <= 1'b0;
        asked_q     <= '0;
        released_q  <= 1'b0;
        whole_q     <= 1'b0;
      end
      waits_q <= (resetting == '0 && !locked) || clear || queue_clear ? '0 : waits_q + 6'd1;
    end
  end

  // ---- claims ----
  `ASSERT(StopStands_A, (asked_q & ~stop) == '0, clk_i, rst)
  `ASSERT(RxRests_A, !rx_clear || (idle[{clear_pair[0], 1'b0}] && stop[{clear_pair[0], 1'b0}]), clk_i, rst)
  `ASSERT(TxRests_A, !tx_clear || (idle[{clear_pair[0], 1'b1}] && stop[{clear_pair[0], 1'b1}]), clk_i, rst)
  `ASSERT(QueueWasCleared_A, !queue_clear || (cleared_q[queue[1:0]] && released_q && asked_q[queue[1:0]]), clk_i, rst)
  `ASSERT(DeviceWasCleared_A,
          !(clear && whole_q && locked) || ((enabled_q & ~cleared_q) == '0 && released_q), clk_i, rst)
  `ASSERT(RunningIsNotClearedAtOnce_A, !(clear && driver_ok_q) || locked, clk_i, rst)
  `ASSERT(OnlyWhatWasAsked_A, (resetting & ~asked_q) == '0, clk_i, rst)
  `ASSERT(Ends_A, !Willing || waits_q < EndsWithin, clk_i, rst)
  `COVER(DeviceReset_C, clear && locked && cleared_q == '1, clk_i, rst)
  `COVER(QueueReset_C, queue_clear && queue[1:0] == 2'd3, clk_i, rst)

  logic unused_bits;
  assign unused_bits = ^{query_pair, clear_pair, queue, release_all};

endmodule

`default_nettype wire
