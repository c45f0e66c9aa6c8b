// SPDX-License-Identifier: Apache-2.0
// Everything of the NIC in the core clock: PCIe function, DMA, virtio device, packet buffers, counters.
//
// Wiring only; the two packet buffers are where frames change between the wire's pace and the host's.
// Place: mac_rx_path, mac_tx_path <-> this <-> TLP edge.
`default_nettype none

module nic_core #(
    parameter int unsigned RxBufferBytes = 65536,
    parameter int unsigned TxBufferBytes = 131072,
    parameter int unsigned RxCoalesceBytes = 65536,  // store of receive coalescing; 0: not built
    parameter int unsigned Pairs = 8,            // queue pairs
    parameter int unsigned CoreClockKhz = 250000
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // straps
    input  wire  [47:0]             strap_mac_i,
    input  wire                     link_up_i,
    input  wire  [31:0]             strap_completion_timeout_i,
    // MAC: longest frame with FCS, classes that the other side holds back
    input  wire  [13:0]             max_frame_i,
    input  wire  [7:0]              class_paused_i,
    // received frames
    input  wire                     rx_valid_i,
    output logic                    rx_ready_o,
    input  stream_pkg::beat_t       rx_i,
    input  wire  [3:0]              rx_lost_i,      // frames that found the clock crossing full
    input  wire  [3:0]              rx_control_i,   // MAC control frames, which go no further
    output logic [17:0]             rx_level_o,     // bytes in the receive buffer
    // frames to send
    output logic                    tx_valid_o,
    input  wire                     tx_ready_i,
    output stream_pkg::beat_t       tx_o,
    input  wire  [3:0]              tx_sent_i,
    input  wire  [3:0]              tx_underrun_i,
    input  wire  [3:0]              tx_fault_i,
    // control bus to the MAC: window CTL_MAC, window CTL_MAC_STATS
    output logic [1:0]              mac_ctl_valid_o,
    input  wire  [1:0]              mac_ctl_ready_i,
    output ctl_pkg::req_t           mac_ctl_o,
    input  wire  [1:0]              mac_ctl_rsp_valid_i,
    input  wire  [63:0]             mac_ctl_rsp_rdata_i,
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
  localparam int unsigned Vectors = 2 * Pairs + 1;
  // windows of the control bus with a slave
  localparam int unsigned Windows = 32'(contract_pkg::CTL_WINDOWS);
  localparam int unsigned General = 32'(contract_pkg::CTL_GENERAL);
  localparam int unsigned Mac = 32'(contract_pkg::CTL_MAC);  // and its statistics behind it
  localparam int unsigned RxFilter = 32'(contract_pkg::CTL_RX_FILTER);
  localparam int unsigned RxRss = 32'(contract_pkg::CTL_RX_RSS);
  localparam int unsigned Coalesce = 32'(contract_pkg::CTL_COALESCE);
  localparam int unsigned TxSchedule = 32'(contract_pkg::CTL_TX_SCHEDULE);
  localparam int unsigned QueueStats = 32'(contract_pkg::CTL_QUEUE_STATS);
  localparam logic [7:0] Present = (8'd1 << General) | (8'd3 << Mac) | (8'd1 << RxFilter) | (8'd1 << RxRss) |
                                   (8'd1 << Coalesce) | (8'd1 << TxSchedule) | (8'd1 << QueueStats);

  // What the device offers (virtio 1.2, 5.1.3 and 6); the control queue comes with the control processor.
  function automatic logic [63:0] feature(input logic [7:0] bit_number);
    feature = 64'd1 << bit_number;
  endfunction
  localparam logic [63:0] Offered =
      feature(contract_pkg::NET_F_CSUM) | feature(contract_pkg::NET_F_GUEST_CSUM) |
      feature(contract_pkg::NET_F_MTU) | feature(contract_pkg::NET_F_MAC) |
      ((RxCoalesceBytes == 0) ? 64'd0 : feature(contract_pkg::NET_F_GUEST_TSO4) |
       feature(contract_pkg::NET_F_GUEST_TSO6) | feature(contract_pkg::NET_F_GUEST_ECN)) |
      feature(contract_pkg::NET_F_HOST_TSO4) | feature(contract_pkg::NET_F_HOST_TSO6) |
      feature(contract_pkg::NET_F_HOST_ECN) | feature(contract_pkg::NET_F_HOST_USO) |
      feature(contract_pkg::NET_F_MRG_RXBUF) | feature(contract_pkg::NET_F_STATUS) |
      feature(contract_pkg::NET_F_HASH_REPORT) | feature(contract_pkg::RING_F_INDIRECT_DESC) |
      feature(contract_pkg::RING_F_EVENT_IDX) | feature(contract_pkg::F_VERSION_1) |
      feature(contract_pkg::F_RING_PACKED) | feature(contract_pkg::F_IN_ORDER) |
      feature(contract_pkg::F_NOTIFICATION_DATA) | feature(contract_pkg::F_RING_RESET);

  if (RxCoalesceBytes > RxBufferBytes) begin : g_bad_store
    $error("nic_core %m: a large frame, half the coalescing store, has to fit the packet buffer twice");
  end

  // -- PCIe function ---------------------------------------------------------------------------------
  logic                posted_valid, posted_ready, posted_dropped, cpl_valid, cpl_ready;
  logic                nonposted_valid, nonposted_ready, nonposted_dropped;
  tlp_pkg::beat_t      posted, nonposted, cpl;
  logic                bus_master_en, ext_tag_en, msix_enabled, flr;
  logic          [2:0] mps, mrrs;
  logic         [15:0] requester_id;
  logic                irq_valid, irq_sent, irq_pended, retract_valid, retract_ready, retract_all, retract_keep, intx;
  logic          [7:0] irq_vector, irq_sent_vector, retract_vector;
  logic                virtio_req_valid, virtio_req_ready, virtio_rsp_valid;
  logic                stats_req_valid, stats_req_ready, stats_rsp_valid;
  logic                ctl_req_valid, ctl_req_ready, ctl_rsp_valid;
  reg_pkg::req_t       virtio_req, stats_req, ctl_req;
  logic         [31:0] virtio_rsp_rdata, stats_rsp_rdata, ctl_rsp_rdata;
  tlp_pkg::stat_t      tlp_stat;
  // -- DMA clients -----------------------------------------------------------------------------------
  logic          [5:0] wr_req_valid, wr_req_ready, wr_data_valid, wr_data_ready, wr_done, unused_wr_busy;
  logic    [6*WrW-1:0] wr_req;
  logic  [6*BeatW-1:0] wr_data;
  logic          [4:0] rd_req_valid, rd_req_ready, unused_rd_busy;
  logic    [5*RdW-1:0] rd_req;
  logic                rd_place_valid, rd_done_valid;
  dma_pkg::rd_place_t  rd_place;
  dma_pkg::rd_done_t   rd_done;
  dma_pkg::stat_t      dma_stat;

  // -- control bus: one master, a slave a window ---------------------------------------------------------
  logic                   ctl_valid, ctl_ready, ctl_done;
  logic             [2:0] ctl_window;
  ctl_pkg::req_t          ctl, slave;
  logic            [31:0] ctl_rdata;
  logic     [Windows-1:0] slave_valid, slave_ready, slave_done;
  logic  [32*Windows-1:0] slave_rdata;

  pcie_core #(.Vectors(Vectors)) u_pcie_core (
      .clk_i, .rst_i,
      // TLP edge
      .tlp_in_valid_i, .tlp_in_ready_o, .tlp_in_i, .tlp_out_valid_o, .tlp_out_ready_i, .tlp_out_o,
      .credit_limit_i, .credit_return_o,
      // dma_engine: its requests, its completions, settings
      .posted_valid_i(posted_valid), .posted_ready_o(posted_ready), .posted_dropped_o(posted_dropped),
      .posted_i(posted), .nonposted_valid_i(nonposted_valid), .nonposted_ready_o(nonposted_ready),
      .nonposted_dropped_o(nonposted_dropped), .nonposted_i(nonposted), .cpl_valid_o(cpl_valid),
      .cpl_ready_i(cpl_ready), .cpl_o(cpl), .bus_master_en_o(bus_master_en), .mps_o(mps), .mrrs_o(mrrs),
      .ext_tag_en_o(ext_tag_en), .requester_id_o(requester_id),
      // dma_engine: write client WR_MSIX
      .msix_req_valid_o(wr_req_valid[WrMsix]), .msix_req_ready_i(wr_req_ready[WrMsix]),
      .msix_req_o(wr_req[WrW*WrMsix+:WrW]), .msix_data_valid_o(wr_data_valid[WrMsix]),
      .msix_data_ready_i(wr_data_ready[WrMsix]), .msix_data_o(wr_data[BeatW*WrMsix+:BeatW]),
      .msix_done_i(wr_done[WrMsix]),
      // interrupts
      .irq_valid_i(irq_valid), .irq_vector_i(irq_vector), .irq_pended_o(irq_pended),
      .irq_sent_valid_o(irq_sent), .irq_sent_vector_o(irq_sent_vector), .msix_enabled_o(msix_enabled),
      .retract_valid_i(retract_valid), .retract_ready_o(retract_ready), .retract_all_i(retract_all),
      .retract_keep_i(retract_keep), .retract_vector_i(retract_vector), .intx_i(intx), .flr_o(flr),
      // register slaves
      .virtio_req_valid_o(virtio_req_valid), .virtio_req_ready_i(virtio_req_ready),
      .virtio_req_o(virtio_req), .virtio_rsp_valid_i(virtio_rsp_valid),
      .virtio_rsp_rdata_i(virtio_rsp_rdata), .stats_req_valid_o(stats_req_valid),
      .stats_req_ready_i(stats_req_ready), .stats_req_o(stats_req), .stats_rsp_valid_i(stats_rsp_valid),
      .stats_rsp_rdata_i(stats_rsp_rdata), .ctl_req_valid_o(ctl_req_valid),
      .ctl_req_ready_i(ctl_req_ready), .ctl_req_o(ctl_req), .ctl_rsp_valid_i(ctl_rsp_valid),
      .ctl_rsp_rdata_i(ctl_rsp_rdata), .stat_o(tlp_stat));

  dma_engine u_dma_engine (
      .clk_i, .rst_i,
      // function settings
      .bus_master_en_i(bus_master_en), .mps_i(mps), .mrrs_i(mrrs), .ext_tag_en_i(ext_tag_en),
      .requester_id_i(requester_id), .timeout_i(strap_completion_timeout_i),
      // write clients
      .wr_req_valid_i(wr_req_valid), .wr_req_ready_o(wr_req_ready), .wr_req_i(wr_req),
      .wr_data_valid_i(wr_data_valid), .wr_data_ready_o(wr_data_ready), .wr_data_i(wr_data),
      .wr_done_o(wr_done), .wr_gate_i('0), .wr_busy_o(unused_wr_busy),
      // read clients
      .rd_req_valid_i(rd_req_valid), .rd_req_ready_o(rd_req_ready), .rd_req_i(rd_req),
      .rd_place_valid_o(rd_place_valid), .rd_place_o(rd_place), .rd_done_valid_o(rd_done_valid),
      .rd_done_o(rd_done), .rd_gate_i('0), .rd_busy_o(unused_rd_busy),
      // links
      .posted_valid_o(posted_valid), .posted_ready_i(posted_ready), .posted_dropped_i(posted_dropped),
      .posted_o(posted), .nonposted_valid_o(nonposted_valid), .nonposted_ready_i(nonposted_ready),
      .nonposted_dropped_i(nonposted_dropped), .nonposted_o(nonposted), .cpl_valid_i(cpl_valid),
      .cpl_ready_o(cpl_ready), .cpl_i(cpl), .stat_o(dma_stat));

  // -- receive ---------------------------------------------------------------------------------------
  logic              rx_seen_valid;
  stream_pkg::beat_t rx_seen;
  rx_pkg::meta_t     rx_seen_meta, rx_meta;
  rx_pkg::offload_t  rx_offload;
  logic              rx_filtered, rx_void, rx_held, rx_coalesced, rx_store_lost;
  logic       [14:0] rx_room;
  logic              rx_len_valid, rx_len_ready, rx_len_drop;
  logic              rx_taken;  // a frame's length was taken, and its beats will be
  logic       [15:0] rx_len;
  assign rx_taken = rx_len_valid && rx_len_ready && !rx_len_drop;
  logic              rx_frame_valid, rx_frame_ready;
  stream_pkg::beat_t rx_frame;
  logic              rx_frames_in, rx_commit, rx_missed;
  logic        [7:0] rx_verdict;

  rx_path #(.CoalesceBytes(RxCoalesceBytes), .TickCycles(CoreClockKhz / 1000)) u_rx_path (
      .clk_i, .rst_i, .offload_i(rx_offload), .mac_i(strap_mac_i),
      // control bus
      .filter_req_valid_i(slave_valid[RxFilter]), .filter_req_ready_o(slave_ready[RxFilter]),
      .filter_req_i(slave), .filter_rsp_valid_o(slave_done[RxFilter]),
      .filter_rsp_rdata_o(slave_rdata[32*RxFilter+:32]), .rss_req_valid_i(slave_valid[RxRss]),
      .rss_req_ready_o(slave_ready[RxRss]), .rss_req_i(slave), .rss_rsp_valid_o(slave_done[RxRss]),
      .rss_rsp_rdata_o(slave_rdata[32*RxRss+:32]),
      // frames
      .in_valid_i(rx_valid_i), .in_ready_o(rx_ready_o), .in_i(rx_i),
      .out_valid_o(rx_seen_valid), .out_o(rx_seen), .out_meta_o(rx_seen_meta),
      .out_void_o(rx_void), .room_i(rx_room),
      // events
      .held_o(rx_held), .coalesced_o(rx_coalesced), .lost_o(rx_store_lost));

  logic unused_buffer_ready;
  rx_packet_buffer #(.DepthBytes(RxBufferBytes), .MaxFrames(RxBufferBytes / 64)) u_rx_packet_buffer (
      .clk_i, .rst_i,
      // in
      .in_valid_i(rx_seen_valid), .in_ready_o(unused_buffer_ready), .in_i(rx_seen), .in_meta_i(rx_seen_meta),
      .in_void_i(rx_void),
      // next frame
      .out_len_valid_o(rx_len_valid), .out_len_ready_i(rx_len_ready), .out_len_o(rx_len), .out_meta_o(rx_meta),
      .out_drop_i(rx_len_drop), .out_valid_o(rx_frame_valid), .out_ready_i(rx_frame_ready),
      .out_o(rx_frame),
      // fill
      .level_o(rx_level_o), .room_o(rx_room),
      // events
      .frames_in_o(rx_frames_in), .commit_o(rx_commit), .drop_verdict_o(rx_verdict),
      .drop_filtered_o(rx_filtered), .drop_missed_o(rx_missed));

  // -- virtio ----------------------------------------------------------------------------------------
  logic                        commit_valid, commit_ready, free_valid;
  logic [dma_pkg::WordW-1:0]   commit_base, commit_release, free_words;
  logic                 [16:0] commit_len;
  logic                  [5:0] commit_pair;
  logic                 [63:0] features;
  logic                 [15:0] last_fail, rx_vector0, tx_vector0, vlan_tci;
  logic                        vlan_enable, segments;
  logic     [tx_pkg::LenW-1:0] tx_max_frame;
  tx_pkg::features_t           tx_features;
  virtq_pkg::stat_t            stat;

  assign rx_offload = {features[contract_pkg::NET_F_GUEST_CSUM[5:0]], features[contract_pkg::NET_F_GUEST_TSO4[5:0]],
                       features[contract_pkg::NET_F_GUEST_TSO6[5:0]], features[contract_pkg::NET_F_GUEST_ECN[5:0]],
                       features[contract_pkg::NET_F_HASH_REPORT[5:0]]};
  assign tx_features = {features[contract_pkg::NET_F_HASH_REPORT[5:0]], features[contract_pkg::NET_F_CSUM[5:0]],
                        features[contract_pkg::NET_F_HOST_TSO4[5:0]], features[contract_pkg::NET_F_HOST_TSO6[5:0]],
                        features[contract_pkg::NET_F_HOST_ECN[5:0]], features[contract_pkg::NET_F_HOST_USO[5:0]]};
  assign tx_max_frame = tx_pkg::LenW'(max_frame_i) - tx_pkg::LenW'(4);  // without FCS
  assign segments = tx_features.host_tso4 || tx_features.host_tso6 || tx_features.host_uso;

  virtio_core #(.Pairs(Pairs), .TxBufferBytes(TxBufferBytes), .CyclesPerUs(CoreClockKhz / 1000)) u_virtio_core (
      .clk_i, .rst_i, .mac_i(strap_mac_i),
      .mtu_i({2'd0, max_frame_i} - 16'(contract_pkg::MAX_FRAME_OVER_MTU)), .link_up_i,
      .features_offered_i(Offered), .features_o(features), .last_fail_o(last_fail),
      .tx_max_len_i(segments ? contract_pkg::TX_SOURCE_MAX : 17'(tx_max_frame) +
                    17'(tx_pkg::header_bytes(tx_features.hash_report))),
      // function level reset, interrupts
      .flr_i(flr), .msix_enabled_i(msix_enabled), .irq_valid_o(irq_valid), .irq_vector_o(irq_vector),
      .retract_valid_o(retract_valid), .retract_ready_i(retract_ready), .retract_all_o(retract_all),
      .retract_keep_o(retract_keep), .retract_vector_o(retract_vector), .intx_o(intx),
      .rx_vector0_o(rx_vector0), .tx_vector0_o(tx_vector0),
      // register slave
      .req_valid_i(virtio_req_valid), .req_ready_o(virtio_req_ready), .req_i(virtio_req),
      .rsp_valid_o(virtio_rsp_valid), .rsp_rdata_o(virtio_rsp_rdata),
      // control bus
      .coalesce_req_valid_i(slave_valid[Coalesce]), .coalesce_req_ready_o(slave_ready[Coalesce]),
      .coalesce_req_i(slave), .coalesce_rsp_valid_o(slave_done[Coalesce]),
      .coalesce_rsp_rdata_o(slave_rdata[32*Coalesce+:32]), .schedule_req_valid_i(slave_valid[TxSchedule]),
      .schedule_req_ready_o(slave_ready[TxSchedule]), .schedule_req_i(slave),
      .schedule_rsp_valid_o(slave_done[TxSchedule]), .schedule_rsp_rdata_o(slave_rdata[32*TxSchedule+:32]),
      .class_paused_i, .vlan_enable_o(vlan_enable), .vlan_tci_o(vlan_tci),
      // received frames
      .rx_len_valid_i(rx_len_valid), .rx_len_ready_o(rx_len_ready), .rx_len_i(rx_len), .rx_meta_i(rx_meta),
      .rx_len_drop_o(rx_len_drop), .rx_valid_i(rx_frame_valid), .rx_ready_o(rx_frame_ready), .rx_i(rx_frame),
      // sources to send
      .commit_valid_o(commit_valid), .commit_ready_i(commit_ready), .commit_base_o(commit_base),
      .commit_len_o(commit_len), .commit_release_o(commit_release), .commit_pair_o(commit_pair),
      .free_valid_i(free_valid), .free_words_i(free_words),
      // writes
      .wr_req_valid_o(wr_req_valid[4:0]), .wr_req_ready_i(wr_req_ready[4:0]),
      .wr_req_o(wr_req[5*WrW-1:0]), .wr_data_valid_o(wr_data_valid[4:0]),
      .wr_data_ready_i(wr_data_ready[4:0]), .wr_data_o(wr_data[5*BeatW-1:0]), .wr_done_i(wr_done[4:0]),
      // reads
      .rd_req_valid_o(rd_req_valid), .rd_req_ready_i(rd_req_ready), .rd_req_o(rd_req),
      .rd_place_valid_i(rd_place_valid), .rd_place_i(rd_place), .rd_done_valid_i(rd_done_valid),
      .rd_done_i(rd_done), .stat_o(stat));

  // -- transmit --------------------------------------------------------------------------------------
  logic                    [5:0] unused_tx_pair;
  logic                          tx_drop_offload, tx_made, tx_extra;
  logic       [tx_pkg::LenW-1:0] tx_frame_len;

  tx_path #(.BufferBytes(TxBufferBytes)) u_tx_path (
      .clk_i, .rst_i,
      // settings
      .features_i(tx_features), .max_frame_i(tx_max_frame),
      .vlan_enable_i(vlan_enable), .vlan_tci_i(vlan_tci),
      // placements of client RD_TX_DATA
      .place_valid_i(rd_place_valid && rd_place.client == contract_pkg::RD_TX_DATA), .place_i(rd_place),
      // sources
      .commit_valid_i(commit_valid), .commit_ready_o(commit_ready), .commit_base_i(commit_base),
      .commit_len_i(commit_len), .commit_release_i(commit_release), .commit_pair_i(commit_pair),
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
      .rx_frames_in_i(rx_frames_in), .rx_lost_i, .rx_store_lost_i(rx_store_lost),
      .rx_control_i, .rx_verdict_i(rx_verdict), .rx_missed_i(rx_missed),
      .rx_filtered_i(rx_filtered), .rx_coalesced_i(rx_coalesced),
      .rx_len_i(rx_taken ? rx_len : 16'd0),
      .tx_len_i(tx_made ? 16'(tx_frame_len) : 16'd0), .tx_drop_offload_i(tx_drop_offload),
      .tx_segment_i(tx_extra), .tx_sent_i, .tx_underrun_i, .tx_fault_i,
      .virtio_i(stat), .irq_sent_i(irq_sent), .irq_pended_i(irq_pended), .tlp_i(tlp_stat), .dma_i(dma_stat),
      // register slave
      .req_valid_i(stats_req_valid), .req_ready_o(stats_req_ready), .req_i(stats_req),
      .rsp_valid_o(stats_rsp_valid), .rsp_rdata_o(stats_rsp_rdata));

  // -- control bus -----------------------------------------------------------------------------------
  ctl_bridge u_ctl_bridge (
      .clk_i, .rst_i,
      // register slave
      .req_valid_i(ctl_req_valid), .req_ready_o(ctl_req_ready), .req_i(ctl_req),
      .rsp_valid_o(ctl_rsp_valid), .rsp_rdata_o(ctl_rsp_rdata),
      // master
      .ctl_valid_o(ctl_valid), .ctl_ready_i(ctl_ready), .ctl_window_o(ctl_window), .ctl_o(ctl),
      .ctl_rsp_valid_i(ctl_done), .ctl_rsp_rdata_i(ctl_rdata));

  ctl_decode #(.Present(Present)) u_ctl_decode (
      .clk_i, .rst_i,
      // master
      .valid_i(ctl_valid), .ready_o(ctl_ready), .window_i(ctl_window), .req_i(ctl),
      .rsp_valid_o(ctl_done), .rsp_rdata_o(ctl_rdata),
      // slaves
      .slave_valid_o(slave_valid), .slave_ready_i(slave_ready), .slave_o(slave),
      .slave_rsp_valid_i(slave_done), .slave_rsp_rdata_i(slave_rdata));

  for (genvar w = 0; w < Windows; w++) begin : g_absent
    if (!Present[w]) begin : g_nobody
      assign slave_ready[w] = 1'b1;
      assign slave_done[w] = 1'b0;
      assign slave_rdata[32*w+:32] = '0;
    end
  end

  assign mac_ctl_valid_o = slave_valid[Mac+:2];
  assign mac_ctl_o = slave;
  assign slave_ready[Mac+:2] = mac_ctl_ready_i;
  assign slave_done[Mac+:2] = mac_ctl_rsp_valid_i;
  assign slave_rdata[32*Mac+:64] = mac_ctl_rsp_rdata_i;

  ctl_general #(.Pairs(Pairs), .ClockKhz(CoreClockKhz), .Windows(Present)) u_ctl_general (
      .clk_i, .rst_i,
      // state
      .link_up_i, .features_offered_i(Offered), .features_i(features), .last_fail_i(last_fail),
      // control slave
      .req_valid_i(slave_valid[General]), .req_ready_o(slave_ready[General]), .req_i(slave),
      .rsp_valid_o(slave_done[General]), .rsp_rdata_o(slave_rdata[32*General+:32]));

  queue_stats #(.Pairs(Pairs)) u_queue_stats (
      .clk_i, .rst_i,
      // a frame was taken for the host
      .rx_valid_i(rx_taken), .rx_pair_i(rx_meta.pair), .rx_bytes_i({1'b0, rx_len}),
      // a frame found no buffer
      .rx_no_buffer_i(stat.rx_drop_no_buffer), .rx_no_buffer_pair_i(stat.rx_pair),
      // a frame of the host is complete in the transmit path
      .tx_valid_i(commit_valid && commit_ready), .tx_pair_i(commit_pair),
      .tx_bytes_i(commit_len - 17'(tx_pkg::header_bytes(tx_features.hash_report))),
      // control slave
      .req_valid_i(slave_valid[QueueStats]), .req_ready_o(slave_ready[QueueStats]), .req_i(slave),
      .rsp_valid_o(slave_done[QueueStats]), .rsp_rdata_o(slave_rdata[32*QueueStats+:32]));

  // -- journey events --------------------------------------------------------------------------------
  assign events_o.tx_made = tx_made;
  assign events_o.tx_extra = tx_extra;
  assign events_o.tx_refused = tx_drop_offload;
  assign events_o.rx_held = rx_held;
  assign events_o.rx_merged = rx_coalesced;
  assign events_o.rx_commit = rx_commit;
  assign events_o.rx_drop = rx_verdict != '0 || rx_missed || rx_filtered || rx_store_lost;
  assign events_o.rx_read = rx_taken;
  assign events_o.rx_engine_drop = stat.rx_drop_too_small || stat.rx_drop_reset || stat.rx_drop_no_buffer ||
                                   stat.rx_drop_not_ready;
  assign events_o.rx_dma_done = stat.rx_written;
  assign events_o.rx_used = stat.rx_used;
  assign events_o.rx_irq = irq_sent && rx_vector0 == {8'd0, irq_sent_vector};
  assign events_o.tx_doorbell = stat.tx_doorbell;
  assign events_o.tx_chain = stat.tx_taken;
  assign events_o.tx_commit = stat.tx_commit;
  assign events_o.tx_drop = stat.tx_drop_length || stat.tx_drop_dma || stat.tx_drop_reset;
  assign events_o.tx_used = stat.tx_used;
  assign events_o.tx_irq = irq_sent && tx_vector0 == {8'd0, irq_sent_vector};

endmodule

`default_nettype wire
