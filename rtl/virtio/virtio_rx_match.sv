// SPDX-License-Identifier: Apache-2.0
// Brings a received frame and a buffer of the driver together.
//
// Frame length + chain -> one write request and one piece (virtio_rx_scatter cuts them) for each segment
// that gets bytes -> used entry with the written length, 12 + frame. The used entry is given away when the
// last request was accepted: requests leave in the order of acceptance, so it cannot overtake the data.
// Without a chain the frame waits in the packet buffer. A chain that is too small costs the frame
// (drop_too_small_o) and stays for the next one; without MRG_RXBUF a frame has to fit one buffer.
// stop_i: no new piece; the frame under way is given up. If its last beat had left the packet buffer by
// then, it is counted here (drop_reset_o with the reset), otherwise by the packet buffer.
// Place: rx_packet_buffer, virtq_buffer_walk -> this -> virtio_rx_scatter, dma_write, virtq_used_write.
`include "assert.svh"
`default_nettype none

module virtio_rx_match (
    input  wire                   clk_i,
    input  wire                   rst_i,
    input  wire                   stop_i,
    output logic                  quiet_o,
    output logic                  idle_o,  // nothing to give back is on its way
    // next frame
    input  wire                   len_valid_i,
    output logic                  len_ready_o,
    input  wire            [15:0] len_i,
    output logic                  len_drop_o,   // with len_ready_o: throw the frame away
    output logic                  reading_o,    // beats in the packet buffer belong to a frame taken
    input  wire                   frame_end_i,  // a frame's last beat left the packet buffer
    // buffers
    input  wire                   chain_valid_i,
    output logic                  chain_ready_o,
    input  virtq_pkg::chain_t     chain_i,
    input  wire                   segment_valid_i,
    output logic                  segment_ready_o,
    input  virtq_pkg::segment_t   segment_i,
    // pieces of the frame
    output logic                  piece_valid_o,
    input  wire                   piece_ready_i,
    output logic           [15:0] piece_len_o,
    output logic                  piece_final_o,
    // write requests
    output logic                  wr_req_valid_o,
    input  wire                   wr_req_ready_i,
    output dma_pkg::wr_req_t      wr_req_o,
    input  wire                   wr_done_i,
    // used buffers
    output logic                  used_valid_o,
    input  wire                   used_ready_i,
    output virtq_pkg::used_t      used_o,
    // one pulse a frame
    output logic                  taken_o,
    output logic                  delivered_o,
    output logic                  drop_too_small_o,
    output logic                  drop_reset_o,
    output logic                  written_o     // its last byte was handed to the link
);

  typedef enum logic [2:0] {StIdle, StSegment, StSkip, StUsed, StAbort} state_e;
  state_e state_q;

  localparam logic [15:0] HdrBytes = 16'(contract_pkg::NET_HDR_BYTES);
  localparam int unsigned Open = 16;  // write requests that may be open

  logic [15:0] left_q;       // bytes of header and frame not yet requested
  logic [15:0] written_q;    // all of them
  logic  [2:0] unread_q;     // frames taken whose last beat is still in the packet buffer
  logic        final_q;      // the request at the output is its frame's last

  logic        offer, fits, final_piece, load, req_taken, taking;
  logic [15:0] total, piece;

  // -- choosing --------------------------------------------------------------------------------------
  assign total = len_i + HdrBytes;
  assign offer = state_q == StIdle && len_valid_i && chain_valid_i && !stop_i;
  assign fits = chain_i.total_len >= {1'b0, total};
  assign len_ready_o = offer;
  assign len_drop_o = !fits;
  assign taking = offer && fits;
  assign taken_o = offer;
  assign drop_too_small_o = offer && !fits;

  // -- one segment -----------------------------------------------------------------------------------
  assign final_piece = segment_i.len >= left_q;
  assign piece = final_piece ? left_q : segment_i.len;
  assign load = state_q == StSegment && segment_valid_i && !stop_i &&
                (!wr_req_valid_o || wr_req_ready_i) && (!piece_valid_o || piece_ready_i);
  assign segment_ready_o = load || state_q == StSkip;
  assign delivered_o = load && final_piece;
  assign req_taken = wr_req_valid_o && wr_req_ready_i;

  // -- giving back -----------------------------------------------------------------------------------
  assign used_valid_o = state_q == StUsed && !wr_req_valid_o;
  assign used_o = {1'b1, chain_i.id, chain_i.descs, 16'd0, written_q};
  assign chain_ready_o = used_valid_o && used_ready_i;

  assign idle_o = state_q == StIdle && !(len_valid_i && chain_valid_i);
  assign quiet_o = (state_q == StIdle || state_q == StAbort) && !wr_req_valid_o && !piece_valid_o;
  assign reading_o = unread_q != '0;
  assign drop_reset_o = rst_i && state_q == StAbort && unread_q == '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q        <= StIdle;
      wr_req_valid_o <= 1'b0;
      piece_valid_o  <= 1'b0;
      unread_q       <= '0;
    end else begin
      if (taking != frame_end_i) unread_q <= taking ? unread_q + 1'b1 : unread_q - 1'b1;
      if (req_taken) wr_req_valid_o <= 1'b0;
      if (piece_ready_i) piece_valid_o <= 1'b0;
      if (load) begin
        wr_req_valid_o <= 1'b1;
        piece_valid_o  <= 1'b1;
      end
      unique case (state_q)
        StIdle: if (taking) state_q <= StSegment;
        StSegment: begin
          if (stop_i) state_q <= StAbort;
          else if (load && final_piece) state_q <= segment_i.last ? StUsed : StSkip;
        end
        StSkip: if (segment_valid_i && segment_i.last) state_q <= StUsed;
        // With the queue being reset nobody may take the entry any more.
        StUsed: if (chain_ready_o || (stop_i && !wr_req_valid_o)) state_q <= StIdle;
        default: state_q <= StAbort;
      endcase
    end
    if (taking) begin
      left_q    <= total;
      written_q <= total;
    end else if (load) begin
      left_q <= left_q - piece;
    end
    if (load) begin
      wr_req_o      <= {segment_i.addr, piece};
      piece_len_o   <= piece;
      piece_final_o <= final_piece;
      final_q       <= final_piece;
    end
  end

  // -- which open request is the last of its frame ---------------------------------------------------
  logic         [Open-1:0] finals_q;
  logic [$clog2(Open)-1:0] open_q, open_after_done;

  assign open_after_done = open_q - {{($clog2(Open) - 1) {1'b0}}, wr_done_i};
  assign written_o = wr_done_i && finals_q[0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q   <= '0;
      finals_q <= '0;
    end else if (wr_done_i || req_taken) begin
      open_q   <= open_after_done + {{($clog2(Open) - 1) {1'b0}}, req_taken};
      finals_q <= (wr_done_i ? (finals_q >> 1) : finals_q) |
                  ((req_taken && final_q) ? (Open'(1) << open_after_done) : '0);
    end
  end

  `ASSERT(SegmentsSuffice_A, !(load && !final_piece) || !segment_i.last, clk_i, rst_i)
  `ASSERT(NotTooManyOpen_A, open_q != '1 || !req_taken || wr_done_i, clk_i, rst_i)
  `ASSERT(DoneForARequest_A, !wr_done_i || open_q != '0, clk_i, rst_i)

  stream_checker #(.Width(17)) u_check_piece (
      .clk_i, .rst_i, .valid_i(piece_valid_o), .ready_i(piece_ready_i),
      .payload_i({piece_final_o, piece_len_o}));
  stream_checker #(.Width(80)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  // Only a reset of the queue, which follows stop_i, takes a used entry back.
  stream_checker #(.Width(65)) u_check_used (
      .clk_i, .rst_i(rst_i || stop_i), .valid_i(used_valid_o), .ready_i(used_ready_i), .payload_i(used_o));

endmodule

`default_nettype wire
