"""Programs that look for what they must not see, and reach for what they must not touch."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.sandbox import Limits, Program, backends, run_program, view
from tests.conftest import hide_sandboxes

from .conftest import PYTHON, Workshop, missing

# Each line of a program prints what became of one attempt: "done", or the name of the error.
ATTEMPT = """
import ctypes, errno, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
attempts = {}
def attempt(name, action):
    try: attempts[name] = str(action() or "done")
    except OSError as error: attempts[name] = errno.errorcode.get(error.errno, str(error))
def call(*arguments):
    ctypes.set_errno(0)
    if libc.syscall(*arguments) == -1: raise OSError(ctypes.get_errno(), "")
"""
TELL = "\nprint(json.dumps(attempts))"


def attempts(workshop: Workshop, source: str, *arguments: str) -> dict[str, str]:
    ended = workshop.run(ATTEMPT + source + TELL, Limits(), *arguments)
    assert ended.reason == "exited", ended
    assert ended.stderr == ""
    found: dict[str, str] = json.loads(ended.stdout)
    return found


def test_the_network_is_cut(workshop: Workshop) -> None:
    source = """
port = int(sys.argv[2])
for host in sys.argv[3].split():
    attempt("tcp " + host, lambda: socket.create_connection((host, port), 2).close())
    udp = socket.socket(type=socket.SOCK_DGRAM)
    attempt("udp " + host, lambda: udp.sendto(b"secret", (host, port)) and None)
attempt("name", lambda: socket.getaddrinfo("example.org", 80) and None)
attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0listener"))
"""
    with (
        socket.create_server(("0.0.0.0", 0)) as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("0.0.0.0", port))
        abstract.bind("\0listener")
        abstract.listen()
        addresses = {"127.0.0.1", *socket.gethostbyname_ex(socket.gethostname())[2]}
        found = attempts(workshop, source, str(port), " ".join(addresses))
        for listener in (tcp, udp, abstract):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1) if listener is udp else listener.accept()
    for address in addresses:
        assert found[f"tcp {address}"] in ("ECONNREFUSED", "ENETUNREACH")
    assert found["name"] != "done"
    assert found["abstract"] == "ECONNREFUSED"


def test_sockets_that_no_namespace_covers_cannot_be_made(workshop: Workshop) -> None:
    source = """
for name, family, kind in [("vsock", 40, 1), ("netlink", 16, 3), ("packet", 17, 3), ("alg", 38, 5)]:
    attempt(name, lambda: socket.socket(family, kind).close())
for name, family in [("unix", 1), ("inet", 2), ("inet6", 10)]:
    attempt(name, lambda: socket.socket(family, 1).close())
"""
    found = attempts(workshop, source)
    assert {found[name] for name in ("vsock", "netlink", "packet", "alg")} == {"EAFNOSUPPORT"}
    assert {found[name] for name in ("unix", "inet", "inet6")} == {"done"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
def test_dangerous_system_calls_are_refused(workshop: Workshop) -> None:
    source = """
