"""The box around foreign bytes: a crash or a hang costs one poll; the box has no doors (REL-2, acceptance of the spine)."""
import gzip
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from daemon import BUILD, wait_for

XXE = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>
<rss version="2.0"><channel><title>&x;</title><item><guid>1</guid><title>&x;</title></item></channel></rss>"""


def one_worker(origin, daemon, name="/a.xml"):
    site = origin.site(name)
    site.publish("one")
    d = daemon("ingest-workers: 1\n", [("a", origin.url + name)])
    wait_for(d.entries, "the first item")
    return site, d, d.children()[0]


def wait_until_a_job_waits(origin, path, n):
    """The body was fetched: n requests were answered 200, so the stopped worker has the job."""
    wait_for(lambda: len([r for r in origin.requests(path) if r.status == 200]) > n, "the fetch")
    time.sleep(0.5)


@pytest.mark.parametrize("how", ["crash", "hang"])
def test_a_bad_worker_costs_one_poll_and_is_replaced(origin, daemon, how):
    site, d, worker = one_worker(origin, daemon)
    fetched = len([r for r in origin.requests("/a.xml") if r.status == 200])
    os.kill(worker, signal.SIGSTOP)
    site.publish("two")
    wait_until_a_job_waits(origin, "/a.xml", fetched)
    if how == "crash":
        os.kill(worker, signal.SIGSEGV)
        os.kill(worker, signal.SIGCONT)
    wait_for(lambda: "is replaced" in d.log() or "killed and replaced" in d.log(), "the replacement", 25)
    wait_for(lambda: sorted(d.titles()) == ["one", "two"], "the next poll to bring it", 15)
    assert worker not in d.children() and len(d.children()) == 1
    assert d.ctl("status")["worker_restarts"] == 1
    assert d.log().count("outcome=worker") == 1
    s = wait_for(lambda: d.source("a")["failures"] == 0 and d.source("a"), "recovery")
    assert s["items"] == 2


def test_an_idle_worker_that_dies_is_replaced(origin, daemon):
    site, d, worker = one_worker(origin, daemon)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: d.children() and worker not in d.children(), "another worker")
    site.publish("two")
    wait_for(lambda: sorted(d.titles()) == ["one", "two"], "its work")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.skipif("asan" in BUILD or "tsan" in BUILD, reason="a sanitizer's runtime opens files of its own")
def test_strace_of_a_worker_shows_no_open_and_no_connect(origin, daemon, tmp_path):
    site, d, worker = one_worker(origin, daemon)
    out = str(tmp_path / "strace.txt")
    trace = subprocess.Popen(["strace", "-f", "-p", str(worker), "-o", out], stderr=subprocess.PIPE, text=True)
    assert "attached" in trace.stderr.readline()
    from origin import Reply
    origin.play("/xxe", lambda r: Reply(200, XXE, {"Content-Type": "application/rss+xml"}))
    origin.play("/koi8", lambda r: Reply(200, "<?xml version=\"1.0\" encoding=\"koi8-r\"?><rss version=\"2.0\"><channel><title>Т</title><item><title>Привет</title><description>&lt;p>мир</description></item></channel></rss>".encode("koi8-r")))
    origin.play("/sjis", lambda r: Reply(200, "<?xml version=\"1.0\" encoding=\"shift_jis\"?><rss version=\"2.0\"><channel><title>T</title><item><title>日本</title></item></channel></rss>".encode("shift_jis")))
    origin.site("/j", "json").publish("json item")
    d.write("ingest-workers: 1\n", [("a", origin.url + "/a.xml")] + [(n, origin.url + "/" + n) for n in ("xxe", "koi8", "sjis", "j")])
    d.ctl("reload")
    site.publish("two")
    wait_for(lambda: {"two", "Привет", "日本", "json item"} <= set(d.titles()), "all of them")
    wait_for(lambda: d.source("xxe")["polls"], "the hostile one")
    trace.send_signal(signal.SIGINT)
    trace.wait()
    calls = set(re.findall(r"^\d+ +(\w+)\(", open(out).read(), re.M))
    assert "read" in calls or "recvfrom" in calls
    assert not calls & {"open", "openat", "openat2", "connect", "socket", "execve", "clone", "clone3", "fork", "vfork", "unlink", "sendto"}, calls
    assert "root:" not in d.get("/feed.atom")[2].decode()


def test_the_worker_has_no_descriptors_but_its_own(origin, daemon):
    _, d, worker = one_worker(origin, daemon)
    links = {fd: os.readlink("/proc/%d/fd/%s" % (worker, fd)) for fd in os.listdir("/proc/%d/fd" % worker)}
    assert set(links) == {"0", "1", "2", "3"} and links["0"] == links["1"] == "/dev/null" and links["3"].startswith("socket:")
    status = open("/proc/%d/status" % worker).read()
    assert re.search(r"^Seccomp:\s+2$", status, re.M) and re.search(r"^NoNewPrivs:\s+1$", status, re.M)
    environment = open("/proc/%d/environ" % worker).read()
    assert "PATH=" not in environment and "HOME=" not in environment


def test_workers_end_with_the_daemon(origin, daemon):
    _, d, worker = one_worker(origin, daemon)
    d.kill()
    wait_for(lambda: not os.path.exists("/proc/%d" % worker) or "State:\tZ" in open("/proc/%d/status" % worker).read(), "the worker to end")


# REL-11: (declared, Python's codec, what must arrive). The sandbox opens no files, so each converter must come from memory.
ENCODINGS = [(label, codec, text) for text, pairs in {
    "Français déjà": "utf-8:utf-8-sig iso-8859-1 iso-8859-15 windows-1252 macintosh:mac-roman cp850 cp437 cp037 ibm500:cp500 iso-8859-9 windows-1254 iso-8859-3",
    "Привет, мир": "windows-1251 koi8-r iso-8859-5 ibm866:cp866 cp855 x-mac-cyrillic:mac-cyrillic utf-16 utf-16le:utf-16-le utf-16be:utf-16-be utf-32",
    "Привіт, їжак": "koi8-u",
    "Zażółć": "iso-8859-2 windows-1250 cp852 iso-8859-16 iso-8859-13 windows-1257 x-mac-ce:mac-latin2",
    "Þórður": "iso-8859-10",
    "Ŵy ŷ": "iso-8859-14",
    "āēī": "iso-8859-4",
    "Καλημέρα": "iso-8859-7 windows-1253 x-mac-greek:mac-greek",
    "שלום": "iso-8859-8-i:iso-8859-8 windows-1255 cp862",
    "مرحبا": "iso-8859-6 windows-1256",
    "สวัสดี": "tis-620 windows-874:cp874",
    "đ ơ ư": "windows-1258",
    "你好世界": "gb2312 gbk gb18030 big5 big5-hkscs:big5hkscs",
    "日本語": "shift_jis euc-jp iso-2022-jp",
    "안녕하세요": "euc-kr",
}.items() for label, codec in ((p.partition(":")[0], p.partition(":")[2] or p) for p in pairs.split())]


def test_every_encoding_is_read_inside_the_sandbox(origin, daemon):
    from origin import Reply
    assert len(ENCODINGS) >= 40
    want = {}
    for n, (label, codec, text) in enumerate(ENCODINGS):
        title = "%s %d" % (text, n)
        want[title] = label
        body = ("<?xml version=\"1.0\" encoding=\"%s\"?><rss version=\"2.0\"><channel><title>T</title><item><guid>%d</guid><title>%s</title></item></channel></rss>"
                % (label, n, title)).encode(codec)
        origin.play("/e%d" % n, lambda r, body=body: Reply(200, body))
    # Undeclared, for the detector; and packed without a word.
    russian = "Все люди рождаются свободными и равными в своем достоинстве и правах"
    feed = "<rss version=\"2.0\"><channel><title>T</title><item><guid>%s</guid><title>%s</title></item></channel></rss>"
    origin.play("/guess", lambda r: Reply(200, (feed % ("guess", russian)).encode("windows-1251")))
    origin.play("/packed", lambda r: Reply(200, gzip.compress((feed % ("packed", "packed")).encode())))
    want.update({russian: "guess", "packed": "packed"})
    names = ["e%d" % n for n in range(len(ENCODINGS))] + ["guess", "packed"]
    d = daemon("ingest-workers: 1\nfeeds:\n  - {name: all, limit: 1000}\n", [(n, origin.url + "/" + n) for n in names])
    wait_for(lambda: all(d.source(n)["polls"] for n in names), "a poll of each", 40)
    wait_for(lambda: len(d.titles()) >= len(want), "all of them in the feed")
    assert {label for title, label in want.items() if title not in set(d.titles())} == set()
    assert d.ctl("status")["worker_restarts"] == 0
