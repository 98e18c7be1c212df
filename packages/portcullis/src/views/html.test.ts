import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, type HtmlValue, html, isHtml, trustedHtml } from "./html.ts";

/** Payloads that break out of text or of an attribute in a page that forgets to escape. */
const corpus = [
	"<script>alert(1)</script>",
	"</title><script>alert(1)</script>",
	"</style><script>alert(1)</script>",
	"</textarea><img src=x onerror=alert(1)>",
	'"><svg onload=alert(1)>',
	"'><svg onload=alert(1)>",
	'" autofocus onfocus=alert(1) x="',
	"' autofocus onfocus=alert(1) x='",
	"` onmouseover=alert(1) x=`",
	"<!--><img src=x onerror=alert(1)>",
	"--><img src=x onerror=alert(1)>",
	"<![CDATA[<script>alert(1)</script>]]>",
	"<svg><style><img src=x onerror=alert(1)></style></svg>",
	"<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
	"<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"&#60;script&#62;alert(1)&#60;/script&#62;",
	"{{constructor.constructor('alert(1)')()}}",
	"\u0000<script>alert(1)</script>",
	"<scr\u0000ipt>alert(1)</scr\u0000ipt>",
	"\u2028<script>alert(1)</script>",
	"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
	"<a href=javascript:alert(1)>x</a>",
	"<base href=//evil.example>",
	"<meta http-equiv=refresh content=0;url=//evil.example>",
];

describe("escaping", () => {
	it.each(corpus)("keeps %j as text", (payload) => {
		const text = String(html`<p title="${payload}">${payload}</p>`);
		const [, attribute = "", content = ""] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(text) ?? [];
		expect(decode(attribute)).toBe(payload);
		expect(decode(content)).toBe(payload);
	});

	it("leaves none of the six characters bare, and loses nothing, for any string", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), fc.constantFrom(...corpus), (left, right) => {
				const escaped = escapeHtml(left + right);
				expect(escaped.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, "")).not.toMatch(/[&<>"'`]/);
				expect(decode(escaped)).toBe(left + right);
			}),
		);
	});
});

describe("values", () => {
	it("gives nothing for null, undefined and false, and the digits of a number", () => {
		expect(String(html`[${null}${undefined}${false}${0}${12.5}]`)).toBe("[012.5]");
	});

	it("joins arrays, and nests markup without escaping it twice", () => {
		const items = ["<a>", html`<b>${"<c>"}</b>`, ["&", null]];
		expect(String(html`<p>${items}</p>`)).toBe("<p>&lt;a&gt;<b>&lt;c&gt;</b>&amp;</p>");
	});

	it("takes markup in an attribute value for text, since it may hold a quote", () => {
		expect(String(html`<p title="${trustedHtml('" onclick="x')}">`)).toBe(
			'<p title="&quot; onclick=&quot;x">',
		);
	});

	it.each([true, {}, { toString: () => "<script>" }, Symbol("x"), () => "x", 1n])(
		"refuses %s",
		(value) => {
			expect(() => html`<p>${value as HtmlValue}</p>`).toThrow(TypeError);
		},
	);
});

describe("the brand", () => {
	it("is on what the tag and trustedHtml return, and on nothing else", () => {
		expect(isHtml(html`<p>`)).toBe(true);
		expect(isHtml(trustedHtml("<p>"))).toBe(true);
		for (const value of ["<p>", new String("<p>"), { toString: () => "<p>" }, null, undefined, 1]) {
			expect(isHtml(value)).toBe(false);
		}
	});

	it("does not survive JSON and cannot be written in it", () => {
		const forged = JSON.parse(
			'{"portcullis.html":"<script>","Symbol(portcullis.html)":"<script>","@@portcullis.html":1}',
		);
		expect(isHtml(forged)).toBe(false);
		expect(isHtml(JSON.parse(JSON.stringify(html`<p>`)))).toBe(false);
	});

	it("is not inherited from a polluted prototype", () => {
		expect(isHtml(Object.create(html`<script>`))).toBe(false);
	});

	it("cannot be changed afterwards", () => {
		const made = html`<p>`;
		expect(() => Object.assign(made, { toString: () => "<script>" })).toThrow(TypeError);
	});
});

describe("a hole where escaping cannot help", () => {
	const value = "x";
	it.each([
		["an unquoted attribute value", () => html`<a href=${value}>`],
		["the rest of an unquoted value", () => html`<a href=/a/${value}>`],
		["an attribute name", () => html`<a ${value}="x">`],
		["the end of an attribute name", () => html`<a data-${value}="x">`],
		["a tag name", () => html`<${value}>`],
		["a closing tag name", () => html`<p></${value}>`],
		["the end of a tag name", () => html`<h${value}>`],
		["a declaration", () => html`<!${value}>`],
		["a comment", () => html`<!-- ${value} -->`],
		["an event handler", () => html`<a onclick="f('${value}')">`],
		["an event handler in capitals", () => html`<a class="a" ONCLICK = '${value}'>`],
		["a style attribute", () => html`<a style="color: ${value}">`],
		["a srcdoc attribute", () => html`<iframe srcdoc="${value}"></iframe>`],
		["a script", () => html`<script>const a = "${value}";</script>`],
		["a script after an earlier attribute", () => html`<script nonce="${"n"}">${value}</script>`],
		["a style sheet", () => html`<STYLE>a { color: ${value} }</STYLE>`],
		["markup in a tag", () => html`<a ${trustedHtml("hidden")}>`],
	])("is refused: %s", (_, make) => {
		expect(make).toThrow(TypeError);
	});

	it.each([
		["text after a script", () => html`<script>if (a < b) "</p>";</script>${value}`],
		["text after a comment", () => html`<!-- <a href= -->${value}`],
		["text after a lone <", () => html`1 < 2 ${value}`],
		[
			"a quoted value with > in it",
			() => html`<a title="a > ${value}" href='${value}'>${value}</a>`,
		],
		["constant markup in a script", () => html`<script>${trustedHtml("1")}</script>`],
		["a title", () => html`<title>${value}</title>`],
	])("is not: %s", (_, make) => {
		expect(String(make())).toMatch(/x|1/);
	});
});

function decode(text: string): string {
	const characters: Record<string, string> = {
		amp: "&",
		lt: "<",
		gt: ">",
		quot: '"',
		"#39": "'",
		"#96": "`",
	};
	return text.replace(/&(amp|lt|gt|quot|#39|#96);/g, (_, name: string) => characters[name] ?? "");
}
