// SPDX-License-Identifier: Apache-2.0
// Everything of the NIC in the core clock: PCIe function, DMA, virtio device, packet buffers, counters.
//
// Wiring only; the two packet buffers are where frames change between the wire's pace and the host's.
// Place: mac_rx_path, mac_tx_path <-> this <-> TLP edge.
`default_nettype none

module nic_core #(
    parameter int unsigned RxBufferBytes = 32768,
    parameter int unsigned TxBufferBytes = 131072
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // straps
    input  wire  [47:0]             strap_mac_i,
    input  wire                     link_up_i,
    input  wire  [31:0]             strap_completion_timeout_i,
    // received frames
    input  wire                     rx_valid_i,
    output logic                    rx_ready_o,
    input  stream_pkg::beat_t       rx_i,
    input  wire  [3:0]              rx_lost_i,      // frames that found the clock crossing full
    // frames to send
    output logic                    tx_valid_o,
    input  wire                     tx_ready_i,
    output stream_pkg::beat_t       tx_o,
    input  wire  [3:0]              tx_sent_i,
    input  wire  [3:0]              tx_underrun_i,
    // TLPs from the host
    input  wire                     tlp_in_valid_i,
    output logic                    tlp_in_ready_o,
    input  tlp_pkg::beat_t          tlp_in_i,
    // TLPs to the host
    output logic                    tlp_out_valid_o,
    input  wire                     tlp_out_ready_i,
    output tlp_pkg::beat_t          tlp_out_o,
    // flow control
    input  tlp_pkg::credit_limit_t  credit_limit_i,
    output tlp_pkg::credit_return_t credit_return_o,
    // journey events
    output nic_pkg::core_events_t   events_o
);

  localparam int unsigned WrW = dma_pkg::WrReqW;
  localparam int unsigned RdW = dma_pkg::RdReqW;
  localparam int unsigned BeatW = stream_pkg::BeatW;
  localparam int unsigned WrMsix = 32'(contract_pkg::WR_MSIX);
  localparam int unsigned Vectors = 32'(contract_pkg::MSIX_VECTORS);
  localparam int unsigned VectorW = $clog2(Vectors);

  // -- PCIe function ---------------------------------------------------------------------------------
  logic                posted_valid, posted_ready, nonposted_valid, nonposted_ready, cpl_valid, cpl_ready;
  tlp_pkg::beat_t      posted, nonposted, cpl;
  logic                bus_master_en, ext_tag_en, msix_enabled, flr;
  logic          [2:0] mps, mrrs;
  logic         [15:0] requester_id;
  logic  [Vectors-1:0] irq_req, irq_sent, irq_pended;
  logic                virtio_req_valid, virtio_req_ready, virtio_rsp_valid;
  logic                stats_req_valid, stats_req_ready, stats_rsp_valid;
  reg_pkg::req_t       virtio_req, stats_req;
  logic         [31:0] virtio_rsp_rdata, stats_rsp_rdata;
  tlp_pkg::stat_t      tlp_stat;
  // -- DMA clients -----------------------------------------------------------------------------------
  logic          [5:0] wr_req_valid, wr_req_ready, wr_data_valid, wr_data_ready, wr_done, wr_gate, wr_busy;
  logic    [6*WrW-1:0] wr_req;
  logic  [6*BeatW-1:0] wr_data;
  logic          [4:0] rd_req_valid, rd_req_ready, rd_gate, rd_busy;
  logic    [5*RdW-1:0] rd_req;
  logic                rd_place_valid, rd_done_valid;
  dma_pkg::rd_place_t  rd_place;
  dma_pkg::rd_done_t   rd_done;
  dma_pkg::stat_t      dma_stat;

  assign wr_gate[WrMsix] = 1'b0;

  pcie_core u_pcie_core (
      .clk_i, .rst_i,
      // TLP edge
      .tlp_in_valid_i, .tlp_in_ready_o, .tlp_in_i, .tlp_out_valid_o, .tlp_out_ready_i, .tlp_out_o,
      .credit_limit_i, .credit_return_o,
      // dma_engine: its requests, its completions
      .posted_valid_i(posted_valid), .posted_ready_o(posted_ready), .posted_i(posted),
      .nonposted_valid_i(nonposted_valid), .nonposted_ready_o(nonposted_ready),
      .nonposted_i(nonposted), .cpl_valid_o(cpl_valid), .cpl_ready_i(cpl_ready), .cpl_o(cpl),
      // dma_engine: settings
      .bus_master_en_o(bus_master_en), .mps_o(mps), .mrrs_o(mrrs), .ext_tag_en_o(ext_tag_en),
      .requester_id_o(requester_id),
      // dma_engine: write client WR_MSIX
      .msix_req_valid_o(wr_req_valid[WrMsix]), .msix_req_ready_i(wr_req_ready[WrMsix]),
      .msix_req_o(wr_req[WrW*WrMsix+:WrW]), .msix_data_valid_o(wr_data_valid[WrMsix]),
      .msix_data_ready_i(wr_data_ready[WrMsix]), .msix_data_o(wr_data[BeatW*WrMsix+:BeatW]),
      .msix_done_i(wr_done[WrMsix]),
      // interrupts
      .irq_req_i(irq_req), .irq_sent_o(irq_sent), .irq_pended_o(irq_pended),
      .msix_enabled_o(msix_enabled), .flr_o(flr),
      // register slaves
      .virtio_req_valid_o(virtio_req_valid), .virtio_req_ready_i(virtio_req_ready),
      .virtio_req_o(virtio_req), .virtio_rsp_valid_i(virtio_rsp_valid),
      .virtio_rsp_rdata_i(virtio_rsp_rdata), .stats_req_valid_o(stats_req_valid),
      .stats_req_ready_i(stats_req_ready), .stats_req_o(stats_req), .stats_rsp_valid_i(stats_rsp_valid),
      .stats_rsp_rdata_i(stats_rsp_rdata), .stat_o(tlp_stat));

  dma_engine u_dma_engine (
      .clk_i, .rst_i,
      // function settings
      .bus_master_en_i(bus_master_en), .mps_i(mps), .mrrs_i(mrrs), .ext_tag_en_i(ext_tag_en),
      .requester_id_i(requester_id), .timeout_i(strap_completion_timeout_i),
      // write clients
      .wr_req_valid_i(wr_req_valid), .wr_req_ready_o(wr_req_ready), .wr_req_i(wr_req),
      .wr_data_valid_i(wr_data_valid), .wr_data_ready_o(wr_data_ready), .wr_data_i(wr_data),
      .wr_done_o(wr_done), .wr_gate_i(wr_gate), .wr_busy_o(wr_busy),
      // read clients
      .rd_req_valid_i(rd_req_valid), .rd_req_ready_o(rd_req_ready), .rd_req_i(rd_req),
      .rd_place_valid_o(rd_place_valid), .rd_place_o(rd_place), .rd_done_valid_o(rd_done_valid),
      .rd_done_o(rd_done), .rd_gate_i(rd_gate), .rd_busy_o(rd_busy),
      // links
      .posted_valid_o(posted_valid), .posted_ready_i(posted_ready), .posted_o(posted),
      .nonposted_valid_o(nonposted_valid), .nonposted_ready_i(nonposted_ready),
      .nonposted_o(nonposted), .cpl_valid_i(cpl_valid), .cpl_ready_o(cpl_ready), .cpl_i(cpl),
      .stat_o(dma_stat));

  // -- receive ---------------------------------------------------------------------------------------
  logic              rx_flush, rx_discard_reason, rx_len_valid, rx_len_ready, rx_len_drop;
  logic       [15:0] rx_len;
  logic              rx_frame_valid, rx_frame_ready;
  stream_pkg::beat_t rx_frame;
  logic              rx_frames_in, rx_commit, rx_missed, rx_drop_reset, rx_drop_not_ready;
  logic        [7:0] rx_verdict;

  rx_packet_buffer #(.DepthBytes(RxBufferBytes)) u_rx_packet_buffer (
      .clk_i, .rst_i,
      // in
      .in_valid_i(rx_valid_i), .in_ready_o(rx_ready_o), .in_i(rx_i),
      // discard
      .flush_i(rx_flush), .discard_reason_i(rx_discard_reason),
      // next frame
      .out_len_valid_o(rx_len_valid), .out_len_ready_i(rx_len_ready), .out_len_o(rx_len),
      .out_drop_i(rx_len_drop), .out_valid_o(rx_frame_valid), .out_ready_i(rx_frame_ready),
      .out_o(rx_frame),
      // events
      .frames_in_o(rx_frames_in), .commit_o(rx_commit), .drop_verdict_o(rx_verdict),
      .drop_missed_o(rx_missed), .drop_reset_o(rx_drop_reset), .drop_not_ready_o(rx_drop_not_ready));

  // -- virtio ----------------------------------------------------------------------------------------
  logic                        commit_valid, commit_ready, free_valid;
  logic [dma_pkg::WordW-1:0]   commit_base, commit_release, free_words;
  logic                 [16:0] commit_len;
  tx_pkg::features_t           tx_features;
  logic                 [31:0] queue_vector;
  virtq_pkg::stat_t            stat;

  virtio_core #(.TxBufferBytes(TxBufferBytes)) u_virtio_core (
      .clk_i, .rst_i, .mac_i(strap_mac_i), .link_up_i,
      // function level reset, interrupts
      .flr_i(flr), .msix_enabled_i(msix_enabled),
      .msix_busy_i(wr_req_valid[WrMsix] || wr_busy[WrMsix]), .irq_req_o(irq_req),
      .queue_vector_o(queue_vector),
      // register slave
      .req_valid_i(virtio_req_valid), .req_ready_o(virtio_req_ready), .req_i(virtio_req),
      .rsp_valid_o(virtio_rsp_valid), .rsp_rdata_o(virtio_rsp_rdata),
      // received frames
      .rx_flush_o(rx_flush), .rx_discard_reason_o(rx_discard_reason), .rx_len_valid_i(rx_len_valid),
      .rx_len_ready_o(rx_len_ready), .rx_len_i(rx_len), .rx_len_drop_o(rx_len_drop),
      .rx_valid_i(rx_frame_valid), .rx_ready_o(rx_frame_ready), .rx_i(rx_frame),
      // buffers to send
      .tx_features_o(tx_features), .commit_valid_o(commit_valid), .commit_ready_i(commit_ready),
      .commit_base_o(commit_base),
      .commit_len_o(commit_len), .commit_release_o(commit_release), .free_valid_i(free_valid),
      .free_words_i(free_words),
      // writes
      .wr_req_valid_o(wr_req_valid[4:0]), .wr_req_ready_i(wr_req_ready[4:0]),
      .wr_req_o(wr_req[5*WrW-1:0]), .wr_data_valid_o(wr_data_valid[4:0]),
      .wr_data_ready_i(wr_data_ready[4:0]), .wr_data_o(wr_data[5*BeatW-1:0]), .wr_done_i(wr_done[4:0]),
      .wr_gate_o(wr_gate[4:0]), .wr_busy_i(wr_busy[4:0]),
      // reads
      .rd_req_valid_o(rd_req_valid), .rd_req_ready_i(rd_req_ready), .rd_req_o(rd_req),
      .rd_place_valid_i(rd_place_valid), .rd_place_i(rd_place), .rd_done_valid_i(rd_done_valid),
      .rd_done_i(rd_done), .rd_gate_o(rd_gate), .rd_busy_i(rd_busy),
      .stat_o(stat));

  // -- transmit --------------------------------------------------------------------------------------
  logic                    [5:0] unused_tx_pair;
  logic                          tx_drop_offload, tx_made, tx_extra;
  logic       [tx_pkg::LenW-1:0] tx_frame_len;

  tx_path #(.BufferBytes(TxBufferBytes)) u_tx_path (
      .clk_i, .rst_i,
      // settings
      .features_i(tx_features), .max_frame_i(contract_pkg::MAX_FRAME_NO_FCS[tx_pkg::LenW-1:0]),
      .vlan_enable_i(1'b0), .vlan_tci_i(16'd0),
      // placements of client RD_TX_DATA
      .place_valid_i(rd_place_valid && rd_place.client == contract_pkg::RD_TX_DATA), .place_i(rd_place),
      // whole buffers
      .commit_valid_i(commit_valid), .commit_ready_o(commit_ready), .commit_base_i(commit_base),
      .commit_len_i(commit_len), .commit_release_i(commit_release), .commit_pair_i(6'd0),
      // room given back
      .free_valid_o(free_valid), .free_words_o(free_words),
      // frames
      .out_valid_o(tx_valid_o), .out_ready_i(tx_ready_i), .out_o(tx_o),
      // pulses
      .pair_o(unused_tx_pair), .drop_offload_o(tx_drop_offload), .frame_made_o(tx_made),
      .extra_o(tx_extra), .frame_len_o(tx_frame_len));

  // -- statistics ------------------------------------------------------------------------------------
  nic_stats u_nic_stats (
      .clk_i, .rst_i,
      // what happened
      .rx_frames_in_i(rx_frames_in), .rx_lost_i, .rx_verdict_i(rx_verdict), .rx_missed_i(rx_missed),
      .rx_drop_reset_i(rx_drop_reset), .rx_drop_not_ready_i(rx_drop_not_ready),
      .rx_len_i((rx_len_valid && rx_len_ready && !rx_len_drop) ? rx_len : 16'd0),
      .tx_len_i(tx_made ? 16'(tx_frame_len) : 16'd0), .tx_drop_offload_i(tx_drop_offload),
      .tx_segment_i(tx_extra), .tx_sent_i, .tx_underrun_i,
      .virtio_i(stat), .irq_sent_i(irq_sent), .irq_pended_i(irq_pended), .tlp_i(tlp_stat), .dma_i(dma_stat),
      // register slave
      .req_valid_i(stats_req_valid), .req_ready_o(stats_req_ready), .req_i(stats_req),
      .rsp_valid_o(stats_rsp_valid), .rsp_rdata_o(stats_rsp_rdata));

  // -- journey events --------------------------------------------------------------------------------
  assign events_o.tx_made = tx_made;
  assign events_o.tx_extra = tx_extra;
  assign events_o.tx_refused = tx_drop_offload;
  assign events_o.rx_commit = rx_commit;
  assign events_o.rx_drop = rx_verdict != '0 || rx_missed;
  assign events_o.rx_read = stat.rx_taken && !stat.rx_drop_too_small;
  assign events_o.rx_engine_drop = stat.rx_drop_too_small || stat.rx_drop_reset || rx_drop_reset ||
                                   rx_drop_not_ready;
  assign events_o.rx_dma_done = stat.rx_written;
  assign events_o.rx_used = stat.rx_used;
  assign events_o.rx_irq = queue_vector[15:VectorW] == '0 && irq_sent[queue_vector[VectorW-1:0]];
  assign events_o.tx_doorbell = stat.tx_doorbell;
  assign events_o.tx_chain = stat.tx_taken;
  assign events_o.tx_commit = stat.tx_commit;
  assign events_o.tx_drop = stat.tx_drop_length || stat.tx_drop_dma || stat.tx_drop_reset;
  assign events_o.tx_used = stat.tx_used;
  assign events_o.tx_irq = queue_vector[31:16+VectorW] == '0 && irq_sent[queue_vector[16+:VectorW]];

endmodule

`default_nettype wire
