#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh FOLDER: fetches Debian's lwIP source package with a package list of its own below FOLDER and builds
# FOLDER/lwip_raw and FOLDER/lwip_sockets (-O3 -march=native), and lwip_raw_count and lwip_sockets_count (-O3, for
# callgrind). Installs nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"/state/lists/partial "$1"/cache/archives/partial
cd "$1"
if ! ls lwip-2.1.3*/src/core/udp.c >/dev/null 2>&1; then
  echo 'deb-src http://deb.debian.org/debian bookworm main' > sources.list
  apt=(apt-get -q -o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State=$PWD/state"
       -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=)
  "${apt[@]}" update >&2
  "${apt[@]}" source --download-only lwip=2.1.3+dfsg1-2 >&2
  tar xf lwip_2.1.3+dfsg1.orig.tar.xz
fi
src=$(echo "$PWD"/lwip-2.1.3*/src)
files=("$src"/core/{init,def,inet_chksum,ip,mem,memp,netif,pbuf,sys,timeouts,udp}.c
       "$src"/core/ipv4/{etharp,icmp,ip4,ip4_addr,ip4_frag}.c "$src"/netif/ethernet.c)
sequential=("$src"/api/{api_lib,api_msg,err,netbuf,sockets,tcpip}.c)
build() {
  name=$1
  shift
  if [ ! -e "$name" ] || [ -n "$(find "$here" -type f -newer "$name")" ]; then
    gcc -O3 -DNDEBUG -I"$src/include" -I"$here" -o "$name" "$here/lwip_ring.c" "${files[@]}" "$@" >&2
  fi
}
raw=("$here/lwip_raw.c")
sockets=("$here/lwip_sockets.c" "${sequential[@]}" -DLWIP_BY_SOCKETS)
build lwip_raw "${raw[@]}" -march=native
build lwip_raw_count "${raw[@]}"
build lwip_sockets "${sockets[@]}" -march=native
build lwip_sockets_count "${sockets[@]}"
