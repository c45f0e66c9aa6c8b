// SPDX-License-Identifier: Apache-2.0
// Sends each interrupt where the driver wants it: an MSI-X vector, or the ISR register (virtio 1.2, 4.1.5).
//
// Pulses of queues and of a configuration change -> one-cycle requests by vector, none for MSI_NO_VECTOR.
// With MSI-X disabled they set ISR bits instead, which a read clears (there is no INTx pin: the bits are for
// polling). Requests for one vector in the same cycle become one message.
// Place: virtq_event, virtio_device_config -> this -> msix_send.
`include "assert.svh"
`default_nettype none

module virtio_interrupt #(
    parameter int unsigned NumQueues = 2
) (
    input  wire                                   clk_i,
    input  wire                                   rst_i,
    input  wire                                   clear_i,  // device reset is complete
    input  wire                                   msix_enabled_i,
    // causes
    input  wire  [NumQueues-1:0]                  queue_irq_i,
    input  wire  [16*NumQueues-1:0]               queue_vector_i,
    input  wire                                   config_irq_i,
    input  wire  [15:0]                           config_vector_i,
    // ISR
    input  wire                                   isr_read_i,
    output logic [7:0]                            isr_o,
    // MSI-X
    output logic [contract_pkg::MSIX_VECTORS-1:0] irq_req_o
);

  localparam int unsigned Vectors = 32'(contract_pkg::MSIX_VECTORS);

  logic               any;
  logic [Vectors-1:0] request;
  logic         [7:0] isr_set;

  assign any = queue_irq_i != '0 || config_irq_i;
  assign isr_set = ((queue_irq_i != '0) ? contract_pkg::ISR_QUEUE : 8'd0) |
                   (config_irq_i ? contract_pkg::ISR_CONFIG : 8'd0);

  always_comb begin
    request = '0;
    for (int unsigned v = 0; v < Vectors; v++) begin
      if (config_irq_i && config_vector_i == 16'(v)) request[v] = 1'b1;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if (queue_irq_i[q] && queue_vector_i[16*q+:16] == 16'(v)) request[v] = 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      isr_o     <= '0;
      irq_req_o <= '0;
    end else begin
      irq_req_o <= (any && msix_enabled_i) ? request : '0;
      if (clear_i) isr_o <= '0;
      else if (isr_read_i || any) begin
        isr_o <= (isr_read_i ? 8'd0 : isr_o) | ((any && !msix_enabled_i) ? isr_set : 8'd0);
      end
    end
  end

endmodule

`default_nettype wire
