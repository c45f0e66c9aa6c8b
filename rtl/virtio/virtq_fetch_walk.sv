// SPDX-License-Identifier: Apache-2.0
// Walks the descriptors that are here, of all queues in turn: rules, chains, tables -> pieces and buffers.
//
// A visit goes on while the next descriptor is here and there is room for its piece, for 64 descriptors at
// most; three cycles a descriptor, one more a buffer. An indirect table, or the next descriptor of a split
// chain (with up to three behind it, should the chain go there), is read first; the queue rests meanwhile.
// A packed descriptor that is not available ends the read it came with: its other slots are given back.
// The first broken rule stops the queue: fail_o, and nothing of its buffer is passed on.
// Place: virtq_fetch_store -> this -> virtq_fetch_ready; tables: -> virtq_fetch_ops.
`include "assert.svh"
`default_nettype none

module virtq_fetch_walk #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned SlotW = 6,
    parameter bit          DeviceWrites = 1'b0
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    input  wire virtq_pkg::mode_t       mode_i,
    input  wire virtq_pkg::config_write_t config_i,
    input  wire  [Pairs-1:0]            go_i,
    input  wire                         clear_valid_i,
    input  wire  [5:0]                  clear_pair_i,
    input  wire  [5:0]                  query_pair_i,
    output logic                        busy_o,
    // what happened: slots or a table came, pieces were handed out
    input  wire                         slots_i,
    input  wire                         table_i,
    input  wire  [5:0]                  done_pair_i,
    input  wire                         freed_i,
    input  wire  [5:0]                  freed_pair_i,
    // words of other blocks about pair_o
    output logic                        load_o,
    output logic [5:0]                  pair_o,
    input  wire  [6:0]                  freed_at_i,  // piece slots are free up to here
    input  wire  [6:0]                  end_i,       // the read under way ends here
    // descriptors
    output logic                        slot_en_o,
    output logic [SlotW-1:0]            slot_o,
    input  wire                         here_i,
    input  wire  [127:0]                slot_i,
    input  wire  [15:0]                 entry_i,
    output logic                        table_en_o,
    output logic [4:0]                  table_line_o,
    input  wire  [127:0]                table_data_i,
    // reads
    output logic                        req_valid_o,
    input  wire                         req_ready_i,
    output virtq_pkg::fetch_req_t       req_o,
    // pieces
    output logic                        piece_en_o,
    output logic [SlotW-1:0]            piece_slot_o,
    output logic [79:0]                 piece_o,      // len, addr
    // buffers
    output logic                        buffer_valid_o,
    input  wire                         buffer_ready_i,
    output virtq_pkg::fetch_buffer_t    buffer_o,
    // slots given back
    output logic                        walked_o,
    output logic                        dry_o,
    output logic [22:0]                 tail_o,
    // a broken rule
    output logic                        fail_o,
    output logic [3:0]                  fail_code_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam logic [6:0] Slots = 7'(1 << SlotW);
  localparam logic [5:0] ReadOn = 6'd4;  // descriptors of a split chain read together
  localparam int unsigned TotalW = 17;

  localparam logic [1:0] InRing = 2'd0;
  localparam logic [1:0] InTable = 2'd1;  // an indirect table
  localparam logic [1:0] InRun = 2'd2;    // the rest of a split chain

  typedef struct packed {
    logic [6:0]        seq;     // slot, with lap
    logic [15:0]       pos;     // packed: its place in the ring
    logic [6:0]        piece;   // next piece slot, with lap
    logic [5:0]        pieces;  // of this chain so far
    logic [5:0]        descs;   // ring entries of it
    logic [TotalW-1:0] total;   // bytes of it
    logic [15:0]       id;
    logic [1:0]        where;
    logic              waits;   // the table is being read
    logic [5:0]        line;    // next one there
    logic [5:0]        lines;
    logic [15:0]       base;    // InRun: index of line 0
  } state_t;
  localparam int unsigned StateW = 7 + 16 + 7 + 6 + 6 + TotalW + 16 + 2 + 1 + 6 + 6 + 16;

  typedef enum logic [3:0] {
    StIdle, StLoad, StGot, StRead, StData, StAct, StBuffer, StAsk, StEnd, StSkip, StStore
  } step_e;
  step_e step_q;

  // -- whose turn -----------------------------------------------------------------------------------------
  logic [Pairs-1:0] work_q;     // worth a visit
  logic [Pairs-1:0] table_q;    // its table is here
  logic [Pairs-1:0] blocked_q;  // waits for piece slots
  logic [Pairs-1:0] request;
  logic             turn_valid;
  logic [5:0]       turn, pair_q;
  logic [PairW-1:0] at;
  logic [5:0]       left_q;     // of this visit

  assign at = pair_q[PairW-1:0];
  assign request = (step_q == StIdle) ? work_q & go_i : '0;

  virtq_fetch_turn #(.Pairs(Pairs)) u_turn (
      .clk_i, .rst_i, .request_i(request), .valid_o(turn_valid), .pair_o(turn));

  // -- what is known of the queue ---------------------------------------------------------------------------
  state_t      word, s_q;
  logic [63:0] desc, driver, device;
  logic [15:0] size;

  assign load_o = step_q == StLoad || step_q == StEnd;
  assign pair_o = pair_q;
  assign busy_o = step_q != StIdle && pair_q == query_pair_i;

  virtq_fetch_word #(.Pairs(Pairs), .Width(StateW)) u_state (
      .clk_i, .rst_i, .clear_valid_i, .clear_pair_i, .fresh_i({7'd0, mode_i.is_packed, (StateW - 8)'(0)}),
      .wr_en_i(step_q == StStore), .wr_pair_i(pair_q), .wr_data_i(s_q),
      .rd_en_i(step_q == StLoad), .rd_pair_i(pair_q), .rd_data_o(word));
  virtq_fetch_config #(.Pairs(Pairs)) u_config (
      .clk_i, .write_i(config_i), .rd_en_i(step_q == StLoad), .rd_pair_i(pair_q),
      .desc_o(desc), .driver_o(driver), .device_o(device), .size_o(size));

  // -- the descriptor -----------------------------------------------------------------------------------------
  localparam int unsigned AvailBit = $clog2(contract_pkg::DESC_F_AVAIL);
  localparam int unsigned UsedBit = $clog2(contract_pkg::DESC_F_USED);
  logic [127:0] raw;
  logic [15:0]  flags, id_next;
  logic         in_ring, here, avail, indirect, more, room;
  logic [3:0]   error, error_q;
  logic         indirect_q, more_q, here_q, avail_q;
  logic [15:0]  next_line, run_left;
  logic         run_hit;

  assign in_ring = s_q.where == InRing;
  assign raw = in_ring ? slot_i : table_data_i;
  assign id_next = mode_i.is_packed ? raw[111:96] : raw[127:112];
  assign flags = mode_i.is_packed ? raw[127:112] : raw[111:96];
  assign here = !in_ring || here_i == s_q.seq[SlotW];
  assign avail = !in_ring || !mode_i.is_packed || (flags[AvailBit] == s_q.pos[15] && flags[UsedBit] != s_q.pos[15]);
  assign room = s_q.piece - freed_at_i != Slots;

  virtq_fetch_rules #(.DeviceWrites(DeviceWrites)) u_rules (
      .mode_i, .size_i(size), .addr_i(raw[63:0]), .len_i(raw[95:64]), .flags_i(flags), .next_i(id_next),
      .in_table_i(s_q.where == InTable), .line_i(s_q.line), .lines_i(s_q.lines), .pieces_i(s_q.pieces),
      .error_o(error), .indirect_o(indirect), .more_o(more));

  // A split chain goes on within the descriptors that were read behind the last one, or somewhere else.
  assign next_line = id_next - s_q.base;
  assign run_hit = s_q.where == InRun && next_line < {10'd0, s_q.lines};
  assign run_left = size - id_next;

  logic         act, good;
  logic         last_in_ring;
  logic [TotalW:0] sum;
  logic [15:0]  pos_next;
  assign act = step_q == StAct && here_q && avail_q;
  assign good = act && error_q == contract_pkg::DESC_ERR_NONE;
  assign sum = {1'b0, s_q.total} + {2'b00, raw[79:64]};
  assign last_in_ring = {1'b0, s_q.pos[14:0]} + 16'd1 == size;
  assign pos_next = last_in_ring ? {!s_q.pos[15], 15'd0} : s_q.pos + 16'd1;

  assign slot_en_o = step_q == StRead && in_ring;
  assign slot_o = s_q.seq[SlotW-1:0];
  assign table_en_o = step_q == StRead && !in_ring;
  assign table_line_o = s_q.line[4:0];
  assign piece_en_o = good && !indirect_q;
  assign piece_slot_o = s_q.piece[SlotW-1:0];
  assign piece_o = {raw[79:64], raw[63:0]};
  assign fail_o = act && !good;
  assign fail_code_o = error_q;

  assign buffer_valid_o = step_q == StBuffer;
  always_comb begin
    buffer_o.pair = pair_q;
    buffer_o.first = s_q.piece - {1'b0, s_q.pieces};
    buffer_o.pieces = s_q.pieces;
    buffer_o.id = s_q.id;
    buffer_o.descs = mode_i.is_packed ? {10'd0, s_q.descs} : 16'd1;
    buffer_o.total_len = s_q.total;
  end

  logic [63:0] addr_q;
  logic [15:0] len_q;
  assign req_valid_o = step_q == StAsk;
  assign req_o = {pair_q, virtq_pkg::FetchTable, 7'd0, s_q.lines, addr_q, len_q};

  logic dry_q;
  assign walked_o = step_q == StStore;
  assign dry_o = dry_q;
  assign tail_o = {s_q.seq, s_q.pos};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      step_q <= StIdle;
    end else begin
      unique case (step_q)
        StIdle: if (turn_valid) step_q <= StLoad;
        StLoad: step_q <= StGot;
        StGot: step_q <= (word.waits && !table_q[at]) ? StStore : StRead;
        StRead: step_q <= (room && left_q != '0) ? StData : StStore;
        StData: step_q <= StAct;
        StAct: begin
          if (!here_q) step_q <= StStore;
          else if (!avail_q) step_q <= StEnd;
          else if (error_q != contract_pkg::DESC_ERR_NONE) step_q <= StStore;
          else if (indirect_q) step_q <= StAsk;
          else if (!more_q) step_q <= StBuffer;
          else if (!mode_i.is_packed && s_q.where != InTable && !run_hit) step_q <= StAsk;
          else step_q <= StRead;
        end
        StBuffer: if (buffer_ready_i) step_q <= go_i[at] ? StRead : StStore;
        StAsk: if (req_ready_i) step_q <= StStore;
        StEnd: step_q <= StSkip;
        StSkip: step_q <= StStore;
        default: step_q <= StIdle;
      endcase
    end
    unique case (step_q)
      StIdle: begin
        pair_q <= turn;
        left_q <= '1;
        dry_q  <= 1'b0;
      end
      StGot: begin
        s_q <= word;
        if (table_q[at]) s_q.waits <= 1'b0;
      end
      StRead: left_q <= left_q - 6'd1;
      StData: begin
        error_q    <= error;
        indirect_q <= indirect;
        more_q     <= more;
        here_q     <= here;
        avail_q    <= avail;
      end
      StAct: begin
        addr_q <= indirect_q ? raw[63:0] : desc + {44'd0, id_next, 4'd0};
        len_q  <= raw[79:64];
        if (good) begin
          if (in_ring) begin
            s_q.seq   <= s_q.seq + 7'd1;
            s_q.pos   <= mode_i.is_packed ? pos_next : s_q.pos;
            s_q.descs <= s_q.descs + 6'd1;
            s_q.id    <= mode_i.is_packed ? id_next : entry_i;
          end
          if (indirect_q) begin
            s_q.where <= InTable;
            s_q.waits <= 1'b1;
            s_q.line  <= '0;
            s_q.lines <= raw[73:68];
          end else begin
            s_q.piece  <= s_q.piece + 7'd1;
            s_q.pieces <= s_q.pieces + 6'd1;
            s_q.total  <= sum[TotalW] ? '1 : sum[TotalW-1:0];
            s_q.line   <= (mode_i.is_packed || s_q.where == InTable)
                              ? (mode_i.is_packed ? s_q.line + 6'd1 : id_next[5:0]) : next_line[5:0];
            if (more_q && !mode_i.is_packed && s_q.where != InTable && !run_hit) begin
              s_q.where <= InRun;
              s_q.waits <= 1'b1;
              s_q.base  <= id_next;
              s_q.line  <= '0;
              s_q.lines <= (run_left < {10'd0, ReadOn}) ? run_left[5:0] : ReadOn;
              len_q     <= (run_left < {10'd0, ReadOn}) ? {8'd0, run_left[3:0], 4'd0} : {6'd0, ReadOn, 4'd0};
            end
          end
        end
      end
      StBuffer: begin
        if (buffer_ready_i) begin
          s_q.pieces <= '0;
          s_q.descs  <= '0;
          s_q.total  <= '0;
          s_q.where  <= InRing;
        end
      end
      StSkip: begin
        s_q.seq <= end_i;
        dry_q   <= 1'b1;
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {work_q, table_q, blocked_q} <= '0;
    end else begin
      if (step_q == StLoad) begin
        work_q[at]    <= 1'b0;
        blocked_q[at] <= 1'b0;
      end
      if (step_q == StGot) table_q[at] <= 1'b0;
      if (step_q == StRead && !room) blocked_q[at] <= 1'b1;
      if (step_q == StRead && room && left_q == '0) work_q[at] <= 1'b1;
      if (step_q == StBuffer && buffer_ready_i && !go_i[at]) work_q[at] <= 1'b1;
      for (int unsigned k = 0; k < Pairs; k++) begin
        if ((slots_i || table_i) && 32'(done_pair_i) == k) work_q[k] <= 1'b1;
        if (table_i && 32'(done_pair_i) == k) table_q[k] <= 1'b1;
        if (freed_i && 32'(freed_pair_i) == k && (blocked_q[k] || (step_q != StIdle && 32'(pair_q) == k))) begin
          work_q[k] <= 1'b1;
        end
        if (clear_valid_i && 32'(clear_pair_i) == k) begin
          work_q[k]    <= 1'b0;
          table_q[k]   <= 1'b0;
          blocked_q[k] <= 1'b0;
        end
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{driver, device, config_i.pair, query_pair_i, next_line, run_left};

  `ASSERT(RoomKept_A, !piece_en_o || s_q.piece - freed_at_i < Slots, clk_i, rst_i)
  `ASSERT(TableWhenAsked_A, step_q != StGot || !table_q[at] || word.waits, clk_i, rst_i)
  `ASSERT(ChainFits_A, !buffer_valid_o || (buffer_o.pieces != '0 && buffer_o.pieces <= 6'd32), clk_i, rst_i)

  stream_checker #(.Width(virtq_pkg::FetchReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(req_valid_o), .ready_i(req_ready_i), .payload_i(req_o));
  stream_checker #(.Width(virtq_pkg::FetchBufferW)) u_check_buffer (
      .clk_i, .rst_i, .valid_i(buffer_valid_o), .ready_i(buffer_ready_i), .payload_i(buffer_o));

endmodule

`default_nettype wire
