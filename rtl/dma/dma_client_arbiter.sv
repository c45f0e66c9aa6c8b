// SPDX-License-Identifier: Apache-2.0
// Takes one request at a time from N clients, round robin.
//
// Input: N request links; a gated client's request is left waiting. Output: the request and its
// client's number, from registers, one a cycle at best. A client is looked at again only after all
// others. (Not common/rr_arbiter: its grant is locked once given, and a gate must close at once.)
// Place: clients -> this -> dma_split.
`default_nettype none

module dma_client_arbiter #(
    parameter int unsigned Clients = 6,
    parameter int unsigned ReqW = 80
) (
    input  wire                     clk_i,
    input  wire                     rst_i,
    // clients
    input  wire  [Clients-1:0]      req_valid_i,
    output logic [Clients-1:0]      req_ready_o,
    input  wire  [Clients*ReqW-1:0] req_i,
    input  wire  [Clients-1:0]      gate_i,
    // the chosen request
    output logic                    out_valid_o,
    input  wire                     out_ready_i,
    output logic [ReqW-1:0]         out_o,
    output logic [2:0]              out_client_o
);

  logic [Clients-1:0] want;
  logic [Clients-1:0] later;   // wanting clients behind the one served last
  logic [Clients-1:0] choose;
  logic [Clients-1:0] grant;
  logic [Clients-1:0] behind_q;  // mask: clients behind the one served last
  logic               load;

  assign want = req_valid_i & ~gate_i;
  assign later = want & behind_q;
  assign choose = (later != '0) ? later : want;
  assign grant = choose & (~choose + 1'b1);
  assign load = !out_valid_o || out_ready_i;
  assign req_ready_o = load ? grant : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_o <= 1'b0;
      behind_q    <= '0;
    end else if (load) begin
      out_valid_o <= want != '0;
      if (want != '0) behind_q <= ~(grant | (grant - 1'b1));
    end
    if (load && want != '0) begin
      for (int i = 0; i < Clients; i++) begin
        if (grant[i]) begin
          out_o        <= req_i[i*ReqW +: ReqW];
          out_client_o <= 3'(i);
        end
      end
    end
  end

  for (genvar i = 0; i < Clients; i++) begin : g_check
    stream_checker #(.Width(ReqW), .Assumed(1'b1)) u_check (
        .clk_i, .rst_i, .valid_i(req_valid_i[i]), .ready_i(req_ready_o[i]),
        .payload_i(req_i[i*ReqW +: ReqW]));
  end

endmodule

`default_nettype wire
