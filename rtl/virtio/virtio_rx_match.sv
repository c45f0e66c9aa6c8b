// SPDX-License-Identifier: Apache-2.0
// Finds buffers for each received frame and decides where each of its bytes goes.
//
// A frame's length and pair -> the pair's oldest buffer (several with MRG_RXBUF) -> write requests, cuts of
// the byte stream (virtio_rx_scatter) and used buffers. A frame starts only when what it needs stands ready,
// so it never waits in the middle. num_buffers is written behind a frame of several buffers, before its last
// used buffer is given: until then none of them shows.
// A frame ends in one of delivered, too_small (its buffer cannot hold it, or not its header), no_buffer,
// not_ready (queue not enabled), reset (queue stopped). Frames of a lone queue wait for a buffer as long as it
// takes (the packet buffer counts what overflows). With several queues enabled, a frame waits PatienceCycles and
// is then dropped, and what follows for that queue at once, until it has buffers again: a queue nobody serves
// does not stand in the way of the others.
// Place: rx_packet_buffer, virtq_fetch -> this -> virtio_rx_scatter, dma_write, virtq_give.
`include "assert.svh"
`default_nettype none

module virtio_rx_match #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned PatienceCycles = 2048
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // negotiated
    input  wire                   mrg_i,
    input  wire             [4:0] hdr_len_i,
    // queues
    input  wire       [Pairs-1:0] enabled_i,
    input  wire       [Pairs-1:0] stop_i,
    input  wire             [5:0] query_pair_i,
    output logic                  query_quiet_o,
    output logic                  idle_o,  // nothing to give back is on its way
    // next frame
    input  wire                   len_valid_i,
    output logic                  len_ready_o,
    input  wire            [15:0] len_i,
    input  wire             [5:0] pair_i,
    input  wire                   stale_i,      // of a form that this driver did not accept: it came before a reset
    output logic                  len_drop_o,   // with len_ready_o: throw the frame away
    // buffers
    input  wire       [Pairs-1:0] head_valid_i,
    output logic            [5:0] head_pair_o,
    input  virtq_pkg::head_t      head_i,
    output logic                  take_valid_o,
    input  wire                   take_ready_i,
    output logic            [5:0] take_pair_o,
    input  wire                   piece_valid_i,
    output logic                  piece_ready_o,
    input  virtq_pkg::piece_t     piece_i,
    // cuts of the frame's bytes
    output logic                  cut_valid_o,
    input  wire                   cut_ready_i,
    output virtq_pkg::cut_t       cut_o,
    // write requests
    output logic                  wr_req_valid_o,
    input  wire                   wr_req_ready_i,
    output dma_pkg::wr_req_t      wr_req_o,
    input  wire                   wr_done_i,
    // used buffers
    output logic                  give_valid_o,
    input  wire                   give_ready_i,
    output virtq_pkg::give_t      give_o,
    // one pulse a frame
    output logic                  taken_o,
    output logic                  delivered_o,
    output logic            [5:0] frame_pair_o,  // of the frame in hand
    output logic           [16:0] frame_len_o,   // its bytes with the header
    output logic                  drop_too_small_o,
    output logic                  drop_no_buffer_o,
    output logic                  drop_not_ready_o,
    output logic                  drop_reset_o,
    output logic                  written_o      // its last byte was handed to the link
);

  typedef enum logic [3:0] {StIdle, StDecide, StTake, StPiece, StSkip, StPatch, StGive, StAbort} state_e;
  state_e state_q;

  localparam int unsigned PatienceW = $clog2(PatienceCycles + 1);
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned SettleW = 3;
  localparam logic [SettleW-1:0] Settle = 3'd4;  // until a look at the queue sees the last take

  logic [Pairs-1:0]     starved_q;   // frames of the pair are dropped until it has buffers again
  logic [PatienceW-1:0] patience_q;
  logic [SettleW-1:0]   settle_q;
  logic                 head_seen_q; // head_i is of a buffer that was there a cycle ago
  logic           [5:0] pair_q;
  logic          [16:0] left_q;      // bytes of header and frame that have no place yet
  logic          [15:0] buffers_q;   // buffers of this frame so far
  logic          [16:0] chain_len_q; // bytes in the present one
  logic          [63:0] first_addr_q;
  logic          [15:0] id_q, descs_q;
  logic                 first_q;     // no byte of the frame has a place
  logic                 refused_q;   // the buffer goes back empty
  logic                 final_q;     // the frame is complete
  logic                 req_final_q; // the request at the output is its frame's last

  // -- the queue in question -------------------------------------------------------------------------
  logic [16:0] total;
  logic        stopped, running, serves, head_ok, fits, enough, lone, starved, wait_over;
  logic        drop_state, drop_not_ready, drop_reset, drop_no_buffer, drop_small, start;

  assign head_pair_o = (state_q == StIdle) ? pair_i : pair_q;
  assign total = {1'b0, len_i} + {12'd0, hdr_len_i};
  assign stopped = stop_i[pair_q[PairW-1:0]];
  assign running = enabled_i[pair_q[PairW-1:0]] && !stopped;
  assign head_ok = head_seen_q && head_valid_i[pair_q[PairW-1:0]];
  assign starved = starved_q[pair_q[PairW-1:0]];
  assign lone = (enabled_i & (enabled_i - 1'b1)) == '0;
  assign fits = head_i.total_len >= total;
  assign enough = mrg_i ? head_i.ready_bytes >= {4'd0, total} : fits;
  assign wait_over = starved || patience_q == '0;

  assign drop_state = state_q == StDecide && len_valid_i && settle_q == '0;
  assign serves = running && !stale_i;
  assign drop_reset = drop_state && (stopped || (running && stale_i));
  assign drop_not_ready = drop_state && !stopped && !running;
  assign drop_small = drop_state && serves && head_ok && !mrg_i && !fits;
  assign drop_no_buffer = drop_state && serves && wait_over && (head_ok ? (mrg_i && !enough) : !lone);
  assign start = drop_state && serves && head_ok && enough;

  // -- one piece of a buffer -------------------------------------------------------------------------
  logic        outputs_free, piece_here, refuse, load, final_piece, give_taken, req_taken, abort;
  logic [15:0] part;

  assign outputs_free = (!wr_req_valid_o || wr_req_ready_i) && (!cut_valid_o || cut_ready_i);
  assign piece_here = state_q == StPiece && piece_valid_i;
  assign refuse = piece_here && first_q && mrg_i && piece_i.len < {11'd0, hdr_len_i};
  assign load = piece_here && !refuse && outputs_free;
  assign final_piece = {1'b0, piece_i.len} >= left_q;
  assign part = final_piece ? left_q[15:0] : piece_i.len;
  assign piece_ready_o = load || refuse || state_q == StSkip;
  assign req_taken = wr_req_valid_o && wr_req_ready_i;
  assign abort = state_q == StAbort && outputs_free && !wr_req_valid_o;

  assign take_valid_o = state_q == StTake && settle_q == '0 && !stopped;
  assign take_pair_o = pair_q;

  // -- the frame's fate ------------------------------------------------------------------------------
  assign len_ready_o = drop_reset || drop_not_ready || drop_small || drop_no_buffer || refuse || (load && first_q) ||
                       (abort && first_q);
  assign len_drop_o = !load;
  assign taken_o = len_ready_o && len_valid_i;
  assign drop_too_small_o = drop_small || refuse;
  assign drop_no_buffer_o = drop_no_buffer;
  assign drop_not_ready_o = drop_not_ready;
  assign drop_reset_o = drop_reset || abort;
  assign delivered_o = load && final_piece;
  assign frame_pair_o = pair_q;

  // -- giving back -----------------------------------------------------------------------------------
  assign give_valid_o = state_q == StGive && !wr_req_valid_o;
  assign give_o = {pair_q, !final_q && !refused_q, !refused_q, id_q, descs_q, 15'd0, chain_len_q};
  assign give_taken = give_valid_o && give_ready_i;

  assign idle_o = (state_q == StIdle && !len_valid_i) || (state_q == StDecide && settle_q == '0 && !start);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q        <= StIdle;
      wr_req_valid_o <= 1'b0;
      cut_valid_o    <= 1'b0;
      starved_q      <= '0;
      settle_q       <= '0;
      head_seen_q    <= 1'b0;
    end else begin
      if (req_taken) wr_req_valid_o <= 1'b0;
      if (cut_ready_i) cut_valid_o <= 1'b0;
      if (starved_q != '0) starved_q <= starved_q & ~head_valid_i;
      if (settle_q != '0) settle_q <= settle_q - 1'b1;
      head_seen_q <= state_q == StDecide && head_valid_i[pair_q[PairW-1:0]];
      unique case (state_q)
        StIdle: begin
          if (len_valid_i) begin
            state_q     <= StDecide;
            head_seen_q <= head_valid_i[pair_i[PairW-1:0]] && settle_q == '0;
          end
        end
        StDecide: begin
          if (start) state_q <= StTake;
          else if (drop_reset || drop_not_ready || drop_small || drop_no_buffer) state_q <= StIdle;
          if (drop_no_buffer && !head_ok) starved_q[pair_q[PairW-1:0]] <= 1'b1;
        end
        StTake: begin
          if (take_valid_o && take_ready_i) begin
            state_q  <= StPiece;
            settle_q <= Settle;
          end else if (stopped) begin
            state_q <= StAbort;
          end
        end
        StPiece: begin
          if (refuse) state_q <= piece_i.last ? StGive : StSkip;
          else if (load && final_piece) state_q <= !piece_i.last ? StSkip : (buffers_q != '0) ? StPatch : StGive;
          else if (load && piece_i.last) state_q <= StGive;
          if (load) begin
            wr_req_valid_o <= 1'b1;
            cut_valid_o    <= 1'b1;
          end
        end
        StSkip: begin
          if (piece_valid_i && piece_i.last) state_q <= (buffers_q != '0 && !refused_q) ? StPatch : StGive;
        end
        StPatch: begin
          if (outputs_free) begin
            wr_req_valid_o <= 1'b1;
            cut_valid_o    <= 1'b1;
            state_q        <= StGive;
          end
        end
        StGive: begin
          // The entry of a queue that was stopped meanwhile is dropped where it is taken.
          if (give_taken) state_q <= (final_q || refused_q) ? StIdle : StTake;
        end
        // The queue was stopped in the middle of a frame: what is left of it goes nowhere.
        default: begin
          if (abort) begin
            cut_valid_o <= !first_q;
            state_q     <= StIdle;
          end
        end
      endcase
    end
    if (state_q == StIdle) begin
      pair_q     <= pair_i;
      patience_q <= PatienceW'(PatienceCycles);
      first_q    <= 1'b1;
      final_q    <= 1'b0;
      refused_q  <= 1'b0;
      buffers_q  <= '0;
    end else if (patience_q != '0) begin
      patience_q <= patience_q - 1'b1;
    end
    if (start) begin
      left_q      <= total;
      frame_len_o <= total;
    end
    if (state_q == StTake) chain_len_q <= '0;
    if (piece_here) begin
      id_q    <= piece_i.id;
      descs_q <= piece_i.descs;
    end
    if (refuse) refused_q <= 1'b1;
    if (load) begin
      first_q     <= 1'b0;
      final_q     <= final_piece;
      left_q      <= left_q - {1'b0, part};
      chain_len_q <= chain_len_q + {1'b0, part};
      wr_req_o    <= {piece_i.addr, part};
      cut_o       <= {virtq_pkg::CutData, final_piece, part};
      req_final_q <= final_piece && buffers_q == '0;
      if (first_q) first_addr_q <= piece_i.addr;
      if (piece_i.last && !final_piece) buffers_q <= buffers_q + 1'b1;
    end
    if (state_q == StPatch && outputs_free) begin
      wr_req_o    <= {first_addr_q + 64'(contract_pkg::NET_HDR_NUM_BUFFERS), 16'd2};
      cut_o       <= {virtq_pkg::CutLiteral, 1'b0, buffers_q + 16'd1};
      req_final_q <= 1'b1;
    end
    if (abort) cut_o <= {virtq_pkg::CutSkip, 1'b1, left_q[15:0]};
  end

  // -- open write requests: whose they are, which is the last of its frame ---------------------------
  logic open_here;

  virtio_rx_open u_open (
      .clk_i, .rst_i,
      // requests
      .open_i(req_taken), .open_pair_i(pair_q), .open_final_i(req_final_q), .done_i(wr_done_i),
      // answers
      .written_o, .query_pair_i, .query_open_o(open_here));

  always_ff @(posedge clk_i) begin
    query_quiet_o <= !open_here && !(query_pair_i == pair_q && state_q != StIdle && state_q != StDecide) &&
                     !(query_pair_i == pair_q && wr_req_valid_o);
  end

  logic unused_head;
  assign unused_head = ^{head_i.id, head_i.descs};

  `ASSERT(PiecesSuffice_A, !(load && !final_piece && piece_i.last) || mrg_i, clk_i, rst_i)
  `ASSERT(PieceOfThisPair_A, !piece_here || piece_i.pair == pair_q, clk_i, rst_i)
  `ASSERT(PairExists_A, !len_valid_i || 32'(pair_i) < Pairs, clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::PieceW), .Assumed(1'b1)) u_check_piece (
      .clk_i, .rst_i, .valid_i(piece_valid_i), .ready_i(piece_ready_o), .payload_i(piece_i));
  stream_checker #(.Width(virtq_pkg::CutW)) u_check_cut (
      .clk_i, .rst_i, .valid_i(cut_valid_o), .ready_i(cut_ready_i), .payload_i(cut_o));
  stream_checker #(.Width(80)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  // Only a stop of the queue takes back a take.
  stream_checker #(.Width(6)) u_check_take (
      .clk_i, .rst_i(rst_i || stopped), .valid_i(take_valid_o), .ready_i(take_ready_i), .payload_i(take_pair_o));
  stream_checker #(.Width(virtq_pkg::GiveW)) u_check_give (
      .clk_i, .rst_i, .valid_i(give_valid_o), .ready_i(give_ready_i), .payload_i(give_o));

endmodule

`default_nettype wire
