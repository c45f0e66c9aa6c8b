// SPDX-License-Identifier: Apache-2.0
// Performs one request after the other and answers every non-posted one.
//
//   StIdle -> StDecode -> StConfig -> StConfigData -> StAnswer -> StIdle
//                |            `-> StWindow -> StWindowWait --^      (virtio 4.1.4.9)
//                |-> StRegister -> StRegisterWait ----------^      (or StIdle: posted)
//                `-> StAnswer (UR, CA, no byte enabled) or StIdle (dropped)
//
// Requests are performed in order. The request leaves the receive FIFO, and its credit is returned,
// in the step back to StIdle. A register slave must answer every access.
// Place: request FIFO -> this -> pci_config_space, reg_decode; completions -> tlp_tx_arbiter.
`include "assert.svh"
`default_nettype none

module tlp_completer (
    input  wire                         clk_i,
    input  wire                         rst_i,
    // requests; what tlp_request_decode says of this one
    input  wire                         req_valid_i,
    output logic                        req_ready_o,
    input  wire tlp_pkg::rx_request_t   req_i,
    input  wire tlp_pkg::decoded_t      decoded_i,
    // completions, one beat each
    output logic                        cpl_valid_o,
    input  wire                         cpl_ready_i,
    output tlp_pkg::beat_t              cpl_o,
    // configuration space: write in the cycle of valid, read data in the next
    output logic                        cfg_valid_o,
    output logic                        cfg_write_o,
    output logic [11:0]                 cfg_addr_o,
    output logic [3:0]                  cfg_be_o,
    output logic [31:0]                 cfg_wdata_o,
    input  wire  [31:0]                 cfg_rdata_i,
    input  wire  [15:0]                 completer_id_i,
    // bus and device number of a configuration write
    output logic                        capture_o,
    output logic [12:0]                 capture_id_o,
    // window of the CFG access capability
    input  wire                         window_valid_i,   // its fields name a legal access
    input  wire  [15:0]                 window_addr_i,
    input  wire  [3:0]                  window_be_i,      // of byte lanes, for that address
    input  wire  [31:0]                 window_wdata_i,   // on byte lanes
    // data read through the window, on byte lanes
    output logic                        window_load_o,
    output logic [31:0]                 window_rdata_o,
    // register bus
    output logic                        reg_valid_o,
    input  wire                         reg_ready_i,
    output reg_pkg::req_t               reg_o,
    input  wire                         reg_rsp_valid_i,
    input  wire  [31:0]                 reg_rsp_rdata_i,
    // receive credits and statistics
    output tlp_pkg::credit_return_t     credit_return_o,
    output tlp_pkg::stat_t              stat_o
);

  typedef enum logic [3:0] {
    StIdle, StDecode, StConfig, StConfigData, StWindow, StWindowWait, StRegister, StRegisterWait,
        StAnswer
  } state_e;

  state_e            state_q, state_d;
  tlp_pkg::decoded_t dec_q;
  logic [31:0]       data_q;        // answer
  tlp_pkg::request_t hdr;
  logic              is_window;
  // the second visit of StConfig reads what the window has brought
  logic              window_done_q;
  logic              finish;

  assign hdr = req_i.hdr;
  assign is_window = cfg_addr_o == contract_pkg::CAP_VIRTIO_PCI_DATA && hdr.first_be != '0
                     && window_valid_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle: if (req_valid_i) state_d = StDecode;
      StDecode: begin
        unique case (dec_q.action)
          tlp_pkg::ActDrop: state_d = StIdle;
          tlp_pkg::ActAnswer: state_d = StAnswer;
          tlp_pkg::ActConfig: state_d = StConfig;
          default: state_d = StRegister;
        endcase
      end
      StConfig: state_d = (is_window && !window_done_q) ? StWindow : StConfigData;
      StConfigData: state_d = StAnswer;
      StWindow: if (reg_ready_i) state_d = StWindowWait;
      StWindowWait: if (reg_rsp_valid_i) state_d = dec_q.write ? StAnswer : StConfig;
      StRegister: if (reg_ready_i) state_d = StRegisterWait;
      StRegisterWait: if (reg_rsp_valid_i) state_d = dec_q.posted ? StIdle : StAnswer;
      StAnswer: if (cpl_ready_i) state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q       <= StIdle;
      window_done_q <= 1'b0;
    end else begin
      state_q <= state_d;
      if (state_q == StIdle) window_done_q <= 1'b0;
      else if (state_q == StWindowWait && reg_rsp_valid_i) window_done_q <= 1'b1;
    end
    if (state_q == StIdle && req_valid_i) dec_q <= decoded_i;
    if (state_q == StDecode) data_q <= '0;
    else if (state_q == StConfigData) data_q <= cfg_rdata_i;
    else if (state_q == StRegisterWait && reg_rsp_valid_i) data_q <= reg_rsp_rdata_i;
  end

  assign finish = state_q != StIdle && state_d == StIdle;
  assign req_ready_o = finish;

  // --- configuration space and its window ---

  assign cfg_valid_o = state_q == StConfig;
  assign cfg_write_o = dec_q.write;
  assign cfg_addr_o = {hdr.dw2[11:2], 2'd0};
  assign cfg_be_o = hdr.first_be;
  assign cfg_wdata_o = req_i.data;
  assign capture_o = state_q == StConfig && dec_q.write;
  assign capture_id_o = hdr.dw2[31:19];
  assign window_load_o = state_q == StWindowWait && reg_rsp_valid_i && !dec_q.write;
  assign window_rdata_o = reg_rsp_rdata_i;

  // --- register bus ---

  assign reg_valid_o = state_q == StRegister || state_q == StWindow;
  always_comb begin
    reg_o.write = dec_q.write;
    if (state_q == StWindow) begin
      reg_o.addr = {window_addr_i[15:2], 2'd0};
      reg_o.be = window_be_i;
      reg_o.wdata = window_wdata_i;
    end else begin
      reg_o.addr = hdr.dw0.fmt_type[5] ? {hdr.dw3[15:2], 2'd0} : {hdr.dw2[15:2], 2'd0};
      reg_o.be = hdr.first_be;
      reg_o.wdata = req_i.data;
    end
  end

  // --- completion ---

  tlp_pkg::completion_t cpl;
  logic                 with_data;

  assign with_data = dec_q.read_data && dec_q.status == contract_pkg::CPL_SC;
  always_comb begin
    cpl = '0;
    if (state_q == StAnswer) begin
      cpl.dw0.fmt_type = with_data ? contract_pkg::TLP_CPLD
                       : dec_q.locked ? contract_pkg::TLP_CPLLK : contract_pkg::TLP_CPL;
      cpl.dw0.tc = hdr.dw0.tc;
      cpl.dw0.attr2 = hdr.dw0.attr2;
      cpl.dw0.attr = hdr.dw0.attr;
      cpl.dw0.length = {9'd0, with_data};
      cpl.completer = completer_id_i;
      cpl.status = dec_q.status;
      cpl.byte_count = dec_q.byte_count;
      cpl.requester = hdr.requester;
      cpl.tag = hdr.tag;
      cpl.lower_address = dec_q.lower_address;
    end
  end

  assign cpl_valid_o = state_q == StAnswer;
  assign cpl_o.hdr = cpl;
  assign cpl_o.first = 1'b1;
  assign cpl_o.last = 1'b1;
  assign cpl_o.data = with_data ? tlp_pkg::DataW'(data_q) : '0;

  // --- credits and statistics, as the request leaves ---

  logic [10:0] data_dws;
  logic [10:0] units;

  assign data_dws = hdr.dw0.fmt_type[6] ? {hdr.dw0.length == '0, hdr.dw0.length} : '0;
  assign units = data_dws + 11'd3;
  assign credit_return_o.posted = finish && dec_q.posted;
  assign credit_return_o.nonposted = finish && !dec_q.posted;
  assign credit_return_o.pd_units = (finish && dec_q.posted) ? units[10:2] : '0;
  assign credit_return_o.npd_unit = finish && !dec_q.posted && data_dws != '0;

  assign stat_o = {finish, {4{finish}} & {dec_q.unsupported, dec_q.aborted, dec_q.poisoned,
      dec_q.ignored}};

  // --- rules ---

  logic unused_request;
  assign unused_request = ^{req_i.bad_length, hdr, units[1:0], window_addr_i[1:0]};

  `ASSERT(EveryNonPostedIsAnswered_A, !(finish && !dec_q.posted) || (cpl_valid_o && cpl_ready_i),
      clk_i, rst_i)
  `COVER(UnsupportedIsAnswered_C, finish && cpl_valid_o && dec_q.unsupported, clk_i, rst_i)

endmodule

`default_nettype wire
