# SPDX-License-Identifier: Apache-2.0
# What every command of ./dev shares. Sourced, not run.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
JOBS=${JOBS:-$(nproc)}

if [ -t 2 ]; then bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true); else bold='' plain=''; fi
step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
say() { printf '    %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# usage TEXT ARGS...: prints TEXT and leaves when one of ARGS is --help.
usage_on_help() {
  local text=$1
  shift
  for a in "$@"; do
    case $a in -h|--help) printf '%s\n' "$text"; exit 0 ;; esac
  done
}

# Is the caller allowed to make namespaces and TAP devices? Tried, because containers allow some of it.
can_make_tap() {
  local ns=cosnic-try-$$ status=0
  { ip netns add $ns && ip netns exec $ns ip tuntap add dev tap0 mode tap; } >/dev/null 2>&1 || status=1
  ip netns del $ns 2>/dev/null || true
  return $status
}

# configure PRESET; build PRESET TARGET...
configure() {
  local preset=$1
  [ -f "build/$preset/build.ninja" ] || step "Configuring the $preset build"
  cmake --preset "$preset" >"$(log_of "configure-$preset")" 2>&1 || { tail -20 "$(log_of "configure-$preset")" >&2; die "cmake failed; the log is build/logs/configure-$preset.log"; }
}
build() {
  local preset=$1
  shift
  configure "$preset"
  step "Building $preset (${*:-everything}) with $JOBS jobs"
  cmake --build --preset "$preset" -j "$JOBS" ${*:+--target "$@"} || die "the build failed; run './dev build $preset' to see the first error again"
}
log_of() { mkdir -p build/logs; printf 'build/logs/%s.log' "$1"; }

# The SystemVerilog packages in the order in which tools must read them, without the generated contract.
rtl_packages() { sed -n '/set(COSNIC_PACKAGES/,/)/p' cmake/verilate.cmake | grep -oE '(^| )rtl/[^ )]*_pkg\.sv' | tr -d ' '; }
