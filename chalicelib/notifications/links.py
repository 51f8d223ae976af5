"""Links short enough for a text: without what only follows the reader.  Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

LONGEST = 70
"""Characters; a longer link is left out, as a cut one leads nowhere."""
_FOLLOWERS = ("utm_", "ga_", "mc_", "pk_", "hsa_", "itm_", "_hs")
_FOLLOWER_NAMES = {
    *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "twclid", "igshid", "yclid"),
    *("ref", "referrer", "source", "src", "cid", "cmpid", "campaign", "affid", "aff_id", "clickid", "irclickid"),
    *("sessionid", "sid", "phpsessid", "jsessionid", "spm", "_ga", "_gl"),
}


def short(url: str) -> str:
    """``url`` without scheme (``https``), ``www.``, fragment and parameters that track; ``""`` where it is not a plain
    web address or still too long."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _is_host(host) or parts.username or parts.password:
        return ""
    scheme = "http://" if parts.scheme == "http" else ""
    path = quote(parts.path.rstrip("/"), safe="/%-._~!$&'()*+,;=:@")
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _follows(pair[0])])
    link = f"{scheme}{host.removeprefix('www.')}{port}{path}" + (f"?{query}" if query else "")
    return link if len(link) <= LONGEST else ""


def _is_host(host: str) -> bool:
    return bool(host) and host.isascii() and all(character.isalnum() or character in "-." for character in host)


def _follows(parameter: str) -> bool:
    name = parameter.lower()
    return name in _FOLLOWER_NAMES or name.startswith(_FOLLOWERS)
