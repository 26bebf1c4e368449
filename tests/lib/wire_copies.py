"""Seeded wire copies with hard negatives, for tests/bench/wire_copies: wire_copies.py [--seed N] [--stories N] [LANGUAGE ...]

Prints lines of language, source, true story, minutes, title, summary, content, separated by tabs, in the order of time.
An agency's story is copied by one to four others: headline rewritten, lead cut, byline, agency tag and boilerplate added, up
to a third of the paragraphs dropped, words changed here and there, tracked links inside. Serbian copies are in either
script, whatever the original is in; sr-Cyrl and sr-Latn keep to one. Between them stand items that look like copies and are none: reports from one
template with other numbers or names, daily reports under one title, the story of the next day that repeats its background,
strangers with the same boilerplate around them.
"""

import argparse
import random

from wire_words import LANGUAGES, SYLLABLES, to_latin

COPIERS = 12  # sources of a language, of which the first is the agency
ALL = sorted(LANGUAGES) + ["sr-Cyrl", "sr-Latn"]


class Maker:
    def __init__(self, language, seed):
        self.language, self.random = language, random.Random(f"{seed} {language}")
        self.words = LANGUAGES[language.split("-")[0]]
        self.rows, self.story, self.minute = [], 0, 0

    def pick(self, key):
        return self.random.choice(self.words[key])

    def capital(self, text):
        # As its writers do it: of a dotted i only Turkic languages have a capital with a dot.
        first = "İ" if text[:1] == "i" and self.language in ("az", "tr") else text[:1].upper()
        return first + text[1:]

    def numbers(self, text):
        return text.format(n=self.random.randint(3, 9800), d=f"{self.random.randint(1, 30)}.{self.random.randint(1, 9)}")

    def sentence(self, slots):
        filled = {k: slots.get(k) or self.pick(k) for k in ("s", "v", "p", "t")}
        filled["o"] = slots.get("o") or (self.object() if self.random.random() < 0.5 else self.pick("o"))
        return self.capital(self.words["order"].format(c=self.pick("c"), **filled))

    def number_sentence(self):
        return self.capital(self.numbers(self.pick("num"))) + ("。" if self.words["join"] == "" else ".")

    def paragraph(self, slots):
        return self.words["join"].join([self.sentence(slots), self.number_sentence() if self.random.random() < 0.4 else self.sentence({})])

    def name(self):
        """Of a person that no other story knows: syllables of the language."""
        syllables, between = SYLLABLES[self.language.split("-")[0]]
        if self.words["join"] == "":
            return "".join(self.random.sample(syllables, 4))
        return " ".join("".join(self.random.choice(syllables) + self.random.choice(between) for _ in range(n)).capitalize() for n in (2, 3))

    def subject(self):
        return {"s": self.words["join"].join([self.pick("s"), self.name()]), "o": self.object(), "p": self.pick("p"), "v": self.pick("v")}

    def object(self):
        return self.words["with"].format(o=self.pick("o"), n=self.name())

    def title(self, subject, key="title"):
        return self.capital(self.words[key].format(p2=self.capital(subject["p"]), **subject))

    def new_story(self):
        self.story += 1
        return f"{self.language}{self.story}"

    def put(self, source, story, title, paragraphs, later=0):
        if self.language == "sr-Latn" or (self.language == "sr" and self.random.random() < 0.5):
            title, paragraphs = to_latin(title), [to_latin(p) for p in paragraphs]
        self.rows.append((self.minute + later, f"{self.language}-{source}", story, title, paragraphs[0][:300], "\n".join(paragraphs)))

    def body(self, subject, n):
        out = [self.paragraph(subject)]
        for _ in range(n - 1):
            out.append(self.paragraph({"s": subject["s"]} if self.random.random() < 0.4 else {}))
        return out

    def change_words(self, paragraph):
        """An editor's hand: a word in fifty is left out."""
        if self.words["join"] == "":
            return "".join(c for c in paragraph if self.random.random() > 0.01 or c.isascii())
        return " ".join(w for w in paragraph.split(" ") if self.random.random() > 0.02)

    def copy(self, subject, title, paragraphs, source):
        kept = [self.change_words(p) for p in paragraphs]
        if self.random.random() < 0.5:  # the lead is cut, or its first sentence
            kept[0] = kept[0].split("。" if self.words["join"] == "" else ". ", 1)[-1]
            if self.random.random() < 0.5:
                kept = kept[1:]
        for _ in range(self.random.randint(0, len(paragraphs) // 3 - 1)):
            kept.pop(self.random.randrange(1, len(kept)))
        tag = self.pick("tag").format(a=self.pick("agency"), city=self.pick("teams"))
        kept[0] = tag + kept[0]
        if self.random.random() < 0.5:
            kept.insert(0, self.pick("by"))
        at = self.random.randrange(1, len(kept))
        kept[at] += f" https://news{source}.example/{self.random.randrange(10**6)}?utm_source=rss&utm_campaign={self.random.randrange(10**4)}"
        kept.append(self.words["boiler"][source % len(self.words["boiler"])])
        new = self.title(subject, "retitle") if self.random.random() < 0.7 else title
        return f"{new} - News {source}" if self.random.random() < 0.3 else new, kept

    # ---- what is one story ----

    def wire(self):
        subject, story = self.subject(), self.new_story()
        title, paragraphs = self.title(subject), self.body(subject, self.random.randint(6, 14))
        self.put(0, story, title, paragraphs)
        for source in self.random.sample(range(1, COPIERS), self.random.randint(1, 4)):
            self.put(source, story, *self.copy(subject, title, paragraphs, source), later=self.random.randint(1, 600))
        if self.random.random() < 0.3:
            self.next_day(subject, paragraphs)

    # ---- what is none ----

    def next_day(self, subject, old):
        """News of the day after: its own headline and lead, and what was before in fewer words than are new."""
        fresh = self.subject() | {"s": subject["s"]}
        paragraphs = self.body(fresh, 6) + old[-2:]
        self.put(self.random.randrange(1, COPIERS), self.new_story(), self.title(fresh), paragraphs, later=1440)

    def template(self, key, source, later, values):
        title, text = self.words[key]
        filled = text.format(**values)
        self.put(source, self.new_story(), title.format(**values), [filled], later=later)

    def matches(self):
        for source in self.random.sample(range(COPIERS), 3):
            x, y, z, st = self.random.sample(self.words["teams"], 4)
            n1, n2, n3 = self.random.sample(self.words["names"], 3)
            l = self.random.randint(0, 3)
            self.template("match", source, self.random.randint(0, 90), dict(
                x=x, y=y, z=z, st=st, n1=n1, n2=n2, n3=n3, k=l + self.random.randint(1, 3), l=l, m1=self.random.randint(2, 44),
                crowd=self.random.randint(900, 60000), pts=self.random.randint(3, 70), games=self.random.randint(4, 33)))

    def daily(self):
        source, r = self.random.randrange(COPIERS), self.random
        for day, name in enumerate(self.words["days"][:3]):
            self.template("weekly", source if day < 2 else (source + 1) % COPIERS, day * 1440, dict(
                dir=self.pick("dirs"), day=name, i1=r.randint(900, 9000), i2=r.randint(10, 900), i3=r.randint(90, 400), i4=r.randint(20, 80),
                i5=r.randint(20, 80), i6=r.randint(1200, 4800), d1=f"{r.uniform(0.1, 3):.1f}", d2=f"{r.uniform(0.5, 9):.2f}", d3=f"{r.uniform(40, 110):.1f}"))

    def strangers(self):
        """Short items of one source, half of each its boilerplate."""
        source = self.random.randrange(1, COPIERS)
        for _ in range(3):
            subject = self.subject()
            paragraphs = self.body(subject, 3) + [self.words["boiler"][source % len(self.words["boiler"])]]
            self.put(source + self.random.randrange(3) * 3 if source < 6 else source, self.new_story(), self.title(subject), paragraphs, later=self.random.randint(0, 300))

    def make(self, stories):
        for i in range(stories):
            self.wire()
            self.minute += self.random.randint(5, 40)
            if i % 5 == 0:
                self.matches()
                self.strangers()
            if i % 20 == 0:
                self.daily()
        return self.rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stories", type=int, default=200, help="a language")
    parser.add_argument("languages", nargs="*", default=ALL)
    args = parser.parse_args()
    rows = [(row, language) for language in args.languages for row in Maker(language, args.seed).make(args.stories)]
    for (minute, source, story, title, summary, content), language in sorted(rows):
        print(language, source, story, minute, title, summary, content.replace("\n", " "), sep="\t")


if __name__ == "__main__":
    main()
