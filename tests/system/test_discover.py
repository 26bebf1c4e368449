"""syndicated discover against a real origin, and what a source says whose document is a page."""
import json
import os
import re
import shutil
import subprocess

import pytest

from daemon import BUILD, free_port, wait_for
from origin import Reply

PAGE = b"""<!DOCTYPE html><html><head><meta charset="windows-1251"><title>Blog</title>
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/atom+xml" title="\xcd\xee\xe2\xee\xf1\xf2\xe8 &amp; more" href="atom.xml">
</head><body><a href="/rss">RSS</a></body></html>"""
LOOPBACK = ["--allow-networks", "10.0.0.0/8,127.0.0.0/8"]


def discover(*args, stdin=None):
    return subprocess.run([os.path.join(BUILD, "syndicated"), "discover", *args], input=stdin, capture_output=True, timeout=60)


def page(body=PAGE, kind="text/html"):
    return lambda request: Reply(200, body, {"Content-Type": kind})


def test_a_page(origin):
    origin.play("/blog/", page())
    r = discover(*LOOPBACK, origin.url + "/blog/")
    assert r.returncode == 0 and r.stderr == b"", r
    assert r.stdout.decode() == ("%s/blog/atom.xml\tapplication/atom+xml\t\u041d\u043e\u0432\u043e\u0441\u0442\u0438 & more\n"
                                 "%s/comments/feed/\tapplication/rss+xml\tComments\n" % (origin.url, origin.url))
    assert "accept" in origin.requests("/blog/")[0].headers


def test_json_and_a_redirect(origin):
    """Relative addresses begin where the redirects end."""
    origin.play("/", lambda r: Reply(302, headers={"Location": "/blog/"}))
    origin.play("/blog/", page())
    r = discover("--json", *LOOPBACK, origin.url + "/")
    assert r.returncode == 0
    assert [(f["url"], f["type"], f["how"]) for f in json.loads(r.stdout)] == [
        (origin.url + "/blog/atom.xml", "application/atom+xml", "link"), (origin.url + "/comments/feed/", "application/rss+xml", "link")]


def test_a_feed_is_the_only_line(origin):
    origin.site("/f", title="The feed").publish("x")
    r = discover(*LOOPBACK, origin.url + "/f")
    assert r.returncode == 0 and r.stdout.decode() == origin.url + "/f\tapplication/rss+xml\tThe feed\n" and b"is a feed itself" in r.stderr


def test_nothing_says_what_to_try(origin):
    origin.play("/", page(b"<html><body>Nothing</body></html>"))
    r = discover(*LOOPBACK, origin.url + "/")
    assert r.returncode == 1 and r.stdout == b"" and b"no feed is named by this page; tried:" in r.stderr and b"/rss.xml" in r.stderr
    r = discover("--json", *LOOPBACK, origin.url + "/")
    assert r.returncode == 1 and json.loads(r.stdout) == []


def test_a_guess_says_that_it_is_one(origin):
    origin.play("/", page(b"<html><meta name=generator content='Hugo 0.1'>"))
    r = discover(*LOOPBACK, origin.url + "/")
    assert r.returncode == 0 and r.stdout.decode().startswith(origin.url + "/index.xml\t") and b"not been tried" in r.stderr
    assert [q.path for q in origin.requests()] == ["/"]


def test_private_addresses_are_refused_by_default(origin):
    """polling.md R98: no connection is made."""
    origin.play("/", page())
    r = discover(origin.url + "/")
    assert r.returncode == 1 and r.stdout == b"" and b"loopback" in r.stderr and b"allow-networks" in r.stderr
    origin.play("/x", lambda r: Reply(302, headers={"Location": "http://10.1.2.3/"}))
    r = discover("--allow-networks=127.0.0.0/8", origin.url + "/x")
    assert r.returncode == 1 and b"10.1.2.3" in r.stderr
    assert [q.path for q in origin.requests()] == ["/x"]


@pytest.mark.parametrize("what, word", [("404", b"404"), ("dead", b"connection refused"), ("loop", b"circle"), ("big", b"16"), ("png", b"neither XML nor JSON")])
def test_failures_are_explained(origin, what, word):
    origin.play("/404", lambda r: Reply(404))
    origin.play("/loop", lambda r: Reply(302, headers={"Location": "/loop"}))
    origin.play("/big", page(b"<html>" + b"x" * (17 << 20)))
    origin.play("/png", page(b"\x89PNG\r\n", "image/png"))
    url = "http://127.0.0.1:%d/" % free_port() if what == "dead" else origin.url + "/" + what
    r = discover(*LOOPBACK, url)
    assert r.returncode == 1 and r.stdout == b"" and word in r.stderr, r
    assert r.stderr.decode().startswith("syndicated: %s: " % url)


def test_files(tmp_path):
    f = tmp_path / "page.html"
    f.write_bytes(PAGE)
    r = discover("--base", "https://example.org/blog/", str(f))
    assert r.returncode == 0 and r.stdout.startswith(b"https://example.org/blog/atom.xml\t")
    assert discover("--base=https://example.org/blog/", "-", stdin=PAGE).stdout == r.stdout
    r = discover(str(f))
    assert r.returncode == 1 and b"--base" in r.stderr
    r = discover(str(tmp_path / "none"))
    assert r.returncode == 1 and b"No such file" in r.stderr
    f.write_bytes(b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title></feed>")
    assert discover(str(f)).stdout.decode() == "%s\tapplication/atom+xml\tT\n" % f


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.skipif("asan" in BUILD or "tsan" in BUILD, reason="a sanitizer's runtime opens files of its own")
def test_the_page_is_read_in_the_box(tmp_path):
    """REL-2: behind its seccomp call, the process that reads the page opens and connects nothing."""
    out = tmp_path / "strace.txt"
    f = tmp_path / "page.html"
    f.write_bytes(PAGE)
    subprocess.run(["strace", "-f", "-o", str(out), os.path.join(BUILD, "syndicated"), "discover", "--base", "https://example.org/", str(f)], check=True)
    trace = out.read_text()
    boxed = re.search(r"^(\d+) +seccomp\(SECCOMP_SET_MODE_FILTER, .* = 0$", trace, re.M)
    calls = set(re.findall(r"^%s +(\w+)\(" % boxed.group(1), trace[boxed.end():], re.M))
    assert "read" in calls and "write" in calls and not calls - {"read", "write", "brk", "mmap", "munmap", "mremap", "madvise", "exit_group"}, calls


@pytest.mark.parametrize("args", [[], ["a", "b"], ["--nonsense", "a"], ["--base"], ["--allow-networks", "10.0.0/8", "a"], ["--base", "ftp://x/", "a"], [""]])
def test_usage(args):
    r = discover(*args)
    assert r.returncode == 2 and r.stdout == b"" and r.stderr


def test_a_source_that_is_a_page_says_which_feed_to_take(origin, daemon):
    origin.play("/blog/", page())
    d = daemon("", [("blog", origin.url + "/blog/")])
    s = wait_for(lambda: d.source("blog")["failures"] and d.source("blog"), "the poll")
    want = "this is an HTML page, not a feed; it names the feed %s/blog/atom.xml (\u041d\u043e\u0432\u043e\u0441\u0442\u0438 & more) and 1 more" % origin.url
    assert s["outcome"] == "not-a-feed" and s["message"] == want
    text = subprocess.run([d.program("syndicatectl"), "-s", d.socket, "sources"], capture_output=True, text=True).stdout
    assert want in text
    assert "%s/blog/atom.xml" % origin.url in d.log()
