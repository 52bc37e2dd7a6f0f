"""A terminal: runs `standin exec` on one of its own, waits until the command is ready, presses Ctrl-C eight times, and prints what is shown.
The command is this file again: it counts the interrupts that reach it, one byte each, and ends with 5."""
import os
import pty
import signal
import sys
import time


def command():
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.set_wakeup_fd(write)
    print("ready", flush=True)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        time.sleep(0.001)
    os.write(write, b"!")
    print("interrupted", len(os.read(read, 100)) - 1, "times", flush=True)
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
        # Each shows up as ^C before the next one comes.
        if b"ready\r\n" in shown and shown.count(b"^C") == pressed < 8:
            time.sleep(0.05)
            pressed += 1
            os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
    print("ended with", os.waitstatus_to_exitcode(status))


if len(sys.argv) > 1:
    terminal(sys.argv[1])
else:
    command()
