"""Who a request comes from, and from where: the token, the `Host`, the `Origin`.

Every address asks who is there but those of `OPEN`, so one that is added is closed until it is listed.
"""

from urllib.parse import urlsplit

from aiohttp import web

from text2sql_ws.addresses import Proxies, is_loopback
from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import Bulletin, LoginFailed
from text2sql_ws.settings import Misconfigured, Settings
from text2sql_ws.texts import say
from text2sql_ws.tokens.failures import FailedLogins
from text2sql_ws.tokens.verifier import Verifier
from text2sql_ws.users import NEVER, Login, User
from text2sql_ws.web.bearer import token_of

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

NOBODY = User(id="1", wire_id=1, is_admin=True)
"""Who asks where nobody logs in: everyone is an administrator, and the server stays on loopback."""

LOGIN = web.RequestKey("login", Login)
CLIENT = web.RequestKey("client", str)


def check_exposure(settings: Settings) -> None:
    """Refuse to serve strangers without asking who they are. Raises `Misconfigured`."""
    server = settings.server
    if settings.auth.mode == "none" and not is_loopback(server.host) and not server.allow_insecure:
        raise Misconfigured(
            [
                f'server.host = "{server.host}" can be reached from other machines, and auth.mode = "none" '
                'lets everyone in as an administrator: set auth.mode = "jwt", or server.host = "127.0.0.1", '
                "or, where the network itself keeps strangers out, server.allow_insecure = true"
            ]
        )


class Doorman:
    """Knows which hosts this server answers to, which pages may call it, and who may come in.

    Without a `verifier` nobody logs in.
    """

    def __init__(
        self, settings: Settings, verifier: Verifier | None, clock: Clock, bulletin: Bulletin
    ) -> None:
        server = settings.server
        public = urlsplit(server.public_url).hostname
        named = {server.host, *server.allowed_hosts, *([public] if public else [])}
        self._hosts = LOOPBACK_NAMES | {name.lower() for name in named}
        self._origins = {origin.lower().rstrip("/") for origin in server.allowed_origins}
        self._proxies = Proxies(server.trusted_proxies)
        self._verifier = verifier
        self._failures = FailedLogins(
            clock, lambda address, failures: bulletin.tell(LoginFailed(address, failures))
        )

    def knows_host(self, request: web.BaseRequest) -> bool:
        """Whether the `Host` is one of ours; a page that rebinds its name to us is told apart by it."""
        return _hostname(request.host) in self._hosts

    def allows_origin(self, request: web.BaseRequest) -> bool:
        """Whether a page may call: one of this very host, or an allowed one. No `Origin`, no browser."""
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        origin = origin.lower().rstrip("/")
        return origin in self._origins or urlsplit(origin).netloc == request.host.lower()

    async def admit(self, request: web.Request) -> None:
        """Find out who asks, for `user` and `login`. It may wait while keys are fetched.

        Raises `Fault` AUTHENTICATION_FAILED, RATE_LIMITED where that happened too often, or NETWORK_ERROR.
        """
        request[CLIENT] = self._proxies.client(request.remote or "", _forwarded_for(request))
        if self._verifier is None:
            request[LOGIN] = Login(NOBODY, NEVER)
        elif not _is_open(request):
            request[LOGIN] = await self._login(self._verifier, request)

    async def renew(self, login: Login, token: str) -> Login:
        """A newer token of the same user. Raises `Fault` as `admit` does."""
        if self._verifier is None:
            why = say("login.not_needed")
            raise Fault(Code.INVALID_MESSAGE, say("message.field", field="data.token", why=why))
        renewed = await self._verifier.verify(token)
        if renewed.user.id != login.user.id:
            raise Fault(Code.AUTHENTICATION_FAILED, say("login.other_user"))
        return renewed

    def login(self, request: web.BaseRequest) -> Login:
        return request[LOGIN]

    def call(self, request: web.Request, name: str) -> User:
        """Who asks; where nobody logs in, whoever the dialect says: `anonymous`, or the address's user."""
        if self._verifier is None:
            request[LOGIN] = Login(User(id=name, wire_id=name, is_admin=True), NEVER)
        return self.user(request)

    def user(self, request: web.BaseRequest) -> User:
        return request[LOGIN].user

    async def _login(self, verifier: Verifier, request: web.Request) -> Login:
        token = token_of(request)
        if token is None:
            raise Fault(Code.AUTHENTICATION_FAILED, say("login.missing"))
        try:
            return await verifier.verify(token)
        except Fault as fault:
            if fault.code is Code.AUTHENTICATION_FAILED:
                raise self._failures.add(request[CLIENT] or "unknown", fault) from None
            raise


def client_of(request: web.BaseRequest) -> str:
    """The address of who asks, behind whatever proxies; empty where that is not known."""
    return str(request.get(CLIENT) or request.remote or "")


def _forwarded_for(request: web.BaseRequest) -> str:
    """Of all such lines, for a proxy may add one of its own."""
    return ",".join(request.headers.getall("X-Forwarded-For", []))


def _is_open(request: web.Request) -> bool:
    """By what the router found, not by the path: there is more than one way to write a path."""
    resource = request.match_info.route.resource
    address = resource.canonical if resource is not None else ""
    return address in OPEN or (address in OPEN_TO_THIS_MACHINE and is_from_this_machine(request))


def is_from_this_machine(request: web.Request) -> bool:
    """Whether nobody stands behind the peer: a proxy on this machine speaks for others, and says so."""
    return is_loopback(request.remote or "") and not FORWARDED.intersection(map(str.lower, request.headers))


def _hostname(host: str) -> str:
    """The name in a `Host` header, without its port and an IPv6 address's brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


OPEN = frozenset(
    {
        "/",
        "/admin",
        "/chat",
        "/playground",
        "/docs",
        "/docs/{page}",
        "/docs/images/{name}",
        "/openapi.json",
        "/asyncapi.json",
        "/static",
        "/static/vega.js",
        "/health/live",
        "/health/ready",
    }
)
"""What anyone may have: the page, which has to load before it can log in; what load balancers ask."""

OPEN_TO_THIS_MACHINE = frozenset({"/metrics", "/offline/v1/models", "/offline/v1/chat/completions"})
"""The built-in model, which our own client asks like any other and which knows no data; and the metrics."""

FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-real-ip"})
"""Headers by which proxies say that they speak for somebody else."""
