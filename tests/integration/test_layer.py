"""The browser's layer: what is in it, that its bytes are always the same, and that it works as Lambda would run it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from scraping_support import unpacked_layer

from local.places import LAYER, ROOT

HERE = Path(__file__).parent
LIMIT = 250 * 1024 * 1024
FUNCTION = 40 * 1024 * 1024
"""Bytes left to the function's own code, which counts against the same limit."""


def test_the_layer_leaves_room_for_the_function_in_lambda_s_limit() -> None:
    with zipfile.ZipFile(LAYER) as layer:
        assert sum(entry.file_size for entry in layer.infolist()) < LIMIT - FUNCTION


def test_the_driver_can_be_run_and_nothing_depends_on_when_it_was_built() -> None:
    with zipfile.ZipFile(LAYER) as layer:
        entries = {entry.filename: entry for entry in layer.infolist()}
    assert entries["bin/chromedriver"].external_attr >> 16 & 0o777 == 0o755
    assert {entry.date_time for entry in entries.values()} == {(1980, 1, 1, 0, 0, 0)}
    assert not [name for name in entries if "__pycache__" in name or name.endswith(".pyc")]
    assert list(entries) == sorted(entries)


def test_no_build_output_lies_under_vendor() -> None:
    kept = {path.name for path in (ROOT / "vendor" / "selenium-layer").iterdir()} - {"__pycache__"}
    assert kept == {"build.py", "pins.json", "requirements.txt"}


def test_the_same_pins_give_the_same_bytes(tmp_path: Path) -> None:
    output = tmp_path / "again.zip"
    command = [sys.executable, str(ROOT / "vendor/selenium-layer/build.py"), "--output", str(output)]
    command += ["--downloads", str(LAYER.parent / "downloads")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert digest(output) == digest(LAYER)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# In an environment like Lambda's -------------------------------------------------------------------------------------

INSIDE = """
import json, os, sys, time
started = time.monotonic()
from chalicelib.scraping.process import start_browser
from chalicelib.scraping.chromium import layer_of_selenium
from chalicelib.scraping.guard import guard_of
from chalicelib.scraping.products import listed_products
from chalicelib.scraping.shops.declaration import Shop
import chalicelib.scraping.worker
imported = time.monotonic() - started

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        number = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        body = PAGE.replace("NUMBER", str(number)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

PAGE = '''<!doctype html><html lang="en-GB"><head><title>Shelves</title></head><body><main id="shelf"></main><script>
for (let at = 0; at < 8; at++) {
  const card = document.createElement("article");
  card.dataset.sku = "K" + (NUMBER * 8 + at);
  card.className = "card";
  card.innerHTML = `<h2><a href="/p/${NUMBER * 8 + at}">Tea number ${NUMBER * 8 + at}</a></h2><p class=price>£2.50</p>`;
  document.getElementById("shelf").append(card);
}
document.body.id = "done";
</script></body></html>'''

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = "127.0.0.1:%d" % server.server_address[1]
shop = Shop(key="inside", name="Inside", hosts=(place,), start=("http://%s/" % place,))
before = time.monotonic()
browser = start_browser()
browser.serve(guard_of(shop, [place]))
ids, first = set(), None
for number in range(5):
    page = browser.open("http://%s/?page=%d" % (place, number), ready="#done")
    found = listed_products(page, shop)
    first = first or time.monotonic() - before + imported
    ids |= {product.shop_product_id for product in found if product.price is not None}
from chalicelib.scraping import chromium
resident = chromium.resident_bytes()
browser.close()
writable = []
for folder in ("/", "/opt", "/var/task", "/var/lang"):
    try:
        open(folder + "/x", "w").close()
        writable.append(folder)
    except OSError:
        pass
print(json.dumps({
    "uid": os.getuid(), "layer": str(layer_of_selenium()), "products": len(ids), "first": round(first, 2),
    "resident": resident, "tmp": sorted(os.listdir("/tmp")), "writable": writable,
    "left": len(chromium.own_processes()),
    "elsewhere": sorted(name for name, kept in list(sys.modules.items())
        if not (getattr(kept, "__file__", None) or "/opt/").startswith(("/var/task/", "/opt/", "/var/lang/"))),
}))
"""


def isolation() -> list[str]:
    """``unshare`` with what this user may do; skips where the kernel allows nothing of it."""
    apart = ["--mount", "--pid", "--net", "--fork"]
    for options in (apart, ["--user", "--map-root-user", *apart]):
        if subprocess.run(["unshare", *options, "true"], capture_output=True, check=False).returncode == 0:
            return ["unshare", *options]
    pytest.skip("this machine allows no namespaces")


def test_the_scraper_runs_from_the_layer_as_lambda_would_run_it(tmp_path: Path) -> None:
    task, script = tmp_path / "task", tmp_path / "inside.py"
    shutil.copytree(ROOT / "chalicelib", task / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    for package in ("msgspec", "aws_lambda_powertools", "jmespath"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        shutil.copytree(Path(spec.origin).parent, task / package)
    script.write_text(INSIDE)
    command = [
        *isolation(),
        sys.executable,
        str(HERE / "lambda_like.py"),
        str(unpacked_layer()),
        str(task),
        str(script),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["layer"] == "/opt"
    assert told["products"] == 40
    assert told["writable"] == []
    assert told["elsewhere"] == []
    assert told["left"] == 0
    assert not [
        name for name in told["tmp"] if "run-" in name or "unpacking" in name or name.startswith("org.chromium")
    ]
    assert told["resident"] < 600 * 1024 * 1024
    assert told["first"] < 10, "a cold worker's first product; the benchmark holds it to 3 s"
