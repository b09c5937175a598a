"""A real nginx with the site that we give operators, before a server of ours."""

import asyncio
import os
import re
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.paths import ROOT
from tests.support.process import free_port

NAME = "ask.example.com"
SITE = ROOT / "config" / "nginx.conf"
START_SECONDS = 20.0

FRAME = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
{user}
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """`port` speaks TLS, `plain_port` redirects there."""

    def __init__(self, folder: Path, upstream_port: int) -> None:
        self.port = free_port()
        self.plain_port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        _certify(folder)
        (folder / "site.conf").write_text(self._site(upstream_port), "utf-8")
        (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user=_user()), "utf-8")

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """What a browser would write: the name, with the port that isn't the usual one."""
        return f"{NAME}:{self.port}"

    @property
    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self._folder / "cert.pem"))
        context.check_hostname = False
        return context

    @property
    def access_log(self) -> str:
        return (self._folder / "access.log").read_text("utf-8")

    async def start(self) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        if program is None:
            pytest.fail("nginx is not installed; install it (apt install nginx)", pytrace=False)
        self._process = await asyncio.create_subprocess_exec(program, "-c", str(self._folder / "nginx.conf"))
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(self.port):
                assert self._process.returncode is None, (self._folder / "error.log").read_text("utf-8")
                await asyncio.sleep(0.02)

    async def reload(self) -> None:
        """As `systemctl reload nginx` does; returns when the new workers are there."""
        assert self._process is not None
        before = self.workers()
        self._process.send_signal(1)
        async with asyncio.timeout(START_SECONDS):
            while not self.workers() - before:
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """At once, with every connection."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    def workers(self) -> set[int]:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return set(map(int, children.read_text().split()))

    def _site(self, upstream_port: int) -> str:
        """The site as it is, with this test's ports and paths in place of an operator's."""
        site = SITE.read_text("utf-8")
        for found, instead in (
            (r"server 127\.0\.0\.1:12224;", f"server 127.0.0.1:{upstream_port};"),
            (r"listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            (r"listen 443 ", f"listen 127.0.0.1:{self.port} "),
            (r"/etc/letsencrypt/live/[^/]+/fullchain\.pem", f"{self._folder}/cert.pem"),
            (r"/etc/letsencrypt/live/[^/]+/privkey\.pem", f"{self._folder}/key.pem"),
            (r"/var/log/nginx/text2sql-ws\.log", f"{self._folder}/access.log"),
        ):
            site, count = re.subn(found, instead, site)
            assert count == 1, found
        return site


@asynccontextmanager
async def before(upstream_port: int, folder: Path) -> AsyncIterator[Nginx]:
    """nginx running before the server on this port; gone afterwards."""
    nginx = Nginx(folder, upstream_port)
    await nginx.start()
    try:
        yield nginx
    finally:
        await nginx.stop()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _user() -> str:
    """Root's nginx would give its workers to somebody who can't read a test's folder."""
    return "user root;" if os.geteuid() == 0 else ""


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
