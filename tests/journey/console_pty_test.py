#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cosnic console as who sits there meets it: a terminal with editing, history and completion, and a pipe.

usage: console_pty_test.py COSNIC_BINARY
"""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

COMMAND = [sys.argv[1] if len(sys.argv) > 1 else "", "console", "--nic", "model"]
PROMPT = re.compile(r"\[([\d.]+ [a-z]+)\] \$ ")
UNITS = {"ps": 1e-12, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def must(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Terminal:
    """Somebody at a terminal."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "vt100"
            os.execv(COMMAND[0], COMMAND)
        self.seen = ""

    def until(self, pattern, seconds=60):
        """What is printed up to the pattern, which is taken."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                text = self.seen[:found.end()]
                self.seen = self.seen[found.end():]
                return text
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            must(ready, f"no '{pattern}' in:\n{self.seen}")
            try:
                self.seen += os.read(self.fd, 65536).decode().replace("\r", "")
            except OSError:
                must(re.search(pattern, self.seen), f"the console ended without '{pattern}':\n{self.seen}")

    def type(self, text):
        os.write(self.fd, text.encode())

    def answer(self, line):
        """What a line prints, and the time of the prompt behind it, in seconds."""
        self.type(line + "\n")
        text = self.until(PROMPT.pattern)
        value, unit = PROMPT.search(text)[1].split()
        return text, float(value) * UNITS[unit]

    def status(self, seconds=60):
        end = time.monotonic() + seconds
        while True:
            must(select.select([self.fd], [], [], max(0, end - time.monotonic()))[0], "the console does not end")
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def at_terminal():
    desk = Terminal()
    desk.until("The host is up")
    desk.until(PROMPT.pattern)
    text, first = desk.answer("ip -br link show eth0")
    must("eth0             UP" in text, f"ip says {text}")
    time.sleep(0.3)
    _, later = desk.answer("")
    must(later - first < 1e-3, "time passes while nobody does anything")
    _, before = desk.answer("ss -uan")
    _, after = desk.answer("run 5ms")
    must(5e-3 <= after - before < 5.3e-3, f"run 5ms took {after - before} s")
    text, _ = desk.answer("frobnicate")
    must("bash: frobnicate: command not found" in text, f"a command that is none: {text}")
    text, _ = desk.answer("run fast")
    must("run: " in text, f"run without a time: {text}")
    text, _ = desk.answer("sysc\tnet.core.netdev_budget_u\t")
    must("net.core.netdev_budget_usecs = 2000" in text, f"completion gave {text}")
    text, _ = desk.answer("cat /proc/net/softn\t")
    must(re.search(r"^00000", text, re.M), f"completion of a file gave {text}")
    text, _ = desk.answer("\x1b[A\x1b[A")  # two lines up
    must("net.core.netdev_budget_usecs = 2000" in text, f"history gave {text}")
    text, _ = desk.answer("history")
    must("  1  ip -br link show eth0" in text, f"history is {text}")
    text, _ = desk.answer("ipp link\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x7f")  # back to the second p, away with it
    must("eth0: <BROADCAST" in text, f"editing gave {text}")
    text, _ = desk.answer("help")
    must("tc " in text and "run " in text and "nft " in text, f"help is {text}")
    desk.type("run 100s\n")
    desk.until("run 100s")
    time.sleep(0.5)
    os.kill(desk.pid, signal.SIGINT)
    desk.until(PROMPT.pattern)
    text, _ = desk.answer("ping -c 1 10.77.0.1")
    must("1 packets transmitted, 1 received" in text, f"ping says {text}")
    desk.type("exit 3\n")
    must(desk.status() == 3, "exit 3 is not the status")
    desk = Terminal()
    desk.until(PROMPT.pattern)
    desk.type("\x04")
    must(desk.status() == 0, "Ctrl-D leaves with a status")


def through_pipe():
    typed = "ip -j link show lo\n\nfoo\nip link show nosuch\nrun 1ms; cat /proc/uptime\n"
    once, again = (subprocess.run(COMMAND, input=typed, capture_output=True, text=True, timeout=120, check=False)
                   for _ in range(2))
    must(once.returncode == 0, f"status {once.returncode}: {once.stderr}")
    must(once.stdout.startswith('[{"ifindex":1,"ifname":"lo",'), f"it prints {once.stdout}")
    must(once.stdout.endswith("0.00 0.00\n"), f"the uptime is {once.stdout}")
    must("$" not in once.stdout, "there is a prompt")
    must(once.stderr == 'bash: foo: command not found\nDevice "nosuch" does not exist.\n', f"it complains {once.stderr}")
    must((once.stdout, once.stderr) == (again.stdout, again.stderr), "two runs differ")
    last = subprocess.run(COMMAND, input="ip link show nosuch\n", capture_output=True, text=True, timeout=120, check=False)
    must(last.returncode == 1, "the last command's status is not the console's")


if len(sys.argv) != 2:
    sys.exit(__doc__)
through_pipe()
at_terminal()
