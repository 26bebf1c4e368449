"""The sanitiser and its judge, for tests: many bodies at a time through tests/lib/clean_html and judge_html.mjs."""
import json
import os
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("SYNDICATED_BUILD", os.path.join(TOP, "build"))


def clean(bodies, path="auto", base="https://example.org/", room=None):
    """[(html, text)] as bytes; html is None where the reader of plain HTML refused."""
    bodies = [b if isinstance(b, bytes) else b.encode("utf-8", "surrogatepass") for b in bodies]
    program = os.path.join(BUILD, "tests", "lib", "clean_html")
    frames = b"".join(b"%d\n%s" % (len(b), b) for b in bodies)
    args = [program, path, base] + ([str(room)] if room else [])
    done = subprocess.run(args, input=frames, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    out, at, values = done.stdout, 0, []
    while at < len(out):
        end = out.index(b"\n", at)
        n = int(out[at:end])
        values.append(None if n < 0 else out[end + 1:end + 1 + n])
        at = end + 1 + max(n, 0)
    assert len(values) == 2 * len(bodies)
    return list(zip(values[::2], values[1::2]))


def judge(bodies):
    """What parse5 says about each; see judge_html.mjs."""
    texts = [b.decode() if isinstance(b, bytes) else b for b in bodies]
    program = os.path.join(TOP, "tests", "lib", "judge_html.mjs")
    done = subprocess.run(["node", program], input=json.dumps(texts).encode(), stdout=subprocess.PIPE, timeout=300, check=True)
    return json.loads(done.stdout)
