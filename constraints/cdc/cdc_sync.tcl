# SPDX-License-Identifier: Apache-2.0
# Every cdc_sync: the way into its first flip-flop takes at most one period of the clock it comes from.
#
# The first flip-flop may go metastable, so no setup relation exists; the bound keeps a level from wandering
# for longer than it is promised to (two edges of the destination) and is what Gray-coded users build on.
foreach sync [get_cells -quiet -hierarchical -filter {ORIG_REF_NAME == cdc_sync || REF_NAME == cdc_sync}] {
  set first [get_cells -quiet "$sync/meta_q_reg*"]
  set both [get_cells -quiet "$sync/meta_q_reg* $sync/sync_q_reg*"]
  set_property ASYNC_REG TRUE $both
  set sources [get_cells -quiet -of_objects \
    [all_fanin -flat -startpoints_only [get_pins -of_objects $first -filter {REF_PIN_NAME == D}]] \
    -filter {IS_SEQUENTIAL}]
  if {[llength $sources] == 0} {
    # Straight from a pin of the device: nothing launches it, nothing to time.
    set_false_path -to [get_pins -of_objects $first -filter {REF_PIN_NAME == D}]
    continue
  }
  set period [get_property -min PERIOD [get_clocks -of_objects $sources]]
  set_max_delay -datapath_only -from $sources -to $first $period
}
