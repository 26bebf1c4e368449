#!/usr/bin/env python3
"""The demo's webhook receiver: checks each Standard Webhooks signature and prints one line for each event.

A delivery whose signature is wrong or whose time is more than five minutes off is refused with 401. An event that comes
again (at-least-once delivery does that after a crash) is recognised by its webhook-id and counted once.

usage: receiver.py PORT SECRET-FILE
"""
import base64
import hashlib
import hmac
import http.server
import json
import sys
import time

TOLERANCE_S = 300


def verify(secret, headers, body):
    """None when all is well, else what is wrong."""
    id_, stamp, signatures = (headers.get("webhook-" + h) for h in ("id", "timestamp", "signature"))
    if not (id_ and stamp and signatures and stamp.isdigit()):
        return "a webhook-id, webhook-timestamp or webhook-signature header is missing"
    if abs(time.time() - int(stamp)) > TOLERANCE_S:
        return "the timestamp is more than five minutes off"
    key = base64.b64decode(secret[len("whsec_"):])
    good = base64.b64encode(hmac.new(key, ("%s.%s." % (id_, stamp)).encode() + body, hashlib.sha256).digest()).decode()
    for s in signatures.split():
        version, _, value = s.partition(",")
        if version == "v1" and hmac.compare_digest(value, good):
            return None
    return "no signature matches"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        wrong = verify(self.server.secret, self.headers, body)
        self.send_response(401 if wrong else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.report(wrong, body)

    def report(self, wrong, body):
        if wrong:
            print("REFUSED a webhook: %s" % wrong, flush=True)
            return
        event = json.loads(body)
        item, source = event["data"]["item"], event["data"]["source"]
        again = event["id"] in self.server.seen
        self.server.seen.add(event["id"])
        print("verified %s #%d %s: \"%s\" from %s%s" % (event["id"][:12], event["seq"], event["type"], item["title"], source["title"],
                                                        "  (again)" if again else ""), flush=True)

    def log_message(self, *args):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    server.seen = set()
    with open(sys.argv[2], encoding="ascii") as f:
        server.secret = f.read().strip()
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
