// SPDX-License-Identifier: Apache-2.0
// The device's half of the common configuration: features, status, config vector, queue_select
// (virtio 1.2, 4.1.4.3).
//
// Accesses of any width (byte enables) -> registers; rdata_o shows the addressed DW in the same cycle.
// Offered is what virtio_feature_rules leaves of offered_i. Status bits can only be added; a write of 0 asks
// for a reset (reset_request_o) and status keeps its value until clear_i, so it reads 0 only when all is
// done. FEATURES_OK is refused without VERSION_1, for a bit that was not offered and for one without its
// prerequisites; features cannot change after it; DRIVER_OK needs it. Without RING_PACKED rings are split.
// While locked_i is set (a reset under way) writes have no effect.
// Place: virtio_windows -> this -> virtio_queue_table, virtio_drain, data path (features, mode).
`include "assert.svh"
`default_nettype none

module virtio_status #(
    parameter int unsigned Queues = 16,
    parameter int unsigned Vectors = 17
) (
    input  wire                 clk_i,
    input  wire                 rst_i,
    input  wire                 clear_i,   // device reset is complete
    input  wire                 locked_i,
    input  wire          [63:0] offered_i,
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
    output logic         [63:0] features_o,
    output virtq_pkg::mode_t    mode_o,
    output logic                ring_reset_o,
    output logic         [15:0] config_vector_o,
    output logic         [15:0] queue_select_o
);

  logic [31:0] device_select_q, driver_select_q;
  logic [63:0] driver_q, offered, sound;
  logic  [7:0] status_q, generation_q;
  logic        acceptable_q;

  virtio_feature_rules u_offer (.features_i(offered_i), .features_o(offered));
  virtio_feature_rules u_choice (.features_i(driver_q), .features_o(sound));

  // -- writes ----------------------------------------------------------------------------------------
  logic        write;
  logic  [7:0] offset;
  logic [31:0] mask;
  logic [15:0] vector;

  assign write = access_i && req_i.write && !locked_i;
  assign offset = req_i.addr[7:0];
  assign mask = {{8{req_i.be[3]}}, {8{req_i.be[2]}}, {8{req_i.be[1]}}, {8{req_i.be[0]}}};

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data,
                                        input logic [31:0] lanes);
    merge = (old & ~lanes) | (data & lanes);
  endfunction

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
            config_vector_o <= (vector < 16'(Vectors)) ? vector : contract_pkg::MSI_NO_VECTOR;
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
  logic       status_write, features_ok_d, driver_ok_d;
  logic [7:0] wanted;

  // An access takes several cycles on its way here: the verdict on the last write is there in time.
  always_ff @(posedge clk_i) begin
    acceptable_q <= (driver_q & ~offered) == '0 && sound == driver_q &&
                    driver_q[contract_pkg::F_VERSION_1[5:0]];
  end

  assign status_write = write && offset == contract_pkg::COMMON_DEVICE_STATUS && req_i.be[0];
  assign wanted = req_i.wdata[7:0];
  assign reset_request_o = status_write && wanted == '0;
  assign features_ok_o = (status_q & contract_pkg::STATUS_FEATURES_OK) != '0;
  assign driver_ok_o = (status_q & contract_pkg::STATUS_DRIVER_OK) != '0;
  assign features_ok_d = features_ok_o ||
                         ((wanted & contract_pkg::STATUS_FEATURES_OK) != '0 && acceptable_q);
  assign driver_ok_d = driver_ok_o || ((wanted & contract_pkg::STATUS_DRIVER_OK) != '0 && features_ok_d);

  localparam logic [7:0] FreeBits = contract_pkg::STATUS_ACKNOWLEDGE | contract_pkg::STATUS_DRIVER |
                                    contract_pkg::STATUS_FAILED;

  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      status_q <= '0;
    end else if (needs_reset_i || (status_write && wanted != '0)) begin
      status_q <= status_q | (needs_reset_i ? contract_pkg::STATUS_NEEDS_RESET : 8'd0) |
                  (status_write ? (wanted & FreeBits) : 8'd0) |
                  ((status_write && features_ok_d) ? contract_pkg::STATUS_FEATURES_OK : 8'd0) |
                  ((status_write && driver_ok_d) ? contract_pkg::STATUS_DRIVER_OK : 8'd0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) generation_q <= '0;
    else if (config_changed_i) generation_q <= generation_q + 1'b1;
  end

  // -- what was negotiated ---------------------------------------------------------------------------
  assign features_o = features_ok_o ? driver_q : '0;
  assign ring_reset_o = features_o[contract_pkg::F_RING_RESET[5:0]];
  assign mode_o.is_packed = features_o[contract_pkg::F_RING_PACKED[5:0]];
  assign mode_o.event_idx = features_o[contract_pkg::RING_F_EVENT_IDX[5:0]];
  assign mode_o.in_order = features_o[contract_pkg::F_IN_ORDER[5:0]];
  assign mode_o.notification_data = features_o[contract_pkg::F_NOTIFICATION_DATA[5:0]];
  assign mode_o.indirect = features_o[contract_pkg::RING_F_INDIRECT_DESC[5:0]];
  assign mode_o.mrg_rxbuf = features_o[contract_pkg::NET_F_MRG_RXBUF[5:0]];

  // -- reads -----------------------------------------------------------------------------------------
  always_comb begin
    unique case (offset)
      contract_pkg::COMMON_DEVICE_FEATURE_SELECT: rdata_o = device_select_q;
      contract_pkg::COMMON_DEVICE_FEATURE:
        rdata_o = (device_select_q == 32'd0) ? offered[31:0]
                : (device_select_q == 32'd1) ? offered[63:32] : '0;
      contract_pkg::COMMON_DRIVER_FEATURE_SELECT: rdata_o = driver_select_q;
      contract_pkg::COMMON_DRIVER_FEATURE:
        rdata_o = (driver_select_q == 32'd0) ? driver_q[31:0]
                : (driver_select_q == 32'd1) ? driver_q[63:32] : '0;
      contract_pkg::COMMON_CONFIG_MSIX_VECTOR: rdata_o = {16'(Queues), config_vector_o};
      contract_pkg::COMMON_DEVICE_STATUS: rdata_o = {queue_select_o, generation_q, status_q};
      default: rdata_o = '0;
    endcase
  end

  logic unused_addr;
  assign unused_addr = ^(req_i.addr >> 8);

  `ASSERT(DriverOkMeansFeaturesOk_A, !driver_ok_o || features_ok_o, clk_i, rst_i)

endmodule

`default_nettype wire
