#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
usage_on_help "usage: tools/nextpnr.sh

Prints the path of a nextpnr-ecp5: the one that is installed, else Debian 13's, unpacked below build/nextpnr (Debian 12
has none). It comes with its own libc and touches nothing outside the build folder. Fails when neither can be had." "$@"
if command -v nextpnr-ecp5; then exit 0; fi
dir=$ROOT/build/nextpnr
if [ -x "$dir/nextpnr-ecp5" ]; then echo "$dir/nextpnr-ecp5"; exit 0; fi

[ "$(uname -m)" = x86_64 ] || die "no nextpnr-ecp5: not installed, and unpacking Debian 13's is written for x86_64 only"
key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $key ] || die "no nextpnr-ecp5: not installed, and $key, which Debian 13's package would be checked against, is missing"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m1 '/debian/*$' || echo http://deb.debian.org/debian)
step "Unpacking Debian 13's nextpnr-ecp5 into build/nextpnr"
rm -rf "$dir"
mkdir -p "$dir"/apt/{etc,state/lists/partial,cache/archives/partial} "$dir/root"
: >"$dir/apt/status"  # nothing installed: apt takes the libraries too, down to libc
echo "deb [signed-by=$key arch=amd64] $mirror trixie main" >"$dir/apt/sources.list"
cat >"$dir/apt.conf" <<C
Dir::Etc "$dir/apt/etc";
Dir::Etc::sourcelist "$dir/apt/sources.list";
Dir::State "$dir/apt/state";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
C
log=$(log_of nextpnr)
{
  APT_CONFIG=$dir/apt.conf apt-get -q update &&
    APT_CONFIG=$dir/apt.conf apt-get -q -y --download-only install nextpnr-ecp5
} >"$log" 2>&1 || { tail -3 "$log" >&2; die "no nextpnr-ecp5: not installed, and Debian 13's could not be fetched; the log is build/logs/nextpnr.log"; }
for package in "$dir"/apt/cache/archives/*.deb; do dpkg -x "$package" "$dir/root"; done
rm -rf "$dir/apt"
# Its chip databases' folder is part of the program text; as many bytes name descriptor 9, which the starter opens.
python3 - "$dir/root/usr/bin/nextpnr-ecp5" <<'P'
import sys
from pathlib import Path
program = Path(sys.argv[1])
was, now = b"/usr/share/nextpnr/", b"/proc/self/fd/9////"
content = program.read_bytes()
assert len(was) == len(now) and content.count(was) == 1, "nextpnr-ecp5 names its chip databases otherwise than expected"
program.write_bytes(content.replace(was, now))
P
libraries=$dir/root/usr/lib/x86_64-linux-gnu
cat >"$dir/starter" <<S
#!/bin/sh
exec 9<"$dir/root/usr/share/nextpnr"
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$dir/root/usr/bin/nextpnr-ecp5" "\$@"
S
chmod +x "$dir/starter"
"$dir/starter" --version >>"$log" 2>&1 || { tail -3 "$log" >&2; die "Debian 13's nextpnr-ecp5 does not run here; the log is build/logs/nextpnr.log"; }
mv "$dir/starter" "$dir/nextpnr-ecp5"
echo "$dir/nextpnr-ecp5"
