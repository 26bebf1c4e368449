"""What a feed takes: patterns by field, a cap for each source, and test-feed that says why (features.md E33, F37)."""
from daemon import wait_for
from test_health import people
from test_spine import hook

FEEDS = """feeds:
  - {name: bridges, match: {title: bridge, text: open}, exclude: {author: bot, link: /ads/}}
  - {name: capped, per-source: 2}
  - {name: all-kept, per-source: 2, duplicates: keep}
"""


def test_patterns_of_one_field_select_for_the_feed_and_its_webhook(origin, receiver, daemon):
    """F37: title, text, author, link and category each for itself; the body text too (miniflux #2583)."""
    site = origin.site("/r.xml")
    site.publish("seed")
    config = hook(receiver).replace("feed: all", "feed: bridges") + FEEDS
    d = daemon(config, [("r", origin.url + "/r.xml")])
    wait_for(lambda: d.entries(), "the first item")
    site.publish("The bridge", content="<p>It is <b>open</b> at last.</p>")
    site.publish("Another bridge", content="It stays closed.")
    site.publish("A tunnel", content="The bridge beside it is open.")
    site.publish("Buy a bridge", content="We are open", link=origin.url + "/ads/1")
    wait_for(lambda: len(d.titles()) == 5, "all items")
    wait_for(lambda: len(receiver.deliveries()) == 1, "one webhook")
    assert d.titles("/feeds/bridges.atom") == ["The bridge"]
    assert receiver.titles() == ["The bridge"]

    trials = {t["title"]: t for t in d.ctl("test-feed", "bridges")["items"]}
    assert {t: (v["taken"], v["rule"], v["field"]) for t, v in trials.items()} == {
        "The bridge": (True, "taken", "text"),
        "Another bridge": (False, "match", "text"),
        "A tunnel": (False, "match", "title"),
        "Buy a bridge": (False, "exclude", "link"),
        "seed": (False, "match", "title"),
    }
    assert trials["Buy a bridge"]["quote"] == "/ads/"
    _, text, _ = people(d, "test-feed", "bridges", "--limit", "4")
    assert "1 of the newest 4 items are in the feed bridges" in text and "exclude.link" in text, text
    code, _, error = people(d, "test-feed", "brigdes")
    assert code == 1 and "there is no feed named 'brigdes'" in error


def test_a_busy_source_does_not_fill_the_feed(origin, daemon):
    """E33, FreshRSS #5783: per-source counts the entries that a source leads; where items are kept apart, its items."""
    busy, calm = origin.site("/busy.xml"), origin.site("/calm.xml")
    for i in range(9):
        busy.publish("busy %d" % i)
    calm.publish("calm 0")
    d = daemon(FEEDS, [("busy", origin.url + "/busy.xml"), ("calm", origin.url + "/calm.xml")])
    wait_for(lambda: len(d.titles()) == 10, "all items")
    for feed in ("capped", "all-kept"):
        titles = d.titles("/feeds/%s.atom" % feed)
        assert sorted(titles)[-1] == "calm 0" and len(titles) == 3, titles

