"""Proxies as they are installed out there: tinyproxy (HTTP, CONNECT) and microsocks (polling.md R87, R105, T23)."""
import os
import socket

import pytest

from daemon import wait_for
from origin import Origin
from servers import ADDRESSES, Microsocks, Nginx, Pki, Tinyproxy

FEED = "<rss version=\"2.0\"><channel><title>t</title><item><title>Through</title><guid>1</guid></item></channel></rss>"
LOGIN = "reader:sesame"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    directory = tmp_path_factory.mktemp("proxies")
    pki = Pki(directory)
    nginx = Nginx(directory, pki)
    with open(nginx.root + "/feed.xml", "w") as f:
        f.write(FEED)
    with open(directory / "login", "w") as f:
        f.write(LOGIN + "\n")
    (directory / "login").chmod(0o600)
    nginx.pki, nginx.login_file = pki, directory / "login"
    started = [nginx]

    def start(make, **kw):
        started.append(make(directory, **kw))
        return started[-1]

    nginx.start = start
    yield nginx
    for s in started:
        s.close()


PROXIES = {"http": (Tinyproxy, "http"), "socks5": (Microsocks, "socks5")}


def make_proxy(world, kind, **kw):
    make, scheme = PROXIES[kind]
    if make is Tinyproxy:
        kw["connect_ports"] = [world.port]
    proxy = world.start(make, **kw)
    proxy.url = "%s://127.0.0.1:%d" % (scheme, proxy.port)
    return proxy


def https_source(world, name, address, extra=""):
    return "{name: %s, url: \"https://%s:%d/feed.xml\", tls: {ca-file: \"%s\"}%s}" % (name, address, world.port, world.pki.ca, extra)


def config(world, proxy, login=False):
    file = ", proxy-login-file: \"%s\"" % world.login_file if login else ""
    return "fetch: {rate: 1000, timeout: 5s, proxy: \"%s\"%s}\npoll: {min: 1s, max: 1s}\n" % (proxy, file)


def polled(d, name, outcomes=("ok", "unchanged", "not-modified")):
    return wait_for(lambda: d.source(name)["outcome"] in outcomes and d.source(name), "%s to be %s: %s" % (name, outcomes, d.source(name)), 15)


@pytest.mark.parametrize("kind", PROXIES)
def test_https_goes_through_a_tunnel(world, daemon, kind):
    """The certificate is the target's, validators work, and a source with proxy none goes directly."""
    proxy = make_proxy(world, kind)
    d = daemon(config(world, proxy.url), [https_source(world, "through", ADDRESSES[0]),
                                          https_source(world, "wrong-name", "127.8.0.1"), https_source(world, "direct", ADDRESSES[1], ", proxy: none")])
    polled(d, "through", ("not-modified",))
    polled(d, "direct", ("not-modified",))
    polled(d, "wrong-name", ("tls-cert",))
    assert proxy.connects(world.port) >= 2
    assert proxy.log().count(ADDRESSES[1]) == 0, "the direct one went through the proxy"


@pytest.mark.parametrize("kind", PROXIES)
def test_http_goes_through(world, daemon, origin, kind):
    proxy = make_proxy(world, kind)
    site = origin.site("/a.xml")
    site.publish("Told through a proxy")
    d = daemon(config(world, proxy.url), [("a", origin.url + "/a.xml")])
    wait_for(lambda: "Told through a proxy" in d.titles(), "the item")
    polled(d, "a", ("not-modified",))
    sent = origin.requests("/a.xml")
    assert len([r for r in sent if not r.is_conditional]) == 1
    assert not [r for r in sent if "proxy-authorization" in r.headers]
    assert ":%d" % origin.port in proxy.log().replace(" port ", ":")


@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_with_a_password(world, daemon, kind):
    proxy = make_proxy(world, kind, login=LOGIN)
    d = daemon(config(world, proxy.url, login=True), [https_source(world, "known", ADDRESSES[2])])
    polled(d, "known")
    assert "sesame" not in d.log()


@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_that_wants_a_password_we_lack(world, daemon, kind):
    proxy = make_proxy(world, kind, login=LOGIN)
    asked = len(world.requests("/feed.xml"))
    d = daemon(config(world, proxy.url), [https_source(world, "stranger", ADDRESSES[3]), https_source(world, "direct", ADDRESSES[4], ", proxy: none")])
    s = wait_for(lambda: d.source("stranger")["outcome"] and d.source("stranger"), "an outcome")
    assert s["outcome"] not in ("ok", "unchanged", "not-modified") and s["message"], s
    polled(d, "direct", ("not-modified",))
    assert proxy.port != world.port and len(world.requests("/feed.xml")) > asked


def test_a_proxy_that_is_down_is_no_fault_of_names(world, daemon):
    with socket.socket() as s:  # nobody listens here
        s.bind(("127.0.0.1", 0))
        d = daemon(config(world, "http://127.0.0.1:%d" % s.getsockname()[1]),
                   [https_source(world, "lost", ADDRESSES[5]), https_source(world, "direct", ADDRESSES[6], ", proxy: none")])
        lost = wait_for(lambda: d.source("lost")["outcome"] and d.source("lost"), "an outcome")
        assert lost["outcome"] == "connect", lost
        polled(d, "direct", ("not-modified",))


def test_the_target_is_judged_all_the_same(world, daemon, origin):
    """R105: what may not be asked directly may not be asked through a proxy either; the proxy hears nothing of it."""
    proxy = make_proxy(world, "http")
    d = daemon("allow-networks: [127.7.0.0/16]\n" + config(world, proxy.url), [("inner", "http://10.0.0.7/feed.xml"), ("loop", "http://127.9.0.1:%d/" % origin.port)])
    for name in ("inner", "loop"):
        polled(d, name, ("blocked",))
    assert "10.0.0.7" not in proxy.log() and "127.9.0.1" not in proxy.log()


@pytest.mark.skipif(os.geteuid() != 0, reason="makes its CA the system's in a mount namespace, which needs root")
@pytest.mark.parametrize("kind", PROXIES)
def test_http2_is_spoken_through_the_tunnel(world, daemon, kind):
    """R13 besides: validators are those of the answer, not of what the proxy says to CONNECT."""
    proxy = make_proxy(world, kind)
    before = len(world.requests("/feed.xml"))
    d = daemon(config(world, proxy.url), [("h2", "https://%s:%d/feed.xml" % (ADDRESSES[7], world.port))], inside=world.pki.trusted)
    polled(d, "h2", ("not-modified",))
    seen = world.requests("/feed.xml")[before:]
    assert {r["protocol"] for r in seen} == {"HTTP/2.0"} and len([r for r in seen if not r["tag"]]) == 1
    assert proxy.connects(world.port) >= 1
