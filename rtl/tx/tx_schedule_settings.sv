// SPDX-License-Identifier: Apache-2.0
// The control slave of the transmit scheduler and of the port's VLAN tag: window CTL_TX_SCHEDULE.
//
// TXS_VLAN, and for each pair quantum, rate, burst and class at TXS_PAIRS + TXS_PAIR_BYTES * pair. A quantum below
// TXS_QUANTUM_MIN is taken as that. Settings stand in RAM; the scheduler's read (cycle after read_i)
// goes first. After reset all pairs hold the reset values after Pairs cycles; until then nothing is answered.
// Places that do not exist read 0. class_o is a flat vector of 3 bits a pair.
// Place: control bus -> this -> tx_schedule_turn, tx_vlan.
`include "assert.svh"
`default_nettype none

module tx_schedule_settings #(
    parameter int unsigned Pairs = 8,
    localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1
) (
    input  wire                clk_i,
    input  wire                rst_i,
    // control bus
    input  wire                req_valid_i,
    output logic               req_ready_o,
    input  ctl_pkg::req_t      req_i,
    output logic               rsp_valid_o,
    output logic        [31:0] rsp_rdata_o,
    // settings of a pair
    input  wire                read_i,
    input  wire    [PairW-1:0] pair_i,
    output logic        [16:0] quantum_o,
    output logic        [15:0] rate_o,
    output logic        [17:0] burst_o,
    output logic [3*Pairs-1:0] class_o,
    // the port's tag
    output logic               vlan_enable_o,
    output logic        [15:0] vlan_tci_o
);

  localparam logic [PairW-1:0] LastPair = PairW'(Pairs - 1);
  localparam int unsigned PairShift = $clog2(contract_pkg::TXS_PAIR_BYTES);

  typedef enum logic [1:0] {StFill, StIdle, StRead, StAnswer} state_e;
  state_e state_q;

  logic       [PairW-1:0] fill_q, pair;
  logic            [11:0] offset;
  logic             [3:0] field_q, field;
  logic                   in_pairs, in_pairs_q, is_vlan_q, take, write_pair, fill, fetch;
  logic            [16:0] quantum;
  ctl_pkg::req_t          req_q;

  assign offset = req_i.addr - contract_pkg::TXS_PAIRS;
  assign pair = offset[PairShift+:PairW];
  assign field = {offset[3:2], 2'b00};
  assign in_pairs = req_i.addr >= contract_pkg::TXS_PAIRS && 32'(offset[11:PairShift]) < Pairs;
  assign req_ready_o = state_q == StIdle;
  assign take = req_valid_i && req_ready_o;
  assign fill = state_q == StFill;
  assign write_pair = take && req_i.write && in_pairs;
  assign fetch = state_q == StRead && !read_i;
  assign quantum = (req_i.wdata[16:0] < contract_pkg::TXS_QUANTUM_MIN) ? contract_pkg::TXS_QUANTUM_MIN
                                                                       : req_i.wdata[16:0];

  logic [PairW-1:0] read_pair, store_pair;
  assign read_pair = read_i ? pair_i : req_q.addr[PairShift+:PairW];  // TXS_PAIRS is a multiple of the table
  assign store_pair = fill ? fill_q : pair;

  ram_sdp #(.Width(17), .Depth(Pairs)) u_quantum (
      .clk_i, .wr_en_i(fill || (write_pair && field == contract_pkg::TXS_QUANTUM)), .wr_addr_i(store_pair),
      .wr_data_i(fill ? contract_pkg::TXS_QUANTUM_RESET : quantum), .rd_en_i(read_i || fetch),
      .rd_addr_i(read_pair), .rd_data_o(quantum_o));
  ram_sdp #(.Width(16), .Depth(Pairs)) u_rate (
      .clk_i, .wr_en_i(fill || (write_pair && field == contract_pkg::TXS_RATE)), .wr_addr_i(store_pair),
      .wr_data_i(fill ? 16'd0 : req_i.wdata[15:0]), .rd_en_i(read_i || fetch), .rd_addr_i(read_pair),
      .rd_data_o(rate_o));
  ram_sdp #(.Width(18), .Depth(Pairs)) u_burst (
      .clk_i, .wr_en_i(fill || (write_pair && field == contract_pkg::TXS_BURST)), .wr_addr_i(store_pair),
      .wr_data_i(fill ? contract_pkg::TXS_BURST_RESET : req_i.wdata[17:0]), .rd_en_i(read_i || fetch),
      .rd_addr_i(read_pair), .rd_data_o(burst_o));

  always_ff @(posedge clk_i) begin
    rsp_valid_o <= 1'b0;
    if (rst_i) begin
      state_q       <= StFill;
      fill_q        <= '0;
      class_o       <= '0;
      vlan_enable_o <= 1'b0;
      vlan_tci_o    <= '0;
    end else begin
      unique case (state_q)
        StFill: begin
          fill_q <= fill_q + 1'b1;
          if (fill_q == LastPair) state_q <= StIdle;
        end
        StIdle: begin
          if (take) begin
            state_q <= (req_i.write || !in_pairs) ? StAnswer : StRead;
            if (write_pair && field == contract_pkg::TXS_CLASS) class_o[3*pair+:3] <= req_i.wdata[2:0];
            if (req_i.write && req_i.addr == contract_pkg::TXS_VLAN) begin
              {vlan_enable_o, vlan_tci_o} <= req_i.wdata[16:0];
            end
          end
        end
        StRead: if (!read_i) state_q <= StAnswer;
        default: begin
          state_q     <= StIdle;
          rsp_valid_o <= 1'b1;
        end
      endcase
    end
    if (take) begin
      req_q      <= req_i;
      field_q    <= field;
      in_pairs_q <= in_pairs;
      is_vlan_q  <= req_i.addr == contract_pkg::TXS_VLAN;
    end
    if (state_q == StAnswer) begin
      rsp_rdata_o <= '0;
      if (!req_q.write && is_vlan_q) rsp_rdata_o <= {15'd0, vlan_enable_o, vlan_tci_o};
      if (!req_q.write && in_pairs_q) begin
        unique case (field_q)
          contract_pkg::TXS_QUANTUM: rsp_rdata_o <= {15'd0, quantum_o};
          contract_pkg::TXS_RATE:    rsp_rdata_o <= {16'd0, rate_o};
          contract_pkg::TXS_BURST:   rsp_rdata_o <= {14'd0, burst_o};
          default:                   rsp_rdata_o <= {29'd0, class_o[3*req_q.addr[PairShift+:PairW]+:3]};
        endcase
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{req_q.wdata, req_q.addr, offset};

endmodule

`default_nettype wire
