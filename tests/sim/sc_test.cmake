# SPDX-License-Identifier: Apache-2.0
# Tests of SystemC models: cosnic_sc_test(AREA NAME [LIBRARIES ...]) builds NAME.cpp and runs each of its
# cases in a process of its own, because SystemC elaborates once in a process.
include(Catch)

add_library(sc_catch_main STATIC ${CMAKE_CURRENT_LIST_DIR}/sc_catch_main.cpp)
target_link_libraries(sc_catch_main PUBLIC cosnic_options cosnic_systemc)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/sc_catch_main.cpp PROPERTIES COMPILE_OPTIONS "${COSNIC_CATCH_OPTIONS}")

function(cosnic_sc_test area name)
  cmake_parse_arguments(T "" "" "LIBRARIES;SOURCES" ${ARGN})
  add_executable(${name} ${name}.cpp ${T_SOURCES})
  target_link_libraries(${name} PRIVATE sc_catch_main ${T_LIBRARIES})
  catch_discover_tests(${name} TEST_PREFIX "sim/${area}/${name}: " PROPERTIES LABELS sim TIMEOUT 300)
endfunction()

# Plain C++: one process for all cases.
function(cosnic_sim_test area name)
  cmake_parse_arguments(T "" "" "LIBRARIES" ${ARGN})
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} PRIVATE catch_main ${T_LIBRARIES})
  add_test(NAME sim/${area}/${name} COMMAND ${name})
  set_tests_properties(sim/${area}/${name} PROPERTIES LABELS sim TIMEOUT 300)
endfunction()
