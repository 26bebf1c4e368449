"""scripts/quickstart: the demo, from one command, and a second start that goes on."""
import os
import subprocess
import urllib.request
import xml.etree.ElementTree as xml

from daemon import ATOM, BUILD, TOP, free_port, wait_for


def run(tmp_path, port, seconds, *args):
    log = open(tmp_path / "quickstart.log", "a")
    return subprocess.Popen([os.path.join(TOP, "scripts", "quickstart"), "--no-install", "--port", str(port), "--state", str(tmp_path / "var"),
                             "--for", str(seconds), *args], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, "SYNDICATED_BUILD": BUILD})


def entries(port):
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d/feed.atom" % port, timeout=5) as r:
            return xml.fromstring(r.read()).findall(ATOM + "entry")
    except OSError:
        return []


def test_the_demo(tmp_path):
    port = free_port()
    log = lambda: (tmp_path / "quickstart.log").read_text()
    p = run(tmp_path, port, 40)
    wait_for(lambda: log().count("verified evt_") >= 7, "webhooks, the twice-told story among them", 38)
    told = [e for e in entries(port) if e.find(ATOM + "link[@rel='related']") is not None]
    assert len(told) == 1 and "Also reported by" in told[0].findtext(ATOM + "content")
    assert "REFUSED" not in log()
    before = {e.findtext(ATOM + "id") for e in entries(port)}
    assert len(before) >= 8
    assert p.wait(60) == 0 and "the next start continues from there" in log()
    p = run(tmp_path, port, 20)
    wait_for(lambda: before <= {e.findtext(ATOM + "id") for e in entries(port)}, "the second start", 18)
    assert p.wait(60) == 0
    assert "(again)" not in log()


def test_an_opml_file(tmp_path, origin):
    origin.site("/a.xml").publish("from opml")
    opml = tmp_path / "subs.opml"
    opml.write_text('<?xml version="1.0"?><opml version="2.0"><body><outline text="News"><outline type="rss" text="A" xmlUrl="%s/a.xml"/></outline></body></opml>'
                    % origin.url)
    p = run(tmp_path, free_port(), 3, str(opml))
    assert p.wait(30) == 0
    config = (tmp_path / "var" / "syndicated.yaml").read_text()
    assert origin.url + "/a.xml" in config


def test_nonsense_is_explained(tmp_path):
    p = run(tmp_path, free_port(), 3, "not-a-url")
    assert p.wait(30) != 0
    assert "error:" in (tmp_path / "quickstart.log").read_text()


def test_a_configuration_of_ones_own(tmp_path, origin):
    """Its own names count; what it leaves out is kept in the state directory, so that no directory of the system is needed."""
    origin.site("/a.xml").publish("mine")
    mine = tmp_path / "mine.yaml"
    mine.write_text("title: Mine\nallow-networks: [127.0.0.0/8]\nsources:\n  - %s/a.xml\n" % origin.url)
    port = free_port()
    p = run(tmp_path, port, 5, str(mine))
    wait_for(lambda: [e.findtext(ATOM + "title") for e in entries(port)] == ["mine"], "the item")
    assert p.wait(30) == 0
    assert (tmp_path / "var" / "db" / "syndicated.db").exists()
