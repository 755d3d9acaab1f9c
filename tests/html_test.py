#!/usr/bin/env python3
"""What must hold of `-f html`, with hostile text in every field.

    html_test.py OFFBOX [--browser]

Reads the report with Python's own parser: elements are closed in order, no
script, no handler, nothing that is fetched, ids are unique, and every text
of the records is there as text. With --browser a headless Chromium opens it:
nothing runs, nothing is fetched, and the style applies; status 77 if there
is none. Status 1, and the reason, if anything does not hold.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from html.parser import HTMLParser
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
NOW = "2024-05-15T00:00:00Z"
VOID = {"meta", "br"}
ELEMENTS = VOID | set("""
    html head title style body header main footer nav article section h1 h2 h3 p a b em code pre
    span div mark dl dt dd ol ul li table thead tbody tr th td figure figcaption svg path rect
""".split())
ATTRIBUTES = set("""
    lang charset http-equiv content name class id href scope colspan data-name
    viewbox preserveaspectratio role aria-label d x y width height
""".split())
# Where a browser would look for something to run or to fetch.
PAYLOADS = [
    "<script>document.title='RAN'</script>",
    "<img src=x onerror=\"document.title='RAN'\">",
    "<svg onload=\"document.title='RAN'\"><script>document.title='RAN'</script></svg>",
    "</pre></code></td></table></style></title><script>document.title='RAN'</script>",
    "\"'><iframe srcdoc=\"<script>parent.document.title='RAN'</script>\">",
    "javascript:document.title='RAN'//<a href=\"javascript:document.title='RAN'\">x</a>",
    "<style>*{display:none!important}@import 'BEACON/css'</style>",
    "}*{background:url(BEACON/css2)}",
    "<link rel=stylesheet href=BEACON/link><img src=BEACON/img><base href=BEACON/>",
    "<meta http-equiv=refresh content=\"0;url=BEACON/refresh\">",
    "]]>--><!--&lt;script&gt;&#x3c;script&#62;&amp;amp;",
    "\u202egpj.exe\u2066\u200f \x1b[31m\x00\x07 \\x1b \\u{202e} \ud800",
    "$(touch RAN) `id` ; rm -rf . 'quoted' \"double\"",
]


def expect(holds: bool, *what: object) -> None:
    if not holds:
        raise SystemExit("html_test.py: " + " ".join(map(str, what)))


class Page(HTMLParser):
    """Checks the structure while it reads, and keeps the texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.count: dict[str, int] = {}
        self.style = self.policy = self.title = ""
        self.feed(html)
        self.close()
        expect(not self.open, "never closed:", self.open)
        for link in self.links:
            expect(link[1:] in self.ids, "a link to nowhere:", link)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        expect(tag in ELEMENTS, "element", tag)
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            expect(name in ATTRIBUTES, "attribute", name, "of", tag)
            expect(value is not None and not re.search(r"(?i)javascript|url\(|//|expression", value),
                   name, value)
            if name == "id":
                expect(value not in self.ids, "id twice:", value)
                self.ids.add(str(value))
            if name == "href":
                expect(re.fullmatch(r"#instance-\d+", str(value)), "href", value)
                self.links.append(str(value))
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"] or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        expect(bool(self.open) and self.open.pop() == tag, "closed out of order:", tag, self.open)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif self.open[-2:] == ["head", "title"]:
            self.title += data
        else:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        expect(False, "a comment:", data)

    def unknown_decl(self, data: str) -> None:
        expect(False, "a declaration:", data)

    def handle_pi(self, data: str) -> None:
        expect(False, "an instruction:", data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def record(number: int, address: str, hostile: str, **more: object) -> dict[str, object]:
    """A record whose every text is `hostile`."""
    return {
        "eventVersion": hostile, "eventID": f"{number}{hostile}", "eventName": hostile,
        "eventSource": hostile, "awsRegion": hostile, "userAgent": hostile, "errorCode": hostile,
        "errorMessage": hostile, "vpcEndpointId": hostile, "recipientAccountId": hostile,
        "sourceIPAddress": address, "eventTime": f"2022-02-22T{number % 24:02}:00:00Z",
        "userIdentity": {
            "type": hostile, "principalId": "A:i-" + hostile, "accountId": hostile,
            "accessKeyId": hostile, "arn": hostile,
            "sessionContext": {"ec2RoleDelivery": hostile, "sessionIssuer": {
                "arn": hostile, "userName": hostile}}},
        "requestParameters": {hostile: [hostile, {}, [], 1.5e300, None, True]}} | more


def hostile_trail(folder: Path, beacon: str) -> list[str]:
    """Files, themselves with hostile names, that hold all the payloads."""
    payloads = [payload.replace("BEACON", beacon) for payload in PAYLOADS]
    records = [record(number, f"203.0.113.{address}", payload)
               for number, payload in enumerate(payloads) for address in (1, 2)]
    trail = folder / "<img src=x onerror=alert(1)>.jsonl"
    trail.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    cut = folder / "<script>\u202e\x1b[31m.json"
    cut.write_text('{"Records":[{"eventName":"x"}', encoding="utf-8")
    return [str(trail), str(cut)]


def make(offbox: str, *arguments: str, statuses: tuple[int, ...] = (0, 1, 4, 5)) -> str:
    pages = []
    for threads in ("1", "4"):
        done = subprocess.run([offbox, "-q", "-j", threads, "--now", NOW, "-f", "html", *arguments],
                              capture_output=True, timeout=120, check=False)
        expect(done.returncode in statuses, done.returncode, done.stderr)
        pages.append(done.stdout.decode())
    expect(pages[0] == pages[1], "threads change the page")
    control = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]", pages[0])
    expect(not control, "a character that acts:", control)
    return pages[0]


