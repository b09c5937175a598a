// Where the server is, for WebSocket and for HTTP, whichever of the two a page names.

/** `address`: "ws://host", "https://host/below", or "" for the page's own host; `path` begins with a slash. */
export function resolve(address, path, kind) {
  const base = new URL(address || ".", globalThis.location?.href);
  const isSecure = base.protocol === "https:" || base.protocol === "wss:";
  const below = address ? base.pathname.replace(/\/$/, "") : "";
  const url = new URL(`${below}${path}`, base);
  url.protocol = { ws: isSecure ? "wss:" : "ws:", http: isSecure ? "https:" : "http:" }[kind];
  url.search = url.hash = "";
  return url;
}
