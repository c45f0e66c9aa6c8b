// SPDX-License-Identifier: Apache-2.0
// The device's half of the common configuration: features, status, config vector, queue_select
// (virtio 1.2, 4.1.4.3).
//
// Accesses of any width (byte enables) -> registers; rdata_o shows the addressed DW in the same cycle, zero
// for the queue's half (virtio_queue_config). Status bits can only be added; a write of 0 asks for a
// reset (reset_request_o) and status keeps its value until clear_i, so it reads 0 only when all is done.
// FEATURES_OK is refused for a bit that was not offered or lacks what it needs, and without VERSION_1 or
// RING_PACKED (the only kind of ring there is); features cannot change after it; DRIVER_OK needs it. While
// locked_i is set (a reset under way) writes have no effect.
// Place: virtio_registers -> this -> virtio_lifecycle, queues.
`include "assert.svh"
`default_nettype none

module virtio_common_config #(
    parameter int unsigned NumQueues = 2
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 clear_i,   // device reset is complete
    input  wire                 locked_i,
    // access
    input  wire                 access_i,
    input  reg_pkg::req_t       req_i,
    output logic         [31:0] rdata_o,
    // what happened to the device
    input  wire                 config_changed_i,
    input  wire                 needs_reset_i,
    // what the driver said
    output logic                reset_request_o,
    output logic                features_ok_o,
    output logic                driver_ok_o,
    output logic                event_idx_o,
    output tx_pkg::features_t   tx_features_o,
    output logic                ring_reset_o,
    output logic         [15:0] config_vector_o,
    output logic         [15:0] queue_select_o
);

  function automatic logic [63:0] feature(input logic [7:0] bit_number);
    feature = 64'd1 << bit_number;
  endfunction

  localparam logic [63:0] Offered =
      feature(contract_pkg::NET_F_CSUM) | feature(contract_pkg::NET_F_HOST_TSO4) |
      feature(contract_pkg::NET_F_HOST_TSO6) | feature(contract_pkg::NET_F_HOST_ECN) |
      feature(contract_pkg::NET_F_HOST_USO) | feature(contract_pkg::NET_F_MTU) | feature(contract_pkg::NET_F_MAC) |
      feature(contract_pkg::NET_F_STATUS) | feature(contract_pkg::RING_F_EVENT_IDX) |
      feature(contract_pkg::F_VERSION_1) | feature(contract_pkg::F_RING_PACKED) |
      feature(contract_pkg::F_RING_RESET);
  localparam logic [63:0] Needed =
      feature(contract_pkg::F_VERSION_1) | feature(contract_pkg::F_RING_PACKED);

  logic [31:0] device_select_q, driver_select_q;
  logic [63:0] driver_q;
  logic  [7:0] status_q, generation_q;

  // -- writes ----------------------------------------------------------------------------------------
  logic        write;
  logic  [7:0] offset;
  logic [31:0] mask;

  assign write = access_i && req_i.write && !locked_i;
  assign offset = req_i.addr[7:0];
  assign mask = {{8{req_i.be[3]}}, {8{req_i.be[2]}}, {8{req_i.be[1]}}, {8{req_i.be[0]}}};

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data,
                                        input logic [31:0] lanes);
    merge = (old & ~lanes) | (data & lanes);
  endfunction

  logic [15:0] vector;
  assign vector = 16'(merge({16'd0, config_vector_o}, req_i.wdata, mask));

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      device_select_q <= '0;
      driver_select_q <= '0;
      driver_q        <= '0;
      config_vector_o <= contract_pkg::MSI_NO_VECTOR;
      queue_select_o  <= '0;
    end else if (write) begin
      unique case (offset)
        contract_pkg::COMMON_DEVICE_FEATURE_SELECT:
          device_select_q <= merge(device_select_q, req_i.wdata, mask);
        contract_pkg::COMMON_DRIVER_FEATURE_SELECT:
          driver_select_q <= merge(driver_select_q, req_i.wdata, mask);
        contract_pkg::COMMON_DRIVER_FEATURE: begin
          if (!features_ok_o && driver_select_q == 32'd0)
            driver_q[31:0] <= merge(driver_q[31:0], req_i.wdata, mask);
          if (!features_ok_o && driver_select_q == 32'd1)
            driver_q[63:32] <= merge(driver_q[63:32], req_i.wdata, mask);
        end
        contract_pkg::COMMON_CONFIG_MSIX_VECTOR: begin
          if (req_i.be[1:0] != '0)
            config_vector_o <= (vector < 16'(contract_pkg::MSIX_VECTORS)) ? vector
                                                                         : contract_pkg::MSI_NO_VECTOR;
        end
        contract_pkg::COMMON_DEVICE_STATUS: begin
          if (req_i.be[2]) queue_select_o[7:0] <= req_i.wdata[23:16];
          if (req_i.be[3]) queue_select_o[15:8] <= req_i.wdata[31:24];
        end
        default: ;
      endcase
    end
  end

  // -- status ----------------------------------------------------------------------------------------
  logic       status_write, acceptable, features_ok_d, driver_ok_d;
  logic [7:0] wanted;
  logic [63:0] sound;

  virtio_feature_rules u_rules (.features_i(driver_q), .features_o(sound));

  assign status_write = write && offset == contract_pkg::COMMON_DEVICE_STATUS && req_i.be[0];
  assign wanted = req_i.wdata[7:0];
  assign reset_request_o = status_write && wanted == '0;
  assign acceptable = (driver_q & ~Offered) == '0 && (driver_q & Needed) == Needed &&
                      sound == driver_q;
  assign features_ok_o = (status_q & contract_pkg::STATUS_FEATURES_OK) != '0;
  assign driver_ok_o = (status_q & contract_pkg::STATUS_DRIVER_OK) != '0;
  assign features_ok_d = features_ok_o ||
                         ((wanted & contract_pkg::STATUS_FEATURES_OK) != '0 && acceptable);
  assign driver_ok_d = driver_ok_o || ((wanted & contract_pkg::STATUS_DRIVER_OK) != '0 && features_ok_d);
  assign event_idx_o = driver_q[contract_pkg::RING_F_EVENT_IDX[5:0]];
  assign tx_features_o = {driver_q[contract_pkg::NET_F_CSUM[5:0]], driver_q[contract_pkg::NET_F_HOST_TSO4[5:0]],
                          driver_q[contract_pkg::NET_F_HOST_TSO6[5:0]], driver_q[contract_pkg::NET_F_HOST_ECN[5:0]],
                          driver_q[contract_pkg::NET_F_HOST_USO[5:0]]};
  assign ring_reset_o = driver_q[contract_pkg::F_RING_RESET[5:0]];

  localparam logic [7:0] FreeBits = contract_pkg::STATUS_ACKNOWLEDGE | contract_pkg::STATUS_DRIVER |
                                    contract_pkg::STATUS_FAILED;

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      status_q <= '0;
    end else if (needs_reset_i) begin
      status_q <= status_q | contract_pkg::STATUS_NEEDS_RESET;
    end else if (status_write && wanted != '0) begin
      status_q <= status_q | (wanted & FreeBits) |
                  (features_ok_d ? contract_pkg::STATUS_FEATURES_OK : 8'd0) |
                  (driver_ok_d ? contract_pkg::STATUS_DRIVER_OK : 8'd0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) generation_q <= '0;
    else if (config_changed_i) generation_q <= generation_q + 1'b1;
  end

  // -- reads -----------------------------------------------------------------------------------------
  always_comb begin
    unique case (offset)
      contract_pkg::COMMON_DEVICE_FEATURE_SELECT: rdata_o = device_select_q;
      contract_pkg::COMMON_DEVICE_FEATURE:
        rdata_o = (device_select_q == 32'd0) ? Offered[31:0]
                : (device_select_q == 32'd1) ? Offered[63:32] : '0;
      contract_pkg::COMMON_DRIVER_FEATURE_SELECT: rdata_o = driver_select_q;
      contract_pkg::COMMON_DRIVER_FEATURE:
        rdata_o = (driver_select_q == 32'd0) ? driver_q[31:0]
                : (driver_select_q == 32'd1) ? driver_q[63:32] : '0;
      contract_pkg::COMMON_CONFIG_MSIX_VECTOR: rdata_o = {16'(NumQueues), config_vector_o};
      contract_pkg::COMMON_DEVICE_STATUS: rdata_o = {queue_select_o, generation_q, status_q};
      default: rdata_o = '0;
    endcase
  end

  logic unused_addr;
  assign unused_addr = ^req_i.addr[14:8];

  `ASSERT(DriverOkMeansFeaturesOk_A, !driver_ok_o || features_ok_o, clk_i, rst_i)
  `ASSERT(OnlyOfferedAccepted_A, !features_ok_o || acceptable, clk_i, rst_i)

endmodule

`default_nettype wire
