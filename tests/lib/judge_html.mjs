// Safe HTML judged by parse5, an independent parser of HTML as browsers read it (REL-91). Standard input: a JSON array
// of HTML; standard output: for each an object of
//   bad     what must not be in its tree, with how often
//   same    whether the tree, written the way the sanitiser writes, is the input again, byte by byte
//   stable  whether parse5's own serialisation read and written once more stays the same
//   tree    elements and words, indented, for comparisons; words: all text, white space collapsed
// with "loose" as argument white space and implied table bodies do not count in the tree.
import * as parse5 from 'parse5';

const elements = new Set(('script style iframe object embed form input button textarea select option base link meta svg math template ' +
	'noscript frame frameset applet xmp plaintext noembed noframes').split(' '));
const attributes = new Set(['style', 'srcdoc', 'formaction', 'xlink:href', 'action', 'background', 'dynsrc', 'lowsrc']);
const urls = new Set(['href', 'src', 'cite', 'data', 'poster', 'srcset', 'longdesc', 'usemap']);
const schemes = /^(javascript|vbscript|data|livescript|mocha):/;
const nothingInside = new Set(['br', 'col', 'hr', 'img', 'wbr']);

function check(node, bad) {
	const add = what => { bad[what] = (bad[what] || 0) + 1; };
	if (node.nodeName === '#comment' || node.nodeName === '#documentType') add('node:' + node.nodeName);
	if (node.tagName !== undefined) {
		if (elements.has(node.tagName)) add('element:' + node.tagName);
		if (node.namespaceURI !== 'http://www.w3.org/1999/xhtml') add('namespace:' + node.namespaceURI);
		for (const a of node.attrs) {
			const value = a.value.replace(/[\t\r\n]/g, '').replace(/^[\x00-\x20]+/, '').toLowerCase();
			if (a.name.startsWith('on') || attributes.has(a.name) || a.prefix) add('attribute:' + a.name);
			if (schemes.test(value) && (urls.has(a.name) || !['title', 'alt', 'datetime'].includes(a.name))) add('url:' + value.slice(0, 20));
		}
	}
	for (const child of node.childNodes || []) check(child, bad);
}

const text = s => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const value = s => text(s).replace(/"/g, '&#34;').replace(/\t/g, '&#9;').replace(/\n/g, '&#10;');

function write(node) {
	if (node.nodeName === '#text') return text(node.value);
	const inner = (node.childNodes || []).map(write).join('');
	if (node.tagName === undefined) return inner;
	const tag = '<' + node.tagName + node.attrs.map(a => ' ' + a.name + '="' + value(a.value) + '"').join('') + '>';
	return nothingInside.has(node.tagName) ? tag : tag + inner + '</' + node.tagName + '>';
}

function outline(node, depth, lines) {
	const pad = ' '.repeat(depth);
	for (const child of node.childNodes || []) {
		if (child.nodeName === '#text') {
			const words = child.value.replace(/[\s\u00a0]+/g, ' ').trim();
			if (words) lines.push(pad + JSON.stringify(words));
		} else if (child.tagName !== undefined) {
			lines.push(pad + child.tagName);
			outline(child, depth + 1, lines);
		}
	}
	return lines;
}

function words(node) {
	if (node.nodeName === '#text') return node.value;
	if (['script', 'style', 'template'].includes(node.tagName)) return '';
	return (node.childNodes || []).map(words).join(' ');
}

const context = parse5.parseFragment('<div></div>').childNodes[0];
const parse = html => parse5.parseFragment(context, html, { scriptingEnabled: true });

let input = '';
for await (const chunk of process.stdin) input += chunk;
console.log(JSON.stringify(JSON.parse(input).map(html => {
	const tree = parse(html), bad = {}, once = parse5.serialize(tree);
	check(tree, bad);
	const whole = parse5.parse('<!doctype html><html><head></head><body><div>' + html + '</div></body></html>');
	const body = whole.childNodes[1].childNodes[1];
	const same = write(tree) === html && write(body) === '<body><div>' + html + '</div></body>';
	return { bad, same, stable: parse5.serialize(parse(once)) === once, tree: outline(tree, 0, []), words: words(tree).replace(/[\s\u00a0]+/g, ' ').trim() };
})));
