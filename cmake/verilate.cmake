# SPDX-License-Identifier: Apache-2.0
# RTL to C++: cosnic_verilate(NAME TOP top FILES a.sv b.sv ... [DEFINES A=1 ...] [FLAGS ...])
# makes a static library target NAME with the header V<NAME>.h. FILES are relative to the source root;
# SMALL: built quickly rather than running fast; LINES: too large to count toggles, too, in the coverage build;
# packages first is taken care of. Nothing is verilated again unless one of the files changed.
find_program(VERILATOR verilator REQUIRED)
find_program(VERILATED_CXX NAMES clang++-14 clang++ HINTS /usr/bin)  # 3 times faster code than g++ 12 here
if(NOT VERILATED_CXX)
  set(VERILATED_CXX ${CMAKE_CXX_COMPILER})
endif()
set(COSNIC_CONTRACT_SV ${CMAKE_BINARY_DIR}/rtl/contract_pkg.sv)
set(VERILATED_SCRIPT ${CMAKE_SOURCE_DIR}/cmake/verilate.sh)
get_filename_component(VERILATOR_ROOT_GUESS /usr/share/verilator ABSOLUTE)
set(VERILATOR_ROOT ${VERILATOR_ROOT_GUESS} CACHE PATH "Verilator's data folder")
set(COSNIC_PACKAGES
    rtl/common/stream_pkg.sv rtl/common/ctl_pkg.sv rtl/common/crc32_pkg.sv rtl/rx/rx_pkg.sv rtl/pcie/tlp_pkg.sv rtl/pcie/reg_pkg.sv rtl/dma/dma_pkg.sv
    rtl/virtio/virtq_pkg.sv rtl/virtio/virtq_give_pkg.sv rtl/tx/tx_pkg.sv rtl/mac/xgmii_pkg.sv rtl/mac/mac_pkg.sv rtl/mac/gmii_pkg.sv rtl/nic_pkg.sv)

