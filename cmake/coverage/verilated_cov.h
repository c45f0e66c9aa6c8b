// SPDX-License-Identifier: Apache-2.0
// Stands in for Verilator's header of this name in the coverage build: the models' coverage points go to
// coverage_points.cpp, which adds up all models of a process, where Verilator's own keeps one list a context.
#pragma once

#include <cstdint>
#include <string>

/// Registers a counter that outlives every model (verilate.sh makes the generated arrays static).
void cosnic_coverage_point(const std::uint32_t* count, const char* file, int line, int column, const char* page,
                           const char* comment, const char* lines);

// The arguments as __vlCoverInsert of a generated model passes them: names and values in turn.
#define VL_COVER_INSERT(context, count, n1, file, n2, line, n3, column, n4, hierarchy, n5, page, n6, comment, n7, lines) \
  cosnic_coverage_point(count, file, line, column, page, comment, lines)
