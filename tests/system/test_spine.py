"""The main job, end to end: sources in, one merged feed and signed webhooks out."""
import json
import os
import time

import feedparser
import jsonschema

from daemon import ATOM, wait_for
from origin import Reply


def hook(receiver, **more):
    extra = "".join(", %s: %s" % kv for kv in more.items())
    return "webhooks:\n  - {name: desk, feed: all, url: \"%s\", secret-file: \"%s\"%s}\n" % (receiver.url, receiver.secret_file, extra)


def four_sites(origin):
    sites = {"rss": origin.site("/r.xml", "rss", "The Courier"), "atom": origin.site("/a.xml", "atom", "The Wire"),
             "json": origin.site("/j.json", "json", "Edges"), "az": origin.site("/az.xml", "rss", "Xəbər")}
    for name, site in sites.items():
        for i in range(3):
            site.publish("%s old %d" % (name, i))
    return sites


def sources_of(sites, origin):
    return [(name, origin.url + site.path) for name, site in sites.items()]


def test_every_format_arrives_and_a_story_is_told_once(origin, receiver, daemon):
    """RSS, Atom and JSON Feed in one feed; one page under two tracked links is one entry that names both sources."""
    sites = four_sites(origin)
    d = daemon(hook(receiver), sources_of(sites, origin))
    wait_for(lambda: len(d.entries()) == 12, "the first twelve items")
    assert receiver.deliveries() == []  # push.md F-1: nothing of a first fetch

    link = origin.url + "/story/bridge"
    sites["rss"].publish("The bridge opens", link=link + "?utm_source=rss&utm_medium=feed", guid="g-rss")
    sites["atom"].publish("Bridge opened", link=link + "?fbclid=abc", guid="g-atom")
    sites["az"].publish("Körpü açıldı")
    wait_for(lambda: len(d.entries()) == 14, "the new stories")
    wait_for(lambda: len(receiver.deliveries()) == 3, "three webhooks")

    def told_by_both():
        told = [e for e in d.entries() if "ridge" in e.findtext(ATOM + "title")]
        text = "".join(e.findtext(ATOM + "content") + e.findtext(ATOM + "source/" + ATOM + "title") for e in told)
        return "The Courier" in text and "The Wire" in text and told
    told = wait_for(told_by_both, "both sources in the feed, which may be made after the webhooks")
    assert len(told) == 1
    related = [link_.get("title") for link_ in told[0].findall(ATOM + "link") if link_.get("rel") == "related"]
    assert related[0] in ("The Courier", "The Wire") and all("(" in title for title in related[1:])  # the others are other stories
    assert "Körpü açıldı" in d.titles()


def test_webhooks_are_verified_by_a_stranger(origin, receiver, daemon):
    """push.md W1 to W17 as npm standardwebhooks sees them; one POST for each new item, with our own stable id."""
    site = origin.site("/r.xml")
    site.publish("before")
    d = daemon(hook(receiver), [("r", origin.url + "/r.xml")])
    wait_for(lambda: d.entries(), "the first item")
    for i in range(5):
        site.publish("news %d" % i)
    got = wait_for(lambda: len(receiver.deliveries()) >= 5 and receiver.deliveries(), "five webhooks")
    assert all(g["verified"] for g in got), [g["error"] for g in got]
    assert sorted(g["title"] for g in got) == ["news %d" % i for i in range(5)]
    assert len({g["id"] for g in got}) == 5
    assert all(g["id"] == g["event"]["id"] and "." not in g["id"] for g in got)
    assert all(g["headers"]["content-type"].startswith("application/json") and g["type"] == "item.created" for g in got)
    assert [g["seq"] for g in sorted(got, key=lambda g: g["title"])] == sorted(g["seq"] for g in got)


def test_what_is_sent_is_as_documented(origin, receiver, daemon):
    """push.md W16: each type has one schema, which is shipped with an example; what a podcast in Atom says arrives in both outputs."""
    with open(os.path.join(os.path.dirname(__file__), "../../etc/syndicated.webhook.schema.json")) as f:
        schema = json.load(f)
    check = jsonschema.Draft202012Validator(schema)
    check.check_schema(schema)
    for example in schema["examples"]:
        check.validate(example)
    entry = ("<entry><id>tag:x.test,2026:%d</id><title>Episode %d</title><updated>2026-11-23T09:00:00Z</updated>"
             "<link href='/e%d'/><link rel='license' href='/by' title='CC BY'/><link rel='via' href='http://x.test/v' hreflang='en'/>"
             "<link rel='edit' href='/edit'/><link rel='enclosure' href='/e.mp3' type='audio/mpeg' length='5'/>"
             "<thr:in-reply-to xmlns:thr='http://purl.org/syndication/thread/1.0' ref='tag:x.test,2026:0'/>"
             "<georss:point xmlns:georss='http://www.georss.org/georss'>59.33 -18.06</georss:point>"
             "<itunes:season xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>2</itunes:season>"
             "<source><id>tag:blog.test,2026:f</id><title>A blog</title><updated>2026-11-23T09:00:00Z</updated></source></entry>")
    entries = []
    origin.play("/p.xml", lambda request: Reply(body=("<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:x.test,2026:f</id><title>P</title>"
                                                      "<updated>2026-11-23T09:00:00Z</updated>%s</feed>" % "".join(entries)).encode()))
    entries.append(entry % (1, 1, 1))
    config = hook(receiver, events="[item.created, item.updated, story.created, story.updated, source.failing]")
    d = daemon(config, [("p", origin.url + "/p.xml")])
    wait_for(lambda: len(d.entries()) == 1, "the first item")
    entries.insert(0, entry % (2, 2, 2))
    wait_for(lambda: len(receiver.deliveries()) == 2, "the second item and its story")
    entries[0] = entries[0].replace("Episode 2", "Episode two")
    wait_for(lambda: len(receiver.deliveries()) == 4, "the change of both")
    assert sorted(g["type"] for g in receiver.deliveries()) == ["item.created", "item.updated", "story.created", "story.updated"]
    for g in receiver.deliveries():
        check.validate(g["event"])
    item = g["event"]["data"]["item"]
    assert [(k["rel"], k["url"], k["title"]) for k in item["links"]] == [("license", origin.url + "/by", "CC BY"), ("via", "http://x.test/v", None)]
    assert item["place"] == {"latitude": 59.33, "longitude": -18.06} and item["season"] == "2" and item["origin"]["title"] == "A blog"
    assert item["in_reply_to"] == "tag:x.test,2026:0"
    wait_for(lambda: "Episode two" in d.titles(), "the change in the feed")
    read = feedparser.parse(d.get("/feed.atom")[2])
    e = [e for e in read.entries if e.title == "Episode two"][0]
    assert not read.bozo and e.itunes_season == "2" and e.source.title == "A blog" and list(e.where.coordinates) == [-18.06, 59.33]
    assert {(k.rel, k.href) for k in e.links} >= {("license", origin.url + "/by"), ("via", "http://x.test/v"), ("via", origin.url + "/p.xml")}


