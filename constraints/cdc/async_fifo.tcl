# SPDX-License-Identifier: Apache-2.0
# Every async_fifo: the bits of a Gray pointer arrive within one period of the clock that counts it.
#
# Only one bit changes at a time, so a sampled pointer is the old or the new one, provided that two
# successive changes cannot be seen out of order: their skew has to stay below one source period. (The
# absolute bound comes from cdc_sync.tcl.) A word in LUT RAM is read at the earliest two read edges after
# the pointer passed it: one read period is a safe bound. Block RAM has no such path.
foreach fifo [get_cells -quiet -hierarchical -filter {ORIG_REF_NAME == async_fifo || REF_NAME == async_fifo}] {
  foreach {pointer sync} {wr_gray_q u_wr_to_rd rd_gray_q u_rd_to_wr} {
    set from [get_cells "$fifo/${pointer}_reg*"]
    set to [get_cells "$fifo/$sync/meta_q_reg*"]
    set period [get_property -min PERIOD [get_clocks -of_objects $from]]
    set_bus_skew -from $from -to $to $period
  }
  set words [get_cells -quiet -hierarchical -filter "NAME =~ $fifo/mem_q_reg* && PRIMITIVE_SUBGROUP == LUTRAM"]
  if {[llength $words] != 0} {
    set out [get_cells "$fifo/out_o_reg*"]
    set period [get_property -min PERIOD [get_clocks -of_objects $out]]
    set_max_delay -datapath_only -from $words -to $out $period
  }
}
