// SPDX-License-Identifier: Apache-2.0
// Device reset, function level reset and queue reset, in the one order that is safe.
//
// A request drains the queues it concerns; only when they are at rest are the registers cleared, and only
// then do status or queue_reset read as done (virtio 1.2, 2.4 and 2.6.1). A device that never reached
// DRIVER_OK and resets no queue has nothing to drain and is cleared at once. A device reset takes over queue
// resets under way.
// Place: virtio_registers, pcie_core -> this -> virtq_drain of each queue, virtio_registers.
`include "assert.svh"
`default_nettype none

module virtio_lifecycle #(
    parameter int unsigned NumQueues = 2
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    // requests
    input  wire                  driver_ok_i,
    input  wire                  reset_request_i,        // status was written with 0
    input  wire                  flr_i,
    input  wire  [NumQueues-1:0] queue_reset_request_i,
    // queues
    output logic [NumQueues-1:0] drain_o,
    input  wire  [NumQueues-1:0] drained_i,
    // registers
    output logic                 locked_o,               // a device reset is under way
    output logic                 clear_o,                // ... and complete
    output logic [NumQueues-1:0] queue_resetting_o,
    output logic [NumQueues-1:0] queue_clear_o
);

  logic                 device_q;
  logic [NumQueues-1:0] queue_q;
  logic                 request, at_once, done;

  assign request = reset_request_i || flr_i;
  assign at_once = request && !driver_ok_i && !device_q && queue_q == '0;
  assign done = device_q && (&drained_i);

  assign drain_o = queue_q | {NumQueues{device_q}};
  assign locked_o = device_q;
  assign clear_o = done || at_once;
  assign queue_resetting_o = queue_q;
  assign queue_clear_o = queue_q & drained_i & ~{NumQueues{device_q}};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      device_q <= 1'b0;
      queue_q  <= '0;
    end else if (done) begin
      device_q <= 1'b0;
      queue_q  <= '0;
    end else begin
      if (request && !at_once) device_q <= 1'b1;
      queue_q <= (queue_q & ~queue_clear_o) | queue_reset_request_i;
    end
  end

  `ASSERT(ClearedOnlyAtRest_A, !clear_o || !driver_ok_i || (&drained_i), clk_i, rst_i)
  `ASSERT(QueueClearedOnlyAtRest_A, (queue_clear_o & ~drained_i) == '0, clk_i, rst_i)

endmodule

`default_nettype wire
