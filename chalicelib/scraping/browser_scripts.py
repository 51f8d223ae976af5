"""What the browser is told at its start, and the scripts of ours that it runs.  Constants only."""

from __future__ import annotations

from chalicelib.scraping.extraction.rendering import RENDERED_HTML_FUNCTION

WIDTH, HEIGHT = 1280, 1600
"""The window in pixels, as pages see it."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--single-process",
    "--no-zygote",
    "--in-process-gpu",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-setuid-sandbox",
    "--disable-site-isolation-trials",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-first-run",
    "--no-pings",
    "--mute-audio",
    "--hide-scrollbars",
    f"--window-size={WIDTH},{HEIGHT}",
    "--blink-settings=imagesEnabled=false",
    "--js-flags=--max-old-space-size=256",
    "--disk-cache-size=33554432",
    "--proxy-bypass-list=<-loopback>",
)
"""The first nine are what a Lambda sandbox needs; the others keep the browser quiet, small and inside the proxy."""

DRAWN = {
    "width": WIDTH,
    "height": HEIGHT,
    "deviceScaleFactor": 0,
    "mobile": False,
    "viewport": {"x": 0, "y": 0, "width": 16, "height": 16, "scale": 1},
}
"""Of the window only a corner is drawn, which halves the work of a page.  Pages notice nothing: layout, frames and what
they observe are those of the whole window, and so is a screenshot (``Emulation.setDeviceMetricsOverride`` of the
DevTools protocol)."""

_FONTS = ("woff", "woff2", "ttf", "otf", "eot")
_MEDIA = ("mp4", "webm", "mp3", "m3u8", "ogg", "pdf", "zip")
BLOCKED = tuple(f"*.{ending}{rest}" for ending in (*_FONTS, *_MEDIA) for rest in ("", "?*"))
"""Addresses that are not loaded: no product's text or price is in them.

Images need no entry: a browser that shows none asks for none, while each that it is refused costs it two reports."""

QUIET = """
(() => {
  window.open = () => null;
  window.print = window.alert = () => undefined;
  window.confirm = () => false;
  window.prompt = () => null;
  window.RTCPeerConnection = window.webkitRTCPeerConnection = undefined;
  window.addEventListener("beforeunload", event => event.stopImmediatePropagation(), true);
  const workers = {
    register: () => Promise.reject(new Error("off")),
    getRegistrations: () => Promise.resolve([]),
    ready: new Promise(() => undefined),
    addEventListener: () => undefined,
    controller: null,
  };
  if ("serviceWorker" in navigator)
    Object.defineProperty(Navigator.prototype, "serviceWorker", {get: () => workers});
})();
"""
"""Runs before a page's own scripts: no windows, no dialogs, no peer connections, no service workers."""

TAKE = f"""
const [limit, selector] = arguments;
const html = ({RENDERED_HTML_FUNCTION})();
const link = selector ? document.querySelector(selector) : null;
const target = link && link.getAttribute("href") !== "#" && typeof link.href === "string" ? link.href : null;
return [location.href, html.slice(0, limit), target || null];
"""
"""Address, HTML with the marks of what is drawn, and where the next-link leads."""

LOOK = f"""
const [ready, left, ...taking] = arguments, begun = performance.timeOrigin;
const arrived = begun !== left && document.readyState !== "loading";
const shown = arrived && (!ready || document.querySelector(ready) !== null);
const take = function () {{ {TAKE} }};
return [begun, arrived, shown, shown && taking.length ? take(...taking) : null];
"""
"""When this document began; whether it is another than the one that began at ``left``, and there to its end; whether it
shows what a selector finds, if there is one; and if so, what ``TAKE`` gives, if its arguments follow."""

SCROLL = """
const [limit, done] = arguments, before = document.documentElement.scrollHeight, started = Date.now();
window.scrollTo(0, before);
const look = () => document.documentElement.scrollHeight > before ? done(true)
  : Date.now() - started > limit ? done(false) : setTimeout(look, 50);
look();
"""
"""Scrolls to the end; whether the page grew within ``limit`` milliseconds."""
