// SPDX-License-Identifier: Apache-2.0
// The write half of the DMA engine: six clients' requests and byte streams become memory write
// TLPs.
//
// Wiring only. Request at a time, round robin; any address, 1 .. 65535 bytes; one beat a cycle.
// Place: clients -> this -> tlp_tx_arbiter.
`default_nettype none

module dma_write #(
    parameter int unsigned Clients = 6
) (
    input  wire                                  clk_i,
    input  wire                                  rst_i,
    // function settings
    input  wire                                  bus_master_en_i,
    input  wire  [2:0]                           mps_i,
    input  wire  [15:0]                          requester_id_i,
    // clients
    input  wire  [Clients-1:0]                   req_valid_i,
    output logic [Clients-1:0]                   req_ready_o,
    input  wire  [Clients*dma_pkg::WrReqW-1:0]   req_i,
    input  wire  [Clients-1:0]                   data_valid_i,
    output logic [Clients-1:0]                   data_ready_o,
    input  wire  [Clients*stream_pkg::BeatW-1:0] data_i,
    output logic [Clients-1:0]                   done_o,
    input  wire  [Clients-1:0]                   gate_i,
    output logic [Clients-1:0]                   busy_o,
    // TLPs
    output logic                                 out_valid_o,
    input  wire                                  out_ready_i,
    input  wire                                  out_dropped_i,
    output tlp_pkg::beat_t                       out_o,
    // statistics
    output logic                                 stat_tlp_o,
    output logic                                 stat_discarded_o
);

  logic              req_valid, req_ready;
  dma_pkg::wr_req_t  req;
  logic [2:0]        req_client;
  logic              split_valid, split_ready;
  logic              data_valid, data_ready;
  stream_pkg::beat_t data;
  logic              chunk_valid, chunk_ready;
  dma_pkg::chunk_t   chunk;
  logic [2:0]        chunk_client;

  dma_client_arbiter #(.Clients(Clients), .ReqW(dma_pkg::WrReqW)) u_arbiter (
      .clk_i, .rst_i,
      // clients
      .req_valid_i, .req_ready_o, .req_i, .gate_i,
      // the chosen request
      .out_valid_o(req_valid), .out_ready_i(req_ready), .out_o(req), .out_client_o(req_client));

  dma_client_busy #(.Clients(Clients), .CountW(3)) u_busy (
      .clk_i, .rst_i, .accept_i(req_valid_i & req_ready_o), .done_i(done_o), .busy_o);

  dma_write_source #(.Clients(Clients)) u_source (
      .clk_i, .rst_i,
      // accepted requests
      .req_valid_i(req_valid), .req_ready_o(req_ready), .req_client_i(req_client),
      .split_valid_o(split_valid), .split_ready_i(split_ready),
      // clients' streams
      .data_valid_i, .data_ready_o, .data_i,
      // one stream
      .out_valid_o(data_valid), .out_ready_i(data_ready), .out_o(data));

  dma_split #(.MaxLimit(1), .MetaW(3)) u_split (
      .clk_i, .rst_i, .limit_i(mps_i),
      // requests
      .in_valid_i(split_valid), .in_ready_o(split_ready),
      .in_addr_i(req.addr), .in_len_i(req.len), .in_meta_i(req_client),
      // chunks
      .out_valid_o(chunk_valid), .out_ready_i(chunk_ready), .out_o(chunk),
      .out_meta_o(chunk_client));

  dma_write_tlp #(.Clients(Clients)) u_tlp (
      .clk_i, .rst_i, .bus_master_en_i, .requester_id_i,
      // chunks
      .chunk_valid_i(chunk_valid), .chunk_ready_o(chunk_ready), .chunk_i(chunk),
      .client_i(chunk_client),
      // byte stream
      .in_valid_i(data_valid), .in_ready_o(data_ready), .in_i(data),
      // TLPs
      .out_valid_o, .out_ready_i, .out_dropped_i, .out_o,
      // progress
      .done_o, .stat_tlp_o, .stat_discarded_o);

endmodule

`default_nettype wire
