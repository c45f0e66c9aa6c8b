// SPDX-License-Identifier: Apache-2.0
// Brings one queue to rest and resets it: stop, wait until quiet, gate, wait until the DMA is done, reset.
//
//   drain_i   ___/~~~~~~~~~~~~~~~~~~~~~~~~~~\____   held until the owner has cleared its registers
//   stop_o    ___/~~~~~~~~~~~~~~~~~~~~~~~~~~~\___   engines finish what they offered, start nothing
//   gate_o    __________/~~~~~~~~~~~~~~~~~~~~\___   from quiet_i: the DMA takes nothing of this queue
//   rst_o     _________________/~~~~~~~~~~~~~\___   busy_i was low for SettleCycles: engines reset
//   drained_o ____________________/~~~~~~~~~~\___   nothing of the queue is in any buffer or on its way
//
// failed_o: the first broken descriptor rule of a running queue, one pulse (errors of a queue that is being
// drained mean nothing).
// Place: virtio_lifecycle -> this -> virtq_core, the queue's engine, dma_engine.
`include "assert.svh"
`default_nettype none

module virtq_drain #(
    parameter int unsigned SettleCycles = 16,
    parameter int unsigned ResetCycles = 4
) (
    input  wire        clk_i,
    input  wire        rst_i,
    // request
    input  wire        drain_i,
    output logic       drained_o,
    // engines
    output logic       stop_o,
    input  wire        quiet_i,
    output logic       rst_o,
    // DMA clients of the queue
    output logic       gate_o,
    input  wire        busy_i,
    // health
    input  wire  [3:0] error_i,
    output logic       failed_o
);

  typedef enum logic [1:0] {StRun, StStop, StGate, StReset} state_e;
  state_e state_q;

  localparam int unsigned CountW = $clog2(((SettleCycles > ResetCycles) ? SettleCycles : ResetCycles) + 1);
  logic [CountW-1:0] count_q;
  logic              failed_q;

  assign stop_o = state_q != StRun;
  assign gate_o = state_q == StGate || state_q == StReset;
  assign rst_o = rst_i || state_q == StReset;
  assign drained_o = state_q == StReset && count_q == '0;
  assign failed_o = state_q == StRun && error_i != contract_pkg::DESC_ERR_NONE && !failed_q && !drain_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StRun;
      failed_q <= 1'b0;
    end else begin
      if (failed_o) failed_q <= 1'b1;
      unique case (state_q)
        StRun: if (drain_i) state_q <= StStop;
        StStop: begin
          count_q <= CountW'(SettleCycles);
          if (quiet_i) state_q <= StGate;
        end
        StGate: begin
          if (busy_i || !quiet_i) count_q <= CountW'(SettleCycles);
          else if (count_q != '0) count_q <= count_q - 1'b1;
          else begin
            count_q <= CountW'(ResetCycles);
            state_q <= StReset;
          end
        end
        default: begin
          failed_q <= 1'b0;
          if (count_q != '0) count_q <= count_q - 1'b1;
          else if (!drain_i) state_q <= StRun;
        end
      endcase
    end
  end

  `ASSERT(QuietStaysQuiet_A, state_q != StGate || quiet_i, clk_i, rst_i)
  `ASSERT(NoDmaUnderReset_A, state_q != StReset || !busy_i, clk_i, rst_i)

endmodule

`default_nettype wire