NEWUSER = 0x10000000
attempt("ptrace", lambda: call(101, 0, 0, 0, 0))
attempt("process_vm_readv", lambda: call(310, os.getpid(), 0, 0, 0, 0, 0))
attempt("add_key", lambda: call(248, b"user", b"note", b"secret", 6, -5))
attempt("request_key", lambda: call(249, b"user", b"note", 0, 0))
attempt("keyctl", lambda: call(250, 22, -1, -3))
attempt("bpf", lambda: call(321, 0, 0, 0))
attempt("perf_event_open", lambda: call(298, 0, 0, -1, -1, 0))
attempt("userfaultfd", lambda: call(323, 1))
attempt("io_uring_setup", lambda: call(425, 1, 0))
attempt("mount", lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, 0))
attempt("remount", lambda: call(165, b"none", b"/", b"", 32 | 4096, 0))
attempt("fsopen", lambda: call(430, b"tmpfs", 0))
attempt("open_tree", lambda: call(428, -100, b"/", 1))
attempt("unshare", lambda: call(272, NEWUSER))
attempt("setns", lambda: call(308, 0, 0))
attempt("chroot", lambda: call(161, b"/tmp"))
attempt("pivot_root", lambda: call(155, b"/tmp", b"/tmp"))
attempt("open_by_handle_at", lambda: call(304, 0, 0, 0))
attempt("personality", lambda: call(135, 0x0040000))
attempt("clone of a namespace", lambda: call(56, NEWUSER | 17, 0, 0, 0, 0))
attempt("clone3", lambda: call(435, 0, 0))
attempt("kexec_load", lambda: call(246, 0, 0, 0, 0))
attempt("init_module", lambda: call(175, 0, 0, b""))
attempt("swapon", lambda: call(167, b"/tmp", 0))
attempt("acct", lambda: call(163, 0))
attempt("syslog", lambda: call(103, 3, 0, 0))
attempt("TIOCSTI", lambda: call(16, 0, 0x5412, b"x"))
attempt("setuid", lambda: os.setuid(0))
"""
    found = attempts(workshop, source)
    assert found.pop("setuid") in ("EPERM", "EINVAL")
    assert found.pop("clone3") == "ENOSYS"
    assert found == dict.fromkeys(found, "EPERM")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="i386 is the foreign one of x86_64")
def test_the_calls_of_another_architecture_end_the_program(workshop: Workshop) -> None:
    # x32: the same processor, numbers above 2**30; unfiltered they would reach the same calls
    ended = workshop.run(ATTEMPT + "libc.syscall(0x40000000 + 39)\nprint('alive')")
    assert (ended.reason, ended.stdout) == ("signalled", b"")


def test_only_its_own_processes_and_environment_are_visible(workshop: Workshop) -> None:
    source = """
import glob
seen = {}
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
    try: seen[path] = open(path).read()
    except OSError: pass
attempts["environments"] = " ".join(seen.values())
attempts["processes"] = " ".join(name for name in os.listdir("/proc") if name.isdigit())
attempts["names"] = " ".join(os.environ)
"""
    secret = "a-canary-that-nobody-may-read"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", secret)
        holder = subprocess.Popen(["sleep", "30"])
        try:
            found = attempts(workshop, source)
        finally:
            holder.kill()
            holder.wait()
    assert secret not in found["environments"]
    assert len(found["processes"].split()) <= 3
    names = {"HOME", "TMPDIR", "USER", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PWD"}
    assert set(found["names"].split()) <= names


def test_no_descriptor_of_ours_is_open_inside(workshop: Workshop) -> None:
    source = """
for descriptor in range(3, 1024):
    try: attempts[str(descriptor)] = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError: pass
"""
    with open("/etc/passwd") as secret:
        os.set_inheritable(secret.fileno(), True)
        assert attempts(workshop, source) == {}


def test_it_is_nobody_and_can_become_nobody_else(workshop: Workshop) -> None:
    source = """
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
for name in ("Uid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"):
    attempts[name] = status[name].strip()
"""
    found = attempts(workshop, source)
    assert "0" not in found["Uid"].split()
    assert found["Groups"].split() in ([], ["65534"])
    assert {int(found[name], 16) for name in found if name.startswith("Cap")} == {0}
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")


def test_the_machine_s_files_are_out_of_sight(workshop: Workshop) -> None:
    source = """
for path in sys.argv[2:]: attempt(path, lambda: os.stat(path) and None)
attempts["/"] = " ".join(sorted(os.listdir("/")))
"""
    secret = workshop.folder / "secret"
    secret.write_text("canary")
    hidden = ["/root", "/home", "/var", "/run", "/sys", "/etc/passwd", "/etc/shadow", "/boot", str(secret)]
    found = attempts(workshop, source, *hidden)
    expected = {"bin", "code", "dev", "etc", "lib", "lib32", "lib64", "out", "proc", "sbin", "tmp", "usr"}
    assert set(found.pop("/").split()) <= expected
    assert found == dict.fromkeys(hidden, "ENOENT")


def test_nothing_but_its_output_and_its_temporary_files_can_be_written(workshop: Workshop) -> None:
    source = """
