// SPDX-License-Identifier: Apache-2.0
// Hands a BAR access to the slave whose window holds the address; unmapped addresses read as zero.
//
// One access in flight. No added latency to a slave; an unmapped access is answered in the next
// cycle.
// Place: tlp_completer -> this -> virtio registers, msix_table, statistics, control bus.
`default_nettype none

module reg_decode (
    input  wire                  clk_i,
    input  wire                  rst_i,
    // master
    input  wire                  req_valid_i,
    output logic                 req_ready_o,
    input  wire  [15:0]          req_addr_i,
    output logic                 rsp_valid_o,
    output logic [31:0]          rsp_rdata_o,
    // slaves
    output logic                 virtio_valid_o,
    input  wire                  virtio_ready_i,
    input  wire                  virtio_rsp_valid_i,
    input  wire  [31:0]          virtio_rsp_rdata_i,
    output logic                 msix_valid_o,
    input  wire                  msix_ready_i,
    input  wire                  msix_rsp_valid_i,
    input  wire  [31:0]          msix_rsp_rdata_i,
    output logic                 stats_valid_o,
    input  wire                  stats_ready_i,
    input  wire                  stats_rsp_valid_i,
    input  wire  [31:0]          stats_rsp_rdata_i,
    output logic                 ctl_valid_o,
    input  wire                  ctl_ready_i,
    input  wire                  ctl_rsp_valid_i,
    input  wire  [31:0]          ctl_rsp_rdata_i
);

  logic [15:0] addr;
  logic        is_virtio, is_msix, is_stats, is_ctl, is_nobody;
  logic        nobody_q;

  assign addr = req_addr_i;
  assign is_virtio = addr < contract_pkg::BAR_MSIX_TABLE;
  assign is_msix = !is_virtio && addr < contract_pkg::BAR_STATS;
  assign is_stats = !is_virtio && !is_msix
                    && addr < contract_pkg::BAR_STATS + contract_pkg::BAR_WINDOW_BYTES;
  assign is_ctl = addr >= contract_pkg::BAR_CONTROL;
  assign is_nobody = !is_virtio && !is_msix && !is_stats && !is_ctl;

  assign virtio_valid_o = req_valid_i && is_virtio;
  assign msix_valid_o = req_valid_i && is_msix;
  assign stats_valid_o = req_valid_i && is_stats;
  assign ctl_valid_o = req_valid_i && is_ctl;
  assign req_ready_o = is_virtio ? virtio_ready_i : is_msix ? msix_ready_i
                     : is_stats ? stats_ready_i : is_ctl ? ctl_ready_i : 1'b1;

  always_ff @(posedge clk_i) begin
    if (rst_i) nobody_q <= 1'b0;
    else nobody_q <= req_valid_i && is_nobody;
  end

  assign rsp_valid_o = virtio_rsp_valid_i || msix_rsp_valid_i || stats_rsp_valid_i || ctl_rsp_valid_i ||
                       nobody_q;
  assign rsp_rdata_o = virtio_rsp_valid_i ? virtio_rsp_rdata_i
                     : msix_rsp_valid_i ? msix_rsp_rdata_i
                     : stats_rsp_valid_i ? stats_rsp_rdata_i
                     : ctl_rsp_valid_i ? ctl_rsp_rdata_i : '0;

endmodule

`default_nettype wire
