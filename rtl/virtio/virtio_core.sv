// SPDX-License-Identifier: Apache-2.0
// The virtio-net device: registers, lifecycle, one receive and one transmit packed queue with their engines.
//
// Wiring only. Frames from the receive packet buffer go to the driver's buffers of queue 0, buffers of
// queue 1 become frames in the transmit packet buffer. DMA clients are numbered as in contract_pkg (WR_*,
// RD_*); WR_MSIX is not among them. Data paths know queues by their configuration, never by registers.
// Place: rx_packet_buffer, tx_packet_buffer, pcie_core <-> this <-> dma_engine.
`default_nettype none

module virtio_core #(
    parameter int unsigned TxBufferBytes = 131072
) (
    input  wire                                        clk_i,
    input  wire                                        rst_i,
    input  wire  [47:0]                                mac_i,
    input  wire                                        link_up_i,
    // function level reset, interrupts
    input  wire                                        flr_i,
    input  wire                                        msix_enabled_i,
    input  wire                                        msix_busy_i,    // a message is on its way
    output logic [contract_pkg::MSIX_VECTORS-1:0]      irq_req_o,
    output logic [31:0]                                queue_vector_o, // 16 bits a queue
    // register slave
    input  wire                                        req_valid_i,
    output logic                                       req_ready_o,
    input  reg_pkg::req_t                              req_i,
    output logic                                       rsp_valid_o,
    output logic [31:0]                                rsp_rdata_o,
    // received frames
    output logic                                       rx_flush_o,
    output logic                                       rx_discard_reason_o,
    input  wire                                        rx_len_valid_i,
    output logic                                       rx_len_ready_o,
    input  wire  [15:0]                                rx_len_i,
    output logic                                       rx_len_drop_o,
    input  wire                                        rx_valid_i,
    output logic                                       rx_ready_o,
    input  stream_pkg::beat_t                          rx_i,
    // buffers to send
    output tx_pkg::features_t                          tx_features_o,  // negotiated
    output logic                                       commit_valid_o,
    input  wire                                        commit_ready_i,
    output logic [dma_pkg::WordW-1:0]                  commit_base_o,
    output logic [16:0]                                commit_len_o,   // virtio_net_hdr included
    output logic [dma_pkg::WordW-1:0]                  commit_release_o,
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
    output logic [4:0]                                 wr_gate_o,
    input  wire  [4:0]                                 wr_busy_i,
    // reads
    output logic [4:0]                                 rd_req_valid_o,
    input  wire  [4:0]                                 rd_req_ready_i,
    output logic [5*dma_pkg::RdReqW-1:0]               rd_req_o,
    input  wire                                        rd_place_valid_i,
    input  dma_pkg::rd_place_t                         rd_place_i,
    input  wire                                        rd_done_valid_i,
    input  dma_pkg::rd_done_t                          rd_done_i,
    output logic [4:0]                                 rd_gate_o,
    input  wire  [4:0]                                 rd_busy_i,
    // what happened
    output virtq_pkg::stat_t                           stat_o
);

  localparam int unsigned NumQueues = 2;
  localparam int unsigned ConfigW = virtq_pkg::ConfigW;
  localparam int unsigned WrW = dma_pkg::WrReqW;
  localparam int unsigned RdW = dma_pkg::RdReqW;
  localparam int unsigned BeatW = stream_pkg::BeatW;
  localparam int unsigned Rx = 32'(contract_pkg::QUEUE_RX0);
  localparam int unsigned Tx = 32'(contract_pkg::QUEUE_TX0);
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
  logic                          driver_ok, reset_request, locked, clear;
  logic [NumQueues*ConfigW-1:0]  queue_config;
  logic [NumQueues-1:0]          queue_reset_request, queue_resetting, queue_clear;
  logic [NumQueues-1:0]          ring, irq, suppressed;
  logic [NumQueues-1:0]          drain, drained, failed;
  logic [NumQueues-1:0]          stop, quiet, gate, busy, queue_rst;
  logic [4*NumQueues-1:0]        queue_error;
  logic [3*NumQueues-1:0]        used_entries;
  virtq_pkg::config_t            rx_config, tx_config;

  assign rx_config = queue_config[ConfigW*Rx+:ConfigW];
  assign tx_config = queue_config[ConfigW*Tx+:ConfigW];

  virtio_registers #(.NumQueues(NumQueues)) u_registers (
      .clk_i, .rst_i,
      // register slave
      .req_valid_i, .req_ready_o, .req_i, .rsp_valid_o, .rsp_rdata_o,
      // device
      .mac_i, .link_up_i, .needs_reset_i(failed != '0), .driver_ok_o(driver_ok),
      .tx_features_o,
      .reset_request_o(reset_request), .locked_i(locked), .clear_i(clear),
      // queues
      .queue_config_o(queue_config), .queue_reset_request_o(queue_reset_request),
      .queue_resetting_i(queue_resetting), .queue_clear_i(queue_clear),
      // doorbells
      .ring_o(ring), .doorbell_o(stat_o.doorbell), .doorbell_bad_o(stat_o.doorbell_bad),
      // interrupts
      .msix_enabled_i, .queue_irq_i(irq), .queue_vector_o, .irq_req_o);

  virtio_lifecycle #(.NumQueues(NumQueues)) u_lifecycle (
      .clk_i, .rst_i,
      // requests
      .driver_ok_i(driver_ok), .reset_request_i(reset_request), .flr_i,
      .queue_reset_request_i(queue_reset_request),
      // queues
      .drain_o(drain), .drained_i(drained),
      // registers
      .locked_o(locked), .clear_o(clear), .queue_resetting_o(queue_resetting),
      .queue_clear_o(queue_clear));

  for (genvar q = 0; q < NumQueues; q++) begin : g_drain
    virtq_drain u_drain (
        .clk_i, .rst_i,
        // request
        .drain_i(drain[q]), .drained_o(drained[q]),
        // engines
        .stop_o(stop[q]), .quiet_i(quiet[q]), .rst_o(queue_rst[q]),
        // DMA clients of the queue
        .gate_o(gate[q]), .busy_i(busy[q] || msix_busy_i),
        // health
        .error_i(queue_error[4*q+:4]), .failed_o(failed[q]));
  end

  assign busy[Rx] = wr_busy_i[WrRxData] || wr_busy_i[WrRxUsed] || wr_busy_i[WrRxArm] ||
                    rd_busy_i[RdRxDesc] || rd_busy_i[RdRxEvent];
  assign busy[Tx] = wr_busy_i[WrTxUsed] || wr_busy_i[WrTxArm] || rd_busy_i[RdTxDesc] ||
                    rd_busy_i[RdTxEvent] || rd_busy_i[RdTxData];
  assign wr_gate_o[WrRxData] = gate[Rx];
  assign wr_gate_o[WrRxUsed] = gate[Rx];
  assign wr_gate_o[WrRxArm] = gate[Rx];
  assign wr_gate_o[WrTxUsed] = gate[Tx];
  assign wr_gate_o[WrTxArm] = gate[Tx];
  assign rd_gate_o[RdRxDesc] = gate[Rx];
  assign rd_gate_o[RdRxEvent] = gate[Rx];
  assign rd_gate_o[RdTxDesc] = gate[Tx];
  assign rd_gate_o[RdTxEvent] = gate[Tx];
  assign rd_gate_o[RdTxData] = gate[Tx];

  // -- receive queue ---------------------------------------------------------------------------------
  logic                rx_queue_quiet, rx_engine_quiet, rx_idle;
  logic                rx_chain_valid, rx_chain_ready, rx_segment_valid, rx_segment_ready;
  virtq_pkg::chain_t   rx_chain;
  virtq_pkg::segment_t rx_segment;
  logic                rx_used_valid, rx_used_ready;
  virtq_pkg::used_t    rx_used;

  assign quiet[Rx] = rx_queue_quiet && rx_engine_quiet;
  // Frames for a queue that is not running are thrown away in the packet buffer.
  assign rx_flush_o = !rx_config.enabled || queue_rst[Rx];
  assign rx_discard_reason_o = queue_rst[Rx];

  virtio_rx_engine u_rx_engine (
      .clk_i, .rst_i(queue_rst[Rx]), .stop_i(stop[Rx]), .quiet_o(rx_engine_quiet), .idle_o(rx_idle),
      // next frame
      .len_valid_i(rx_len_valid_i), .len_ready_o(rx_len_ready_o), .len_i(rx_len_i),
      .len_drop_o(rx_len_drop_o), .frame_valid_i(rx_valid_i), .frame_ready_o(rx_ready_o), .frame_i(rx_i),
      // buffers
      .chain_valid_i(rx_chain_valid), .chain_ready_o(rx_chain_ready), .chain_i(rx_chain),
      .segment_valid_i(rx_segment_valid), .segment_ready_o(rx_segment_ready), .segment_i(rx_segment),
      // used buffers
      .used_valid_o(rx_used_valid), .used_ready_i(rx_used_ready), .used_o(rx_used),
      // write
      .wr_req_valid_o(wr_req_valid_o[WrRxData]), .wr_req_ready_i(wr_req_ready_i[WrRxData]),
      .wr_req_o(wr_req_o[WrW*WrRxData+:WrW]), .wr_data_valid_o(wr_data_valid_o[WrRxData]),
      .wr_data_ready_i(wr_data_ready_i[WrRxData]), .wr_data_o(wr_data_o[BeatW*WrRxData+:BeatW]),
      .wr_done_i(wr_done_i[WrRxData]),
      // one pulse a frame
      .taken_o(stat_o.rx_taken), .delivered_o(stat_o.rx_delivered),
      .drop_too_small_o(stat_o.rx_drop_too_small), .drop_reset_o(stat_o.rx_drop_reset),
      .written_o(stat_o.rx_written));

  virtq_core #(
      .DeviceWrites(1'b1), .DescClient(contract_pkg::RD_RX_DESC), .EventClient(contract_pkg::RD_RX_EVENT)
  ) u_rx_queue (
      .clk_i, .rst_i(queue_rst[Rx]),
      // queue
      .config_i(rx_config), .ring_i(ring[Rx]), .stop_i(stop[Rx]), .quiet_o(rx_queue_quiet),
      .error_o(queue_error[4*Rx+:4]),
      // buffers to fill
      .chain_valid_o(rx_chain_valid), .chain_ready_i(rx_chain_ready), .chain_o(rx_chain),
      .segment_valid_o(rx_segment_valid), .segment_ready_i(rx_segment_ready), .segment_o(rx_segment),
      // buffers to give back
      .used_idle_i(rx_idle), .used_valid_i(rx_used_valid), .used_ready_o(rx_used_ready), .used_i(rx_used),
      // interrupt
      .irq_o(irq[Rx]), .suppressed_o(suppressed[Rx]), .used_entries_o(used_entries[3*Rx+:3]),
      // reads
      .desc_req_valid_o(rd_req_valid_o[RdRxDesc]), .desc_req_ready_i(rd_req_ready_i[RdRxDesc]),
      .desc_req_o(rd_req_o[RdW*RdRxDesc+:RdW]), .event_req_valid_o(rd_req_valid_o[RdRxEvent]),
      .event_req_ready_i(rd_req_ready_i[RdRxEvent]), .event_req_o(rd_req_o[RdW*RdRxEvent+:RdW]),
      .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // writes: used descriptors
      .used_req_valid_o(wr_req_valid_o[WrRxUsed]), .used_req_ready_i(wr_req_ready_i[WrRxUsed]),
      .used_req_o(wr_req_o[WrW*WrRxUsed+:WrW]), .used_data_valid_o(wr_data_valid_o[WrRxUsed]),
      .used_data_ready_i(wr_data_ready_i[WrRxUsed]), .used_data_o(wr_data_o[BeatW*WrRxUsed+:BeatW]),
      .used_done_i(wr_done_i[WrRxUsed]),
      // writes: device event suppression
      .arm_req_valid_o(wr_req_valid_o[WrRxArm]), .arm_req_ready_i(wr_req_ready_i[WrRxArm]),
      .arm_req_o(wr_req_o[WrW*WrRxArm+:WrW]), .arm_data_valid_o(wr_data_valid_o[WrRxArm]),
      .arm_data_ready_i(wr_data_ready_i[WrRxArm]), .arm_data_o(wr_data_o[BeatW*WrRxArm+:BeatW]),
      .arm_done_i(wr_done_i[WrRxArm]));

  // -- transmit queue --------------------------------------------------------------------------------
  logic                tx_queue_quiet, tx_engine_quiet, tx_idle;
  logic                tx_chain_valid, tx_chain_ready, tx_segment_valid, tx_segment_ready;
  virtq_pkg::chain_t   tx_chain;
  virtq_pkg::segment_t tx_segment;
  logic                tx_used_valid, tx_used_ready;
  virtq_pkg::used_t    tx_used;

  assign quiet[Tx] = tx_queue_quiet && tx_engine_quiet;

  virtq_core #(
      .DeviceWrites(1'b0), .DescClient(contract_pkg::RD_TX_DESC), .EventClient(contract_pkg::RD_TX_EVENT)
  ) u_tx_queue (
      .clk_i, .rst_i(queue_rst[Tx]),
      // queue
      .config_i(tx_config), .ring_i(ring[Tx]), .stop_i(stop[Tx]), .quiet_o(tx_queue_quiet),
      .error_o(queue_error[4*Tx+:4]),
      // buffers to send
      .chain_valid_o(tx_chain_valid), .chain_ready_i(tx_chain_ready), .chain_o(tx_chain),
      .segment_valid_o(tx_segment_valid), .segment_ready_i(tx_segment_ready), .segment_o(tx_segment),
      // buffers to give back
      .used_idle_i(tx_idle), .used_valid_i(tx_used_valid), .used_ready_o(tx_used_ready), .used_i(tx_used),
      // interrupt
      .irq_o(irq[Tx]), .suppressed_o(suppressed[Tx]), .used_entries_o(used_entries[3*Tx+:3]),
      // reads
      .desc_req_valid_o(rd_req_valid_o[RdTxDesc]), .desc_req_ready_i(rd_req_ready_i[RdTxDesc]),
      .desc_req_o(rd_req_o[RdW*RdTxDesc+:RdW]), .event_req_valid_o(rd_req_valid_o[RdTxEvent]),
      .event_req_ready_i(rd_req_ready_i[RdTxEvent]), .event_req_o(rd_req_o[RdW*RdTxEvent+:RdW]),
      .rd_place_valid_i, .rd_place_i, .rd_done_valid_i, .rd_done_i,
      // writes: used descriptors
      .used_req_valid_o(wr_req_valid_o[WrTxUsed]), .used_req_ready_i(wr_req_ready_i[WrTxUsed]),
      .used_req_o(wr_req_o[WrW*WrTxUsed+:WrW]), .used_data_valid_o(wr_data_valid_o[WrTxUsed]),
      .used_data_ready_i(wr_data_ready_i[WrTxUsed]), .used_data_o(wr_data_o[BeatW*WrTxUsed+:BeatW]),
      .used_done_i(wr_done_i[WrTxUsed]),
      // writes: device event suppression
      .arm_req_valid_o(wr_req_valid_o[WrTxArm]), .arm_req_ready_i(wr_req_ready_i[WrTxArm]),
      .arm_req_o(wr_req_o[WrW*WrTxArm+:WrW]), .arm_data_valid_o(wr_data_valid_o[WrTxArm]),
      .arm_data_ready_i(wr_data_ready_i[WrTxArm]), .arm_data_o(wr_data_o[BeatW*WrTxArm+:BeatW]),
      .arm_done_i(wr_done_i[WrTxArm]));

  virtio_tx_engine #(.BufferBytes(TxBufferBytes)) u_tx_engine (
      .clk_i, .core_rst_i(rst_i), .rst_i(queue_rst[Tx]), .stop_i(stop[Tx]), .quiet_o(tx_engine_quiet),
      .gso_i(tx_features_o.host_tso4 || tx_features_o.host_tso6 || tx_features_o.host_uso), .idle_o(tx_idle),
      // buffers
      .chain_valid_i(tx_chain_valid), .chain_ready_o(tx_chain_ready), .chain_i(tx_chain),
      .segment_valid_i(tx_segment_valid), .segment_ready_o(tx_segment_ready), .segment_i(tx_segment),
      // used buffers
      .used_valid_o(tx_used_valid), .used_ready_i(tx_used_ready), .used_o(tx_used),
      // read
      .rd_req_valid_o(rd_req_valid_o[RdTxData]), .rd_req_ready_i(rd_req_ready_i[RdTxData]),
      .rd_req_o(rd_req_o[RdW*RdTxData+:RdW]), .rd_done_valid_i, .rd_done_i,
      // frames
      .commit_valid_o, .commit_ready_i, .commit_base_o, .commit_len_o, .commit_release_o, .free_valid_i,
      .free_words_i,
      // one pulse a buffer
      .taken_o(stat_o.tx_taken), .commit_o(stat_o.tx_commit), .drop_length_o(stat_o.tx_drop_length),
      .drop_dma_o(stat_o.tx_drop_dma),
      .drop_reset_o(stat_o.tx_drop_reset));

  // -- what happened ---------------------------------------------------------------------------------
  assign stat_o.rx_used = used_entries[3*Rx+:3];
  assign stat_o.tx_used = used_entries[3*Tx+:3];
  assign stat_o.rx_desc_error = failed[Rx];
  assign stat_o.tx_desc_error = failed[Tx];
  assign stat_o.rx_irq_suppressed = suppressed[Rx];
  assign stat_o.tx_irq_suppressed = suppressed[Tx];
  assign stat_o.tx_doorbell = ring[Tx];

endmodule

`default_nettype wire
