// An HTTP/2 server over TLS that misbehaves by path, and answers HTTP/1.1 properly: node h2_origin.js KEY CERT PORT.
// One line of JSON a request: {path, version, tag, time}.
"use strict";
const fs = require("fs");
const http2 = require("http2");
const [, , key, cert, port] = process.argv;
const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_NO_ERROR } = http2.constants;
const FEED = "<rss version=\"2.0\"><channel><title>t</title><item><title>news</title><guid>g1</guid></item></channel></rss>";
const HEAD = { "content-type": "application/rss+xml", etag: "\"h2\"" };

function feed(request, response) {
	if (request.headers["if-none-match"] === HEAD.etag) {
		response.writeHead(304, HEAD);
		response.end();
		return;
	}
	response.writeHead(200, HEAD);
	response.end(FEED);
}

// The connection ends with a reason, a moment later so that the reason is read.
function goAway(request, code) {
	const session = request.stream.session;

	session.goaway(code);
	setTimeout(() => session.destroy(), 100);
}

// What each path does to an HTTP/2 request.
const tricks = {
	"/reset": (q) => q.stream.close(NGHTTP2_INTERNAL_ERROR),
	"/refused": (q) => q.stream.close(NGHTTP2_REFUSED_STREAM),
	"/calm": (q) => q.stream.close(NGHTTP2_ENHANCE_YOUR_CALM),
	"/goaway-calm": (q) => goAway(q, NGHTTP2_ENHANCE_YOUR_CALM),
	"/goaway-error": (q) => goAway(q, NGHTTP2_PROTOCOL_ERROR),
	"/goaway-after": (q, r) => { const session = q.stream.session; feed(q, r); r.on("finish", () => session.goaway(NGHTTP2_NO_ERROR)); },
	"/reset-in-body": (q, r) => { r.writeHead(200, HEAD); r.write(FEED.slice(0, 40)); setTimeout(() => q.stream.close(NGHTTP2_INTERNAL_ERROR), 100); },
	"/pings": (q, r) => { let n = 0; const session = q.stream.session, more = () => session.ping(() => (++n < 5 ? more() : feed(q, r))); more(); },
	"/silent": () => {},
};

const server = http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: true }, (request, response) => {
	const path = request.url;

	console.log(JSON.stringify({ path, version: request.httpVersion, tag: request.headers["if-none-match"] || null, time: Date.now() / 1000 }));
	if (request.httpVersionMajor === 2 && tricks[path])
		tricks[path](request, response);
	else
		feed(request, response);
});
server.on("sessionError", () => {});
server.on("secureConnection", (s) => s.on("error", () => {}));
server.on("error", (e) => { console.error(e); process.exit(1); });
server.listen(Number(port), "0.0.0.0");
