// SPDX-License-Identifier: Apache-2.0
// Broken descriptor rules of queues -> DEVICE_NEEDS_RESET, statistics, and the last one for diagnosis.
//
// A queue reports the first rule that it found broken, once. What comes from a queue that is being brought to
// rest means nothing: its reads were cut off. Outputs follow in the next cycle; last_o stays until rst_i.
// Place: virtq_fetch of each direction -> this -> virtio_status, virtio_irq_collect, statistics.
`default_nettype none

module virtio_fail #(
    parameter int unsigned Pairs = 8
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire  [2*Pairs-1:0]  stop_i,
    // broken queues
    input  wire                 rx_valid_i,
    input  wire  [5:0]          rx_pair_i,
    input  wire  [3:0]          rx_code_i,
    input  wire                 tx_valid_i,
    input  wire  [5:0]          tx_pair_i,
    input  wire  [3:0]          tx_code_i,
    // what it means
    output logic                failed_o,
    output logic                rx_error_o,
    output logic                tx_error_o,
    output logic [15:0]         last_o      // {any, queue[6:0], 4'd0, DESC_ERR_*}
);

  localparam int unsigned QueueW = $clog2(2 * Pairs);

  logic [6:0] rx_queue, tx_queue;
  logic       rx, tx;

  assign rx_queue = {rx_pair_i, 1'b0};
  assign tx_queue = {tx_pair_i, 1'b1};
  assign rx = rx_valid_i && !stop_i[rx_queue[QueueW-1:0]];
  assign tx = tx_valid_i && !stop_i[tx_queue[QueueW-1:0]];

  always_ff @(posedge clk_i) begin
    failed_o   <= (rx || tx) && !rst_i;
    rx_error_o <= rx && !rst_i;
    tx_error_o <= tx && !rst_i;
    if (rst_i) last_o <= '0;
    else if (rx) last_o <= {1'b1, rx_queue, 4'd0, rx_code_i};
    else if (tx) last_o <= {1'b1, tx_queue, 4'd0, tx_code_i};
  end

endmodule

`default_nettype wire