def check_page(html: str) -> Page:
    page = Page(html)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    expect(page.policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
           "form-action 'none'", "the policy, with the digest of the style:", page.policy, digest)
    expect(not re.search(r"(?i)@import|url\(|expression", page.style), "the style fetches")
    expect(page.title == "offbox: instance credentials used off the box", page.title)
    return page


def check_hostile(html: str, beacon: str) -> None:
    page = check_page(html)
    for payload in PAYLOADS:
        for word in payload.replace("BEACON", beacon).split():
            if re.fullmatch(r"[!-~]+", word):  # the others are spelt out
                expect(word in page.text, "a text was lost:", word)
    for spelt in ("\\u{202e}gpj.exe\\u{2066}\\u{200f}", "\\x1b[31m"):
        expect(spelt in page.text, "not spelt out:", spelt)
    expect(len(re.findall("(?m)^aws ", page.text)) == 6 * len(PAYLOADS), "not all commands")
    for text in re.findall(r"(?m)^ *(?:aws |--[a-z])[^\n]*$", page.text):
        expect(not re.search(r"[$`;<>]", text), "a command that a record wrote:", text)


def check_record(offbox: str) -> None:
    """The record that is shown reads as the one in jsonl."""
    arguments = [str(FIXTURES / "stolen" / "AWSLogs")]
    html = make(offbox, *arguments)
    shown = re.search(r'<pre class="record">(.*?)</pre>', html, re.S)
    expect(shown is not None, "no record")
    lines = subprocess.run([offbox, "-q", "-f", "jsonl", *arguments], capture_output=True,
                           check=False).stdout
    text = Page(f"<pre>{shown[1]}</pre>").text if shown else ""
    expect(json.loads(text) == json.loads(lines)["Event"], "another record:", text)
    expect(text == json.dumps(json.loads(text), indent=2), "not laid out as json.dumps does")


def check_bounds(offbox: str, folder: Path) -> None:
    """Long trails and many addresses make no endless page."""
    trail = folder / "long.jsonl"
    with trail.open("w", encoding="utf-8") as out:
        for number in range(4000):
            out.write(json.dumps(record(number, f"203.0.113.{number % 100}", "x",
                                        eventTime=f"{1000 + 2 * number:04}-06-01T00:00:00Z")) + "\n")
        out.write(json.dumps(record(0, "203.0.113.1", "x", eventTime="never")) + "\n")
        out.write(json.dumps(record(1, "203.0.113.1", "x", eventTime="0000-01-01T00:00:00Z")) + "\n")
        out.write(json.dumps(record(2, "203.0.113.1", "x", eventTime="9999-12-31T23:59:59Z")) + "\n")
    html = make(offbox, str(trail))
    page = check_page(html)
    expect(page.count["svg"] == 12 and page.count["rect"] <= 12 * 204, page.count)
    expect("Not drawn: 88 more addresses." in page.text and "50 more addresses left out" in page.text,
           "what is left out is not told")
    expect("Not drawn: 1 event without a readable time." in page.text, "an event without a time is not told")
    deep = json.dumps(record(0, "203.0.113.1", "x"))[:-1] + ',"deep":' + "[" * 900 + "]" * 900 + "}"
    trail.write_text(deep + "\n" + json.dumps(record(1, "203.0.113.2", "x")) + "\n", encoding="utf-8")
    expect(len(make(offbox, "--min-ips", "1", str(trail))) < 500_000, "depth is no size")


def check_browser(html: str, folder: Path, hits: list[str]) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("skipped: there is no chromium")
        raise SystemExit(77)

    def dom(page: Path) -> str:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom",
             page.as_uri()], capture_output=True, timeout=240, check=False)
        expect(done.returncode == 0, "chromium:", done.returncode, done.stderr[-2000:])
        return done.stdout.decode()

    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    seen = dom(page)
    expect("<title>offbox: instance credentials used off the box</title>" in seen, "the title changed")
    elements = {name.lower() for name in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", seen)}
    expect(elements <= ELEMENTS, "elements that nobody wrote:", elements - ELEMENTS)
    expect(seen.count("<article") == len(PAYLOADS), "articles:", seen.count("<article"))
    expect(not hits, "something was fetched:", hits)

    # That this would have told: the same payloads without escaping.
    bare = folder / "bare.html"
    bare.write_text("<title>x</title>" + PAYLOADS[0] + f"<img src={BEACON_OF[0]}/bare>", encoding="utf-8")
    expect("RAN" in dom(bare).split("</title>")[0] and hits == ["/bare"], "the test is blind:", hits)


BEACON_OF: list[str] = []


def main() -> None:
    offbox = sys.argv[1]
    hits: list[str] = []

    class Beacon(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Beacon)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    BEACON_OF.append(f"http://127.0.0.1:{server.server_port}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        html = make(offbox, *hostile_trail(folder, BEACON_OF[0]), statuses=(5,))
        if "--browser" in sys.argv:
            check_browser(html, folder, hits)
        else:
            check_hostile(html, BEACON_OF[0])
            check_record(offbox)
            check_bounds(offbox, folder)
            for path in sorted((FIXTURES / "hostile").glob("*.jsonl")):
                check_page(make(offbox, "--min-ips", "1", str(path)))
            for arguments in (["--instance", "i-<script>"], ["--min-ips", "9"], ["--ipv6"]):
                check_page(make(offbox, *arguments, str(FIXTURES / "damaged"), str(FIXTURES / "stolen")))


if __name__ == "__main__":
    main()
