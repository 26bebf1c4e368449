"""Many small sites on loopback, each a host of its own: healthy ones, slow ones, and black holes that drop every SYN.

    with Crowd(sources=10000, black_holes=0.05, slow=0.05, slow_seconds=10) as crowd:
        crowd.urls            # [(kind, url)]: kind is "healthy", "slow" or "hole"

All of 127.0.0.0/8 is the machine itself, so one listening socket is ten thousand hosts. A black hole is a listener whose
queue is full: the kernel drops what else wants in, as a dead host does.
"""
import asyncio
import multiprocessing
import random
import socket

FEED = ("<rss version=\"2.0\"><channel><title>%s</title><item><guid>1</guid><title>One of %s</title>"
        "<link>http://example.org/%s</link></item></channel></rss>")


async def _answer(reader, writer, slow_seconds):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ")[1]
        if path.startswith("/slow"):
            await asyncio.sleep(slow_seconds)
        if "if-none-match:" in head.lower():
            writer.write(b"HTTP/1.1 304 X\r\nETag: \"1\"\r\nConnection: close\r\n\r\n")
        else:
            body = (FEED % (path, path, path)).encode()
            writer.write(b"HTTP/1.1 200 X\r\nETag: \"1\"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _serve(listener, slow_seconds):
    async def run():
        server = await asyncio.start_server(lambda r, w: _answer(r, w, slow_seconds), sock=listener)
        await server.serve_forever()
    asyncio.run(run())


def _listen(backlog):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", 0))
    s.listen(backlog)
    return s


class Crowd:
    def __init__(self, sources, black_holes=0.05, slow=0.05, slow_seconds=10, seed=1):
        self.sites = _listen(1024)
        self.hole = _listen(0)
        self.stuffing = []
        for _ in range(4):  # until the queue is full
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.hole.getsockname()[1]))
            self.stuffing.append(s)
        self.process = multiprocessing.Process(target=_serve, args=(self.sites, slow_seconds), daemon=True)
        self.process.start()
        chance = random.Random(seed)
        self.urls = []
        for i in range(sources):
            dice = chance.random()
            kind = "hole" if dice < black_holes else "slow" if dice < black_holes + slow else "healthy"
            port = (self.hole if kind == "hole" else self.sites).getsockname()[1]
            self.urls.append((kind, "http://127.%d.%d.%d:%d/%s-%d" % (1 + i // 62500, i // 250 % 250, 1 + i % 250, port, kind, i)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()
        for s in self.stuffing + [self.hole, self.sites]:
            s.close()
