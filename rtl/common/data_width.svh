// SPDX-License-Identifier: Apache-2.0
// The width of the data path in bits: 64, or 128 with -DCOSNIC_DATA_W=128. (A package of Yosys 0.23
// cannot refer to another package, so the one number they share is a macro.)
`ifndef COSNIC_DATA_W
`define COSNIC_DATA_W 64
`endif
