"""What a feed takes: patterns by field, a cap for each source, and test-feed that says why (features.md E33, F37)."""
import feedparser

from daemon import ATOM, wait_for
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



FERRY = ("Ferry with sixty passengers runs aground near Bergen",
         "<p>A car ferry with sixty passengers aboard ran aground on rocks near Bergen early on Tuesday, the coast guard said. Nobody was hurt.</p>")
RETOLD = ("Sixty passengers rescued as car ferry runs aground on rocks near Bergen",
          "<p>The coast guard rescued sixty passengers from a car ferry that ran aground on rocks near Bergen on Tuesday; nobody was hurt.</p>")


def test_a_story_of_two_sources_is_one_entry_and_people_may_know_better(origin, daemon):
    """features.md A1 to A10 and section 4 rank 1, 2, 19: one entry with both named, its id kept; explain, split, join, replay."""
    a, b = origin.site("/a.xml", "rss", "The Courier"), origin.site("/b.xml", "atom", "The Wire")
    a.publish(FERRY[0], content=FERRY[1])
    d = daemon("", [("a", origin.url + "/a.xml"), ("b", origin.url + "/b.xml")])
    wait_for(lambda: len(d.entries()) == 1, "the story")
    first = d.entries()[0].findtext(ATOM + "id")
    b.publish(RETOLD[0], content=RETOLD[1])
    wait_for(lambda: "Also" in (d.entries()[0].findtext(ATOM + "content") or ""), "the other source")
    assert len(d.entries()) == 1 and d.entries()[0].findtext(ATOM + "id") == first
    items = {i["source"]: i["id"] for i in d.ctl("items")["items"]}
    told = d.ctl("explain", "item", str(items["b"]))
    assert told["item"]["placed"] == "similar" and len(told["items"]) == 2 and told["candidates"][0]["source"] == "a"
    _, text, _ = people(d, "explain", "item", str(items["b"]))
    assert "its words tell what the story tells" in text
    assert d.ctl("stories")["differing"] == 0 and d.ctl("stories", "--merge", "1")["differing"] == 1

    d.ctl("split", str(items["b"]))
    wait_for(lambda: len(d.entries()) == 2, "two entries")
    d.restart()
    assert len(d.entries()) == 2
    d.ctl("join", str(items["b"]), str(items["a"]))
    wait_for(lambda: len(d.entries()) == 1, "one entry")
    assert d.entries()[0].findtext(ATOM + "id") == first
    code, _, error = people(d, "split", "4711")
    assert code == 1 and "there is no item 4711" in error


def publish_others(origin):
    """story_rules.related_from: nothing is related before a hundred items have shown which words all use."""
    site = origin.site("/f.xml")
    for i in range(100):
        site.publish("alpha%d beta%d gamma%d" % (i, i, i), content="delta%d epsilon%d zeta%d eta%d" % (i, i, i, i))
    return "feeds:\n  - {name: others, sources: [f], limit: 200}\n", ("f", origin.url + "/f.xml"), lambda d: len(d.titles("/feeds/others.atom")) == 100


def test_what_is_only_related_is_named(origin, daemon):
    """Two thresholds, two actions (features.md section 5; design.md section 5): feedparser sees the links; page and date stay in order."""
    a, b = origin.site("/a.xml", "rss", "The Courier"), origin.site("/b.xml", "atom", "The Wire")
    a.publish(FERRY[0], content=FERRY[1])
    b.publish("Parliament passes the budget", content="Members of parliament voted for the government's budget in the capital.")
    feeds, others, have_come = publish_others(origin)
    d = daemon(feeds + "  - {name: all, sources: [a, b]}\n  - {name: courier, sources: [a]}\n  - {name: early, exclude: rescued}\n",
               [("a", origin.url + "/a.xml"), ("b", origin.url + "/b.xml"), others])
    wait_for(lambda: len(d.entries()) == 2 and have_come(d), "two stories")
    before = {e.title: e for e in feedparser.parse(d.get("/feed.atom")[2]).entries}
    a.publish(RETOLD[0], content=RETOLD[1])  # by the same source: never one story
    def named(path, title):
        entry = [e for e in feedparser.parse(d.get(path)[2]).entries if e.title == title][0]
        return [link.title for link in entry.links if link.rel == "related" and "(" in link.title], entry

    wait_for(lambda: named("/feed.atom", FERRY[0])[0], "a related story")
    links, entry = named("/feeds/courier.atom", FERRY[0])
    assert links == [RETOLD[0] + " (The Courier)"] == named("/feed.atom", FERRY[0])[0]
    assert named("/feeds/early.atom", FERRY[0])[0] == []  # a feed names only what it takes
    assert entry.id == before[FERRY[0]].id and entry.updated == before[FERRY[0]].updated
    assert all(link.href.startswith("http") for link in entry.links)
    assert named("/feed.atom", "Parliament passes the budget")[0] == []
    assert len(d.entries()) == 3 and b"<summary>Related: " in d.get("/")[2]
    first = d.get("/feed.atom")[2]
    d.restart()
    assert d.get("/feed.atom")[2] == first


