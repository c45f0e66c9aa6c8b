// SPDX-License-Identifier: Apache-2.0
// The doorbells: writes to a queue's notification address (virtio 1.2, 4.1.5.2).
//
// Queue q stands at NOTIFY_OFF_MULTIPLIER * q. A 16-bit write of q rings it; with NOTIFICATION_DATA (whole_i)
// it has to be one 32-bit write whose upper half goes along. Doorbells leave in the next cycle. A write
// anywhere else, of another index or of another width rings nothing and is counted (bad_o).
// Place: virtio_windows -> this -> virtq_fetch of each direction.
`default_nettype none

module virtio_doorbell #(
    parameter int unsigned Queues = 16
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   whole_i,  // NOTIFICATION_DATA
    // access
    input  wire                   access_i,
    input  reg_pkg::req_t         req_i,
    // doorbells
    output virtq_pkg::doorbell_t  rx_o,
    output virtq_pkg::doorbell_t  tx_o,
    output logic                  good_o,
    output logic                  bad_o
);

  localparam int unsigned Shift = $clog2(32'(contract_pkg::NOTIFY_OFF_MULTIPLIER));

  logic        write, good;
  logic [15:0] place, index;

  assign write = access_i && req_i.write;
  assign place = 16'(req_i.addr[11:0]) >> Shift;
  assign index = req_i.wdata[15:0];
  assign good = write && req_i.be[1:0] == 2'b11 && (!whole_i || req_i.be[3:2] == 2'b11) && index == place &&
                index < 16'(Queues);

  always_ff @(posedge clk_i) begin
    rx_o.valid <= good && !index[0] && !rst_i;
    tx_o.valid <= good && index[0] && !rst_i;
    good_o     <= good && !rst_i;
    bad_o      <= write && !good && !rst_i;
    if (good) begin
      rx_o.pair <= index[6:1];
      tx_o.pair <= index[6:1];
      rx_o.next <= req_i.wdata[31:16];
      tx_o.next <= req_i.wdata[31:16];
    end
  end

  logic unused_addr;
  assign unused_addr = ^(req_i.addr >> 12);

endmodule

`default_nettype wire
