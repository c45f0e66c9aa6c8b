// SPDX-License-Identifier: Apache-2.0
// The PCI Express function: TLP edge, configuration space, BAR decode, MSI-X and INTx.
//
// Wiring only. Received requests wait in a FIFO as deep as the header credits that the device
// advertises (8 posted, 8 non-posted), so they never stand in the way of a completion.
// Place: TLP edge <-> this <-> dma_engine (posted, non-posted, completions), register slaves.
`default_nettype none

module pcie_core #(
    parameter int unsigned Vectors = 17
) (
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
    output logic                                       posted_dropped_o,  // taken, but bus master is off
    input  tlp_pkg::beat_t                             posted_i,
    input  wire                                        nonposted_valid_i,
    output logic                                       nonposted_ready_o,
    output logic                                       nonposted_dropped_o,
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
    // interrupts: MSI-X requests, one a cycle, always taken
    input  wire                                        irq_valid_i,
    input  wire  [7:0]                                 irq_vector_i,
    output logic                                       irq_pended_o,      // it found its vector masked
    output logic                                       irq_sent_valid_o,  // message handed to the link
    output logic [7:0]                                 irq_sent_vector_o,
    output logic                                       msix_enabled_o,
    // ... what a reset takes back; see msix_send
    input  wire                                        retract_valid_i,
    output logic                                       retract_ready_o,
    input  wire                                        retract_all_i,
    input  wire                                        retract_keep_i,
    input  wire  [7:0]                                 retract_vector_i,
    // ... and the level for INTx, without MSI-X
    input  wire                                        intx_i,
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
    // register slave: control bus (addr from BAR_CONTROL)
    output logic                                       ctl_req_valid_o,
    input  wire                                        ctl_req_ready_i,
    output reg_pkg::req_t                              ctl_req_o,
    input  wire                                        ctl_rsp_valid_i,
    input  wire  [31:0]                                ctl_rsp_rdata_i,
    // statistics
    output tlp_pkg::stat_t                             stat_o
);

  localparam int unsigned RequestDepth = 16;
  localparam int unsigned VectorW = $clog2(Vectors);

  logic                          in_req_valid, in_req_ready, req_valid, req_ready;
  logic [tlp_pkg::RxRequestW-1:0] in_req, req;
  logic [4:0]                    req_level;
  tlp_pkg::decoded_t             decoded;
  logic                          answer_valid, answer_ready;
  tlp_pkg::beat_t                answer;
  logic                          cfg_valid, cfg_write, capture;
  logic [11:0]                   cfg_addr;
  logic [3:0]                    cfg_be;
  logic [31:0]                   cfg_wdata, cfg_rdata;
  logic [12:0]                   capture_id;
  logic                          memory_en, function_mask;
  logic [63:0]                   bar;
  logic                          window_valid, window_load;
  logic [15:0]                   window_addr;
  logic [3:0]                    window_be;
  logic [31:0]                   window_wdata, window_rdata;
  logic                          reg_valid, reg_ready, reg_rsp_valid;
  reg_pkg::req_t                 access;
  logic [31:0]                   reg_rsp_rdata;
  logic                          msix_reg_valid, msix_reg_ready, msix_rsp_valid;
  logic [31:0]                   msix_rsp_rdata;
  logic [Vectors-1:0]            vector_mask, vector_pending;
  logic [VectorW-1:0]            lookup_vector;
  logic                          unmasked, lookup_valid, lookup_ready, lookup_done, intx_disable;
  logic                          posted_valid, posted_ready;
  tlp_pkg::beat_t                posted;
  logic [63:0]                   vector_addr;
  logic [31:0]                   vector_data;
  logic                          cpl_go, cpl_consume, posted_go, posted_consume;
  logic                          nonposted_go, nonposted_consume;

  // --- receive ---

  tlp_rx_demux u_rx_demux (
      .clk_i, .rst_i,
      // received
      .in_valid_i(tlp_in_valid_i), .in_ready_o(tlp_in_ready_o), .in_i(tlp_in_i),
      // completions
      .cpl_valid_o, .cpl_ready_i, .cpl_o,
      // requests
      .req_valid_o(in_req_valid), .req_ready_i(in_req_ready), .req_o(in_req));

  sync_fifo #(.Width(tlp_pkg::RxRequestW), .Depth(RequestDepth)) u_requests (
      .clk_i, .rst_i,
      .in_valid_i(in_req_valid), .in_ready_o(in_req_ready), .in_i(in_req),
      .out_valid_o(req_valid), .out_ready_i(req_ready), .out_o(req), .level_o(req_level));

  // --- requests ---

  tlp_request_decode u_decode (
      .valid_i(req_valid), .req_i(req), .memory_en_i(memory_en), .bar_i(bar), .decoded_o(decoded));

  tlp_completer u_completer (
      .clk_i, .rst_i,
      // requests
      .req_valid_i(req_valid), .req_ready_o(req_ready), .req_i(req), .decoded_i(decoded),
      // completions
      .cpl_valid_o(answer_valid), .cpl_ready_i(answer_ready), .cpl_o(answer),
      // configuration space
      .cfg_valid_o(cfg_valid), .cfg_write_o(cfg_write), .cfg_addr_o(cfg_addr), .cfg_be_o(cfg_be),
      .cfg_wdata_o(cfg_wdata), .cfg_rdata_i(cfg_rdata), .completer_id_i(requester_id_o),
      .capture_o(capture), .capture_id_o(capture_id),
      // window of the CFG access capability
      .window_valid_i(window_valid), .window_addr_i(window_addr), .window_be_i(window_be),
      .window_wdata_i(window_wdata), .window_load_o(window_load), .window_rdata_o(window_rdata),
      // register bus
      .reg_valid_o(reg_valid), .reg_ready_i(reg_ready), .reg_o(access),
      .reg_rsp_valid_i(reg_rsp_valid), .reg_rsp_rdata_i(reg_rsp_rdata),
      // receive credits and statistics
      .credit_return_o, .stat_o);

  pci_config_space #(.Vectors(Vectors)) u_config (
      .clk_i, .rst_i,
      // configuration accesses
      .cfg_valid_i(cfg_valid), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr), .cfg_be_i(cfg_be),
      .cfg_wdata_i(cfg_wdata), .cfg_rdata_o(cfg_rdata), .capture_i(capture),
      .capture_id_i(capture_id),
      // status
      .interrupt_i(intx_i), .unsupported_i(stat_o.unsupported), .aborted_i(stat_o.aborted),
      .poisoned_i(stat_o.poisoned),
      // settings
      .memory_en_o(memory_en), .bus_master_en_o, .bar_o(bar), .function_id_o(requester_id_o),
      .mps_o, .mrrs_o, .ext_tag_en_o, .msix_enable_o(msix_enabled_o),
      .msix_mask_o(function_mask), .intx_disable_o(intx_disable), .flr_o,
      // window of the CFG access capability
      .window_valid_o(window_valid), .window_addr_o(window_addr), .window_be_o(window_be),
      .window_wdata_o(window_wdata), .window_load_i(window_load), .window_rdata_i(window_rdata));

  reg_decode u_reg_decode (
      .clk_i, .rst_i,
      // master
      .req_valid_i(reg_valid), .req_ready_o(reg_ready), .req_addr_i(access.addr),
      .rsp_valid_o(reg_rsp_valid), .rsp_rdata_o(reg_rsp_rdata),
      // slaves
      .virtio_valid_o(virtio_req_valid_o), .virtio_ready_i(virtio_req_ready_i),
      .virtio_rsp_valid_i, .virtio_rsp_rdata_i,
      .msix_valid_o(msix_reg_valid), .msix_ready_i(msix_reg_ready),
      .msix_rsp_valid_i(msix_rsp_valid),
      .msix_rsp_rdata_i(msix_rsp_rdata),
      .stats_valid_o(stats_req_valid_o), .stats_ready_i(stats_req_ready_i),
      .stats_rsp_valid_i, .stats_rsp_rdata_i,
      .ctl_valid_o(ctl_req_valid_o), .ctl_ready_i(ctl_req_ready_i), .ctl_rsp_valid_i, .ctl_rsp_rdata_i);

  assign virtio_req_o = access;
  assign ctl_req_o = access;
  assign stats_req_o = access;

  // --- interrupts ---

  msix_table #(.Vectors(Vectors)) u_msix_table (
      .clk_i, .rst_i, .flr_i(flr_o),
      // register slave
      .req_valid_i(msix_reg_valid), .req_ready_o(msix_reg_ready), .req_i(access),
      .rsp_valid_o(msix_rsp_valid), .rsp_rdata_o(msix_rsp_rdata),
      // msix_send
      .mask_o(vector_mask), .unmasked_o(unmasked), .pending_i(vector_pending),
      .lookup_valid_i(lookup_valid), .lookup_ready_o(lookup_ready), .lookup_vector_i(lookup_vector),
      .lookup_done_o(lookup_done), .addr_o(vector_addr), .data_o(vector_data));

  msix_send #(.Vectors(Vectors)) u_msix_send (
      .clk_i, .rst_i, .flr_i(flr_o), .enable_i(msix_enabled_o), .function_mask_i(function_mask),
      .bus_master_en_i(bus_master_en_o),
      // requests and their end
      .irq_valid_i, .irq_vector_i, .irq_pended_o, .sent_valid_o(irq_sent_valid_o),
      .sent_vector_o(irq_sent_vector_o),
      // what a reset takes back
      .retract_valid_i, .retract_ready_o, .retract_all_i, .retract_keep_i, .retract_vector_i,
      // table
      .mask_i(vector_mask), .unmasked_i(unmasked), .pending_o(vector_pending),
      .lookup_valid_o(lookup_valid), .lookup_ready_i(lookup_ready), .lookup_vector_o(lookup_vector),
      .lookup_done_i(lookup_done), .addr_i(vector_addr), .data_i(vector_data),
      // write client
      .wr_req_valid_o(msix_req_valid_o), .wr_req_ready_i(msix_req_ready_i), .wr_req_o(msix_req_o),
      .wr_data_valid_o(msix_data_valid_o), .wr_data_ready_i(msix_data_ready_i),
      .wr_data_o(msix_data_o),
      .wr_done_i(msix_done_i));

  intx_send u_intx_send (
      .clk_i, .rst_i, .level_i(intx_i && !msix_enabled_o && !intx_disable),
      .requester_id_i(requester_id_o),
      // posted requests
      .in_valid_i(posted_valid_i), .in_ready_o(posted_ready_o), .in_i(posted_i),
      // ... with messages between them
      .out_valid_o(posted_valid), .out_ready_i(posted_ready), .out_o(posted));

  // --- transmit ---

  tlp_credit u_credit_cpl (
      .clk_i, .rst_i,
      .header_limit_i(credit_limit_i.cplh), .header_infinite_i(credit_limit_i.cplh_infinite),
      .data_limit_i(credit_limit_i.cpld), .data_infinite_i(credit_limit_i.cpld_infinite),
      .dw0_i(answer.hdr[127:96]), .go_o(cpl_go), .consume_i(cpl_consume));

  tlp_credit u_credit_posted (
      .clk_i, .rst_i,
      .header_limit_i(credit_limit_i.ph), .header_infinite_i(credit_limit_i.ph_infinite),
      .data_limit_i(credit_limit_i.pd), .data_infinite_i(credit_limit_i.pd_infinite),
      .dw0_i(posted.hdr[127:96]), .go_o(posted_go), .consume_i(posted_consume));

  tlp_credit u_credit_nonposted (
      .clk_i, .rst_i,
      .header_limit_i(credit_limit_i.nph), .header_infinite_i(credit_limit_i.nph_infinite),
      .data_limit_i(12'd0), .data_infinite_i(1'b1),
      .dw0_i(nonposted_i.hdr[127:96]), .go_o(nonposted_go), .consume_i(nonposted_consume));

  tlp_tx_arbiter u_tx_arbiter (
      .clk_i, .rst_i, .bus_master_en_i(bus_master_en_o),
      // completions
      .cpl_valid_i(answer_valid), .cpl_ready_o(answer_ready), .cpl_i(answer), .cpl_go_i(cpl_go),
      .cpl_consume_o(cpl_consume),
      // posted requests
      .posted_valid_i(posted_valid), .posted_ready_o(posted_ready), .posted_i(posted),
      .posted_go_i(posted_go),
      .posted_consume_o(posted_consume), .posted_dropped_o,
      // non-posted requests
      .nonposted_valid_i, .nonposted_ready_o, .nonposted_i, .nonposted_go_i(nonposted_go),
      .nonposted_consume_o(nonposted_consume), .nonposted_dropped_o,
      // link
      .out_valid_o(tlp_out_valid_o), .out_ready_i(tlp_out_ready_i), .out_o(tlp_out_o));

  logic unused_level;
  assign unused_level = ^req_level;

endmodule

`default_nettype wire
