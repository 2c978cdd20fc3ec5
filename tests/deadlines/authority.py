"""A time stamp authority and a signer of receipts on this machine, made with openssl and ssh-keygen."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.deadlines.serving import Answer, Request

SETTINGS = """\
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = {name}
[ ca ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[ stamping ]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
"""


def run(*command: str, given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass(frozen=True)
class Authority:
    """`certificates` is what a course would be given."""

    folder: Path

    @property
    def certificates(self) -> Path:
        return self.folder / "ca.pem"

    def __call__(self, request: Request) -> Answer:
        if request.headers.get("content-type") != "application/timestamp-query":
            return Answer(status=400)
        (self.folder / "query.tsq").write_bytes(request.body)
        files = ("-queryfile", str(self.folder / "query.tsq"), "-out", str(self.folder / "reply.tsr"))
        run("openssl", "ts", "-reply", "-config", str(self.folder / "settings"), *files)
        return Answer((self.folder / "reply.tsr").read_bytes())


def authority(folder: Path, name: str = "Test authority") -> Authority:
    folder.mkdir()
    settings = folder / "settings"
    settings.write_text(SETTINGS.format(name=name, folder=folder))
    (folder / "serial").write_text("01\n")
    new = ("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", str(settings))
    key, ca = str(folder / "ca.key"), str(folder / "ca.pem")
    run(*new, "-x509", "-extensions", "ca", "-days", "30", "-keyout", key, "-out", ca)
    run(*new, "-subj", "/CN=Stamps", "-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.csr"))
    sign = ("openssl", "x509", "-req", "-days", "30", "-CA", ca, "-CAkey", key, "-CAcreateserial")
    extensions = ("-extfile", str(settings), "-extensions", "stamping")
    run(*sign, *extensions, "-in", str(folder / "tsa.csr"), "-out", str(folder / "tsa.pem"))
    return Authority(folder)


@dataclass(frozen=True)
class Signer:
    """`allowed` is the file of allowed signers that a course would keep."""

    folder: Path

    @property
    def allowed(self) -> Path:
        return self.folder / "allowed"

    def receipt(self, sha: str, moment: datetime) -> tuple[str, str]:
        text = json.dumps({"sha": sha, "received_at": moment.isoformat()})
        sign = ("ssh-keygen", "-Y", "sign", "-f", str(self.folder / "key"), "-n", "coursework-receipt")
        return text, run(*sign, given=text.encode()).decode()

    def __call__(self, request: Request) -> Answer:
        text, signature = self.receipt(json.loads(request.body)["sha"], datetime.now(UTC))
        return Answer(json.dumps({"receipt": text, "signature": signature}).encode())


def signer(folder: Path) -> Signer:
    folder.mkdir()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "course", "-f", str(folder / "key"))
    (folder / "allowed").write_text(f"course {(folder / 'key.pub').read_text()}")
    return Signer(folder)
