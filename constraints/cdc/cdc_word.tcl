# SPDX-License-Identifier: Apache-2.0
# Every cdc_word: the word is there when its toggle has been seen.
#
# The word rests from the edge that turns the toggle until the answer is back, and is read at the earliest two
# edges of the destination after the toggle: one source period is a safe bound. (The toggles' own bounds come
# from cdc_sync.tcl.)
foreach word [get_cells -quiet -hierarchical -filter {ORIG_REF_NAME == cdc_word || REF_NAME == cdc_word}] {
  set from [get_cells "$word/rest_q_reg*"]
  set to [get_cells "$word/out_o_reg*"]
  set period [get_property -min PERIOD [get_clocks -of_objects $from]]
  set_max_delay -datapath_only -from $from -to $to $period
}