# Verilator's runtime, once for all models.
function(cosnic_verilated_runtime name)
  add_library(${name} STATIC ${VERILATOR_ROOT}/include/verilated.cpp
                             ${VERILATOR_ROOT}/include/verilated_threads.cpp ${ARGN})
  target_include_directories(${name} SYSTEM PUBLIC ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_definitions(${name} PUBLIC VERILATOR=1 VM_COVERAGE=0 VM_SC=0 VL_TIME_CONTEXT)
  target_compile_options(${name} PRIVATE -w -O2 -faligned-new)
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    target_link_libraries(${name} PUBLIC atomic)  # it asks whether its atomics need locks
  endif()
  find_package(Threads REQUIRED)
  target_link_libraries(${name} PUBLIC Threads::Threads)
endfunction()
cosnic_verilated_runtime(verilated_runtime)
cosnic_verilated_runtime(verilated_runtime_traced ${VERILATOR_ROOT}/include/verilated_fst_c.cpp)
if(COSNIC_COVERAGE)
  add_library(coverage_points STATIC ${CMAKE_SOURCE_DIR}/cmake/coverage/coverage_points.cpp)
  target_link_libraries(verilated_runtime PUBLIC coverage_points)
endif()
target_compile_definitions(verilated_runtime_traced PUBLIC VM_TRACE=1 VM_TRACE_FST=1)
target_link_libraries(verilated_runtime_traced PUBLIC z)

function(cosnic_verilate name)
  cmake_parse_arguments(V "TRACE;SMALL;LINES" "TOP" "FILES;DEFINES;FLAGS" ${ARGN})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.verilated)
  set(files ${COSNIC_CONTRACT_SV})
  foreach(f ${COSNIC_PACKAGES} ${V_FILES})
    cmake_path(ABSOLUTE_PATH f BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
    list(APPEND files ${f})
  endforeach()
  list(REMOVE_DUPLICATES files)
  # One function of the whole NIC compiles three to five times longer than its pieces; large pieces run as fast.
  set(flags --top-module ${V_TOP} ${V_FLAGS} --output-split-cfuncs $<IF:$<BOOL:${V_SMALL}>,1000,8000>)
  foreach(d ${V_DEFINES})
    list(APPEND flags -D${d})
  endforeach()
  set(runtime verilated_runtime)
  set(optimisation -O3)
  if(V_SMALL)
    set(optimisation -O1)
  endif()
  if(COSNIC_COVERAGE AND V_TRACE)
    set(optimisation -O0)
  elseif(COSNIC_COVERAGE)
    list(APPEND flags --coverage-line -fno-split)  # 5.006 splits a counter off before what it asks for is there
    set(optimisation -O1)
    if(NOT V_LINES AND NOT COSNIC_DATA_W=128 IN_LIST V_DEFINES)  # once a signal is enough
      list(APPEND flags --coverage-toggle)
    endif()
  endif()
  if(V_TRACE)
    list(APPEND flags --trace-fst --trace-structs)
    set(runtime verilated_runtime_traced)
  endif()
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/common/*.svh)
  add_custom_command(
    OUTPUT ${dir}/lib${name}.a ${dir}/V${name}.h
    COMMAND ${VERILATED_SCRIPT} ${VERILATOR} ${VERILATED_CXX} "${CCACHE}" ${VERILATOR_ROOT} ${name} ${dir}
            "${optimisation}$<$<BOOL:${COSNIC_PROFILE}>: -gline-tables-only -gdwarf-4>" ${CMAKE_SOURCE_DIR}/rtl ${flags} ${CMAKE_SOURCE_DIR}/rtl/lint.vlt ${files}
    DEPENDS ${files} ${headers} ${VERILATED_SCRIPT} ${CMAKE_SOURCE_DIR}/rtl/lint.vlt contract_sv
    COMMENT "Verilating ${name}"
    VERBATIM)
  add_custom_target(${name}_model DEPENDS ${dir}/lib${name}.a ${dir}/V${name}.h)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_model)
  target_include_directories(${name} SYSTEM INTERFACE ${dir})
  # A target, not a file's name: the linker must see the runtime behind every model.
  add_library(${name}_archive STATIC IMPORTED GLOBAL)
  set_target_properties(${name}_archive PROPERTIES IMPORTED_LOCATION ${dir}/lib${name}.a
                                                   INTERFACE_LINK_LIBRARIES ${runtime})
  target_link_libraries(${name} INTERFACE ${name}_archive)
endfunction()

# Seconds of a test; counting takes six times as long.
set(COSNIC_RTL_PATIENCE 300)
if(COSNIC_COVERAGE)
  set(COSNIC_RTL_PATIENCE 1800)
endif()

# A leaf against its C++ reference: cosnic_rtl_test(NAME TOP top FILES ... [SOURCES test.cpp ...]).
# The model is named ${NAME}_rtl, so the header is V${NAME}_rtl.h; the test is NAME.cpp unless SOURCES says.
# LINES: as of cosnic_verilate. SECOND: modules of the model, each there once, whose doings are replayed in Icarus, too (tests/second).
function(cosnic_rtl_test name)
  cmake_parse_arguments(T "LINES" "TOP" "SECOND;FILES;DEFINES;FLAGS;SOURCES;LIBRARIES" ${ARGN})
  if(NOT T_SOURCES)
    set(T_SOURCES ${name}.cpp)
  endif()
  set(lines)
  if(T_LINES)
    set(lines LINES)
  endif()
  set(recorders)
  if(COSNIC_COVERAGE)  # another simulator counts nothing
    set(T_SECOND)
  endif()
  foreach(module ${T_SECOND})
    set(flags)
    if(module STREQUAL T_TOP)
      set(flags ${T_FLAGS})
    endif()
    cosnic_second_opinion(${name} TOP ${module} FILES ${T_FILES} DEFINES ${T_DEFINES} FLAGS ${flags})
    list(APPEND recorders ${CMAKE_CURRENT_BINARY_DIR}/${name}.second/${module}/recorder.sv)
  endforeach()
  cosnic_verilate(${name}_rtl SMALL ${lines} TOP ${T_TOP} FILES ${T_FILES} ${recorders} DEFINES ${T_DEFINES} FLAGS ${T_FLAGS})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE cosnic_options catch_main ${name}_rtl ${T_LIBRARIES})
  target_precompile_headers(${name} REUSE_FROM catch_main_rtl)
  add_test(NAME rtl/${name} COMMAND ${name})
  set_tests_properties(rtl/${name} PROPERTIES LABELS rtl TIMEOUT ${COSNIC_RTL_PATIENCE})
  set_property(GLOBAL APPEND PROPERTY COSNIC_RTL_TARGETS ${name})
endfunction()
