#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when the checked-in CRC package is not what crc_rows.py prints."""
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
printed = subprocess.run([sys.executable, here / "crc_rows.py"], check=True, capture_output=True, text=True).stdout
checked_in = (here.parents[2] / "rtl/common/crc32_pkg.sv").read_text()
if printed != checked_in:
    sys.exit("rtl/common/crc32_pkg.sv differs: run tests/rtl/common/crc_rows.py > rtl/common/crc32_pkg.sv")
