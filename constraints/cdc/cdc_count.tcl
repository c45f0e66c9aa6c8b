# SPDX-License-Identifier: Apache-2.0
# Every cdc_count: the bits of the Gray count arrive within one period of the clock that counts.
#
# As for the pointers of async_fifo: one bit changes at a time, so only two successive changes seen out of
# order could give a count that never was. (The absolute bound comes from cdc_sync.tcl.)
foreach count [get_cells -quiet -hierarchical -filter {ORIG_REF_NAME == cdc_count || REF_NAME == cdc_count}] {
  set from [get_cells "$count/gray_q_reg*"]
  set to [get_cells "$count/u_gray/meta_q_reg*"]
  set period [get_property -min PERIOD [get_clocks -of_objects $from]]
  set_bus_skew -from $from -to $to $period
}
