// SPDX-License-Identifier: Apache-2.0
// Link fault signalling: tells from the fault sequences whether this end or the other has lost the link.
//
// XGMII words -> two levels, two cycles later. IEEE 802.3 46.3.4: four fault sequences of
// one kind, each within 128 columns of the one before it, make the fault; 128 columns without one end it; a
// sequence of the other kind starts the count again. A word holds two columns, judged one after the other.
//
//   sequence: /Q/ 00 00 01 local fault, /Q/ 00 00 02 remote fault
// Place: XGMII -> this -> mac_tx_path (answers), link state, statistics.
`include "assert.svh"
`default_nettype none

module mac_rx_fault (
    input  wire              clk_i,
    input  wire              rst_i,
    // XGMII
    input  xgmii_pkg::word_t xgmii_i,
    // levels
    output logic             local_o,
    output logic             remote_o,
    // events: one began
    output logic             local_began_o,
    output logic             remote_began_o
);

  localparam logic [31:0] LocalFault = {8'h01, 16'd0, xgmii_pkg::Sequence};
  localparam logic [31:0] RemoteFault = {8'h02, 16'd0, xgmii_pkg::Sequence};

  // ---- each column: none, local, remote ----
  logic [1:0] kind0, kind1, kind0_q, kind1_q;

  assign kind0 = (xgmii_i.ctrl[3:0] != 4'h1) ? 2'd0
               : {xgmii_i.data[31:0] == RemoteFault, xgmii_i.data[31:0] == LocalFault};
  assign kind1 = (xgmii_i.ctrl[7:4] != 4'h1) ? 2'd0
               : {xgmii_i.data[63:32] == RemoteFault, xgmii_i.data[63:32] == LocalFault};

  // ---- columns since the last sequence, sequences so far ----
  logic [7:0] columns_q, columns_d;  // 128: too many
  logic [2:0] seen_q, seen_d;        // of one kind; 4: it is a fault
  logic [1:0] last_q, last_d;        // the kind
  logic [1:0] fault_q, fault_d;
  logic [1:0] kind;

  always_comb begin
    columns_d = columns_q;
    seen_d    = seen_q;
    last_d    = last_q;
    fault_d   = fault_q;
    for (int unsigned column = 0; column < 2; column++) begin
      kind = (column == 0) ? kind0_q : kind1_q;
      if (kind != 2'd0) begin
        seen_d    = (kind != last_d || columns_d[7]) ? 3'd1 : (seen_d == 3'd4) ? 3'd4 : seen_d + 3'd1;
        last_d    = kind;
        columns_d = '0;
        if (seen_d == 3'd4) fault_d = kind;
      end else if (columns_d[7]) begin
        seen_d  = '0;
        last_d  = '0;
        fault_d = '0;
      end else begin
        columns_d = columns_d + 1'b1;
      end
    end
  end

  logic restless;  // an idle link that has no fault costs nothing
  assign restless = kind0_q != '0 || kind1_q != '0 || last_q != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      kind0_q   <= '0;
      kind1_q   <= '0;
      columns_q <= '0;
      seen_q    <= '0;
      last_q    <= '0;
      fault_q   <= '0;
    end else begin
      kind0_q <= kind0;
      kind1_q <= kind1;
      if (restless) begin
        columns_q <= columns_d;
        seen_q    <= seen_d;
        last_q    <= last_d;
        fault_q   <= fault_d;
      end
    end
  end

  assign local_o  = fault_q[0];
  assign remote_o = fault_q[1];

  always_ff @(posedge clk_i) begin
    {remote_began_o, local_began_o} <= (rst_i || !restless) ? 2'd0 : fault_d & ~fault_q;
  end

  `ASSERT(OneFaultAtATime_A, fault_q != 2'd3, clk_i, rst_i)
  `ASSERT(CountEnds_A, seen_q <= 3'd4 && columns_q <= 8'd128, clk_i, rst_i)
  `COVER(RemoteFault_C, remote_o, clk_i, rst_i)

endmodule

`default_nettype wire
