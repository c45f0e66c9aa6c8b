// SPDX-License-Identifier: Apache-2.0
// The transmit scheduler: which queue's next buffer is read, by weight, rate and pause.
//
// Wiring only. ready_i says which pairs have a buffer; head_pair_o asks for the length of one (head_len_i a cycle
// later); a grant takes one buffer of its pair. At most one grant in eight cycles; ready_i of the pair has to
// be up to date four cycles after the grant was taken. Weights, rates, classes and the port's VLAN tag come
// over the control bus.
// Place: virtq_fetch -> this -> virtio_tx_engine.
`default_nettype none

module tx_schedule #(
    parameter int unsigned Pairs = 8,
    parameter int unsigned TickW = 10,
    localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1
) (
    input  wire              clk_i,
    input  wire              rst_i,
    // control bus
    input  wire              req_valid_i,
    output logic             req_ready_o,
    input  ctl_pkg::req_t    req_i,
    output logic             rsp_valid_o,
    output logic      [31:0] rsp_rdata_o,
    // queues
    input  wire  [Pairs-1:0] ready_i,
    output logic [PairW-1:0] head_pair_o,
    input  wire       [16:0] head_len_i,
    input  wire        [7:0] class_paused_i,
    // grants
    output logic             grant_valid_o,
    input  wire              grant_ready_i,
    output logic [PairW-1:0] grant_pair_o,
    // the port's tag
    output logic             vlan_enable_o,
    output logic      [15:0] vlan_tci_o
);

  logic               settings_read;
  logic   [PairW-1:0] settings_pair;
  logic        [16:0] quantum;
  logic        [15:0] rate;
  logic        [17:0] burst;
  logic [3*Pairs-1:0] classes;
  logic   [Pairs-1:0] paused;

  for (genvar k = 0; k < Pairs; k++) begin : g_paused
    assign paused[k] = class_paused_i[classes[3*k+:3]];
  end

  tx_schedule_settings #(.Pairs(Pairs)) u_settings (
      .clk_i, .rst_i,
      // control bus
      .req_valid_i, .req_ready_o, .req_i, .rsp_valid_o, .rsp_rdata_o,
      // settings of a pair
      .read_i(settings_read), .pair_i(settings_pair), .quantum_o(quantum), .rate_o(rate), .burst_o(burst),
      .class_o(classes),
      // the port's tag
      .vlan_enable_o, .vlan_tci_o);

  tx_schedule_turn #(.Pairs(Pairs), .TickW(TickW)) u_turn (
      .clk_i, .rst_i,
      // queues
      .ready_i, .paused_i(paused), .head_pair_o, .head_len_i,
      // settings of a pair
      .settings_read_o(settings_read), .settings_pair_o(settings_pair), .quantum_i(quantum), .rate_i(rate),
      .burst_i(burst),
      // grants
      .grant_valid_o, .grant_ready_i, .grant_pair_o);

endmodule

`default_nettype wire
