"""A terminal: runs `standin exec` on one of its own, presses Ctrl-C eight times, each when the command has seen the one before, and
prints what is shown. The command is this file again: it counts the interrupts that reach it, one byte each, and ends with 5."""
import os
import pty
import signal
import sys
import time

TIMES = 8


def command():
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.set_wakeup_fd(write)
    count = 0
    for _ in range(TIMES):
        print("ready", flush=True)
        count += len(os.read(read, 100))
        # Long enough for a second one to come.
        time.sleep(0.1)
    os.write(write, b"!")
    count += len(os.read(read, 100)) - 1
    print("interrupted", count, "times", flush=True)
    sys.exit(5)


def terminal(program):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["NO_COLOR"] = "1"
        os.execv(program, [program, "exec", "--", sys.executable, os.path.abspath(__file__)])
    shown, pressed = b"", 0
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # Linux: the other end is closed.
            break
        if not read:
            break
        shown += read
        if shown.count(b"ready\r\n") > pressed:
            pressed += 1
            os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
    print("ended with", os.waitstatus_to_exitcode(status))


if len(sys.argv) > 1:
    terminal(sys.argv[1])
else:
    command()
