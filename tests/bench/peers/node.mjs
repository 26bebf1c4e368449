// node.mjs PEER DIR: feedsmith or feedparser of npm over all files of a folder, many times in this one process.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [peer, directory] = process.argv.slice(2);
const files = readdirSync(directory).sort().map((name) => readFileSync(join(directory, name)));
const bytes = files.reduce((n, f) => n + f.length, 0);

async function feedsmith() {
  const { parseFeed } = await import("feedsmith");
  return async (file) => {
    const { feed } = parseFeed(file.toString("utf8"));
    return (feed.items ?? feed.entries ?? []).length;
  };
}

async function feedparser() {
  const { default: FeedParser } = await import("feedparser");
  return (file) =>
    new Promise((resolve, reject) => {
      const parser = new FeedParser({ feedurl: "https://example.org/feed.xml" });
      let n = 0;
      parser.on("error", reject);
      parser.on("readable", () => {
        while (parser.read()) n++;
      });
      parser.on("end", () => resolve(n));
      parser.end(file);
    });
}

const parse = await { feedsmith, feedparser }[peer]();
let items = 0;
let best = 0;
for (let round = 0; round < 4; round++) {
  const began = process.cpuUsage();
  let rounds = 0;
  let used;
  do {
    items = 0;
    for (const file of files) {
      try {
        items += await parse(file);
      } catch {
        // A document that it refuses: no items.
      }
    }
    rounds++;
    const u = process.cpuUsage(began);
    used = u.user + u.system;
  } while (used < 1e6);
  best = Math.max(best, (bytes * rounds) / used);
}
console.log(JSON.stringify({ peer: `${peer} (npm)`, mb_per_s: Math.round(best * 100) / 100, items, documents: files.length, bytes }));
