// SPDX-License-Identifier: Apache-2.0
// Sorts received TLPs: completions pass as beats, a request becomes one word (header and first
// payload DW).
//
// One beat a cycle. Requests are stored behind this block in a FIFO as deep as the header credits
// that were advertised, so a host that keeps to them never makes a request block a completion (PCIe
// 2.6.1).
// Place: TLP edge -> this -> dma_cpl_check (completions), tlp_completer (requests).
`default_nettype none

module tlp_rx_demux (
    input  wire                       clk_i,
    input  wire                       rst_i,
    // received
    input  wire                       in_valid_i,
    output logic                      in_ready_o,
    input  wire tlp_pkg::beat_t       in_i,
    // completions
    output logic                      cpl_valid_o,
    input  wire                       cpl_ready_i,
    output tlp_pkg::beat_t            cpl_o,
    // requests
    output logic                      req_valid_o,
    input  wire                       req_ready_i,
    output tlp_pkg::rx_request_t      req_o
);

  localparam int unsigned BeatW = 128 + 2 + tlp_pkg::DataW;
  localparam int unsigned BeatShift = $clog2(tlp_pkg::DataW / 32);

  logic           valid, ready;
  tlp_pkg::beat_t beat;
  tlp_pkg::dw0_t  dw0;
  logic           is_cpl;
  logic [10:0]    dws;
  logic [8:0]     index_q;      // of this beat in its TLP, saturating
  logic [8:0]     last_index;   // by the header
  logic [31:0]    data_q;       // first payload DW

  skid_buffer #(.Width(BeatW)) u_in (
      .clk_i, .rst_i, .in_valid_i, .in_ready_o, .in_i,
      .out_valid_o(valid), .out_ready_i(ready), .out_o(beat));

  assign dw0 = beat.hdr[127:96];
  // Cpl, CplLk, with and without data
  assign is_cpl = dw0.fmt_type[4:1] == contract_pkg::TLP_CPL[4:1];
  assign dws = {dw0.length == '0, dw0.length};
  assign last_index = dw0.fmt_type[6] ? 9'((dws - 11'd1) >> BeatShift) : '0;

  assign cpl_valid_o = valid && is_cpl;
  assign cpl_o = beat;
  assign req_valid_o = valid && !is_cpl && beat.last;
  assign req_o.hdr = beat.hdr;
  assign req_o.data = beat.first ? beat.data[31:0] : data_q;
  assign req_o.bad_length = (beat.first ? '0 : index_q) != last_index;
  assign ready = is_cpl ? cpl_ready_i : (req_ready_i || !beat.last);

  always_ff @(posedge clk_i) begin
    if (valid && ready) begin
      if (beat.first) index_q <= 9'd1;
      else if (index_q != '1) index_q <= index_q + 9'd1;
      if (beat.first) data_q <= beat.data[31:0];
    end
  end

  logic unused_dw0;
  assign unused_dw0 = ^dw0;

endmodule

`default_nettype wire
