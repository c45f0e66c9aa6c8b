// SPDX-License-Identifier: Apache-2.0
// Writes lines of used entries and used indices into the rings, several writes in flight, and says when they are on
// the link (virtio 1.2, 2.7.8, 2.8.6).
//
//   job  accepted | address | request and beats ...
//   JobLine   desc + 16 * place    per entry: 8 zero bytes (the address means nothing), len, id, flags
//   JobRun    device + 4 + 8 * place    per entry: id, len
//   JobIndex  device + 2           the index
//
// Flags stand last in each packed entry, so an entry never shows before its id and length. A job is accepted when the
// beats of the one before have left; an index, which needs no entry words, waits here while the run before it is being
// written. Entry words of a line may be overwritten once the line after it was accepted.
// Writes are done in order; a notice goes on when the write that makes it true was handed to the link. Up to InFlight
// jobs are accepted and not reported. query_busy_o (registered): one of them is that pair's.
// Place: virtq_give_lines -> this -> dma_write; -> virtq_moderate.
`include "assert.svh"
`default_nettype none

module virtq_give_write #(
    parameter int unsigned Pairs = 8
) (
    input  wire                         clk_i,
    input  wire                         rst_i,
    // queues
    input  virtq_pkg::config_write_t    config_i,
    input  wire                   [5:0] query_pair_i,
    output logic                        query_busy_o,
    // entry words
    input  wire                         entry_valid_i,
    input  wire                   [9:0] entry_slot_i,
    input  wire                  [63:0] entry_i,
    // jobs
    input  wire                         job_valid_i,
    output logic                        job_ready_o,
    input  virtq_give_pkg::job_t        job_i,
    // write
    output logic                        wr_req_valid_o,
    input  wire                         wr_req_ready_i,
    output dma_pkg::wr_req_t            wr_req_o,
    output logic                        wr_data_valid_o,
    input  wire                         wr_data_ready_i,
    output stream_pkg::beat_t           wr_data_o,
    input  wire                         wr_done_i,
    // written
    output logic                        notice_valid_o,
    input  wire                         notice_ready_i,
    output virtq_give_pkg::notice_t     notice_o,
    output logic                  [3:0] published_entries_o
);

  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;
  localparam int unsigned WordW = PairW + 3;
  localparam int unsigned DataW = stream_pkg::DataW;
  localparam int unsigned EmptyW = stream_pkg::EmptyW;
  localparam bit          Wide = DataW > 64;
  localparam int unsigned FlightBits = 2;
  localparam int unsigned InFlight = 2 ** FlightBits;
  localparam int unsigned FlightW = 1 + 4 + virtq_give_pkg::NoticeW;

  typedef enum logic [1:0] {StIdle, StAddress, StWrite} state_e;
  state_e state_q;

  virtq_give_pkg::job_t job_q, job, waiting_q;
  logic                 waits_q;  // an index, behind the run in hand
  logic          [63:0] address_q;
  logic           [3:0] k_q;      // entry in hand
  logic                 second_q; // narrow line: second half of the entry
  logic                 req_sent, data_sent;
  logic                 accept, start, beat_taken, last_beat, entry_over, room;

  assign job_ready_o = room && !waits_q && (state_q == StIdle || job_i.kind == virtq_give_pkg::JobIndex);
  assign accept = job_valid_i && job_ready_o;
  assign start = state_q == StIdle && (accept || waits_q);
  assign job = waits_q ? waiting_q : job_i;
  assign beat_taken = wr_data_valid_o && wr_data_ready_i;
  assign req_sent = !wr_req_valid_o || wr_req_ready_i;
  assign data_sent = !wr_data_valid_o || (beat_taken && last_beat);

  // -- where -------------------------------------------------------------------------------------------
  // {field, pair}: the driver's addresses as they were written
  logic [63:0]       base, offset;
  logic [1:0]        base_field;

  assign base_field = (job.kind == virtq_give_pkg::JobLine) ? virtq_pkg::FieldDesc : virtq_pkg::FieldDevice;

  ram_sdp #(.Width(64), .Depth(4 << PairW)) u_config (
      .clk_i, .wr_en_i(config_i.valid), .wr_addr_i({config_i.field, config_i.pair[PairW-1:0]}),
      .wr_data_i(config_i.data), .rd_en_i(start), .rd_addr_i({base_field, job.notice.pair[PairW-1:0]}),
      .rd_data_o(base));

  always_comb begin
    unique case (job_q.kind)
      virtq_give_pkg::JobLine: offset = {44'd0, job_q.place, 4'd0};
      virtq_give_pkg::JobRun:  offset = {45'd0, job_q.place, 3'd0} + 64'd4;
      default:                 offset = 64'd2;
    endcase
  end

  always_comb begin
    wr_req_o = '0;
    wr_req_o.addr = address_q;
    unique case (job_q.kind)
      virtq_give_pkg::JobLine: wr_req_o.len = {8'd0, job_q.count, 4'd0};
      virtq_give_pkg::JobRun:  wr_req_o.len = {9'd0, job_q.count, 3'd0};
      default:                 wr_req_o.len = 16'd2;
    endcase
  end

  // -- what: two words side by side are read at once ----------------------------------------------------
  logic [63:0]      even, odd, word;
  logic [2:0]       read_slots;
  logic             read_more;
  logic [PairW-1:0] entry_pair;
  logic [WordW-1:0] entry_words, read_words;

  assign entry_pair = entry_slot_i[4+:PairW];
  assign entry_words = {entry_pair, entry_slot_i[3:1]};
  assign read_more = beat_taken && entry_over && (k_q[0] || (Wide && job_q.kind == virtq_give_pkg::JobRun));
  assign read_slots = start ? job.slot[3:1] : job_q.slot[3:1] + k_q[3:1] + 1'b1;
  assign read_words = {start ? job.notice.pair[PairW-1:0] : job_q.notice.pair[PairW-1:0], read_slots};

  ram_sdp #(.Width(64), .Depth(8 << PairW)) u_even (
      .clk_i, .wr_en_i(entry_valid_i && !entry_slot_i[0]), .wr_addr_i(entry_words), .wr_data_i(entry_i),
      .rd_en_i(start || read_more), .rd_addr_i(read_words), .rd_data_o(even));

  ram_sdp #(.Width(64), .Depth(8 << PairW)) u_odd (
      .clk_i, .wr_en_i(entry_valid_i && entry_slot_i[0]), .wr_addr_i(entry_words), .wr_data_i(entry_i),
      .rd_en_i(start || read_more), .rd_addr_i(read_words), .rd_data_o(odd));

  assign word = k_q[0] ? odd : even;

  if (Wide) begin : g_wide
    logic pair_of_entries;
    assign pair_of_entries = job_q.kind == virtq_give_pkg::JobRun && k_q + 4'd1 != job_q.count;
    assign entry_over = 1'b1;
    assign last_beat = k_q + (pair_of_entries ? 4'd2 : 4'd1) == job_q.count;
    always_comb begin
      wr_data_o = '0;
      wr_data_o.err = contract_pkg::FRAME_OK;
      wr_data_o.last = last_beat;
      unique case (job_q.kind)
        virtq_give_pkg::JobLine: wr_data_o.data[64+:64] = word;
        virtq_give_pkg::JobRun: begin
          wr_data_o.data[63:0] = even;
          if (pair_of_entries) wr_data_o.data[64+:64] = odd;
          else wr_data_o.empty = EmptyW'(8);
        end
        default: begin
          wr_data_o.data[15:0] = job_q.place;
          wr_data_o.empty = EmptyW'(DataW / 8 - 2);
        end
      endcase
    end
  end else begin : g_narrow
    assign entry_over = job_q.kind != virtq_give_pkg::JobLine || second_q;
    assign last_beat = entry_over && k_q + 4'd1 == job_q.count;
    always_comb begin
      wr_data_o = '0;
      wr_data_o.err = contract_pkg::FRAME_OK;
      wr_data_o.last = last_beat;
      unique case (job_q.kind)
        virtq_give_pkg::JobLine: if (second_q) wr_data_o.data = word;
        virtq_give_pkg::JobRun:  wr_data_o.data = word;
        default: begin
          wr_data_o.data[15:0] = job_q.place;
          wr_data_o.empty = EmptyW'(DataW / 8 - 2);
        end
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q         <= StIdle;
      wr_req_valid_o  <= 1'b0;
      wr_data_valid_o <= 1'b0;
      waits_q         <= 1'b0;
    end else begin
      waits_q <= (waits_q || accept) && !start;
      unique case (state_q)
        StIdle: if (start) state_q <= StAddress;
        StAddress: begin
          wr_req_valid_o  <= 1'b1;
          wr_data_valid_o <= 1'b1;
          state_q         <= StWrite;
        end
        default: begin
          if (wr_req_ready_i) wr_req_valid_o <= 1'b0;
          if (data_sent) wr_data_valid_o <= 1'b0;
          if (req_sent && data_sent) state_q <= StIdle;
        end
      endcase
    end
    if (start) job_q <= job;
    if (accept) waiting_q <= job_i;
    if (state_q == StAddress) begin
      // the alignment that the specification demands of the driver
      if (job_q.kind == virtq_give_pkg::JobLine) address_q <= {base[63:4], 4'd0} + offset;
      else address_q <= {base[63:2], 2'd0} + offset;
      k_q      <= '0;
      second_q <= 1'b0;
    end else if (beat_taken) begin
      second_q <= !entry_over;
      if (entry_over) k_q <= k_q + ((Wide && job_q.kind == virtq_give_pkg::JobRun) ? 4'd2 : 4'd1);
    end
  end

  // -- what is in flight -------------------------------------------------------------------------------
  logic          [FlightW-1:0] flight_q[InFlight];
  logic           [FlightW-1:0] oldest;
  logic        [FlightBits:0]  push_q, done_q, pop_q;
  logic        [InFlight-1:0]  taken_q;
  logic      [6*InFlight-1:0]  pairs_q;
  logic                        pop, busy;
  logic                 [3:0]  entries;

  assign room = push_q != {!pop_q[FlightBits], pop_q[FlightBits-1:0]};
  assign oldest = flight_q[pop_q[FlightBits-1:0]];
  assign notice_o = oldest[virtq_give_pkg::NoticeW-1:0];
  assign entries = oldest[virtq_give_pkg::NoticeW+:4];
  assign notice_valid_o = pop_q != done_q && oldest[FlightW-1];
  assign pop = pop_q != done_q && (notice_ready_i || !oldest[FlightW-1]);
  assign published_entries_o = pop ? entries : '0;

  always_comb begin
    busy = 1'b0;
    for (int unsigned k = 0; k < InFlight; k++) begin
      if (taken_q[k] && pairs_q[6*k+:6] == query_pair_i) busy = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      push_q  <= '0;
      done_q  <= '0;
      pop_q   <= '0;
      taken_q <= '0;
    end else begin
      if (pop) begin
        pop_q <= pop_q + 1'b1;
        taken_q[pop_q[FlightBits-1:0]] <= 1'b0;
      end
      if (wr_done_i) done_q <= done_q + 1'b1;
      if (accept) begin
        push_q <= push_q + 1'b1;
        taken_q[push_q[FlightBits-1:0]] <= 1'b1;
      end
    end
    if (accept) begin
      flight_q[push_q[FlightBits-1:0]] <= {job_i.announce, job_i.kind == virtq_give_pkg::JobIndex ? 4'd0 : job_i.count,
                                           job_i.notice};
      pairs_q[6*push_q[FlightBits-1:0]+:6] <= job_i.notice.pair;
    end
    query_busy_o <= busy;
  end

  logic unused_bits;
  assign unused_bits = ^{config_i.pair, entry_slot_i, base[1:0], second_q, job_q};

  `ASSERT(DoneOnlyWhenAwaited_A, !wr_done_i || done_q != push_q, clk_i, rst_i)
  `ASSERT(OnlyAnIndexWaits_A, !waits_q || waiting_q.kind == virtq_give_pkg::JobIndex, clk_i, rst_i)
  `ASSERT(SlotEven_A, !job_valid_i || !job_i.slot[0], clk_i, rst_i)

  stream_checker #(.Width(virtq_give_pkg::JobW), .Assumed(1'b1)) u_check_job (
      .clk_i, .rst_i, .valid_i(job_valid_i), .ready_i(job_ready_o), .payload_i(job_i));
  stream_checker #(.Width(dma_pkg::WrReqW)) u_check_req (
      .clk_i, .rst_i, .valid_i(wr_req_valid_o), .ready_i(wr_req_ready_i), .payload_i(wr_req_o));
  stream_checker #(.Width(stream_pkg::BeatW)) u_check_data (
      .clk_i, .rst_i, .valid_i(wr_data_valid_o), .ready_i(wr_data_ready_i), .payload_i(wr_data_o));
  stream_checker #(.Width(virtq_give_pkg::NoticeW)) u_check_notice (
      .clk_i, .rst_i, .valid_i(notice_valid_o), .ready_i(notice_ready_i), .payload_i(notice_o));

endmodule

`default_nettype wire