places = ["/", "/code", "/usr", "/dev", "/etc", "/out", "/bin", "/tmp", "/dev/shm"]
for place in places: attempt(place, lambda: open(place + "/new", "w").close())
for path in ["/code/program.py", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"]:
    attempt(path, lambda: open(path, "w").close())
attempt("rename over the output", lambda: os.replace("/tmp/new", "/out/result"))
attempt("remove the output", lambda: os.remove("/out/result"))
attempt("the output", lambda: open("/out/result", "w").write("mine") and None)
"""
    found = attempts(workshop, source)
    assert [found.pop(place) for place in ("/tmp", "/dev/shm", "the output")] == ["done"] * 3
    assert "done" not in found.values(), found
    assert (workshop.folder / "result").read_text() == "mine"
    assert "program.py" in os.listdir(workshop.folder / "code")


def test_what_is_no_plain_file_is_removed_from_the_output(workshop: Workshop) -> None:
    source = """
import os
os.chdir("/out")
os.symlink("/etc/shadow", "link"); os.symlink("/", "folder-link"); os.mkfifo("pipe")
os.mkdir("inner"); os.symlink("../../secret", "inner/link"); open("inner/file", "w").write("x")
open("program", "w").write("x"); os.chmod("program", 0o6755)
open("closed", "w").write("x"); os.chmod("closed", 0)
os.mkdir("locked"); open("locked/file", "w").write("x"); os.chmod("locked", 0)
"""
    output = workshop.folder / "results"
    output.mkdir()
    workshop.run(source, output=output)
    left = {path.relative_to(output).as_posix(): path.lstat().st_mode & 0o7777 for path in output.rglob("*")}
    assert left == {
        "inner": 0o755,
        "inner/file": 0o644,
        "program": 0o644,
        "closed": 0o644,
        "locked": 0o755,
        "locked/file": 0o644,
    }


def test_an_output_folder_of_any_depth_is_cleaned(workshop: Workshop) -> None:
    source = """
import os
os.chdir("/out")
for number in range(3000):
    os.mkdir("d"); os.chdir("d"); open("file", "w").write("x")
os.chmod(".", 0)
"""
    output = workshop.folder / "results"
    output.mkdir()
    ended = workshop.run(source, output=output)
    assert ended.reason in ("exited", "too much disk")
    assert 1 <= sum(1 for _ in output.rglob("file")) <= 33


def test_a_daemon_cannot_write_after_the_end(workshop: Workshop) -> None:
    """What was read once is what is there: nobody is left who could put a link in its place."""
    source = """
import os
if os.fork() == 0:
    os.setsid()
    while True:
        try: os.symlink("/etc/shadow", "/out/link")
        except FileExistsError: pass
"""
    output = workshop.folder / "results"
    output.mkdir()
    for _ in range(5):
        workshop.run(source, output=output)
        assert list(output.iterdir()) == []


def test_a_program_may_use_its_packages_but_not_the_grader(workshop: Workshop) -> None:
    if workshop.account is not None:
        pytest.skip("the tests' own environment need not be readable for other accounts")
    source = """
import importlib.util, sys
import msgspec
spec = importlib.util.find_spec("grader")  # an editable install leaves a folder of data, and no code
print(sys.prefix, spec and spec.origin)
"""
    code, output = workshop.folder / "code", workshop.folder / "result"
    code.mkdir()
    (code / "program.py").write_text(source)
    output.touch()
    environment = Path(sys.prefix)
    ended = run_program(Program(argv=("python", "program.py"), code=code, output=output, python=environment))
    assert ended.stdout.decode().split() == [sys.prefix, "None"], ended.stderr


def test_a_submission_s_modules_are_not_ours() -> None:
    """A student's json.py, sitecustomize.py and encodings are in sight of the worker, and have no effect."""
    if reason := missing():
        pytest.skip(reason)
    with _submission() as folder:
        for name in ("json", "sitecustomize", "usercustomize", "encodings", "argparse", "grader"):
            (folder / f"{name}.py").write_text("print('owned'); raise SystemExit(3)")
        for backend in (backends.in_bubblewrap, backends.as_plain_process):
            ended = backend(view.of_worker("json.tool", [folder], None), b'{"a": 1}', Limits())
            assert (ended.status, json.loads(ended.stdout)) == (0, {"a": 1}), ended


def test_a_worker_sees_what_it_is_given_where_it_is_here() -> None:
    if reason := missing():
        pytest.skip(reason)
    with _submission() as folder:
        (folder / "in.json").write_text("[1, 2]")
        (folder / "other.json").write_text("[3]")
        (folder / "out").mkdir()
        argv_of = view.of_worker("json.tool", [folder / "in.json"], folder / "out")
        copy = _with_arguments(argv_of, str(folder / "in.json"), str(folder / "out" / "out.json"))
        assert backends.in_bubblewrap(copy, b"", Limits()).status == 0
        assert json.loads((folder / "out" / "out.json").read_text()) == [1, 2]
        other = _with_arguments(argv_of, str(folder / "other.json"))
        assert "No such file" in backends.in_bubblewrap(other, b"", Limits()).stderr


WAITS = """
import pathlib, sys, time
answer = pathlib.Path(sys.argv[1])
print("one\\ntw", end="", file=sys.stderr, flush=True)
while not answer.exists():
    time.sleep(0.01)
print("o\\nlast", end="", file=sys.stderr)
"""


def test_whole_lines_are_heard_while_a_program_runs() -> None:
    """It goes on only after what it said was heard."""
    if reason := missing():
        pytest.skip(reason)
    for backend in (backends.in_bubblewrap, backends.as_plain_process):
        with _submission() as folder:
            answer, lines = folder / "answer", list[str]()

            def hear(line: str, answer: Path = answer, lines: list[str] = lines) -> None:
                lines.append(line.lstrip("\0"))
                answer.touch()

            waiting = view.of_worker("json.tool", [folder], None)
            argv = (*waiting.argv[:3], "-c", WAITS, str(answer))
            ended = backend(msgspec.structs.replace(waiting, argv=argv, heard=hear), b"", Limits())
            assert (ended.status, lines) == (0, ["one", "two"]), ended
            assert ended.stderr == "one\ntwo\nlast"


def test_a_long_request_that_nobody_reads_is_no_trouble() -> None:
    if reason := missing():
        pytest.skip(reason)
    sleeper = _with_arguments(view.of_worker("this", [], None))
    ended = backends.in_bubblewrap(sleeper, bytes(20_000_000), Limits())
    assert ended.status == 0
    assert ended.stdout.startswith(b"The Zen of Python")


def test_without_a_sandbox_no_program_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.ground.errors import NotMeasured

    hide_sandboxes(monkeypatch, tmp_path)
    code, output = tmp_path / "code", tmp_path / "result"
    code.mkdir()
    (code / "program.py").write_text("open('ran', 'w')")
    output.touch()
    program = Program(argv=(str(PYTHON), "program.py"), code=code, output=output)
    with pytest.raises(NotMeasured) as caught:
        run_program(program)
    assert "bubblewrap is not installed" in caught.value.reason
    assert "grader doctor" in caught.value.hint
    assert not (code / "ran").exists()
    ended = run_program(program, unsafe=True)
    assert ended.isolation.startswith("none")
    assert (code / "ran").exists()


@contextlib.contextmanager
def _submission() -> Any:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="submission-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _with_arguments(worker: view.View, *arguments: str) -> view.View:
    import msgspec

    return msgspec.structs.replace(worker, argv=(*worker.argv, *arguments))
