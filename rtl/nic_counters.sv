// SPDX-License-Identifier: Apache-2.0
// The statistics block: contract_pkg::STAT_COUNT counters of 64 bits, read over the register bus.
//
// Increments of one cycle -> counters that never lose one. Only the low bits of each counter are live
// registers; a sweep visits one counter a cycle and brings its 64-bit total in a RAM up to date (the
// registers' lead over the same bits of the total is what has to be added). The sweep runs only while
// something is left to add or to read, so an idle NIC costs nothing.
// A read is answered when the sweep passes its counter (at most STAT_COUNT + 8 cycles). The low DW gives
// the total of that moment and keeps its high half for the read of the high DW that follows: a 64-bit
// value is never torn. Writes are answered and ignored; counters beyond the last read as 0.
// Place: every block's pulses -> this -> BAR_STATS window.
`include "assert.svh"
`default_nettype none

module nic_counters (
    input  wire                                  clk_i,
    input  wire                                  rst_i,
    // increments: 4 bits for each counter; the byte counters have inputs of their own
    input  wire  [4*contract_pkg::STAT_COUNT-1:0] inc_i,
    input  wire  [15:0]                          rx_bytes_i,
    input  wire  [15:0]                          tx_bytes_i,
    // register bus, slave
    input  wire                                  reg_req_valid_i,
    output logic                                 reg_req_ready_o,
    input  wire  reg_pkg::req_t                  reg_req_i,
    output logic                                 rsp_valid_o,
    output logic [31:0]                          rsp_rdata_o
);

  localparam int unsigned N = contract_pkg::STAT_COUNT;
  localparam int unsigned IndexW = $clog2(N);
  // Wide enough for what a counter can grow between two visits, with room for the pipeline.
  localparam int unsigned LiveW = $clog2(15 * (N + 8));
  localparam int unsigned Lane = 16;  // each counter's place in live_q: a power of two, its top unused
  localparam int unsigned ByteLiveW = $clog2(65535 * (N + 8));
  localparam logic [IndexW-1:0] LastIndex = IndexW'(N - 1);
  localparam logic [IndexW-1:0] RxBytesIndex = IndexW'(contract_pkg::STAT_RX_BYTES);
  localparam logic [IndexW-1:0] TxBytesIndex = IndexW'(contract_pkg::STAT_TX_BYTES);

  if (N > 512) begin : g_bad_count
    $error("nic_counters %m: the register window holds 512 counters");
  end

  // ---- the sweep ----
  logic [IndexW-1:0] index_q;  // whose turn it is
  logic [IndexW:0]   left_q;   // visits until nothing can be left to add
  logic              first_round_q;  // the RAM holds nothing yet
  logic              sweep, any_inc, pending_q;

  assign any_inc = |inc_i || |rx_bytes_i || |tx_bytes_i;
  assign sweep = left_q != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      index_q       <= '0;
      left_q        <= (IndexW + 1)'(N);
      first_round_q <= 1'b1;
    end else begin
      if (any_inc || pending_q) left_q <= (IndexW + 1)'(N);
      else if (sweep) left_q <= left_q - 1'b1;
      if (sweep) begin
        index_q <= (index_q == LastIndex) ? '0 : index_q + 1'b1;
        if (index_q == LastIndex) first_round_q <= 1'b0;
      end
    end
  end

  // ---- live low bits ----
  logic [Lane*N-1:0]   live_q;
  logic [ByteLiveW-1:0] rx_bytes_q, tx_bytes_q;

  function automatic logic [Lane*N-1:0] advance(input logic [Lane*N-1:0] live, input logic [4*N-1:0] inc);
    advance = live;
    for (int unsigned k = 0; k < N; k++) begin
      if (inc[4*k+:4] != 4'd0) begin
        advance[Lane*k+:LiveW] = live[Lane*k+:LiveW] + LiveW'(inc[4*k+:4]);
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      live_q     <= '0;
      rx_bytes_q <= '0;
      tx_bytes_q <= '0;
    end else begin
      if (inc_i != '0) live_q <= advance(live_q, inc_i);
      if (rx_bytes_i != '0) rx_bytes_q <= rx_bytes_q + ByteLiveW'(rx_bytes_i);
      if (tx_bytes_i != '0) tx_bytes_q <= tx_bytes_q + ByteLiveW'(tx_bytes_i);
    end
  end

  // ---- bring one total up to date: look, take the lead, add, write back ----
  logic                 look_valid_q, lead_valid_q, sum_valid_q;
  logic                 look_wide_q, look_fresh_q;
  logic [IndexW-1:0]    look_index_q, lead_index_q, sum_index_q;
  logic [ByteLiveW-1:0] look_q, lead_q, lead;
  logic [63:0]          stored, total, total_q, sum_q;

  assign total = look_fresh_q ? 64'd0 : stored;
  assign lead = look_q - total[ByteLiveW-1:0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look_valid_q <= 1'b0;
      lead_valid_q <= 1'b0;
      sum_valid_q  <= 1'b0;
    end else begin
      look_valid_q <= sweep;
      lead_valid_q <= look_valid_q;
      sum_valid_q  <= lead_valid_q;
    end
    if (sweep) begin
      look_index_q <= index_q;
      look_fresh_q <= first_round_q;
      look_wide_q  <= index_q == RxBytesIndex || index_q == TxBytesIndex;
      look_q       <= (index_q == RxBytesIndex) ? rx_bytes_q
                    : (index_q == TxBytesIndex) ? tx_bytes_q
                    : ByteLiveW'(live_q[Lane*index_q+:Lane]);
    end
    if (look_valid_q) begin
      lead_index_q <= look_index_q;
      total_q      <= total;
      lead_q       <= look_wide_q ? lead : ByteLiveW'(lead[LiveW-1:0]);
    end
    if (lead_valid_q) begin
      sum_index_q <= lead_index_q;
      sum_q       <= total_q + 64'(lead_q);
    end
  end

  ram_sdp #(.Width(64), .Depth(N)) u_totals (
      .clk_i, .wr_en_i(sum_valid_q), .wr_addr_i(sum_index_q), .wr_data_i(sum_q),
      .rd_en_i(sweep), .rd_addr_i(index_q), .rd_data_o(stored));

  // ---- register bus ----
  // Counter k stands at byte 8k of a window whose size is a power of two.
  logic        high_wanted_q, held_valid_q;
  logic [8:0]  wanted_q, held_index_q;
  logic [31:0] held_q;
  logic [8:0]  asked;
  logic        answer_now, sum_hits;
  logic  [2:0] age_q;  // a sum counts once it was looked up after the request

  assign asked = reg_req_i.addr[11:3];
  assign reg_req_ready_o = !pending_q;
  assign answer_now = reg_req_i.write || {1'b0, asked} >= 10'(N)
                   || (reg_req_i.addr[2] && held_valid_q && held_index_q == asked);
  assign sum_hits = pending_q && age_q[2] && sum_valid_q && 9'(sum_index_q) == wanted_q;

  always_ff @(posedge clk_i) age_q <= {age_q[1:0], pending_q} & {3{pending_q}};

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= 1'b0;
    if (rst_i) begin
      pending_q    <= 1'b0;
      held_valid_q <= 1'b0;
    end else if (pending_q) begin
      if (sum_hits) begin
        pending_q    <= 1'b0;
        rsp_valid_o  <= 1'b1;
        rsp_rdata_o  <= high_wanted_q ? sum_q[63:32] : sum_q[31:0];
        held_valid_q <= !high_wanted_q;
        held_index_q <= wanted_q;
        held_q       <= sum_q[63:32];
      end
    end else if (reg_req_valid_i) begin
      if (answer_now) begin
        rsp_valid_o <= 1'b1;
        rsp_rdata_o <= (!reg_req_i.write && {1'b0, asked} < 10'(N)) ? held_q : '0;
      end else begin
        pending_q     <= 1'b1;
        wanted_q      <= asked;
        high_wanted_q <= reg_req_i.addr[2];
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{reg_req_i.addr[15:12], reg_req_i.addr[1:0], reg_req_i.be, reg_req_i.wdata};

  `ASSERT(ByteCountersHaveTheirOwnInputs_A,
          inc_i[4*contract_pkg::STAT_RX_BYTES+:4] == '0 && inc_i[4*contract_pkg::STAT_TX_BYTES+:4] == '0,
          clk_i, rst_i)

endmodule

`default_nettype wire
