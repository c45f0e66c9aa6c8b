// SPDX-License-Identifier: Apache-2.0
// The PCIe edge: one TLP stream in, one out (PCIe Base 3.0, 2.2).
//
// hdr[127:96] is DW0 ... hdr[31:0] is DW3 (zero in a 3-DW header), each DW as the specification
// draws it: byte 0 in bits [31:24]. The header is valid on every beat of its TLP. Payload starts in
// the first beat, data[7:0] being the byte at the lowest address of the first DW; its length is the
// header's. A TLP without payload is one beat with first and last set.
`include "data_width.svh"
`default_nettype none

package tlp_pkg;

  localparam int unsigned DataW = `COSNIC_DATA_W;

  typedef struct packed {
    logic [127:0]     hdr;
    logic             first;
    logic             last;
    logic [DataW-1:0] data;
  } beat_t;

  // DW0 of every header
  typedef struct packed {
    logic [7:0] fmt_type;  // contract_pkg::TLP_*
    logic       rsvd0;
    logic [2:0] tc;
    logic       rsvd1;
    logic       attr2;
    logic       rsvd2;
    logic       th;
    logic       td;
    logic       ep;        // poisoned
    logic [1:0] attr;
    logic [1:0] at;
    logic [9:0] length;    // DW; 0 means 1024
  } dw0_t;

  // memory and configuration requests
  typedef struct packed {
    dw0_t        dw0;
    logic [15:0] requester;
    logic [7:0]  tag;
    logic [3:0]  last_be;
    logic [3:0]  first_be;
    // 64-bit address: high half; 32-bit address or configuration: the address DW
    logic [31:0] dw2;
    logic [31:0] dw3;      // 64-bit address: low half
  } request_t;

  typedef struct packed {
    dw0_t        dw0;
    logic [15:0] completer;
    logic [2:0]  status;   // contract_pkg::CPL_*
    logic        bcm;
    logic [11:0] byte_count;  // 0 means 4096
    logic [15:0] requester;
    logic [7:0]  tag;
    logic        rsvd;
    logic [6:0]  lower_address;
    logic [31:0] unused_dw3;
  } completion_t;

  // Flow-control credits of the link partner's receiver (2.6.1): modular CREDIT_LIMIT counters as
  // the
  // data link layer hands them up; a set `infinite` bit means no limit was advertised for that
  // class.
  typedef struct packed {
    logic        ph_infinite;
    logic        pd_infinite;
    logic        nph_infinite;
    logic        cplh_infinite;
    logic        cpld_infinite;
    logic [7:0]  ph;
    logic [11:0] pd;       // units of 16 B
    logic [7:0]  nph;
    logic [7:0]  cplh;
    logic [11:0] cpld;
  } credit_limit_t;

  // Credits that this device's receiver frees, one pulse a TLP taken out of the receive stream.
  // (CREDITS_ALLOCATED advances by one header and by pd_units/npd_units of 16 B.)
  typedef struct packed {
    logic       posted;
    logic       nonposted;
    logic [8:0] pd_units;
    logic       npd_unit;
  } credit_return_t;

  // A request as the completer sees it: header, first DW of payload.
  typedef struct packed {
    logic         bad_length;  // payload on the link does not match the header
    logic [31:0]  data;        // byte at the lowest address in [7:0]
    logic [127:0] hdr;
  } rx_request_t;

  localparam int unsigned RxRequestW = 1 + 32 + 128;

  // What to do with a request, as tlp_request_decode says.
  typedef enum logic [1:0] {
    ActDrop,      // posted and not wanted
    ActAnswer,    // completion without an access
    ActConfig,    // configuration access
    ActRegister   // BAR access
  } action_e;

  typedef struct packed {
    action_e     action;
    logic        posted;
    logic        write;
    logic [2:0]  status;         // contract_pkg::CPL_*, of an answer without an access
    logic        read_data;      // a successful answer carries data
    logic        locked;         // a locked read gets a locked completion
    logic [11:0] byte_count;     // of the completion
    logic [6:0]  lower_address;
    logic        unsupported;    // statistics
    logic        aborted;
    logic        poisoned;
    logic        ignored;
  } decoded_t;

  // What the request side reports to the statistics block, one-cycle pulses.
  typedef struct packed {
    logic request;      // any request TLP taken
    logic unsupported;  // answered UR, or a posted write to nowhere
    logic aborted;      // answered CA, or a posted write that is too long
    logic poisoned;
    logic ignored;      // messages and malformed posted TLPs
  } stat_t;

endpackage

`default_nettype wire
