"""python.py DIR: Python's feedparser over all files of a folder, in this one process."""
import json
import os
import sys
import time

import feedparser

files = [open(os.path.join(sys.argv[1], n), "rb").read() for n in sorted(os.listdir(sys.argv[1]))]
size = sum(map(len, files))
best = items = 0
for _ in range(2):
    began, rounds = time.process_time(), 0
    while rounds == 0 or time.process_time() - began < 1:
        items = sum(len(feedparser.parse(f).entries) for f in files)
        rounds += 1
    best = max(best, size * rounds / (time.process_time() - began) / 1e6)
print(json.dumps({"peer": "feedparser " + feedparser.__version__ + " (Python)", "mb_per_s": round(best, 2), "items": items, "documents": len(files), "bytes": size}))
