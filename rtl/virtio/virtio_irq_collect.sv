// SPDX-License-Identifier: Apache-2.0
// Interrupts of all queues and of the configuration -> MSI-X requests, or the ISR register (virtio 1.2, 4.1.5).
//
// Causes come at any pace, one a cycle from each direction; none is lost and equal ones merge while they
// wait. Each queue waits at most once in its direction's FIFO (queued), so the FIFOs cannot overflow; it is
// looked up and sent on in the order of its first cause, directions and configuration in turn, one request
// each three cycles. A queue without a vector sends nothing. With MSI-X disabled causes set ISR bits instead,
// which a read clears; intx_o says that there are any.
// forget_i (a level while a queue or the whole device is being reset, after its blocks came to rest) takes
// back what waits here.
// Place: virtq_give of each direction, virtio_device_config -> this -> msix_send, intx_send.
`include "assert.svh"
`default_nettype none

module virtio_irq_collect #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned Vectors = 2 * Pairs + 1
) (
    input  wire          clk_i,
    input  wire          rst_i,
    input  wire          clear_i,  // device reset is complete
    input  wire          msix_enabled_i,
    // causes
    input  wire          rx_valid_i,
    input  wire  [5:0]   rx_pair_i,
    input  wire          tx_valid_i,
    input  wire  [5:0]   tx_pair_i,
    input  wire          config_i,
    input  wire  [15:0]  config_vector_i,
    // vector of a queue: done comes in the cycle after it was taken
    output logic         lookup_valid_o,
    input  wire          lookup_ready_i,
    output logic [6:0]   lookup_queue_o,
    input  wire          lookup_done_i,
    input  wire          lookup_none_i,
    input  wire  [7:0]   lookup_vector_i,
    // what a reset takes back
    input  wire          forget_i,
    input  wire          forget_all_i,
    input  wire  [6:0]   forget_queue_i,
    // MSI-X, always taken
    output logic         irq_valid_o,
    output logic [7:0]   irq_vector_o,
    // ISR
    input  wire          isr_read_i,
    output logic [7:0]   isr_o,
    output logic         intx_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned LevelW = $clog2(Pairs + 1);

  logic [Pairs-1:0] rx_wanted_q, tx_wanted_q;  // interrupt outstanding
  logic [Pairs-1:0] rx_queued_q, tx_queued_q;  // stands in the FIFO
  logic             config_wanted_q;

  // -- the two FIFOs ---------------------------------------------------------------------------------
  logic             rx_push, tx_push, rx_head_valid, tx_head_valid, rx_pop, tx_pop;
  logic             rx_room, tx_room;
  logic [PairW-1:0] rx_pair, tx_pair, rx_head, tx_head;
  logic [LevelW-1:0] rx_level, tx_level;

  assign rx_pair = rx_pair_i[PairW-1:0];
  assign tx_pair = tx_pair_i[PairW-1:0];
  assign rx_push = rx_valid_i && msix_enabled_i && !rx_queued_q[rx_pair];
  assign tx_push = tx_valid_i && msix_enabled_i && !tx_queued_q[tx_pair];

  sync_fifo #(.Width(PairW), .Depth(Pairs)) u_rx_waiting (
      .clk_i, .rst_i, .in_valid_i(rx_push), .in_ready_o(rx_room), .in_i(rx_pair),
      .out_valid_o(rx_head_valid), .out_ready_i(rx_pop), .out_o(rx_head), .level_o(rx_level));
  sync_fifo #(.Width(PairW), .Depth(Pairs)) u_tx_waiting (
      .clk_i, .rst_i, .in_valid_i(tx_push), .in_ready_o(tx_room), .in_i(tx_pair),
      .out_valid_o(tx_head_valid), .out_ready_i(tx_pop), .out_o(tx_head), .level_o(tx_level));

  // -- one after the other ---------------------------------------------------------------------------
  logic tx_turn_q;               // transmit goes first
  logic use_tx, use_rx, wanted, busy_q;

  assign use_tx = tx_head_valid && (tx_turn_q || !rx_head_valid);
  assign use_rx = rx_head_valid && !use_tx;
  assign wanted = use_tx ? tx_wanted_q[tx_head] : rx_wanted_q[rx_head];
  assign lookup_queue_o = use_tx ? 7'({tx_head, 1'b1}) : 7'({rx_head, 1'b0});
  assign lookup_valid_o = (use_tx || use_rx) && wanted && !busy_q;
  // forgotten meanwhile: dropped here; a cause in this very cycle waits for the next
  assign rx_pop = use_rx && !busy_q && (!wanted || lookup_ready_i) && !(rx_valid_i && rx_pair == rx_head);
  assign tx_pop = use_tx && !busy_q && (!wanted || lookup_ready_i) && !(tx_valid_i && tx_pair == tx_head);

  logic send_config;
  assign send_config = config_wanted_q && !lookup_done_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      rx_wanted_q     <= '0;
      tx_wanted_q     <= '0;
      rx_queued_q     <= '0;
      tx_queued_q     <= '0;
      config_wanted_q <= 1'b0;
      tx_turn_q       <= 1'b0;
      busy_q          <= 1'b0;
      irq_valid_o     <= 1'b0;
    end else begin
      if (rx_pop) begin
        rx_wanted_q[rx_head] <= 1'b0;
        rx_queued_q[rx_head] <= 1'b0;
        tx_turn_q            <= 1'b1;
      end
      if (tx_pop) begin
        tx_wanted_q[tx_head] <= 1'b0;
        tx_queued_q[tx_head] <= 1'b0;
        tx_turn_q            <= 1'b0;
      end
      if (rx_valid_i && msix_enabled_i) begin
        rx_wanted_q[rx_pair] <= 1'b1;
        rx_queued_q[rx_pair] <= 1'b1;
      end
      if (tx_valid_i && msix_enabled_i) begin
        tx_wanted_q[tx_pair] <= 1'b1;
        tx_queued_q[tx_pair] <= 1'b1;
      end
      if (send_config) config_wanted_q <= 1'b0;
      if (config_i && msix_enabled_i) config_wanted_q <= 1'b1;
      if (forget_i && forget_all_i) begin
        rx_wanted_q     <= '0;
        tx_wanted_q     <= '0;
        config_wanted_q <= 1'b0;
      end else if (forget_i) begin
        if (forget_queue_i[0]) tx_wanted_q[forget_queue_i[PairW:1]] <= 1'b0;
        else rx_wanted_q[forget_queue_i[PairW:1]] <= 1'b0;
      end
      busy_q      <= (lookup_valid_o && lookup_ready_i) && (rx_pop || tx_pop);
      irq_valid_o <= lookup_done_i ? (busy_q && !lookup_none_i)
                                   : (send_config && config_vector_i < 16'(Vectors));
    end
    irq_vector_o <= lookup_done_i ? lookup_vector_i : config_vector_i[7:0];
  end

  // -- ISR -------------------------------------------------------------------------------------------
  logic [7:0] isr_set;
  assign isr_set = ((rx_valid_i || tx_valid_i) ? contract_pkg::ISR_QUEUE : 8'd0) |
                   (config_i ? contract_pkg::ISR_CONFIG : 8'd0);

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) isr_o <= '0;
    else if (isr_read_i || isr_set != '0) begin
      isr_o <= (isr_read_i ? 8'd0 : isr_o) | (msix_enabled_i ? 8'd0 : isr_set);
    end
  end
  assign intx_o = isr_o != '0 && !msix_enabled_i;

  logic unused_bits;
  assign unused_bits = ^{rx_pair_i, tx_pair_i, forget_queue_i, rx_level, tx_level};

  `ASSERT(FifosHaveRoom_A, (rx_room || !rx_push) && (tx_room || !tx_push), clk_i, rst_i)

endmodule

`default_nettype wire
