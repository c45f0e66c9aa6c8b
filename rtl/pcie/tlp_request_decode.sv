// SPDX-License-Identifier: Apache-2.0
// What a received request is and what it gets (PCIe 2.3.1): the one place with the rules.
//
//   memory, one DW, inside the BAR         register access        (enabled bytes none: no access)
//   memory, longer, inside the BAR         read CA, write dropped
//   memory elsewhere or space disabled     read UR, write dropped
//   configuration type 0, function 0       configuration access
//   other non-posted requests              UR: I/O, configuration type 1, locked reads, AtomicOps
//   messages and anything undefined        ignored
// Poisoned writes are never performed; a payload that does not match its header makes a request
// malformed. Combinational, still while there is no request.
// Place: inside the completer's first step.
`default_nettype none

module tlp_request_decode (
    input  wire                       valid_i,
    input  wire tlp_pkg::rx_request_t req_i,
    input  wire                       memory_en_i,
    input  wire  [63:0]               bar_i,
    output tlp_pkg::decoded_t         decoded_o
);

  tlp_pkg::request_t hdr;
  logic [63:0]       addr;
  logic              in_bar, one_dw, is_write;
  logic [1:0]        begin_lane, end_gap;  // bytes not enabled before and behind
  logic [3:0]        end_be;
  logic [11:0]       byte_count;

  assign hdr = req_i.hdr;
  assign is_write = hdr.dw0.fmt_type[6];
  assign addr = hdr.dw0.fmt_type[5] ? {hdr.dw2, hdr.dw3} : {32'd0, hdr.dw2};
  assign in_bar = memory_en_i && addr[63:16] == bar_i[63:16];
  assign one_dw = hdr.dw0.length == 10'd1;

  // --- byte count and lower address of a memory read (PCIe 2.3.1.1) ---

  assign end_be = one_dw ? hdr.first_be : hdr.last_be;
  assign begin_lane = hdr.first_be[0] ? 2'd0 : hdr.first_be[1] ? 2'd1
                    : hdr.first_be[2] ? 2'd2 : 2'd3;
  assign end_gap = end_be[3] ? 2'd0 : end_be[2] ? 2'd1 : end_be[1] ? 2'd2 : 2'd3;
  assign byte_count = (one_dw && hdr.first_be == '0) ? 12'd1
                    : {hdr.dw0.length, 2'd0} - {10'd0, begin_lane} - {10'd0, end_gap};

  // --- rules ---

  always_comb begin
    decoded_o = '0;
    decoded_o.action = tlp_pkg::ActDrop;
    decoded_o.write = is_write;
    decoded_o.byte_count = 12'd4;
    if (valid_i) begin
      unique case (hdr.dw0.fmt_type)
        contract_pkg::TLP_MRD32, contract_pkg::TLP_MRD64: begin
          decoded_o.byte_count = byte_count;
          decoded_o.lower_address = {addr[6:2], (hdr.first_be == '0) ? 2'd0 : begin_lane};
          decoded_o.action = tlp_pkg::ActAnswer;
          decoded_o.read_data = 1'b1;
          if (!in_bar || req_i.bad_length) decoded_o.status = contract_pkg::CPL_UR;
          else if (!one_dw) decoded_o.status = contract_pkg::CPL_CA;
          else if (hdr.first_be != '0) decoded_o.action = tlp_pkg::ActRegister;
        end
        contract_pkg::TLP_MWR32, contract_pkg::TLP_MWR64: begin
          decoded_o.posted = 1'b1;
          if (hdr.dw0.ep) decoded_o.poisoned = 1'b1;
          else if (req_i.bad_length) decoded_o.ignored = 1'b1;
          else if (!in_bar) decoded_o.unsupported = 1'b1;
          else if (!one_dw) decoded_o.aborted = 1'b1;
          else if (hdr.first_be != '0) decoded_o.action = tlp_pkg::ActRegister;
        end
        contract_pkg::TLP_CFGRD0, contract_pkg::TLP_CFGWR0: begin
          decoded_o.action = tlp_pkg::ActAnswer;
          decoded_o.read_data = !is_write;
          decoded_o.poisoned = is_write && hdr.dw0.ep;
          if (hdr.dw2[18:16] != '0 || !one_dw || req_i.bad_length || (is_write && hdr.dw0.ep)) begin
            decoded_o.status = contract_pkg::CPL_UR;
          end else begin
            decoded_o.action = tlp_pkg::ActConfig;
          end
        end
        contract_pkg::TLP_IORD, contract_pkg::TLP_IOWR, contract_pkg::TLP_CFGRD1,
        contract_pkg::TLP_CFGWR1,
        contract_pkg::TLP_MRDLK32, contract_pkg::TLP_MRDLK64,
        contract_pkg::TLP_FETCHADD32, contract_pkg::TLP_FETCHADD64, contract_pkg::TLP_SWAP32,
        contract_pkg::TLP_SWAP64, contract_pkg::TLP_CAS32, contract_pkg::TLP_CAS64: begin
          decoded_o.action = tlp_pkg::ActAnswer;
          decoded_o.status = contract_pkg::CPL_UR;
          if (hdr.dw0.fmt_type[4:0] == contract_pkg::TLP_MRDLK32[4:0]) begin
            decoded_o.locked = 1'b1;
            decoded_o.byte_count = byte_count;
            decoded_o.lower_address = {addr[6:2], begin_lane};
          end
        end
        default: begin
          decoded_o.posted = 1'b1;
          decoded_o.ignored = 1'b1;
        end
      endcase
    end
    if (decoded_o.action == tlp_pkg::ActAnswer) begin
      if (decoded_o.status == contract_pkg::CPL_UR) decoded_o.unsupported = 1'b1;
      if (decoded_o.status == contract_pkg::CPL_CA) decoded_o.aborted = 1'b1;
    end
  end

  logic unused_request;
  assign unused_request = ^{req_i.data, hdr, addr[15:7], addr[1:0], bar_i[15:0], end_be[0]};

endmodule

`default_nettype wire
