// SPDX-License-Identifier: Apache-2.0
// Everything that is found out about a received frame on its way to the packet buffer.
//
// Beats, never stalled -> the same beats Latency cycles later; with a frame's last beat comes its meta_t: filter
// verdict, DATA_VALID, hash, queue pair. out_parsed_valid_o/parsed_o show the headers (beforehand, in frame order).
// What was not negotiated is zero. Wiring only.
//
//   beats -> rx_beat_delay ------------------------------------------------> beats
//        '-> rx_parse -+-> rx_filter ---------------------------------.
//                      +-> rx_checksum --------------------------------+--> meta_t
//                      '-> rx_hash -> rx_steer ------------------------'
//
// Place: mac_rx_path -> this -> rx_coalesce, rx_packet_buffer.
`default_nettype none

module rx_inspect (
    input  wire                 clk_i,
    input  wire                 rst_i,
    // settings
    input  rx_pkg::offload_t    offload_i,
    input  wire  [47:0]         mac_i,
    // control bus: filter
    input  wire                 filter_req_valid_i,
    output logic                filter_req_ready_o,
    input  ctl_pkg::req_t       filter_req_i,
    output logic                filter_rsp_valid_o,
    output logic [31:0]         filter_rsp_rdata_o,
    // control bus: hash and steering
    input  wire                 rss_req_valid_i,
    output logic                rss_req_ready_o,
    input  ctl_pkg::req_t       rss_req_i,
    output logic                rss_rsp_valid_o,
    output logic [31:0]         rss_rsp_rdata_o,
    output logic [9:0]          usecs_o,
    // beats
    input  wire                 in_valid_i,
    input  stream_pkg::beat_t   in_i,
    output logic                out_valid_o,
    output stream_pkg::beat_t   out_o,
    output rx_pkg::meta_t       out_meta_o,   // with the last beat
    // headers, four cycles after the last beat came in; the sum of the addresses five cycles later
    output logic                parsed_valid_o,
    output rx_pkg::parsed_t     parsed_o,
    output logic [15:0]         addr_sum_o
);

  localparam int unsigned Entries = 32'(contract_pkg::RXF_MAC_ENTRIES);
  localparam int unsigned Steps = (288 + stream_pkg::DataW - 1) / stream_pkg::DataW;
  // Cycles behind a frame's last beat at which each result is there.
  localparam int unsigned ParsedAt = 4;
  localparam int unsigned FilterAt = ParsedAt + 2;
  localparam int unsigned ChecksumAt = ParsedAt + 5;
  localparam int unsigned HashAt = ParsedAt + 2 + Steps;
  localparam int unsigned Latency = HashAt + 2;

  rx_beat_delay #(.Cycles(Latency)) u_delay (
      .clk_i, .rst_i, .in_valid_i, .in_i, .out_valid_o, .out_o);

  // -- headers ---------------------------------------------------------------------------------------
  logic                                   words_valid, words_first, words_last;
  logic [rx_pkg::WordW*rx_pkg::Slots-1:0] words;

  rx_parse u_parse (
      .clk_i, .rst_i, .in_valid_i, .in_i,
      .words_valid_o(words_valid), .words_first_o(words_first), .words_last_o(words_last), .words_o(words),
      .parsed_valid_o, .parsed_o);

  // -- filter ----------------------------------------------------------------------------------------
  logic            [6:0] mode;
  logic    [Entries-1:0] entry_valid;
  logic [48*Entries-1:0] entries;
  logic                  vlan_write, drop;
  logic            [6:0] vlan_index;
  logic           [31:0] vlan_bits;

  rx_filter_regs #(.Entries(Entries)) u_filter_regs (
      .clk_i, .rst_i,
      // control bus
      .req_valid_i(filter_req_valid_i), .req_ready_o(filter_req_ready_o), .req_i(filter_req_i),
      .rsp_valid_o(filter_rsp_valid_o), .rsp_rdata_o(filter_rsp_rdata_o),
      // settings
      .mode_o(mode), .entry_valid_o(entry_valid), .entry_o(entries), .vlan_write_o(vlan_write),
      .vlan_index_o(vlan_index), .vlan_bits_o(vlan_bits));

  rx_filter #(.Entries(Entries)) u_filter (
      .clk_i,
      // settings
      .mac_i, .mode_i(mode), .entry_valid_i(entry_valid), .entry_i(entries), .vlan_write_i(vlan_write),
      .vlan_index_i(vlan_index), .vlan_bits_i(vlan_bits),
      // the frame
      .valid_i(parsed_valid_o), .in_i(parsed_o), .drop_o(drop));

  delay_line #(.Width(1), .Cycles(Latency - FilterAt)) u_drop_delay (.clk_i, .in_i(drop), .out_o(out_meta_o.drop));

  // -- checksum --------------------------------------------------------------------------------------
  logic sum_valid, sum_valid_late;

  rx_checksum u_checksum (
      .clk_i,
      // words
      .words_valid_i(words_valid), .words_first_i(words_first), .words_i(words),
      // the frame
      .parsed_i(parsed_o), .valid_o(sum_valid), .addr_sum_o);

  delay_line #(.Width(1), .Cycles(Latency - ChecksumAt)) u_sum_delay (
      .clk_i, .in_i(sum_valid), .out_o(sum_valid_late));

  // -- hash, queue pair ------------------------------------------------------------------------------
  logic           [8:0] types;
  logic         [319:0] key;
  logic           [6:0] mask, pairs, table_index;
  logic           [5:0] unclassified, table_pair;
  logic                 table_write, hash_valid;
  logic          [31:0] hash;
  logic           [3:0] report;
  logic          [35:0] late;

  rx_rss_regs u_rss_regs (
      .clk_i, .rst_i,
      // control bus
      .req_valid_i(rss_req_valid_i), .req_ready_o(rss_req_ready_o), .req_i(rss_req_i),
      .rsp_valid_o(rss_rsp_valid_o), .rsp_rdata_o(rss_rsp_rdata_o),
      // settings
      .types_o(types), .key_o(key), .mask_o(mask), .unclassified_o(unclassified), .pairs_o(pairs), .usecs_o,
      .table_write_o(table_write), .table_index_o(table_index), .table_pair_o(table_pair));

  rx_hash #(.Steps(Steps)) u_hash (
      .clk_i, .rst_i, .key_i(key), .types_i(types),
      // the frame
      .in_valid_i(parsed_valid_o), .in_i(parsed_o), .hash_o(hash), .report_o(report));

  delay_line #(.Width(1), .Cycles(Steps + 2)) u_hash_valid (.clk_i, .in_i(parsed_valid_o), .out_o(hash_valid));

  rx_steer u_steer (
      .clk_i,
      // settings
      .mask_i(mask), .unclassified_i(unclassified), .pairs_i(pairs), .table_write_i(table_write),
      .table_index_i(table_index), .table_pair_i(table_pair),
      // the frame
      .valid_i(hash_valid), .hash_i(hash), .report_i(report), .pair_o(out_meta_o.pair));

  delay_line #(.Width(36), .Cycles(Latency - HashAt)) u_hash_delay (
      .clk_i, .in_i({hash, report}), .out_o(late));

  // -- meta_t ----------------------------------------------------------------------------------------
  assign out_meta_o.hash = offload_i.hash_report ? late[35:4] : 32'd0;
  assign out_meta_o.hash_report = offload_i.hash_report ? late[3:0] : contract_pkg::HASH_NONE;
  assign out_meta_o.flags = (offload_i.guest_csum && sum_valid_late) ? contract_pkg::NET_HDR_F_DATA_VALID : 8'd0;
  assign out_meta_o.gso_type = contract_pkg::NET_HDR_GSO_NONE;
  assign out_meta_o.hdr_len = '0;
  assign out_meta_o.gso_size = '0;
  assign out_meta_o.csum_start = '0;
  assign out_meta_o.csum_offset = '0;

  logic unused_bits;
  assign unused_bits = ^{words_last, offload_i};

endmodule

`default_nettype wire
