#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# verilate.sh VERILATOR CXX CCACHE VERILATOR_ROOT NAME DIR OPTIMISATION RTL_DIR [verilator arguments]
# One Verilator run, two compilations (the code of every cycle optimised, what runs once not at all), one library.
set -eu
verilator=$1 cxx=$2 ccache=$3 root=$4 name=$5 dir=$6 optimisation=$7 rtl=$8
shift 8
rm -rf "$dir"
mkdir -p "$dir"
# -fno-const-bit-op-tree: Verilator 5.006 miscompiles some XOR and shift-and-mask trees without it.
"$verilator" --cc --no-timing --assert -Wall -Wno-fatal -fno-const-bit-op-tree -O3 \
  --x-assign fast --x-initial fast --output-split 0 --threads 1 -I"$rtl/common" \
  --prefix "V$name" --Mdir "$dir" "$@" 2>"$dir/verilator.log" || { cat "$dir/verilator.log" >&2; exit 1; }
# A seeded fault may leave a signal unused (tests/mutate).
if [ -z "${COSNIC_WARNINGS_PASS:-}" ] && grep -q '^%Warning' "$dir/verilator.log"; then cat "$dir/verilator.log" >&2; exit 1; fi
cd "$dir"
coverage=
case " $* " in *" --coverage-line "*)
  # Counters that outlive the models, in plain integers: see coverage/verilated_cov.h.
  coverage="-I$rtl/../cmake/coverage"
  sed -i 's/std::atomic<uint32_t> __Vcoverage\[/static inline uint32_t __Vcoverage[/' V*__Syms.h
  sed -i 's/std::atomic<uint32_t>\* countp/uint32_t* countp/; /sizeof(std::atomic<uint32_t>)/d; /\*count32p = 0;/d
          s/vlSymsp->\(__Vcoverage\[[0-9]*\]\)\.fetch_add([^)]*)/++vlSymsp->\1/' V*.h V*.cpp ;;
esac
for f in V*.cpp; do
  case $f in *__Slow.cpp|*__Syms.cpp) echo "#include \"$f\"" >>slow.cc ;;
             *) echo "#include \"$f\"" >>fast.cc ;;
  esac
done
flags="-std=c++17 -w -faligned-new $coverage -I$root/include -I$root/include/vltstd -I. -DVERILATOR=1 -DVM_COVERAGE=0 -DVM_SC=0 -DVL_TIME_CONTEXT"
# Not AVX-512: no faster here, and valgrind cannot read it.
arch=-march=native
case $(uname -m) in x86_64) arch="$arch -mno-avx512f" ;; esac
$ccache "$cxx" $flags -O0 -c slow.cc -o slow.o
$ccache "$cxx" $flags $optimisation $arch -c fast.cc -o fast.o
ar rcs "lib$name.a" fast.o slow.o
