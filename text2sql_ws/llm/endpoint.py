"""Where a provider's chat completions are, and the request that asks for one; by which proxy, if any. Pure,
but that `proxy_for` reads the environment.

The one rule: what is secret or the operator's own (`credentials`) belongs to one origin, and is dropped when
a redirect leads to another scheme, host or port.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from text2sql_ws import __version__
from text2sql_ws.llm.model import Message
from text2sql_ws.settings import Provider

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "text/event-stream, application/json",
    "Accept-Encoding": "identity",  # a compressor holds tokens back until it has enough of them
    "User-Agent": f"text2sql-ws/{__version__}",
}
_COMPLETIONS = "/chat/completions"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Post:
    """One POST. `credentials` are headers too, but for this origin only."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    credentials: Mapping[str, str] = field(repr=False)


class BadLocation(ValueError):
    """A redirect leads nowhere that we can go."""


class Endpoint:
    """A provider's address. The key is read once, here."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.key = "".join((provider.key() or "").split())
        self._base = urlsplit(provider.base_url)

    def post(self, messages: Sequence[Message], model: str, *, include_usage: bool) -> Post:
        """The request for one streamed completion; the operator's extras override ours."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
        }
        if include_usage:
            body["stream_options"] = {"include_usage": True}
        return Post(
            self._url(model), _as_json({**body, **self._provider.extra_body}), _HEADERS, self._credentials()
        )

    def models(self) -> tuple[str, Mapping[str, str]] | None:
        """The address of the list of models, and headers for it; `None` where there is no usual one."""
        if self._provider.kind == "azure":
            return None
        path = self._base.path.rstrip("/").removesuffix(_COMPLETIONS) + "/models"
        url = urlunsplit((self._base.scheme, _host_and_port(self._base), path, self._base.query, ""))
        return url, {**_HEADERS, **self._credentials()}

    def _url(self, model: str) -> str:
        path, query = self._base.path.rstrip("/"), self._base.query
        if self._provider.kind == "azure":
            if "/deployments/" not in path and not path.endswith("/openai/v1"):
                path += f"/openai/deployments/{quote(model, safe='')}"
            if "api-version=" not in query:
                version = urlencode({"api-version": self._provider.api_version})
                query = f"{query}&{version}" if query else version
        path += "" if path.endswith(_COMPLETIONS) else _COMPLETIONS
        return urlunsplit((self._base.scheme, _host_and_port(self._base), path, query, ""))

    def _credentials(self) -> dict[str, str]:
        credentials = {}
        if self._base.username:
            pair = f"{unquote(self._base.username)}:{unquote(self._base.password or '')}"
            credentials["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if self.key and self._provider.kind == "azure":
            credentials["api-key"] = self.key
        elif self.key:
            credentials["Authorization"] = f"Bearer {self.key}"
        extra = self._provider.extra_headers
        overridden = {name.lower() for name in extra}
        return {name: value for name, value in credentials.items() if name.lower() not in overridden} | extra


def redirected(post: Post, location: str) -> Post:
    """`post` sent on to `location`, body and all, less what is not for that origin; raises `BadLocation`."""
    try:
        url = urlsplit(urljoin(post.url, location))
        same = _origin(url) == _origin(urlsplit(post.url))
    except ValueError as error:
        raise BadLocation(location) from error
    if not location or url.scheme not in _DEFAULT_PORTS or not url.hostname:
        raise BadLocation(location)
    target = urlunsplit((url.scheme, _host_and_port(url), url.path, url.query, ""))
    return replace(post, url=target, credentials=post.credentials if same else {})


def proxy_for(url: str) -> str | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY name for `url`; never one for loopback."""
    target = urlsplit(url)
    if is_loopback(target.hostname or "") or proxy_bypass(target.netloc):
        return None
    proxies = getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    name = host.lower().rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _host_and_port(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _as_json(body: Mapping[str, Any]) -> bytes:
    """UTF-8; half a surrogate pair in a question becomes `?` instead of an exception."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
