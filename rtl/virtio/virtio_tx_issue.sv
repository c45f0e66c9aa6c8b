// SPDX-License-Identifier: Apache-2.0
// Starts the reads of the driver's frames.
//
// A buffer takes a slot and room in the packet buffer, then one read goes out for each segment. Header
// and frame land behind each other so that the frame starts on a word (4 bytes of padding in front):
//
//   base   - - - - h0 h1 h2 h3 | h4 .. h11 | f0 f1 ..        (64-bit data path)
//
// A buffer whose length is no frame's (nor, with gso_i, that of one for segmentation) takes a slot without
// room and reads nothing.
// stop_i: no further buffer and no further read; the slot under way closes as it is.
// Place: virtq_buffer_walk -> this -> dma_read; -> virtio_tx_slots, virtio_tx_space.
`include "assert.svh"
`default_nettype none

module virtio_tx_issue #(
    parameter int unsigned SlotW = 4
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire                        stop_i,
    output logic                       quiet_o,
    input  wire                        gso_i,  // segmentation was negotiated: buffers may be long
    // buffers
    input  wire                        chain_valid_i,
    output logic                       chain_ready_o,
    input  virtq_pkg::chain_t          chain_i,
    input  wire                        segment_valid_i,
    output logic                       segment_ready_o,
    input  virtq_pkg::segment_t        segment_i,
    // room in the packet buffer
    output logic [dma_pkg::WordW-1:0]  want_o,
    input  wire                        fits_i,
    input  wire  [dma_pkg::WordW-1:0]  base_i,
    output logic                       take_o,
    // slots
    input  wire                        slot_free_i,
    input  wire  [SlotW-1:0]           slot_i,
    output logic                       open_o,         // with chain_i and base_i
    output logic                       open_bad_len_o,
    output logic                       read_o,         // a read of the open slot was accepted
    output logic                       close_o,        // it was the last one
    output logic [SlotW-1:0]           read_slot_o,
    // read
    output logic                       rd_req_valid_o,
    input  wire                        rd_req_ready_i,
    output dma_pkg::rd_req_t           rd_req_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned ByteW = $clog2(Bytes);
  localparam int unsigned LocalW = dma_pkg::LocalW;
  localparam int unsigned WordW = dma_pkg::WordW;
  localparam logic [16:0] MinLen = 17'(contract_pkg::NET_HDR_BYTES) + 17'd14;  // an Ethernet header at least
  localparam logic [16:0] MaxLen = 17'(contract_pkg::NET_HDR_BYTES) + 17'(contract_pkg::MAX_FRAME_NO_FCS);
  localparam logic [16:0] MaxGsoLen = 17'(contract_pkg::NET_HDR_BYTES) + contract_pkg::TX_SOURCE_MAX;
  localparam logic [LocalW-1:0] Pad = LocalW'(4);

  typedef enum logic [1:0] {StIdle, StRead, StSkip} state_e;
  state_e state_q;

  logic [LocalW-1:0] local_q;  // where the next segment's first byte goes
  logic [SlotW-1:0]  slot_q;
  logic              last_q;   // the request at the output is the slot's last

  logic              bad_len, open, load, cut;
  logic [LocalW-1:0] words;

  assign bad_len = chain_i.total_len < MinLen || chain_i.total_len > (gso_i ? MaxGsoLen : MaxLen);
  assign words = (LocalW'(chain_i.total_len) + Pad + LocalW'(Bytes - 1)) >> ByteW;
  assign want_o = words[WordW-1:0];
  assign open = state_q == StIdle && chain_valid_i && slot_free_i && (bad_len || fits_i) && !stop_i;
  assign open_o = open;
  assign open_bad_len_o = bad_len;
  assign take_o = open && !bad_len;
  assign chain_ready_o = open;

  assign load = state_q == StRead && segment_valid_i && !stop_i && !rd_req_valid_o;
  assign segment_ready_o = load || state_q == StSkip;
  assign read_o = rd_req_valid_o && rd_req_ready_i;
  // A stopped slot closes with what it has.
  assign cut = state_q == StRead && stop_i && !rd_req_valid_o;
  assign close_o = (read_o && last_q) || cut;
  assign read_slot_o = slot_q;
  assign quiet_o = state_q == StIdle;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q        <= StIdle;
      rd_req_valid_o <= 1'b0;
    end else begin
      if (rd_req_ready_i) rd_req_valid_o <= 1'b0;
      if (load) rd_req_valid_o <= 1'b1;
      unique case (state_q)
        StIdle: if (open) state_q <= bad_len ? StSkip : StRead;
        StRead: if (close_o) state_q <= StIdle;
        default: if (segment_valid_i && segment_i.last) state_q <= StIdle;
      endcase
    end
    if (open) begin
      slot_q  <= slot_i;
      local_q <= {base_i, {ByteW{1'b0}}} + Pad;
    end else if (load) begin
      local_q <= local_q + LocalW'(segment_i.len);
    end
    if (load) begin
      rd_req_o <= {segment_i.addr, segment_i.len, local_q, {(dma_pkg::OpW - SlotW) {1'b0}}, slot_q};
      last_q   <= segment_i.last;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{chain_i.id, chain_i.descs, words[LocalW-1:WordW]};

  stream_checker #(.Width(80 + LocalW + dma_pkg::OpW)) u_check_req (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));

endmodule

`default_nettype wire
