// SPDX-License-Identifier: Apache-2.0
// The PCI Express function: TLP edge, configuration space, BAR decode and MSI-X.
//
// Wiring only. Place: TLP edge <-> this <-> dma_engine (posted, non-posted, completions), register slaves.
`default_nettype none

module pcie_core (
    input  wire                                        clk_i,
    input  wire                                        rst_i,
    // TLP edge, from the host
    input  wire                                        tlp_in_valid_i,
    output logic                                       tlp_in_ready_o,
    input  tlp_pkg::beat_t                             tlp_in_i,
    // TLP edge, to the host
    output logic                                       tlp_out_valid_o,
    input  wire                                        tlp_out_ready_i,
    output tlp_pkg::beat_t                             tlp_out_o,
    // flow control
    input  tlp_pkg::credit_limit_t                     credit_limit_i,
    output tlp_pkg::credit_return_t                    credit_return_o,
    // dma_engine: its requests, its completions
    input  wire                                        posted_valid_i,
    output logic                                       posted_ready_o,
    input  tlp_pkg::beat_t                             posted_i,
    input  wire                                        nonposted_valid_i,
    output logic                                       nonposted_ready_o,
    input  tlp_pkg::beat_t                             nonposted_i,
    output logic                                       cpl_valid_o,
    input  wire                                        cpl_ready_i,
    output tlp_pkg::beat_t                             cpl_o,
    // dma_engine: settings
    output logic                                       bus_master_en_o,
    output logic [2:0]                                 mps_o,
    output logic [2:0]                                 mrrs_o,
    output logic                                       ext_tag_en_o,
    output logic [15:0]                                requester_id_o,
    // dma_engine: write client WR_MSIX
    output logic                                       msix_req_valid_o,
    input  wire                                        msix_req_ready_i,
    output dma_pkg::wr_req_t                           msix_req_o,
    output logic                                       msix_data_valid_o,
    input  wire                                        msix_data_ready_i,
    output stream_pkg::beat_t                          msix_data_o,
    input  wire                                        msix_done_i,
    // interrupts: one pulse each, index = MSI-X vector
    input  wire  [contract_pkg::MSIX_VECTORS-1:0]      irq_req_i,
    output logic [contract_pkg::MSIX_VECTORS-1:0]      irq_sent_o,    // message handed to the link
    output logic [contract_pkg::MSIX_VECTORS-1:0]      irq_pended_o,  // request found its vector masked
    output logic                                       msix_enabled_o,
    // function level reset: one cycle; the configuration space has reset itself
    output logic                                       flr_o,
    // register slave: virtio windows (addr < BAR_MSIX_TABLE)
    output logic                                       virtio_req_valid_o,
    input  wire                                        virtio_req_ready_i,
    output reg_pkg::req_t                              virtio_req_o,
    input  wire                                        virtio_rsp_valid_i,
    input  wire  [31:0]                                virtio_rsp_rdata_i,
    // register slave: statistics window (addr in BAR_STATS ..)
    output logic                                       stats_req_valid_o,
    input  wire                                        stats_req_ready_i,
    output reg_pkg::req_t                              stats_req_o,
    input  wire                                        stats_rsp_valid_i,
    input  wire  [31:0]                                stats_rsp_rdata_i,
    // statistics
    output tlp_pkg::stat_t                             stat_o
);

endmodule

`default_nettype wire
