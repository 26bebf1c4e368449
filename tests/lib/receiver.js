// A webhook receiver that verifies with npm standardwebhooks, which knows nothing of us. Each delivery becomes a JSON
// line in the log file. POST /control {"status": 500, "delay": 0, "count": 3} answers the next `count` (or all) so.
// usage: node receiver.js SECRET LOGFILE; prints its port.
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const { Webhook } = require("standardwebhooks");

const [secret, logfile] = process.argv.slice(2);
const verifier = new Webhook(secret);
let mode = { status: 204, delay: 0, count: -1, headers: {} };

function verify(body, headers) {
    try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(body); // bytes that are no UTF-8 are an error
        return { verified: true, event: verifier.verify(text, headers) };
    } catch (e) {
        return { verified: false, error: String(e) };
    }
}

function nextStatus() {
    if (mode.count === 0) return { status: 204, delay: 0, headers: {} };
    if (mode.count > 0) mode.count--;
    return mode;
}

function deliver(req, res, body) {
    const answer = nextStatus();
    const { verified, event, error } = verify(body, req.headers);
    const line = {
        time: Date.now(), path: req.url, id: req.headers["webhook-id"], timestamp: req.headers["webhook-timestamp"],
        attempt: req.headers["webhook-attempt"], type: event && event.type, title: event && event.data && event.data.item ? event.data.item.title : null,
        seq: event && event.seq, verified, error, sha256: crypto.createHash("sha256").update(body).digest("hex"),
        headers: req.headers, event, status: answer.status,
    };
    setTimeout(() => {
        fs.appendFileSync(logfile, JSON.stringify(line) + "\n");
        res.writeHead(answer.status, answer.headers || {});
        res.end();
    }, answer.delay || 0);
}

const server = http.createServer((req, res) => {
    const chunks = [];
    req.on("data", (c) => chunks.push(c));
    req.on("error", () => {});
    req.on("end", () => {
        const body = Buffer.concat(chunks);
        if (req.url === "/control") {
            mode = { status: 204, delay: 0, count: -1, headers: {}, ...JSON.parse(body.toString()) };
            res.end();
        } else {
            deliver(req, res, body);
        }
    });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
