# SPDX-License-Identifier: Apache-2.0
# Every reset_sync: its asynchronous input is not timed; what leaves it is an ordinary synchronous signal.
#
# The reset may rise and fall at any time. Rising sets all three stages; falling is seen by the first
# stage alone in a way that matters, and two more stages stand between that and rst_o.
foreach sync [get_cells -quiet -hierarchical -filter {ORIG_REF_NAME == reset_sync || REF_NAME == reset_sync}] {
  set stages [get_cells "$sync/stage_q_reg*"]
  set_property ASYNC_REG TRUE $stages
  set_false_path -to [get_pins -of_objects $stages -filter {REF_PIN_NAME == PRE || REF_PIN_NAME == CLR}]
}
