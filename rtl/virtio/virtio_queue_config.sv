// SPDX-License-Identifier: Apache-2.0
// One queue's half of the common configuration (virtio 1.2, 4.1.4.3): size, vector, enable, addresses, reset.
//
// Accesses while selected_i, of any width -> registers; rdata_o shows the addressed DW, zero when not
// selected. queue_enable honours 1 only, and only after FEATURES_OK; size and addresses cannot change while
// enabled. A size of 0 or above QUEUE_SIZE_DEFAULT has no effect; any other is fine for a packed ring.
// queue_reset (with RING_RESET, on an enabled queue) raises reset_request_o and reads 1 until clear_i, which
// puts every field back to its default.
// Place: virtio_registers -> this -> virtq_core, virtio_lifecycle.
`include "assert.svh"
`default_nettype none

module virtio_queue_config #(
    parameter logic [15:0] Index = 16'd0
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 clear_i,
    input  wire                 locked_i,
    // access
    input  wire                 access_i,
    input  wire                 selected_i,
    input  reg_pkg::req_t       req_i,
    output logic         [31:0] rdata_o,
    // negotiated
    input  wire                 features_ok_i,
    input  wire                 driver_ok_i,
    input  wire                 event_idx_i,
    input  wire                 ring_reset_i,
    // queue
    output virtq_pkg::config_t  config_o,
    output logic         [15:0] vector_o,
    output logic                reset_request_o,
    input  wire                 resetting_i
);

  logic        enable_q;
  logic [15:0] size_q;
  logic [63:0] desc_q, driver_q, device_q;

  // -- writes ----------------------------------------------------------------------------------------
  logic        write, write_free;
  logic  [7:0] offset;
  logic [31:0] mask, masked;
  logic [15:0] size, vector;

  assign write = access_i && selected_i && req_i.write && !locked_i && !resetting_i;
  assign write_free = write && !enable_q;
  assign offset = req_i.addr[7:0];
  assign mask = {{8{req_i.be[3]}}, {8{req_i.be[2]}}, {8{req_i.be[1]}}, {8{req_i.be[0]}}};
  assign masked = req_i.wdata & mask;
  assign size = (size_q & ~mask[15:0]) | masked[15:0];
  assign vector = (vector_o & ~mask[31:16]) | masked[31:16];

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data,
                                        input logic [31:0] lanes);
    merge = (old & ~lanes) | (data & lanes);
  endfunction

  assign reset_request_o = write && enable_q && ring_reset_i &&
                           offset == contract_pkg::COMMON_QUEUE_NOTIF_DATA && masked[31:16] == 16'd1;

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      enable_q <= 1'b0;
      size_q   <= contract_pkg::QUEUE_SIZE_DEFAULT;
      vector_o <= contract_pkg::MSI_NO_VECTOR;
      desc_q   <= '0;
      driver_q <= '0;
      device_q <= '0;
    end else begin
      if (write_free) begin
        unique case (offset)
          contract_pkg::COMMON_QUEUE_SIZE:
            if (size != '0 && size <= contract_pkg::QUEUE_SIZE_DEFAULT) size_q <= size;
          contract_pkg::COMMON_QUEUE_ENABLE:
            if (masked[15:0] == 16'd1 && features_ok_i) enable_q <= 1'b1;
          contract_pkg::COMMON_QUEUE_DESC_LO: desc_q[31:0] <= merge(desc_q[31:0], req_i.wdata, mask);
          contract_pkg::COMMON_QUEUE_DESC_HI: desc_q[63:32] <= merge(desc_q[63:32], req_i.wdata, mask);
          contract_pkg::COMMON_QUEUE_DRIVER_LO: driver_q[31:0] <= merge(driver_q[31:0], req_i.wdata, mask);
          contract_pkg::COMMON_QUEUE_DRIVER_HI: driver_q[63:32] <= merge(driver_q[63:32], req_i.wdata, mask);
          contract_pkg::COMMON_QUEUE_DEVICE_LO: device_q[31:0] <= merge(device_q[31:0], req_i.wdata, mask);
          contract_pkg::COMMON_QUEUE_DEVICE_HI: device_q[63:32] <= merge(device_q[63:32], req_i.wdata, mask);
          default: ;
        endcase
      end
      if (write && offset == contract_pkg::COMMON_QUEUE_SIZE && req_i.be[3:2] != '0) begin
        vector_o <= (vector < 16'(contract_pkg::MSIX_VECTORS)) ? vector : contract_pkg::MSI_NO_VECTOR;
      end
    end
  end

  // -- reads -----------------------------------------------------------------------------------------
  logic [31:0] rdata;

  always_comb begin
    unique case (offset)
      contract_pkg::COMMON_QUEUE_SIZE:       rdata = {vector_o, size_q};
      contract_pkg::COMMON_QUEUE_ENABLE:     rdata = {Index, 15'd0, enable_q};
      contract_pkg::COMMON_QUEUE_DESC_LO:    rdata = desc_q[31:0];
      contract_pkg::COMMON_QUEUE_DESC_HI:    rdata = desc_q[63:32];
      contract_pkg::COMMON_QUEUE_DRIVER_LO:  rdata = driver_q[31:0];
      contract_pkg::COMMON_QUEUE_DRIVER_HI:  rdata = driver_q[63:32];
      contract_pkg::COMMON_QUEUE_DEVICE_LO:  rdata = device_q[31:0];
      contract_pkg::COMMON_QUEUE_DEVICE_HI:  rdata = device_q[63:32];
      contract_pkg::COMMON_QUEUE_NOTIF_DATA: rdata = {15'd0, resetting_i, 16'd0};
      default:                               rdata = '0;
    endcase
  end
  assign rdata_o = selected_i ? rdata : '0;

  assign config_o = {enable_q && driver_ok_i, event_idx_i, size_q, desc_q, driver_q, device_q};

  logic unused_addr;
  assign unused_addr = ^req_i.addr[14:8];

  `ASSERT(SizeWithinLimits_A, size_q != '0 && size_q <= contract_pkg::QUEUE_SIZE_DEFAULT, clk_i, rst_i)

endmodule

`default_nettype wire
