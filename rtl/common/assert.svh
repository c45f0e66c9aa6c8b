// SPDX-License-Identifier: Apache-2.0
// Assertions in the one form that simulation and proof both read: clocked, immediate, labelled.
// A rule's history is kept in explicit _q registers. Not evaluated while `rst` is high.
//
//   `ASSERT(name, cond, clk, rst)   a rule of this module
//   `ASSUME(name, cond, clk, rst)   a duty of its environment: assumed when this module is the leaf under proof,
//                                   asserted everywhere else (in simulation, and for modules inside the leaf)
//   `COVER(name, cond, clk, rst)    something that proofs have to be able to reach
//   `ASSERT_HERE, `ASSUME_HERE (name, cond)   the same inside an always_ff, for several rules under one condition
`ifndef COSNIC_ASSERT_SVH
`define COSNIC_ASSERT_SVH

`ifdef SYNTHESIS

`define ASSERT(name, cond, clk, rst)
`define ASSUME(name, cond, clk, rst)
`define COVER(name, cond, clk, rst)
`define ASSERT_HERE(name, cond)
`define ASSUME_HERE(name, cond)

`else

// The simulator's assert asks each time whether assertions are on; an if does not.
`ifdef VERILATOR
`define ASSERT_HERE(name, cond) if (!(cond)) begin : name $error("broken"); end
`else
`define ASSERT_HERE(name, cond) name: assert (cond);
`endif

`ifdef FORMAL
`ifndef FORMAL_INNER
`define COSNIC_ASSUMES
`endif
`endif

`ifdef COSNIC_ASSUMES
`define ASSUME_HERE(name, cond) name: assume (cond);
`else
`define ASSUME_HERE(name, cond) `ASSERT_HERE(name, cond)
`endif

`define ASSERT(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin `ASSERT_HERE(name, cond) end

`define ASSUME(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin `ASSUME_HERE(name, cond) end

`define COVER(name, cond, clk, rst) \
  always_ff @(posedge clk) if (!(rst)) begin name: cover (cond); end

`endif
`endif
