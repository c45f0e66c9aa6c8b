# SPDX-License-Identifier: Apache-2.0
# cosnic_second_opinion(NAME TOP module FILES ... [DEFINES ...] [FLAGS -GN=V ...]): for a module in the model of the unit
# test NAME, the recorder to be verilated with it, the netlist of the same sources, and the test that compares them.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
function(cosnic_second_opinion name)
  cmake_parse_arguments(S "" "TOP" "FILES;DEFINES;FLAGS" ${ARGN})
  set(script ${CMAKE_SOURCE_DIR}/tests/second/second_opinion.py)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.second/${S_TOP})
  set(files ${COSNIC_CONTRACT_SV})
  foreach(f ${COSNIC_PACKAGES} ${S_FILES})
    list(APPEND files ${CMAKE_SOURCE_DIR}/${f})
  endforeach()
  list(REMOVE_DUPLICATES files)
  list(TRANSFORM S_DEFINES PREPEND "-D")
  add_custom_command(
    OUTPUT ${dir}/recorder.sv ${dir}/netlist.v ${dir}/replay.v
    COMMAND ${Python3_EXECUTABLE} ${script} emit ${S_TOP} ${dir} ${S_FLAGS} ${S_DEFINES} ${files}
    DEPENDS ${files} ${script} contract_sv
    COMMENT "Synthesising ${S_TOP} for a second opinion"
    VERBATIM)
  add_test(NAME second/${name}/${S_TOP}
           COMMAND ${Python3_EXECUTABLE} ${script} compare ${S_TOP} ${dir} $<TARGET_FILE:${name}>)
  set_tests_properties(second/${name}/${S_TOP} PROPERTIES LABELS second TIMEOUT 300)
endfunction()