def test_initial_says_what_of_a_first_fetch_is_sent(origin, receiver, daemon):
    site = origin.site("/r.xml")
    now = time.time()
    for i in range(6):
        site.publish("item %d" % i, when=now - 600 + 60 * i)
    config = ("webhooks:\n"
              "  - {name: all-of-it, feed: all, url: \"%s/all\", secret-file: \"%s\", initial: all}\n"
              "  - {name: two, feed: all, url: \"%s/two\", secret-file: \"%s\", initial: 2}\n"
              "  - {name: none, feed: all, url: \"%s/none\", secret-file: \"%s\"}\n"
              % (receiver.url, receiver.secret_file, receiver.url, receiver.secret_file, receiver.url, receiver.secret_file))
    d = daemon(config, [("r", origin.url + "/r.xml")])
    wait_for(lambda: len(receiver.deliveries()) >= 8, "the initial deliveries")
    site.publish("afterwards")
    wait_for(lambda: receiver.titles("/hook/none") == ["afterwards"], "the one after")
    wait_for(lambda: len(receiver.deliveries()) == 11, "all of them")
    assert sorted(receiver.titles("/hook/two")) == ["afterwards", "item 4", "item 5"]
    assert sorted(receiver.titles("/hook/all")) == sorted(["item %d" % i for i in range(6)] + ["afterwards"])
    assert d.ctl("status")["webhooks"][0]["pending"] == 0


def test_a_feed_is_a_selection(origin, receiver, daemon):
    """Tags, match and exclude choose what is in a feed, and so what its webhook gets."""
    a, b = origin.site("/a.xml"), origin.site("/b.xml")
    a.publish("Belgrade elects"), a.publish("Cooking with leeks"), b.publish("Belgrade dances")
    config = ("feeds:\n  - {name: desk, tags: [politics], match: belgrade, exclude: cooking}\n"
              "webhooks:\n  - {name: w, feed: desk, url: \"%s\", secret-file: \"%s\", initial: all}\n" % (receiver.url, receiver.secret_file))
    d = daemon(config, ["{name: a, url: \"%s/a.xml\", tags: [politics]}" % origin.url, "{name: b, url: \"%s/b.xml\"}" % origin.url])
    wait_for(lambda: len(d.entries()) == 3, "all three items")
    wait_for(lambda: d.titles("/feeds/desk.atom") == ["Belgrade elects"], "the selection")
    wait_for(lambda: receiver.titles() == ["Belgrade elects"], "its webhook")
    a.publish("Belgrade again"), a.publish("Cooking in Belgrade")
    wait_for(lambda: sorted(receiver.titles()) == ["Belgrade again", "Belgrade elects"], "the next")
    wait_for(lambda: len(d.entries("/feeds/desk.atom")) == 2, "the feed to show what was sent")


def test_an_edited_item_is_the_same_entry(origin, receiver, daemon):
    """The same guid with another text: one entry, the same id, a later date, and no second item.created."""
    site = origin.site("/r.xml")
    site.publish("Old title", guid="g1", when=time.time() - 3600)
    d = daemon(hook(receiver), [("r", origin.url + "/r.xml")])
    before = wait_for(d.entries, "the item")[0]
    site.items[0]["title"] = "New title"
    wait_for(lambda: d.titles() == ["New title"], "the new title")
    after = d.entries()[0]
    assert after.findtext(ATOM + "id") == before.findtext(ATOM + "id")
    assert after.findtext(ATOM + "updated") > before.findtext(ATOM + "updated")
    assert receiver.deliveries() == []


def test_restart_loses_and_repeats_nothing(origin, receiver, daemon):
    site = origin.site("/r.xml")
    site.publish("one")
    d = daemon(hook(receiver), [("r", origin.url + "/r.xml")])
    wait_for(d.entries, "the first item")
    ids = [e.findtext(ATOM + "id") for e in d.entries()]
    site.publish("two")
    wait_for(lambda: receiver.titles() == ["two"], "its webhook")
    d.stop()
    site.publish("three")
    d.start()
    wait_for(lambda: receiver.titles() == ["two", "three"], "what came meanwhile")
    wait_for(lambda: sorted(d.titles()) == ["one", "three", "two"], "all three in the feed")
    assert [e.findtext(ATOM + "id") for e in d.entries()][-1:] == ids
