// SPDX-License-Identifier: Apache-2.0
// Which event counts under which name: pulses of all blocks -> one increment a counter of the statistics block.
//
// Each cause reaches exactly one counter, so that frames in = delivered + drops by reason.
// Place: every block of nic_core -> this (nic_counters inside) -> BAR_STATS window.
`default_nettype none

module nic_stats (
    input  wire                                   clk_i,
    input  wire                                   rst_i,
    // receive
    input  wire                                   rx_frames_in_i,
    input  wire  [3:0]                            rx_lost_i,
    input  wire  [3:0]                            rx_control_i,  // MAC control frames
    input  wire  [7:0]                            rx_verdict_i,  // one-hot by FRAME_*
    input  wire                                   rx_missed_i,
    input  wire                                   rx_store_lost_i,  // no room in the coalescing store
    input  wire                                   rx_filtered_i,
    input  wire                                   rx_coalesced_i,  // a frame became part of an earlier one
    input  wire  [15:0]                           rx_len_i,      // of a frame taken, or 0
    // transmit
    input  wire  [15:0]                           tx_len_i,      // of a frame on its way to the MAC, or 0
    input  wire                                   tx_drop_offload_i,
    input  wire                                   tx_segment_i,  // a frame beyond its buffer's first
    input  wire  [3:0]                            tx_sent_i,
    input  wire  [3:0]                            tx_underrun_i,
    input  wire  [3:0]                            tx_fault_i,
    // device, interrupts, link
    input  virtq_pkg::stat_t                      virtio_i,
    input  wire                                   irq_sent_i,
    input  wire                                   irq_pended_i,
    input  tlp_pkg::stat_t                        tlp_i,
    input  dma_pkg::stat_t                        dma_i,
    // register slave
    input  wire                                   req_valid_i,
    output logic                                  req_ready_o,
    input  reg_pkg::req_t                         req_i,
    output logic                                  rsp_valid_o,
    output logic [31:0]                           rsp_rdata_o
);

  logic [4*contract_pkg::STAT_COUNT-1:0] inc;

  // Most cycles count nothing: one look at all causes keeps the rest still.
  logic something;
  assign something = rx_frames_in_i || rx_missed_i || rx_store_lost_i || rx_filtered_i || rx_coalesced_i ||
                     tx_drop_offload_i || tx_segment_i || irq_sent_i || irq_pended_i ||
                     {rx_lost_i, rx_control_i, rx_verdict_i, tx_sent_i, tx_underrun_i, tx_fault_i} != '0 ||
                     virtio_i != '0 || tlp_i != '0 || dma_i != '0;

  always_comb begin
    inc = '0;
    if (something) begin
      // a received frame's journey
      inc[4*contract_pkg::STAT_RX_FRAMES+:4] = {3'd0, rx_frames_in_i} + {3'd0, rx_coalesced_i} +
                                                 {3'd0, rx_store_lost_i} + rx_lost_i + rx_control_i;
      inc[4*contract_pkg::STAT_RX_DROP_CONTROL+:4] = rx_control_i;
      inc[4*contract_pkg::STAT_RX_DROP_FILTERED+:4] = {3'd0, rx_filtered_i};
      inc[4*contract_pkg::STAT_RX_COALESCED+:4] = {3'd0, rx_coalesced_i};
      inc[4*contract_pkg::STAT_RX_DROP_BAD_FCS+:4] = 4'(rx_verdict_i[contract_pkg::FRAME_BAD_FCS[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_RUNT+:4] = 4'(rx_verdict_i[contract_pkg::FRAME_RUNT[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_OVERSIZE+:4] = 4'(rx_verdict_i[contract_pkg::FRAME_OVERSIZE[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_BAD_PREAMBLE+:4] =
          4'(rx_verdict_i[contract_pkg::FRAME_BAD_PREAMBLE[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_ERROR_CONTROL+:4] =
          4'(rx_verdict_i[contract_pkg::FRAME_ERROR_CONTROL[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_TRUNCATED+:4] = 4'(rx_verdict_i[contract_pkg::FRAME_TRUNCATED[2:0]]);
      inc[4*contract_pkg::STAT_RX_DROP_FIFO_OVERFLOW+:4] =
          4'(rx_verdict_i[contract_pkg::FRAME_FIFO_OVERFLOW[2:0]]) + rx_lost_i;
      inc[4*contract_pkg::STAT_RX_DROP_MISSED+:4] = {3'd0, rx_missed_i} + {3'd0, rx_store_lost_i};
      inc[4*contract_pkg::STAT_RX_DROP_NOT_READY+:4] = {3'd0, virtio_i.rx_drop_not_ready};
      inc[4*contract_pkg::STAT_RX_DROP_NO_BUFFER+:4] = {3'd0, virtio_i.rx_drop_no_buffer};
      inc[4*contract_pkg::STAT_RX_DROP_TOO_SMALL+:4] = {3'd0, virtio_i.rx_drop_too_small};
      inc[4*contract_pkg::STAT_RX_DROP_RESET+:4] = {3'd0, virtio_i.rx_drop_reset};
      inc[4*contract_pkg::STAT_RX_DELIVERED+:4] = {3'd0, virtio_i.rx_delivered};
      // a transmitted frame's journey
      inc[4*contract_pkg::STAT_TX_CHAINS+:4] = {3'd0, virtio_i.tx_taken};
      inc[4*contract_pkg::STAT_TX_DROP_LENGTH+:4] = {3'd0, virtio_i.tx_drop_length};
      inc[4*contract_pkg::STAT_TX_DROP_OFFLOAD+:4] = {3'd0, tx_drop_offload_i};
      inc[4*contract_pkg::STAT_TX_SEGMENTS+:4] = {3'd0, tx_segment_i};
      inc[4*contract_pkg::STAT_TX_DROP_DMA+:4] = {3'd0, virtio_i.tx_drop_dma};
      inc[4*contract_pkg::STAT_TX_DROP_RESET+:4] = {3'd0, virtio_i.tx_drop_reset};
      inc[4*contract_pkg::STAT_TX_DROP_UNDERRUN+:4] = tx_underrun_i;
      inc[4*contract_pkg::STAT_TX_DROP_LINK+:4] = tx_fault_i;
      inc[4*contract_pkg::STAT_TX_FRAMES+:4] = tx_sent_i;
      // queues, doorbells, interrupts
      inc[4*contract_pkg::STAT_RX_USED+:4] = virtio_i.rx_used;
      inc[4*contract_pkg::STAT_TX_USED+:4] = virtio_i.tx_used;
      inc[4*contract_pkg::STAT_RX_DESC_ERROR+:4] = {3'd0, virtio_i.rx_desc_error};
      inc[4*contract_pkg::STAT_TX_DESC_ERROR+:4] = {3'd0, virtio_i.tx_desc_error};
      inc[4*contract_pkg::STAT_DOORBELLS+:4] = {3'd0, virtio_i.doorbell};
      inc[4*contract_pkg::STAT_DOORBELL_BAD+:4] = {3'd0, virtio_i.doorbell_bad};
      inc[4*contract_pkg::STAT_IRQ_SENT+:4] = {3'd0, irq_sent_i};
      inc[4*contract_pkg::STAT_IRQ_SUPPRESSED+:4] =
          {3'd0, virtio_i.rx_irq_suppressed} + {3'd0, virtio_i.tx_irq_suppressed};
      inc[4*contract_pkg::STAT_IRQ_PENDED+:4] = {3'd0, irq_pended_i};
      // PCIe
      inc[4*contract_pkg::STAT_TLP_REQUESTS+:4] = {3'd0, tlp_i.request};
      inc[4*contract_pkg::STAT_TLP_UNSUPPORTED+:4] = {3'd0, tlp_i.unsupported};
      inc[4*contract_pkg::STAT_TLP_ABORTED+:4] = {3'd0, tlp_i.aborted};
      inc[4*contract_pkg::STAT_TLP_POISONED+:4] = {3'd0, tlp_i.poisoned};
      inc[4*contract_pkg::STAT_TLP_IGNORED+:4] = {3'd0, tlp_i.ignored};
      inc[4*contract_pkg::STAT_READ_TLPS+:4] = {3'd0, dma_i.read_tlp};
      inc[4*contract_pkg::STAT_WRITE_TLPS+:4] = {3'd0, dma_i.write_tlp};
      inc[4*contract_pkg::STAT_WRITES_DISCARDED+:4] = {3'd0, dma_i.write_discarded};
      inc[4*contract_pkg::STAT_CPL_UNEXPECTED+:4] = {3'd0, dma_i.cpl_unexpected};
      inc[4*contract_pkg::STAT_CPL_BAD_LENGTH+:4] = {3'd0, dma_i.cpl_bad_length};
      inc[4*contract_pkg::STAT_CPL_ERROR_STATUS+:4] = {3'd0, dma_i.cpl_error_status};
      inc[4*contract_pkg::STAT_CPL_POISONED+:4] = {3'd0, dma_i.cpl_poisoned};
      inc[4*contract_pkg::STAT_CPL_TIMEOUT+:4] = {3'd0, dma_i.cpl_timeout};
      inc[4*contract_pkg::STAT_CPL_BAD_REQUESTER+:4] = {3'd0, dma_i.cpl_bad_requester};
      inc[4*contract_pkg::STAT_CPL_BAD_ADDRESS+:4] = {3'd0, dma_i.cpl_bad_address};
      inc[4*contract_pkg::STAT_CPL_LATE+:4] = {3'd0, dma_i.cpl_late};
    end
  end

  nic_counters u_nic_counters (
      .clk_i, .rst_i, .inc_i(inc), .rx_bytes_i(rx_len_i), .tx_bytes_i(tx_len_i),
      // register slave
      .reg_req_valid_i(req_valid_i), .reg_req_ready_o(req_ready_o), .reg_req_i(req_i),
      .rsp_valid_o, .rsp_rdata_o);

  logic unused_bits;
  assign unused_bits = ^{rx_verdict_i[contract_pkg::FRAME_OK[2:0]], virtio_i};

endmodule

`default_nettype wire
