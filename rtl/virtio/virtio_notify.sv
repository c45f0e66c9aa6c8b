// SPDX-License-Identifier: Apache-2.0
// The doorbells: a 16-bit write of a queue's index to the queue's notification address (virtio 1.2, 4.1.5.2).
//
// Queue q stands at NOTIFY_OFF_MULTIPLIER * q. A write anywhere else, of another index or of a single byte
// rings nothing and is counted (bad_o).
// Place: virtio_registers -> this -> virtq_doorbell of each queue.
`default_nettype none

module virtio_notify #(
    parameter int unsigned NumQueues = 2
) (
    // access
    input  wire                  access_i,
    input  reg_pkg::req_t        req_i,
    // doorbells, in the same cycle
    output logic [NumQueues-1:0] ring_o,
    output logic                 good_o,
    output logic                 bad_o
);

  localparam int unsigned Shift = $clog2(32'(contract_pkg::NOTIFY_OFF_MULTIPLIER));

  logic        write, whole;
  logic [15:0] place;

  assign write = access_i && req_i.write;
  assign whole = req_i.be[1:0] == 2'b11;
  assign place = 16'(req_i.addr[11:0]) >> Shift;

  always_comb begin
    for (int unsigned q = 0; q < NumQueues; q++) begin
      ring_o[q] = write && whole && place == 16'(q) && req_i.wdata[15:0] == 16'(q);
    end
  end
  assign good_o = |ring_o;
  assign bad_o = write && !good_o;

  logic unused_bits;
  assign unused_bits = ^{req_i.addr[14:12], req_i.be[3:2], req_i.wdata[31:16]};

endmodule

`default_nettype wire
