// SPDX-License-Identifier: Apache-2.0
// Asks the driver of each queue whether it wants an interrupt, and decides (virtio 1.2, 2.7.10, 2.8.10, 2.8.14).
//
//   request, ask -> read -> decision -> irq_valid_o with the pair, or suppressed_o
//
// What is read: packed, the driver event suppression structure; split, used_event behind the available ring, or without
// EVENT_IDX the flags in front of it. A read starts only after the used entries were handed to the link, which it
// cannot overtake: a driver that re-enables interrupts and then finds no used entry is either seen by this read or by
// the next one. One read a queue, Slots at a time, op = slot. What is asked for during a read gets a read of its own
// afterwards. If more than a lap became visible since the last read began, the interrupt is sent unless disabled; if
// the read failed, it is sent.
//
// A request takes 3 cycles, the start of a read and a decision 4 each, in turn with requests.
// run_i: start nothing and send nothing for a queue that does not run. query_busy_o (registered): a read of that pair
// is in flight, or its request in hand.
// Place: virtq_moderate, dma_read -> this (virtq_event_decide inside) -> virtio_interrupt.
`include "assert.svh"
`default_nettype none

module virtq_give_event #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned Slots = 8,
    parameter logic [2:0]  Client = contract_pkg::RD_RX_EVENT
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    // queues
    input  virtq_pkg::config_write_t    config_i,
    input  virtq_pkg::mode_t            mode_i,
    input  wire             [Pairs-1:0] run_i,
    input  wire                         clear_valid_i,
    input  wire                   [5:0] clear_pair_i,
    input  wire                   [5:0] query_pair_i,
    output logic                        query_busy_o,
    // became visible; time to ask
    input  wire                         request_valid_i,
    output logic                        request_ready_o,
    input  virtq_give_pkg::request_t    request_i,
    // read
    output logic                        rd_req_valid_o,
    input  wire                         rd_req_ready_i,
    output dma_pkg::rd_req_t            rd_req_o,
    input  wire                         rd_place_valid_i,
    input  dma_pkg::rd_place_t          rd_place_i,
    input  wire                         rd_done_valid_i,
    input  dma_pkg::rd_done_t           rd_done_i,
    // decision
    output logic                        irq_valid_o,
    output logic                  [5:0] irq_pair_o,
    output logic                        suppressed_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned SlotW = (Slots > 1) ? $clog2(Slots) : 1;
  localparam int unsigned InfoW = PairW + 16 + 1;
  localparam logic [15:0] FreeRunning = 16'h8000;  // split indices: two laps of this are 2^16

  typedef enum logic [1:0] {StIdle, StLoad, StSize, StAct} state_e;
  typedef enum logic [1:0] {OpRequest, OpStart, OpDecide} op_e;
  state_e state_q;
  op_e    op_q;

  virtq_give_pkg::request_t request_q;
  virtq_give_pkg::mark_t    mark_q, loaded, mark;
  logic         [PairW-1:0] pair_q;
  logic         [SlotW-1:0] slot_q;
  logic              [63:0] driver_q;
  logic              [15:0] size_q;

  // -- what to do next ---------------------------------------------------------------------------------
  logic [Pairs-1:0] wanted_q, reading_q, fresh_q;
  logic [Slots-1:0] busy_q, over_q, failed_q;
  logic             start_valid, start_possible, start_take, decide_valid, decide_take, request_take, turn_q;
  logic [PairW-1:0] start_pair, pair;
  logic [SlotW-1:0] free_slot, over_slot;
  logic [InfoW-1:0] info_q[Slots];   // pair, position behind what is decided on, more than a lap
  logic [InfoW-1:0] over_info, info;
  logic      [31:0] event_q[Slots];

  rr_pick #(.N(Pairs)) u_start (
      .clk_i, .rst_i, .want_i(wanted_q & ~reading_q & run_i), .valid_o(start_valid), .number_o(start_pair),
      .take_i(start_take));
  rr_pick #(.N(Slots)) u_over (
      .clk_i, .rst_i, .want_i(over_q), .valid_o(decide_valid), .number_o(over_slot), .take_i(decide_take));

  assign over_info = info_q[over_slot];
  assign info = info_q[slot_q];
  assign start_possible = start_valid && busy_q != '1 && !rd_req_valid_o;
  assign request_ready_o = state_q == StIdle && !((start_possible || decide_valid) && turn_q);
  assign request_take = request_valid_i && request_ready_o;
  assign decide_take = state_q == StIdle && !request_take && decide_valid;
  assign start_take = state_q == StIdle && !request_take && !decide_valid && start_possible;

  always_comb begin
    free_slot = '0;
    for (int unsigned k = 0; k < Slots; k++) if (!busy_q[k]) free_slot = SlotW'(k);
    if (request_take) pair = request_i.notice.pair[PairW-1:0];
    else if (decide_valid) pair = over_info[InfoW-1-:PairW];
    else pair = start_pair;
  end

  // -- state of the queues -----------------------------------------------------------------------------
  logic [virtq_give_pkg::MarkW-1:0] stored;
  logic                      [63:0] field;
  logic                             act;

  assign act = state_q == StAct;

  ram_sdp #(.Width(virtq_give_pkg::MarkW), .Depth(Pairs)) u_state (
      .clk_i, .wr_en_i(act), .wr_addr_i(pair_q), .wr_data_i(mark),
      .rd_en_i(state_q == StIdle), .rd_addr_i(pair), .rd_data_o(stored));

  // {field, pair}: what the driver wrote; first the address, then the size
  ram_sdp #(.Width(64), .Depth(4 << PairW)) u_config (
      .clk_i, .wr_en_i(config_i.valid), .wr_addr_i({config_i.field, config_i.pair[PairW-1:0]}),
      .wr_data_i(config_i.data), .rd_en_i(state_q != StAct),
      .rd_addr_i((state_q == StIdle) ? {virtq_pkg::FieldDriver, pair} : {virtq_pkg::FieldSize, pair_q}),
      .rd_data_o(field));

  always_comb begin
    loaded = stored;
    if (fresh_q[pair_q]) begin
      loaded.latest = {mode_i.is_packed, 15'd0};
      loaded.old = {mode_i.is_packed, 15'd0};
      loaded.distance = '0;
    end
  end

  // -- what a turn does to it --------------------------------------------------------------------------
  logic [18:0] distance_sum;
  logic [15:0] lap;

  assign distance_sum = {1'b0, mark_q.distance} + {2'b0, request_q.notice.descs};
  assign lap = mode_i.is_packed ? size_q : FreeRunning;

  always_comb begin
    mark = mark_q;
    unique case (op_q)
      OpRequest: begin
        if (request_q.announce) begin
          mark.latest = request_q.notice.position;
          mark.distance = distance_sum[18] ? '1 : distance_sum[17:0];
        end
      end
      OpStart: mark.distance = '0;
      default: mark.old = info[1+:16];
    endcase
  end

  // -- the read ----------------------------------------------------------------------------------------
  logic [SlotW-1:0] request_slot_q;
  logic [63:0] address_q;
  logic [17:0] behind_ring;  // used_event stands behind flags, index and the ring
  logic        place, over;

  assign behind_ring = {1'b0, size_q, 1'b0} + 18'd4;
  assign place = rd_place_valid_i && rd_place_i.client == Client;
  assign over = rd_done_valid_i && rd_done_i.client == Client;

  always_comb begin
    rd_req_o = '0;
    rd_req_o.addr = address_q;
    rd_req_o.len = mode_i.is_packed ? 16'(contract_pkg::EVENT_BYTES) : 16'd2;
    rd_req_o.local_addr[dma_pkg::LaneW+:SlotW] = request_slot_q;
    rd_req_o.op[SlotW-1:0] = request_slot_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) rd_req_valid_o <= 1'b0;
    else if (act && op_q == OpStart) rd_req_valid_o <= 1'b1;
    else if (rd_req_ready_i) rd_req_valid_o <= 1'b0;
    if (act && op_q == OpStart) begin
      request_slot_q <= slot_q;
      // the alignment that the specification demands of the driver
      if (mode_i.is_packed) address_q <= {driver_q[63:2], 2'b00};
      else if (!mode_i.event_idx) address_q <= {driver_q[63:1], 1'b0};
      else address_q <= {driver_q[63:1], 1'b0} + {46'd0, behind_ring};
      info_q[slot_q] <= {pair_q, mark_q.latest, mark_q.distance > {2'b0, lap}};
    end
    if (place) begin
      for (int unsigned k = 0; k < 4; k++) begin
        if (rd_place_i.be[k]) event_q[rd_place_i.word[SlotW-1:0]][8*k+:8] <= rd_place_i.data[8*k+:8];
      end
    end
    if (over) failed_q[rd_done_i.op[SlotW-1:0]] <= rd_done_i.status != contract_pkg::RD_OK;
  end

  // -- the decision ------------------------------------------------------------------------------------
  logic [31:0] wish_q;
  logic  [1:0] wish;
  logic        notify, send;

  always_comb begin
    if (mode_i.is_packed) wish = wish_q[17:16];
    else if (mode_i.event_idx) wish = contract_pkg::EVENT_DESC;
    else wish = ((wish_q[15:0] & contract_pkg::AVAIL_F_NO_INTERRUPT) != '0) ? contract_pkg::EVENT_DISABLE
                                                                          : contract_pkg::EVENT_ENABLE;
  end

  virtq_event_decide u_decide (
      // used positions
      .old_i(mark_q.old), .new_i(info[1+:16]), .size_i(lap),
      // what the driver asked for
      .event_idx_i(mode_i.event_idx), .off_wrap_i(wish_q[15:0]), .flags_i(wish),
      // answer
      .notify_o(notify));

  assign send = failed_q[slot_q] || notify || (info[0] && wish != contract_pkg::EVENT_DISABLE);

  always_ff @(posedge clk_i) begin
    irq_valid_o  <= !rst_i && act && op_q == OpDecide && run_i[pair_q] && send;
    suppressed_o <= !rst_i && act && op_q == OpDecide && run_i[pair_q] && !send;
    irq_pair_o   <= 6'(pair_q);
  end

  // -- a turn ------------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
      turn_q  <= 1'b0;
    end else begin
      unique case (state_q)
        StIdle: begin
          if (request_take || start_take || decide_take) begin
            turn_q  <= request_take;
            state_q <= StLoad;
          end
        end
        StLoad:  state_q <= (op_q == OpRequest) ? StAct : StSize;
        StSize:  state_q <= StAct;
        default: state_q <= StIdle;
      endcase
    end
    if (state_q == StIdle) begin
      request_q <= request_i;
      pair_q    <= pair;
      slot_q    <= decide_valid ? over_slot : free_slot;
      if (request_take) op_q <= OpRequest;
      else op_q <= decide_valid ? OpDecide : OpStart;
    end
    if (state_q == StLoad) begin
      mark_q   <= loaded;
      driver_q <= field;
      wish_q   <= event_q[slot_q];
    end
    if (state_q == StSize) size_q <= field[15:0];
  end

  always_ff @(posedge clk_i) begin
    if (over) over_q[rd_done_i.op[SlotW-1:0]] <= 1'b1;
    if (act) begin
      fresh_q[pair_q] <= 1'b0;
      unique case (op_q)
        OpRequest: if (request_q.ask) wanted_q[pair_q] <= 1'b1;
        OpStart: begin
          wanted_q[pair_q]  <= 1'b0;
          reading_q[pair_q] <= 1'b1;
          busy_q[slot_q]    <= 1'b1;
        end
        default: begin
          reading_q[pair_q] <= 1'b0;
          busy_q[slot_q]    <= 1'b0;
          over_q[slot_q]    <= 1'b0;
        end
      endcase
    end
    if (clear_valid_i) begin
      fresh_q[clear_pair_i[PairW-1:0]]  <= 1'b1;
      wanted_q[clear_pair_i[PairW-1:0]] <= 1'b0;
    end
    if (rst_i) begin
      fresh_q   <= '1;
      wanted_q  <= '0;
      reading_q <= '0;
      busy_q    <= '0;
      over_q    <= '0;
    end
    query_busy_o <= reading_q[query_pair_i[PairW-1:0]] || (state_q != StIdle && 6'(pair_q) == query_pair_i);
  end

  logic unused_bits;
  assign unused_bits = ^{config_i.pair, clear_pair_i, mode_i, rd_place_i, rd_done_i, wish_q, driver_q[0],
                         query_pair_i, request_q.notice, over_info, info};

  `ASSERT(DoneWhenAsked_A, !over || busy_q[rd_done_i.op[SlotW-1:0]], clk_i, rst_i)
  `ASSERT(ClearedAtRest_A, !clear_valid_i || !reading_q[clear_pair_i[PairW-1:0]], clk_i, rst_i)

  stream_checker #(.Width(virtq_give_pkg::RequestW), .Assumed(1'b1)) u_check_request (
      .clk_i, .rst_i, .valid_i(request_valid_i), .ready_i(request_ready_o), .payload_i(request_i));
  stream_checker #(.Width(dma_pkg::RdReqW)) u_check_read (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));

endmodule

`default_nettype wire
