// SPDX-License-Identifier: Apache-2.0
// Decides on an interrupt after used entries were published (virtio 1.2, 2.8.10, 2.8.14).
//
// published -> read of the driver event suppression structure -> decision -> irq_o or suppressed_o. The
// read is made only after the used entries were handed to the link, which it cannot overtake: a driver
// that re-enables interrupts and then finds no used entry is either seen by this read or by the next one.
// What is published while a read is under way gets a decision of its own. If more than a lap was
// published since the last decision, or the read failed, the interrupt is sent (unless disabled).
// stop_i: start no read, send nothing; quiet_o: no read in flight.
// Place: virtq_used_write, dma_read -> this (virtq_event_decide inside) -> virtio_interrupt.
`include "assert.svh"
`default_nettype none

module virtq_event #(
    parameter logic [2:0] Client = contract_pkg::RD_RX_EVENT
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // queue
    input  virtq_pkg::config_t    config_i,
    input  wire                   stop_i,
    output logic                  quiet_o,
    // published used entries
    input  wire                   published_i,
    input  wire           [17:0]  published_descs_i,
    input  virtq_pkg::position_t  published_position_i,
    // read
    output logic                  rd_req_valid_o,
    input  wire                   rd_req_ready_i,
    output dma_pkg::rd_req_t      rd_req_o,
    input  wire                   rd_place_valid_i,
    input  dma_pkg::rd_place_t    rd_place_i,
    input  wire                   rd_done_valid_i,
    input  dma_pkg::rd_done_t     rd_done_i,
    // decision
    output logic                  irq_o,
    output logic                  suppressed_o
);

  typedef enum logic [1:0] {StIdle, StRequest, StWait, StDecide} state_e;
  state_e state_q;

  virtq_pkg::position_t latest_q;   // behind the last published entry
  virtq_pkg::position_t new_q;      // the same when the read began
  virtq_pkg::position_t old_q;      // the same at the decision before
  logic          [18:0] distance_q; // descriptors published since the last read began, saturating
  logic                 lap_q;      // more than a lap between old_q and new_q
  logic                 failed_q;
  logic          [31:0] event_q;    // flags, off_wrap

  logic                 place, done, start, notify, send;
  logic          [19:0] distance_sum;
  logic          [18:0] distance;

  assign place = rd_place_valid_i && rd_place_i.client == Client;
  assign done = rd_done_valid_i && rd_done_i.client == Client;
  assign start = state_q == StIdle && distance_q != '0 && !stop_i;
  assign distance_sum = {1'b0, distance_q} + {2'b0, published_descs_i};
  assign distance = distance_sum[19] ? '1 : distance_sum[18:0];

  assign quiet_o = state_q == StIdle;
  assign rd_req_valid_o = state_q == StRequest;
  always_comb begin
    rd_req_o = '0;
    rd_req_o.addr = {config_i.driver[63:2], 2'b00};
    rd_req_o.len = 16'(contract_pkg::EVENT_BYTES);
  end

  virtq_event_decide u_decide (
      // used positions
      .old_i(old_q), .new_i(new_q), .size_i(config_i.size),
      // what the driver asked for
      .event_idx_i(config_i.event_idx), .off_wrap_i(event_q[15:0]), .flags_i(event_q[17:16]),
      // answer
      .notify_o(notify));

  assign send = failed_q || notify || (lap_q && event_q[17:16] != contract_pkg::EVENT_DISABLE);
  assign irq_o = state_q == StDecide && send && !stop_i;
  assign suppressed_o = state_q == StDecide && !send && !stop_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q    <= StIdle;
      old_q      <= {1'b1, 15'd0};
      distance_q <= '0;
    end else begin
      if (start) distance_q <= published_i ? {1'b0, published_descs_i} : '0;
      else if (published_i) distance_q <= distance;
      unique case (state_q)
        StIdle: if (start) state_q <= StRequest;
        StRequest: if (rd_req_ready_i) state_q <= StWait;
        StWait: if (done) state_q <= StDecide;
        default: begin
          old_q   <= new_q;
          state_q <= StIdle;
        end
      endcase
    end
    if (published_i) latest_q <= published_position_i;
    if (start) begin
      new_q <= latest_q;
      lap_q <= distance_q > {3'd0, config_i.size};
    end
    if (place) begin
      for (int unsigned k = 0; k < 4; k++) if (rd_place_i.be[k]) event_q[8*k+:8] <= rd_place_i.data[8*k+:8];
    end
    if (done) failed_q <= rd_done_i.status != contract_pkg::RD_OK;
  end

  logic unused_bits;
  assign unused_bits = ^{config_i.enabled, config_i.desc, config_i.device, config_i.driver[1:0],
                         rd_place_i, rd_done_i.op, event_q[31:18]};

  `ASSERT(PlacedWhenAsked_A, !place || state_q == StWait, clk_i, rst_i)
  `ASSERT(DoneWhenAsked_A, !done || state_q == StWait, clk_i, rst_i)

  stream_checker #(.Width(dma_pkg::LocalW + dma_pkg::OpW + 80)) u_check_req (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));

endmodule

`default_nettype wire
