"""The addresses, room by room. One that is added here is asked for a token until `identity.OPEN` lists it."""

from text2sql_ws.web import (
    admin,
    admin_deeds,
    chat,
    conversations,
    docs,
    export,
    health,
    metrics,
    monitor,
    notices,
    offline,
    queries,
    samples,
    scm,
    sockets,
    streams,
)

ROUTES = (
    sockets.ENDPOINTS,
    scm.ENDPOINTS,
    chat.ENDPOINTS,
    monitor.ENDPOINTS,
    admin.ROUTES,
    admin_deeds.ROUTES,
    queries.ROUTES,
    export.ROUTES,
    conversations.ROUTES,
    samples.ROUTES,
    streams.ROUTES,
    notices.ROUTES,
    health.ROUTES,
    metrics.ROUTES,
    docs.ROUTES,
    offline.ROUTES,
)
