// SPDX-License-Identifier: Apache-2.0
// Whether nothing of a queue is under way: asks all leaves of virtq_fetch, answers two cycles later.
//
// Place: virtio_lifecycle <-> this <-> the leaves of virtq_fetch.
`default_nettype none

module virtq_fetch_quiet (
    input  wire        clk_i,
    // question and answer
    input  wire  [5:0] query_pair_i,
    output logic       quiet_o,
    // the leaves
    output logic [5:0] query_pair_o,
    input  wire  [6:0] busy_i
);

  always_ff @(posedge clk_i) begin
    query_pair_o <= query_pair_i;
    quiet_o      <= busy_i == '0;
  end

endmodule

`default_nettype wire
