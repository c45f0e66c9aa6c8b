// SPDX-License-Identifier: Apache-2.0
// The virtio-net device: control plane, and for each direction one engine that serves all queues.
//
// Wiring only. Received frames go to the buffers of the receive queue of their pair; buffers of all transmit
// queues become sources in the transmit packet buffer, in the scheduler's order. DMA clients are numbered as in
// contract_pkg (WR_*, RD_*); WR_MSIX is not among them. Data paths know queues by their configuration, never by
// registers.
// Place: rx_packet_buffer, tx_packet_buffer, pcie_core <-> this <-> dma_engine.
`default_nettype none

module virtio_core #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned TxBufferBytes = 131072,
    parameter int unsigned CyclesPerUs = 250
) (
    input  wire                                        clk_i,
    input  wire                                        rst_i,
    input  wire  [47:0]                                mac_i,
    input  wire  [15:0]                                mtu_i,
    input  wire                                        link_up_i,
    input  wire  [63:0]                                features_offered_i,
    output logic [63:0]                                features_o,
    output logic [15:0]                                last_fail_o,    // {any, queue[6:0], 4'd0, DESC_ERR_*}
    input  wire  [16:0]                                tx_max_len_i,   // of a source with its header
    // function level reset, interrupts
    input  wire                                        flr_i,
    input  wire                                        msix_enabled_i,
    output logic                                       irq_valid_o,
    output logic [7:0]                                 irq_vector_o,
    output logic                                       retract_valid_o,
    input  wire                                        retract_ready_i,
    output logic                                       retract_all_o,
    output logic                                       retract_keep_o,
    output logic [7:0]                                 retract_vector_o,
    output logic                                       intx_o,
    output logic [15:0]                                rx_vector0_o,
    output logic [15:0]                                tx_vector0_o,
    // register slave
    input  wire                                        req_valid_i,
    output logic                                       req_ready_o,
    input  reg_pkg::req_t                              req_i,
    output logic                                       rsp_valid_o,
    output logic [31:0]                                rsp_rdata_o,
    // control bus: coalescing, transmit scheduler
    input  wire                                        coalesce_req_valid_i,
    output logic                                       coalesce_req_ready_o,
    input  ctl_pkg::req_t                              coalesce_req_i,
    output logic                                       coalesce_rsp_valid_o,
    output logic [31:0]                                coalesce_rsp_rdata_o,
    input  wire                                        schedule_req_valid_i,
    output logic                                       schedule_req_ready_o,
    input  ctl_pkg::req_t                              schedule_req_i,
    output logic                                       schedule_rsp_valid_o,
    output logic [31:0]                                schedule_rsp_rdata_o,
    input  wire  [7:0]                                 class_paused_i,
    output logic                                       vlan_enable_o,
    output logic [15:0]                                vlan_tci_o,
    // received frames
    input  wire                                        rx_len_valid_i,
    output logic                                       rx_len_ready_o,
    input  wire  [15:0]                                rx_len_i,
    input  rx_pkg::meta_t                              rx_meta_i,
    output logic                                       rx_len_drop_o,
    input  wire                                        rx_valid_i,
    output logic                                       rx_ready_o,
    input  stream_pkg::beat_t                          rx_i,
    // sources to send
    output logic                                       commit_valid_o,
    input  wire                                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]                  commit_base_o,
    output logic [16:0]                                commit_len_o,
    output logic [dma_pkg::WordW-1:0]                  commit_release_o,
    output logic [5:0]                                 commit_pair_o,
    input  wire                                        free_valid_i,
    input  wire  [dma_pkg::WordW-1:0]                  free_words_i,
    // writes
    output logic [4:0]                                 wr_req_valid_o,
    input  wire  [4:0]                                 wr_req_ready_i,
    output logic [5*dma_pkg::WrReqW-1:0]               wr_req_o,
    output logic [4:0]                                 wr_data_valid_o,
    input  wire  [4:0]                                 wr_data_ready_i,
    output logic [5*stream_pkg::BeatW-1:0]             wr_data_o,
    input  wire  [4:0]                                 wr_done_i,
    // reads
    output logic [4:0]                                 rd_req_valid_o,
    input  wire  [4:0]                                 rd_req_ready_i,
    output logic [5*dma_pkg::RdReqW-1:0]               rd_req_o,
    input  wire                                        rd_place_valid_i,
    input  dma_pkg::rd_place_t                         rd_place_i,
    input  wire                                        rd_done_valid_i,
    input  dma_pkg::rd_done_t                          rd_done_i,
    // what happened
    output virtq_pkg::stat_t                           stat_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned WrW = dma_pkg::WrReqW;
  localparam int unsigned RdW = dma_pkg::RdReqW;
  localparam int unsigned BeatW = stream_pkg::BeatW;
  localparam int unsigned WrRxData = 32'(contract_pkg::WR_RX_DATA);
  localparam int unsigned WrRxUsed = 32'(contract_pkg::WR_RX_USED);
  localparam int unsigned WrTxUsed = 32'(contract_pkg::WR_TX_USED);
  localparam int unsigned WrRxArm = 32'(contract_pkg::WR_RX_ARM);
  localparam int unsigned WrTxArm = 32'(contract_pkg::WR_TX_ARM);
  localparam int unsigned RdRxDesc = 32'(contract_pkg::RD_RX_DESC);
  localparam int unsigned RdTxDesc = 32'(contract_pkg::RD_TX_DESC);
  localparam int unsigned RdRxEvent = 32'(contract_pkg::RD_RX_EVENT);
  localparam int unsigned RdTxEvent = 32'(contract_pkg::RD_TX_EVENT);
  localparam int unsigned RdTxData = 32'(contract_pkg::RD_TX_DATA);

  // -- control ---------------------------------------------------------------------------------------
  virtq_pkg::mode_t          mode;
  virtq_pkg::config_write_t  rx_config, tx_config;
  virtq_pkg::doorbell_t      rx_doorbell, tx_doorbell;
  logic          [Pairs-1:0] rx_enabled, tx_enabled, rx_stop, tx_stop;
  logic                      rx_clear, tx_clear;
  logic                [5:0] query_pair, clear_pair;
  logic                      rx_fetch_quiet, rx_give_quiet, rx_engine_quiet;
  logic                      tx_fetch_quiet, tx_give_quiet, tx_engine_quiet;
  logic                      rx_fail_valid, tx_fail_valid;
  logic                [5:0] rx_fail_pair, tx_fail_pair;
  logic                [3:0] rx_fail_code, tx_fail_code;
  logic                      rx_irq_valid, tx_irq_valid;
  logic                [5:0] rx_irq_pair, tx_irq_pair;
  logic                      driver_ok, resetting;

  virtio_control #(.Pairs(Pairs)) u_control (
      .clk_i, .rst_i,
      // device
      .mac_i, .mtu_i, .link_up_i, .features_offered_i,
      // register slave
      .req_valid_i, .req_ready_o, .req_i, .rsp_valid_o, .rsp_rdata_o,
      // what was negotiated
      .driver_ok_o(driver_ok), .resetting_o(resetting), .features_o, .mode_o(mode),
      // receive queues
      .rx_config_o(rx_config), .rx_enabled_o(rx_enabled), .rx_doorbell_o(rx_doorbell), .rx_stop_o(rx_stop),
      .rx_quiet_i(rx_fetch_quiet && rx_give_quiet && rx_engine_quiet), .rx_clear_o(rx_clear),
      .rx_fail_valid_i(rx_fail_valid), .rx_fail_pair_i(rx_fail_pair), .rx_fail_code_i(rx_fail_code),
      .rx_irq_valid_i(rx_irq_valid), .rx_irq_pair_i(rx_irq_pair),
      // transmit queues
      .tx_config_o(tx_config), .tx_enabled_o(tx_enabled), .tx_doorbell_o(tx_doorbell), .tx_stop_o(tx_stop),
      .tx_quiet_i(tx_fetch_quiet && tx_give_quiet && tx_engine_quiet), .tx_clear_o(tx_clear),
      .tx_fail_valid_i(tx_fail_valid), .tx_fail_pair_i(tx_fail_pair), .tx_fail_code_i(tx_fail_code),
      .tx_irq_valid_i(tx_irq_valid), .tx_irq_pair_i(tx_irq_pair),
      // both directions
      .query_pair_o(query_pair), .clear_pair_o(clear_pair),
      // PCIe function
      .flr_i, .msix_enabled_i, .irq_valid_o, .irq_vector_o, .retract_valid_o, .retract_ready_i, .retract_all_o,
      .retract_keep_o, .retract_vector_o, .intx_o,
      // what happened
      .doorbell_o(stat_o.doorbell), .doorbell_bad_o(stat_o.doorbell_bad), .rx_desc_error_o(stat_o.rx_desc_error),
      .tx_desc_error_o(stat_o.tx_desc_error), .last_fail_o, .rx_vector0_o, .tx_vector0_o);

  virtq_give_pkg::coalesce_t rx_coalesce, tx_coalesce;

  virtq_coalesce_regs #(.Pairs(Pairs)) u_coalesce_regs (
      .clk_i, .rst_i,
      // control bus
      .req_valid_i(coalesce_req_valid_i), .req_ready_o(coalesce_req_ready_o), .req_i(coalesce_req_i),
      .rsp_valid_o(coalesce_rsp_valid_o), .rsp_rdata_o(coalesce_rsp_rdata_o),
      // parameters
      .rx_o(rx_coalesce), .tx_o(tx_coalesce));

  // -- receive queues --------------------------------------------------------------------------------
  logic [Pairs-1:0]    rx_head_valid;
  logic          [5:0] rx_head_pair, rx_take_pair;
  virtq_pkg::head_t    rx_head;
  logic                rx_take_valid, rx_take_ready, rx_piece_valid, rx_piece_ready;
  virtq_pkg::piece_t   rx_piece;
  logic                rx_give_valid, rx_give_ready, rx_idle;
  virtq_pkg::give_t    rx_give;

  virtq_fetch #(
      .Pairs(Pairs), .DeviceWrites(1'b1), .DescClient(contract_pkg::RD_RX_DESC)
  ) u_rx_fetch (
      .clk_i, .rst_i,
      // queues
      .config_i(rx_config), .mode_i(mode), .enabled_i(rx_enabled), .doorbell_i(rx_doorbell),
      // reset of one queue
      .stop_i(rx_stop), .query_pair_i(query_pair), .query_quiet_o(rx_fetch_quiet), .clear_valid_i(rx_clear),
      .clear_pair_i(clear_pair),
      // buffers
      .head_valid_o(rx_head_valid), .head_pair_i(rx_head_pair), .head_o(rx_head), .take_valid_i(rx_take_valid),
      .take_ready_o(rx_take_ready), .take_pair_i(rx_take_pair), .piece_valid_o(rx_piece_valid),
      .piece_ready_i(rx_piece_ready), .piece_o(rx_piece),
      // broken queues
      .fail_valid_o(rx_fail_valid), .fail_pair_o(rx_fail_pair), .fail_code_o(rx_fail_code),
      // reads
      .rd_req_valid_o(rd_req_valid_o[RdRxDesc]), .rd_req_ready_i(rd_req_ready_i[RdRxDesc]),
      .rd_req_o(rd_req_o[RdW*RdRxDesc+:RdW]), .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // arming
      .wr_req_valid_o(wr_req_valid_o[WrRxArm]), .wr_req_ready_i(wr_req_ready_i[WrRxArm]),
      .wr_req_o(wr_req_o[WrW*WrRxArm+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrRxArm]),
      .wr_data_ready_i(wr_data_ready_i[WrRxArm]), .wr_data_o(wr_data_o[BeatW*WrRxArm+:BeatW]),
      .wr_done_i(wr_done_i[WrRxArm]));

  virtio_rx_engine #(.Pairs(Pairs)) u_rx_engine (
      .clk_i, .rst_i,
      // negotiated
      .mrg_i(mode.mrg_rxbuf), .hash_report_i(features_o[contract_pkg::NET_F_HASH_REPORT[5:0]]),
      .large_i(features_o[contract_pkg::NET_F_GUEST_TSO4[5:0]] || features_o[contract_pkg::NET_F_GUEST_TSO6[5:0]]),
      // queues
      .enabled_i(rx_enabled), .stop_i(rx_stop), .query_pair_i(query_pair), .query_quiet_o(rx_engine_quiet),
      .idle_o(rx_idle),
      // next frame
      .len_valid_i(rx_len_valid_i), .len_ready_o(rx_len_ready_o), .len_i(rx_len_i), .meta_i(rx_meta_i),
      .len_drop_o(rx_len_drop_o), .frame_valid_i(rx_valid_i), .frame_ready_o(rx_ready_o), .frame_i(rx_i),
      // buffers
      .head_valid_i(rx_head_valid), .head_pair_o(rx_head_pair), .head_i(rx_head), .take_valid_o(rx_take_valid),
      .take_ready_i(rx_take_ready), .take_pair_o(rx_take_pair), .piece_valid_i(rx_piece_valid),
      .piece_ready_o(rx_piece_ready), .piece_i(rx_piece),
      // used buffers
      .give_valid_o(rx_give_valid), .give_ready_i(rx_give_ready), .give_o(rx_give),
      // write
      .wr_req_valid_o(wr_req_valid_o[WrRxData]), .wr_req_ready_i(wr_req_ready_i[WrRxData]),
      .wr_req_o(wr_req_o[WrW*WrRxData+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrRxData]),
      .wr_data_ready_i(wr_data_ready_i[WrRxData]), .wr_data_o(wr_data_o[BeatW*WrRxData+:BeatW]),
      .wr_done_i(wr_done_i[WrRxData]),
      // one pulse a frame
      .taken_o(stat_o.rx_taken), .delivered_o(stat_o.rx_delivered), .frame_pair_o(stat_o.rx_pair),
      .frame_len_o(stat_o.rx_bytes), .drop_too_small_o(stat_o.rx_drop_too_small),
      .drop_no_buffer_o(stat_o.rx_drop_no_buffer), .drop_not_ready_o(stat_o.rx_drop_not_ready),
      .drop_reset_o(stat_o.rx_drop_reset), .written_o(stat_o.rx_written));

  virtq_give #(
      .Pairs(Pairs), .Transmit(1'b0), .EventClient(contract_pkg::RD_RX_EVENT), .CyclesPerUsec(CyclesPerUs)
  ) u_rx_give (
      .clk_i, .rst_i,
      // queues
      .config_i(rx_config), .mode_i(mode), .enabled_i(rx_enabled),
      // reset of one queue
      .stop_i(rx_stop), .query_pair_i(query_pair), .query_quiet_o(rx_give_quiet), .clear_valid_i(rx_clear),
      .clear_pair_i(clear_pair),
      // moderation parameters
      .coalesce_i(rx_coalesce),
      // buffers to give back
      .idle_i(rx_idle), .give_valid_i(rx_give_valid), .give_ready_o(rx_give_ready), .give_i(rx_give),
      // interrupt
      .irq_valid_o(rx_irq_valid), .irq_pair_o(rx_irq_pair), .suppressed_o(stat_o.rx_irq_suppressed),
      .published_entries_o(stat_o.rx_used),
      // writes
      .wr_req_valid_o(wr_req_valid_o[WrRxUsed]), .wr_req_ready_i(wr_req_ready_i[WrRxUsed]),
      .wr_req_o(wr_req_o[WrW*WrRxUsed+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrRxUsed]),
      .wr_data_ready_i(wr_data_ready_i[WrRxUsed]), .wr_data_o(wr_data_o[BeatW*WrRxUsed+:BeatW]),
      .wr_done_i(wr_done_i[WrRxUsed]),
      // reads
      .rd_req_valid_o(rd_req_valid_o[RdRxEvent]), .rd_req_ready_i(rd_req_ready_i[RdRxEvent]),
      .rd_req_o(rd_req_o[RdW*RdRxEvent+:RdW]), .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i);

  // -- transmit queues -------------------------------------------------------------------------------
  logic [Pairs-1:0]    tx_head_valid;
  logic          [5:0] tx_take_pair;
  logic    [PairW-1:0] tx_look_pair, grant_pair;
  virtq_pkg::head_t    tx_head;
  logic                grant_valid, grant_ready;
  logic                tx_take_valid, tx_take_ready, tx_piece_valid, tx_piece_ready;
  virtq_pkg::piece_t   tx_piece;
  logic                tx_give_valid, tx_give_ready, tx_idle;
  virtq_pkg::give_t    tx_give;

  virtq_fetch #(
      .Pairs(Pairs), .DeviceWrites(1'b0), .DescClient(contract_pkg::RD_TX_DESC)
  ) u_tx_fetch (
      .clk_i, .rst_i,
      // queues
      .config_i(tx_config), .mode_i(mode), .enabled_i(tx_enabled), .doorbell_i(tx_doorbell),
      // reset of one queue
      .stop_i(tx_stop), .query_pair_i(query_pair), .query_quiet_o(tx_fetch_quiet), .clear_valid_i(tx_clear),
      .clear_pair_i(clear_pair),
      // buffers
      .head_valid_o(tx_head_valid), .head_pair_i(6'(tx_look_pair)), .head_o(tx_head), .take_valid_i(tx_take_valid),
      .take_ready_o(tx_take_ready), .take_pair_i(tx_take_pair), .piece_valid_o(tx_piece_valid),
      .piece_ready_i(tx_piece_ready), .piece_o(tx_piece),
      // broken queues
      .fail_valid_o(tx_fail_valid), .fail_pair_o(tx_fail_pair), .fail_code_o(tx_fail_code),
      // reads
      .rd_req_valid_o(rd_req_valid_o[RdTxDesc]), .rd_req_ready_i(rd_req_ready_i[RdTxDesc]),
      .rd_req_o(rd_req_o[RdW*RdTxDesc+:RdW]), .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // arming
      .wr_req_valid_o(wr_req_valid_o[WrTxArm]), .wr_req_ready_i(wr_req_ready_i[WrTxArm]),
      .wr_req_o(wr_req_o[WrW*WrTxArm+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrTxArm]),
      .wr_data_ready_i(wr_data_ready_i[WrTxArm]), .wr_data_o(wr_data_o[BeatW*WrTxArm+:BeatW]),
      .wr_done_i(wr_done_i[WrTxArm]));

  tx_schedule #(.Pairs(Pairs)) u_schedule (
      .clk_i, .rst_i,
      // control bus
      .req_valid_i(schedule_req_valid_i), .req_ready_o(schedule_req_ready_o), .req_i(schedule_req_i),
      .rsp_valid_o(schedule_rsp_valid_o), .rsp_rdata_o(schedule_rsp_rdata_o),
      // queues
      .ready_i(tx_head_valid & tx_enabled & ~tx_stop), .head_pair_o(tx_look_pair), .head_len_i(tx_head.total_len),
      .class_paused_i,
      // grants
      .grant_valid_o(grant_valid), .grant_ready_i(grant_ready), .grant_pair_o(grant_pair),
      // the port's tag
      .vlan_enable_o, .vlan_tci_o);

  virtio_tx_engine #(.Pairs(Pairs), .BufferBytes(TxBufferBytes)) u_tx_engine (
      .clk_i, .rst_i, .max_len_i(tx_max_len_i), .hash_report_i(features_o[contract_pkg::NET_F_HASH_REPORT[5:0]]),
      // queues
      .stop_i(tx_stop), .head_valid_i(tx_head_valid), .query_pair_i(query_pair), .query_quiet_o(tx_engine_quiet),
      .idle_o(tx_idle),
      // grants
      .grant_valid_i(grant_valid), .grant_ready_o(grant_ready), .grant_pair_i(6'(grant_pair)),
      .grant_len_i(tx_head.total_len),
      // buffers
      .take_valid_o(tx_take_valid), .take_ready_i(tx_take_ready), .take_pair_o(tx_take_pair),
      .piece_valid_i(tx_piece_valid), .piece_ready_o(tx_piece_ready), .piece_i(tx_piece),
      // used buffers
      .give_valid_o(tx_give_valid), .give_ready_i(tx_give_ready), .give_o(tx_give),
      // read
      .rd_req_valid_o(rd_req_valid_o[RdTxData]), .rd_req_ready_i(rd_req_ready_i[RdTxData]),
      .rd_req_o(rd_req_o[RdW*RdTxData+:RdW]), .rd_done_valid_i, .rd_done_i,
      // sources
      .commit_valid_o, .commit_ready_i, .commit_base_o, .commit_len_o, .commit_release_o, .commit_pair_o,
      .free_valid_i, .free_words_i,
      // one pulse a buffer
      .taken_o(stat_o.tx_taken), .drop_length_o(stat_o.tx_drop_length),
      .drop_dma_o(stat_o.tx_drop_dma), .drop_reset_o(stat_o.tx_drop_reset));

  virtq_give #(
      .Pairs(Pairs), .Transmit(1'b1), .EventClient(contract_pkg::RD_TX_EVENT), .CyclesPerUsec(CyclesPerUs)
  ) u_tx_give (
      .clk_i, .rst_i,
      // queues
      .config_i(tx_config), .mode_i(mode), .enabled_i(tx_enabled),
      // reset of one queue
      .stop_i(tx_stop), .query_pair_i(query_pair), .query_quiet_o(tx_give_quiet), .clear_valid_i(tx_clear),
      .clear_pair_i(clear_pair),
      // moderation parameters
      .coalesce_i(tx_coalesce),
      // buffers to give back
      .idle_i(tx_idle), .give_valid_i(tx_give_valid), .give_ready_o(tx_give_ready), .give_i(tx_give),
      // interrupt
      .irq_valid_o(tx_irq_valid), .irq_pair_o(tx_irq_pair), .suppressed_o(stat_o.tx_irq_suppressed),
      .published_entries_o(stat_o.tx_used),
      // writes
      .wr_req_valid_o(wr_req_valid_o[WrTxUsed]), .wr_req_ready_i(wr_req_ready_i[WrTxUsed]),
      .wr_req_o(wr_req_o[WrW*WrTxUsed+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrTxUsed]),
      .wr_data_ready_i(wr_data_ready_i[WrTxUsed]), .wr_data_o(wr_data_o[BeatW*WrTxUsed+:BeatW]),
      .wr_done_i(wr_done_i[WrTxUsed]),
      // reads
      .rd_req_valid_o(rd_req_valid_o[RdTxEvent]), .rd_req_ready_i(rd_req_ready_i[RdTxEvent]),
      .rd_req_o(rd_req_o[RdW*RdTxEvent+:RdW]), .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i);

  assign stat_o.tx_doorbell = tx_doorbell.valid;
  assign stat_o.tx_commit = commit_valid_o && commit_ready_i;
  assign stat_o.tx_pair = commit_pair_o;
  assign stat_o.tx_bytes = commit_len_o;

  logic unused_bits;
  assign unused_bits = ^{driver_ok, resetting, tx_head.id, tx_head.descs, tx_head.ready_bytes};

endmodule

`default_nettype wire
