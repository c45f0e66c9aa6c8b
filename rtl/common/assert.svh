// SPDX-License-Identifier: Apache-2.0
// Assertions in the one form that simulation and proof both read: clocked, immediate, labelled.
// A rule's history is kept in explicit _q registers. Not evaluated while `rst` is high.
`ifndef COSNIC_ASSERT_SVH
`define COSNIC_ASSERT_SVH

`ifdef SYNTHESIS

`define ASSERT(name, cond, clk, rst)
`define ASSUME(name, cond, clk, rst)
`define COVER(name, cond, clk, rst)

`else

`define ASSERT(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin name: assert (cond); end

// An environment's duty: assumed when this module is the leaf under proof, asserted everywhere else
// (in simulation, and in a proof for the modules inside the leaf).
`ifdef FORMAL
`ifndef FORMAL_INNER
`define COSNIC_ASSUMES
`endif
`endif

`ifdef COSNIC_ASSUMES
`define ASSUME(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin name: assume (cond); end
`else
`define ASSUME(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin name: assert (cond); end
`endif

`define COVER(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin name: cover (cond); end

`endif
`endif
