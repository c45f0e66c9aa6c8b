// SPDX-License-Identifier: Apache-2.0
// Reads the descriptor ring ahead of need, in batches, and hands out what the driver made available.
//
// A kick starts a read of 4 descriptors; each read that comes back full doubles the next (8, 16) and is
// followed by it without a kick. A read that found the end is followed by arming (virtq_arm asks for a
// kick at the next descriptor) and by one more read: what the driver added before it saw the request is
// found by that read, what it adds later comes with a kick, so no wake-up is lost (virtio 1.2, 2.8.21.3).
// A read never passes the end of the ring. A failed read stops the queue: error_o until reset.
// Space for 32 descriptors; reads wait for space. stop_i: start nothing new; quiet_o: nothing in flight.
// Place: virtq_doorbell, dma_read -> this -> virtq_buffer_walk.
`include "assert.svh"
`default_nettype none

module virtq_desc_fetch #(
    parameter logic [2:0] Client = contract_pkg::RD_RX_DESC
) (
    input  wire                   clk_i,
    input  wire                   rst_i,
    // queue
    input  virtq_pkg::config_t    config_i,
    input  wire                   stop_i,
    output logic                  quiet_o,
    output logic                  error_o,
    // kick
    input  wire                   kick_i,
    output logic                  kick_taken_o,
    // arming: valid until done
    output logic                  arm_valid_o,
    output virtq_pkg::position_t  arm_o,
    input  wire                   arm_done_i,
    // read
    output logic                  rd_req_valid_o,
    input  wire                   rd_req_ready_i,
    output dma_pkg::rd_req_t      rd_req_o,
    input  wire                   rd_place_valid_i,
    input  dma_pkg::rd_place_t    rd_place_i,
    input  wire                   rd_done_valid_i,
    input  dma_pkg::rd_done_t     rd_done_i,
    // available descriptors, in ring order
    output logic                  desc_valid_o,
    input  wire                   desc_ready_i,
    output virtq_pkg::desc_t      desc_o
);

  localparam int unsigned Bytes = dma_pkg::Bytes;
  localparam int unsigned DescBytes = 32'(contract_pkg::DESC_BYTES);
  localparam int unsigned Parts = DescBytes / Bytes;  // words of a descriptor
  localparam int unsigned SlotW = 5;
  localparam int unsigned Slots = 1 << SlotW;
  localparam logic [4:0] BatchMin = 5'd4;
  localparam logic [4:0] BatchMax = 5'd16;
  localparam int unsigned AvailBit = $clog2(contract_pkg::DESC_F_AVAIL);
  localparam int unsigned UsedBit = $clog2(contract_pkg::DESC_F_USED);

  if (Bytes != 8 && Bytes != 16) begin : g_bad_width
    $error("virtq_desc_fetch %m: the data path has to be 64 or 128 bits wide");
  end

  typedef enum logic [2:0] {StIdle, StPlan, StRequest, StWait, StCount, StArm, StError} state_e;
  state_e state_q;

  virtq_pkg::position_t pos_q;  // of the next descriptor to read
  logic             started_q;  // the first read needs no kick
  logic             armed_q;    // the driver will kick at pos_q (or at every one)
  logic       [4:0] batch_q;    // how many to read next
  logic       [4:0] n_q;        // how many are being read
  logic      [15:0] avail_q;    // which of them are available
  logic   [SlotW:0] head_q;     // slot behind the last valid one
  logic   [SlotW:0] tail_q;     // slot of the next one to hand out

  logic             go, place, done;
  logic      [15:0] to_end;
  logic       [4:0] plan_n, found;
  logic             room;
  logic      [15:0] next_index;

  assign go = config_i.enabled && !stop_i;
  assign place = rd_place_valid_i && rd_place_i.client == Client;
  assign done = rd_done_valid_i && rd_done_i.client == Client;
  assign to_end = config_i.size - {1'b0, pos_q.index};
  assign plan_n = (to_end < {11'd0, batch_q}) ? to_end[4:0] : batch_q;
  assign room = ((head_q - tail_q) + {1'b0, plan_n}) <= (SlotW + 1)'(Slots);
  assign next_index = {1'b0, pos_q.index} + {11'd0, found};

  assign quiet_o = state_q == StIdle || state_q == StPlan || state_q == StError;
  assign error_o = state_q == StError;
  assign arm_valid_o = state_q == StArm;
  assign arm_o = pos_q;
  assign kick_taken_o = state_q == StRequest && rd_req_ready_i;

  // -- where the answers go: slot = place in a ring of 32, offset = place in this read ---------------
  logic [SlotW-1:0] place_slot, place_offset;
  logic             flags_here, is_avail;

  assign place_slot = SlotW'(rd_place_i.word >> $clog2(Parts));
  assign place_offset = place_slot - head_q[SlotW-1:0];
  assign flags_here = place && rd_place_i.be[Bytes-1] && (Parts == 1 || rd_place_i.word[0]);
  assign is_avail = rd_place_i.data[8*Bytes-16+AvailBit] == pos_q.wrap &&
                    rd_place_i.data[8*Bytes-16+UsedBit] != pos_q.wrap;

  // Available ones count up to the first that is not.
  always_comb begin
    logic run;
    run = 1'b1;
    found = '0;
    if (state_q == StCount) begin
      for (int unsigned i = 0; i < 16; i++) begin
        run = run && avail_q[i] && 5'(i) < n_q;
        if (run) found = found + 5'd1;
      end
    end
  end

  always_comb begin
    rd_req_o = '0;
    rd_req_o.addr = {config_i.desc[63:4], 4'b0} + {45'd0, pos_q.index, 4'b0};
    rd_req_o.len = {7'd0, n_q, 4'b0};
    rd_req_o.local_addr = {{(dma_pkg::LocalW - SlotW - 4) {1'b0}}, head_q[SlotW-1:0], 4'b0};
  end
  assign rd_req_valid_o = state_q == StRequest;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StIdle;
      pos_q     <= {1'b1, 15'd0};
      started_q <= 1'b0;
      armed_q   <= 1'b0;
      batch_q   <= BatchMin;
      head_q    <= '0;
    end else begin
      unique case (state_q)
        StIdle: if (go && (kick_i || !started_q)) state_q <= StPlan;
        StPlan: begin
          started_q <= 1'b1;
          n_q       <= plan_n;
          avail_q   <= '0;
          if (!go) state_q <= StIdle;
          else if (room) state_q <= StRequest;
        end
        StRequest: if (rd_req_ready_i) state_q <= StWait;
        StWait: begin
          if (flags_here && is_avail) avail_q[place_offset[3:0]] <= 1'b1;
          if (done) state_q <= (rd_done_i.status == contract_pkg::RD_OK) ? StCount : StError;
        end
        StCount: begin
          head_q <= head_q + {1'b0, found};
          if (next_index == config_i.size) pos_q <= {!pos_q.wrap, 15'd0};
          else pos_q.index <= next_index[14:0];
          if (found != '0 && config_i.event_idx) armed_q <= 1'b0;
          if (found == n_q) begin
            batch_q <= (batch_q == BatchMin) ? 5'd8 : BatchMax;
            state_q <= StPlan;
          end else begin
            batch_q <= BatchMin;
            state_q <= (armed_q && (found == '0 || !config_i.event_idx)) ? StIdle : StArm;
          end
        end
        StArm: begin
          if (arm_done_i) begin
            armed_q <= 1'b1;
            state_q <= StPlan;
          end
        end
        default: state_q <= StError;
      endcase
    end
  end

  // -- the slots -------------------------------------------------------------------------------------
  localparam int unsigned HalfBits = 64;
  logic [SlotW-1:0] rd_slot;
  logic             rd_en;
  logic [63:0]      low, high;

  assign rd_slot = tail_q[SlotW-1:0];
  assign rd_en = tail_q != head_q && (!desc_valid_o || desc_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      tail_q       <= '0;
      desc_valid_o <= 1'b0;
    end else if (!desc_valid_o || desc_ready_i) begin
      desc_valid_o <= rd_en;
      if (rd_en) tail_q <= tail_q + 1'b1;
    end
  end

  ram_sdp_be #(.Width(HalfBits), .Depth(Slots)) u_low (
      .clk_i, .wr_en_i(place && (Parts == 1 || !rd_place_i.word[0])), .wr_addr_i(place_slot),
      .wr_be_i(rd_place_i.be[7:0]), .wr_data_i(rd_place_i.data[63:0]),
      .rd_en_i(rd_en), .rd_addr_i(rd_slot), .rd_data_o(low));
  ram_sdp_be #(.Width(HalfBits), .Depth(Slots)) u_high (
      .clk_i, .wr_en_i(place && (Parts == 1 || rd_place_i.word[0])), .wr_addr_i(place_slot),
      .wr_be_i(rd_place_i.be[Bytes-1-:8]), .wr_data_i(rd_place_i.data[8*Bytes-1-:64]),
      .rd_en_i(rd_en), .rd_addr_i(rd_slot), .rd_data_o(high));

  // flags, id, len, addr: the descriptor's layout read from its top (virtio 1.2, 2.8.13)
  assign desc_o = {high[63:48], high[47:32], high[31:0], low};

  logic unused_bits;
  assign unused_bits = ^{config_i.driver, config_i.device, config_i.desc[3:0], rd_place_i.word,
                         rd_done_i.op, place_offset[SlotW-1], to_end};

  `ASSERT(PlacedWhenAsked_A, !place || state_q == StWait, clk_i, rst_i)
  `ASSERT(DoneWhenAsked_A, !done || state_q == StWait, clk_i, rst_i)
  `ASSERT(PlacedWithinRead_A, !place || place_offset < n_q, clk_i, rst_i)
  `ASSERT(WithinRing_A, state_q != StRequest || {11'd0, n_q} <= to_end, clk_i, rst_i)
  `ASSERT(SlotsEnough_A, (head_q - tail_q) <= (SlotW + 1)'(Slots), clk_i, rst_i)

  stream_checker #(.Width(dma_pkg::LocalW + dma_pkg::OpW + 80)) u_check_req (
      .clk_i, .rst_i, .valid_i(rd_req_valid_o), .ready_i(rd_req_ready_i), .payload_i(rd_req_o));
  stream_checker #(.Width(128)) u_check_desc (
      .clk_i, .rst_i, .valid_i(desc_valid_o), .ready_i(desc_ready_i), .payload_i(desc_o));

endmodule

`default_nettype wire
