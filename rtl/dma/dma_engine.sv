// SPDX-License-Identifier: Apache-2.0
// The DMA engine: writes of six clients and reads of five become TLPs; completions become
// placements.
//
// Wiring only. Writes leave in the order in which they were accepted, at one beat a cycle; reads
// are answered in any order. With the bus master off, writes that have not started are consumed and
// discarded and reads that have not been issued finish with RD_ABORTED, also those that the link drops.
// Place: virtio engines, msix_send -> this -> pcie_core (tlp_tx_arbiter); tlp_rx_demux -> this ->
// clients.
`default_nettype none

module dma_engine #(
    parameter int unsigned Tags = 64  // 32, 64, 128 or 256
) (
    input  wire                                clk_i,
    input  wire                                rst_i,
    // function settings, from the configuration space
    input  wire                                bus_master_en_i,
    input  wire  [2:0]                         mps_i,
    input  wire  [2:0]                         mrrs_i,
    input  wire                                ext_tag_en_i,
    input  wire  [15:0]                        requester_id_i,
    input  wire  [31:0]                        timeout_i,  // clock cycles
    // write clients, index contract_pkg::WR_*
    input  wire  [5:0]                         wr_req_valid_i,
    output logic [5:0]                         wr_req_ready_o,
    input  wire  [6*dma_pkg::WrReqW-1:0]       wr_req_i,   // dma_pkg::wr_req_t each
    input  wire  [5:0]                         wr_data_valid_i,
    output logic [5:0]                         wr_data_ready_o,
    input  wire  [6*stream_pkg::BeatW-1:0]     wr_data_i,  // stream_pkg::beat_t each
    output logic [5:0]                         wr_done_o,  // last beat handed to the link
    input  wire  [5:0]                         wr_gate_i,  // accept no new request
    output logic [5:0]                         wr_busy_o,  // accepted and not done
    // read clients, index contract_pkg::RD_*
    input  wire  [4:0]                         rd_req_valid_i,
    output logic [4:0]                         rd_req_ready_o,
    input  wire  [5*dma_pkg::RdReqW-1:0]       rd_req_i,   // dma_pkg::rd_req_t each
    output logic                               rd_place_valid_o,
    output dma_pkg::rd_place_t                 rd_place_o,
    output logic                               rd_done_valid_o,
    output dma_pkg::rd_done_t                  rd_done_o,
    input  wire  [4:0]                         rd_gate_i,
    output logic [4:0]                         rd_busy_o,
    // memory writes to the link
    output logic                               posted_valid_o,
    input  wire                                posted_ready_i,
    input  wire                                posted_dropped_i,     // taken, but goes nowhere
    output tlp_pkg::beat_t                     posted_o,
    // memory reads to the link
    output logic                               nonposted_valid_o,
    input  wire                                nonposted_ready_i,
    input  wire                                nonposted_dropped_i,
    output tlp_pkg::beat_t                     nonposted_o,
    // completions from the link
    input  wire                                cpl_valid_i,
    output logic                               cpl_ready_o,
    input  tlp_pkg::beat_t                     cpl_i,
    // statistics
    output dma_pkg::stat_t                     stat_o
);

  logic           read_tlp, write_tlp, write_discarded, cpl_timeout;
  dma_pkg::stat_t cpl_stat;

  dma_write #(.Clients(6)) u_write (
      .clk_i, .rst_i,
      // function settings
      .bus_master_en_i, .mps_i, .requester_id_i,
      // clients
      .req_valid_i(wr_req_valid_i), .req_ready_o(wr_req_ready_o), .req_i(wr_req_i),
      .data_valid_i(wr_data_valid_i), .data_ready_o(wr_data_ready_o), .data_i(wr_data_i),
      .done_o(wr_done_o), .gate_i(wr_gate_i), .busy_o(wr_busy_o),
      // TLPs
      .out_valid_o(posted_valid_o), .out_ready_i(posted_ready_i), .out_dropped_i(posted_dropped_i),
      .out_o(posted_o),
      // statistics
      .stat_tlp_o(write_tlp), .stat_discarded_o(write_discarded));

  dma_read #(.Clients(5), .Tags(Tags), .Slots(Tags)) u_read (
      .clk_i, .rst_i,
      // function settings
      .bus_master_en_i, .mrrs_i, .ext_tag_en_i, .requester_id_i, .timeout_i,
      // clients
      .req_valid_i(rd_req_valid_i), .req_ready_o(rd_req_ready_o), .req_i(rd_req_i),
      .place_valid_o(rd_place_valid_o), .place_o(rd_place_o),
      .done_valid_o(rd_done_valid_o), .done_o(rd_done_o), .gate_i(rd_gate_i), .busy_o(rd_busy_o),
      // TLPs
      .out_valid_o(nonposted_valid_o), .out_ready_i(nonposted_ready_i),
      .out_dropped_i(nonposted_dropped_i), .out_o(nonposted_o),
      // completions
      .cpl_valid_i, .cpl_ready_o, .cpl_i,
      // statistics
      .stat_tlp_o(read_tlp), .stat_cpl_o(cpl_stat), .stat_timeout_o(cpl_timeout));

  // in the order of dma_pkg::stat_t: issue side, completions, time-out
  assign stat_o = {read_tlp, write_tlp, write_discarded, cpl_stat[7:1], cpl_timeout};

  logic unused_stat;
  assign unused_stat = ^{cpl_stat[10:8], cpl_stat[0]};

endmodule

`default_nettype wire
