// SPDX-License-Identifier: Apache-2.0
// Starts the reads of the drivers' frames, in the order in which the scheduler grants them.
//
// A granted buffer takes a slot and room in the packet buffer, then one read goes out for each piece. Header
// and frame land behind each other so that the frame starts on a word (tx_pkg::header_pad bytes in front):
//
//   base   - - - - h0 h1 h2 h3 | h4 .. h11 | f0 f1 ..                (64-bit data path)
//   base   - - - - h0 h1 h2 h3 | h4 .. h11 | h12 .. h19 | f0 f1 ..   (with HASH_REPORT)
//
// A buffer whose length is no frame's takes a slot without room and reads nothing.
// A buffer that was granted but not taken when its queue is stopped stays where it is. A grant for a queue that has
// no buffer any more (the last one was taken while the scheduler decided) is let go.
// Place: tx_schedule, virtq_fetch -> this -> dma_read; -> virtio_tx_slots, virtio_tx_space.
`include "assert.svh"
`default_nettype none

module virtio_tx_issue #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 5
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire  [16:0]                max_len_i,      // of a source with its header
    input  wire                        hash_report_i,  // negotiated: headers of 20 bytes
    // queues
    input  wire  [Pairs-1:0]           stop_i,
    input  wire  [Pairs-1:0]           head_valid_i,
    input  wire  [5:0]                 query_pair_i,
    output logic                       query_busy_o,
    output logic                       idle_o,
    // grants
    input  wire                        grant_valid_i,
    output logic                       grant_ready_o,
    input  wire  [5:0]                 grant_pair_i,
    input  wire  [16:0]                grant_len_i,
    // buffers
    output logic                       take_valid_o,
    input  wire                        take_ready_i,
    output logic [5:0]                 take_pair_o,
    input  wire                        piece_valid_i,
    output logic                       piece_ready_o,
    input  virtq_pkg::piece_t          piece_i,
    // room in the packet buffer
    output logic [dma_pkg::WordW-1:0]  want_o,
    input  wire                        fits_i,
    input  wire  [dma_pkg::WordW-1:0]  base_i,
    output logic                       reserve_o,
    // slots
    input  wire                        slot_free_i,
    input  wire  [SlotW-1:0]           slot_i,
    output logic                       open_o,         // with take_pair_o, open_len_o and base_i
    output logic [16:0]                open_len_o,
    output logic                       open_bad_len_o,
    output logic                       name_o,         // with piece_i and read_slot_o: the buffer's id
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
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam logic [16:0] MinFrame = 17'd14;  // an Ethernet header at least

  typedef enum logic [1:0] {StIdle, StTake, StRead, StSkip} state_e;
  state_e state_q;

  logic        [5:0] pair_q;
  logic       [16:0] len_q;
  logic [LocalW-1:0] local_q;  // where the next piece's first byte goes
  logic  [SlotW-1:0] slot_q;
  logic              last_q;   // the request at the output is the slot's last
  logic        [2:0] settle_q; // until head_valid_i sees the last take

  logic              bad_len, stopped, load, skip_last;
  logic [LocalW-1:0] words, pad;

  assign grant_ready_o = state_q == StIdle && settle_q == '0;
  assign stopped = stop_i[pair_q[PairW-1:0]];
  assign pad = LocalW'(tx_pkg::header_pad(hash_report_i));
  assign bad_len = len_q < 17'(tx_pkg::header_bytes(hash_report_i)) + MinFrame || len_q > max_len_i;
  assign words = (LocalW'(len_q) + pad + LocalW'(Bytes - 1)) >> ByteW;
  assign want_o = words[WordW-1:0];

  assign take_valid_o = state_q == StTake && slot_free_i && (bad_len || fits_i) && !stopped;
  assign take_pair_o = pair_q;
  assign open_o = take_valid_o && take_ready_i;
  assign open_len_o = len_q;
  assign open_bad_len_o = bad_len;
  assign reserve_o = open_o && !bad_len;

  assign load = state_q == StRead && piece_valid_i && (!rd_req_valid_o || rd_req_ready_i) &&
                !(rd_req_valid_o && last_q);
  assign piece_ready_o = load || state_q == StSkip;
  assign name_o = piece_valid_i && piece_ready_o && piece_i.first;
  assign skip_last = state_q == StSkip && piece_valid_i && piece_i.last;
  assign read_o = rd_req_valid_o && rd_req_ready_i;
  assign close_o = (read_o && last_q) || skip_last;
  assign read_slot_o = slot_q;
  assign query_busy_o = (state_q == StRead || state_q == StSkip || open_o) && pair_q == query_pair_i;
  assign idle_o = state_q == StIdle;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q        <= StIdle;
      rd_req_valid_o <= 1'b0;
      settle_q       <= '0;
    end else begin
      if (rd_req_ready_i) rd_req_valid_o <= 1'b0;
      if (load) rd_req_valid_o <= 1'b1;
      if (open_o) settle_q <= 3'd4;
      else if (settle_q != '0) settle_q <= settle_q - 1'b1;
      unique case (state_q)
        StIdle: if (grant_valid_i && grant_ready_o && head_valid_i[grant_pair_i[PairW-1:0]]) state_q <= StTake;
        StTake: begin
          if (open_o) state_q <= bad_len ? StSkip : StRead;
          else if (stopped) state_q <= StIdle;
        end
        StRead: if (close_o) state_q <= StIdle;
        default: if (skip_last) state_q <= StIdle;
      endcase
    end
    if (state_q == StIdle) begin
      pair_q <= grant_pair_i;
      len_q  <= grant_len_i;
    end
    if (open_o) begin
      slot_q  <= slot_i;
      local_q <= {base_i, {ByteW{1'b0}}} + pad;
    end else if (load) begin
      local_q <= local_q + LocalW'(piece_i.len);
    end
    if (load) begin
      rd_req_o <= {piece_i.addr, piece_i.len, local_q, dma_pkg::OpW'(slot_q)};
      last_q   <= piece_i.last;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{words[LocalW-1:WordW]};

  `ASSERT(PieceOfThisPair_A, !(piece_valid_i && piece_ready_o) || piece_i.pair == pair_q, clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::PieceW), .Assumed(1'b1)) u_check_piece (
      .clk_i, .rst_i, .valid_i(piece_valid_i), .ready_i(piece_ready_o), .payload_i(piece_i));
  stream_checker #(.Width(80 + LocalW + dma_pkg::OpW)) u_check_req (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));
  // Only a stop of the queue takes back a take.
  stream_checker #(.Width(6)) u_check_take (
      .clk_i, .rst_i(rst_i || stopped), .valid_i(take_valid_o), .ready_i(take_ready_i), .payload_i(take_pair_o));

endmodule

`default_nettype wire