def test_a_webhook_is_told_each_story_once(origin, receiver, daemon):
    """push.md W19: [story.created] is one call for each story, and each feed has its own first item of one; story.updated is the rest."""
    a, b, c = origin.site("/a.xml", "rss", "The Courier"), origin.site("/b.xml", "atom", "The Wire"), origin.site("/c.xml")
    for site in (a, b, c):
        site.publish("seed of " + site.path, guid="seed")
    feeds, others, have_come = publish_others(origin)
    config = feeds + "  - {name: all, sources: [a, b, c]}\n  - {name: late, sources: [b, c]}\nwebhooks:\n" + "".join(
        "  - {name: %s, feed: %s, url: \"%s/%s\", secret-file: \"%s\", events: [%s]}\n" % (name, feed, receiver.url, name, receiver.secret_file, events)
        for name, feed, events in (("once", "all", "story.created"), ("both", "all", "story.created, story.updated"),
                                   ("late", "late", "story.created, item.created"), ("items", "all", "item.created")))
    d = daemon(config, [(n, origin.url + "/%s.xml" % n) for n in "abc"] + [others])
    wait_for(lambda: len(d.entries()) == 3 and have_come(d), "the first items")

    def got(hook):
        told = sorted((g for g in receiver.deliveries() if g["path"].endswith("/hook/" + hook)), key=lambda g: g["seq"])
        assert all(g["verified"] and g["id"] == g["event"]["id"] for g in told)
        return [(g["type"], g["event"]["data"]["source"]["name"]) for g in told], told

    a.publish(FERRY[0], content=FERRY[1], guid="ferry")
    wait_for(lambda: len(got("once")[0]) == 1 and len(got("items")[0]) == 1, "the story")
    b.publish(RETOLD[0], content=RETOLD[1])
    wait_for(lambda: len(got("late")[0]) == 2 and len(got("both")[0]) == 2, "the other source")
    d.restart()  # who was told what is in the store
    c.publish(FERRY[0], content=FERRY[1])
    a.items[-1]["title"] = FERRY[0] + ", nobody hurt"
    wait_for(lambda: len(got("both")[0]) == 4 and len(got("items")[0]) == 3 and len(got("late")[0]) == 3, "all of it")
    assert got("once")[0] == [("story.created", "a")]
    assert got("both")[0][:2] == [("story.created", "a"), ("story.updated", "b")]
    assert sorted(got("both")[0][2:]) == [("story.updated", "a"), ("story.updated", "c")]
    assert got("late")[0] == [("story.created", "b"), ("item.created", "b"), ("item.created", "c")]
    assert len({g["event"]["data"]["story"]["id"] for g in got("both")[1] + got("late")[1]}) == 1 == len(d.entries()) - 3
    assert [g["event"]["data"]["story"]["is_new"] for g in got("once")[1] + got("late")[1]] == [True, False, False, False]
    assert len({g["id"] for g in got("both")[1] + got("items")[1]}) == 7  # an id for each event, and none by the way
    assert got("once")[1][0]["id"] == got("both")[1][0]["id"] == got("late")[1][0]["id"]  # a story is the same news to all

    a.publish(RETOLD[0], content=RETOLD[1])  # by the same source: another story, and related
    wait_for(lambda: len(got("once")[0]) == 2, "the related story")
    related = got("once")[1][1]["event"]["data"]["story"]["related"]
    assert [(r["title"], r["source"]) for r in related] == [(FERRY[0] + ", nobody hurt", "The Courier")]
    assert related[0]["id"] == got("once")[1][0]["event"]["data"]["story"]["id"] and related[0]["url"].startswith("http")


def test_a_search_is_a_feed_and_a_webhook(origin, receiver, daemon):
    """Issue 5: search: in a feed; F37 says a wrong one has its place."""
    site = origin.site("/r.xml")
    site.publish("seed")
    config = hook(receiver).replace("feed: all", "feed: ships") + "feeds:\n  - {name: ships, search: 'ferr* AND (bergen OR \"north sea\")'}\n"
    d = daemon(config, [("r", origin.url + "/r.xml")])
    wait_for(lambda: d.entries(), "the first item")
    site.publish("A FERRY", content="<p>off Bérgen</p>")
    site.publish("Ferries", content="<p>on the <b>North</b> Sea</p>")
    site.publish("Ferry", content="in the harbour")
    wait_for(lambda: len(d.titles()) == 4, "all items")
    wait_for(lambda: len(receiver.deliveries()) == 2, "two webhooks")
    assert sorted(d.titles("/feeds/ships.atom")) == ["A FERRY", "Ferries"] == sorted(receiver.titles())
    assert {t["title"]: t["rule"] for t in d.ctl("test-feed", "ships")["items"]}["Ferry"] == "search"
    assert [i["title"] for i in d.ctl("search", "title:ferries")["items"]] == ["Ferries"]
    code, _, error = people(d, "search", "ferry AND")
    assert code == 1 and "is not right at its end" in error
    d.write(config.replace("ferr* AND (", "ferr* AND (("), [("r", origin.url + "/r.xml")])
    bad = d.check_config()
    assert bad.returncode == 1 and ".yaml:12:27: error: the search" in bad.stderr and "something is missing" in bad.stderr and "^" in bad.stderr, bad.stderr
