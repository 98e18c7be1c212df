import { describe, expect, it } from "vitest";
import { defaultViews } from "./default-views.ts";
import { english } from "./languages/en.ts";
import { continuePostPage, onwardPage, repeatPage } from "./move-on.ts";
import type { ViewProvider } from "./types.ts";

const nonce = "bm9uY2U=";

/** Ends text, quoted attributes, scripts, styles, comments and the URL of a refresh. */
const hostile = `x"'\`><img src=x onerror=alert(1)></title></style></script></noscript>-->; url='//evil.example'`;

/** An icon of nothing: without it browsers ask for /favicon.ico, which is shut. */
const NO_ICON = '<link rel="icon" href="data:,">';

describe.each(pages())("%s with hostile values everywhere", (name, page) => {
	const text = String(page);
	const tags = [...withoutCode(text).matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag);

	it("is a document with a language, a title, one main and one h1", () => {
		expect(text).toMatch(/^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
		expect(/<title>([^<]*)<\/title>/.exec(text)?.[1]?.length).toBeGreaterThan(5);
		expect(tags.filter((tag) => /^<h1\b/.test(tag))).toHaveLength(1);
		expect(tags.filter((tag) => /^<main\b/.test(tag))).toHaveLength(1);
		expect(tags.filter((tag) => /^<title\b/.test(tag))).toHaveLength(1);
	});

	it("lets nothing through as markup", () => {
		expect(text).not.toContain("<img");
		expect(text).not.toContain(hostile);
		expect(tags.filter((tag) => /\s(on\w+|style|srcdoc)\s*=/i.test(unquote(tag)))).toEqual([]);
		expect(text.replace(NO_ICON, "")).not.toMatch(/(href|action)="(?!\/|https:\/\/idp\.example\/)/);
		expect(text).not.toMatch(/(href|action)="\/\//);
	});

	it("has the nonce on every style and script, and loads nothing", () => {
		const code = tags.filter((tag) => /^<(style|script)\b/.test(tag));
		expect(code.length).toBeGreaterThan(0);
		for (const tag of code)
			expect(tag).toMatch(/^<(style|script) nonce="bm9uY2U="( data-[a-z]+="[^"]*")*>$/);
		expect(
			tags.filter(
				(tag) =>
					tag !== NO_ICON && /^<(link|img|iframe|object|embed|base)\b|\ssrc=/.test(unquote(tag)),
			),
		).toEqual([]);
		expect(/<style[^>]*>([\s\S]*?)<\/style>/.exec(text)?.[1]).not.toMatch(
			/url\(|@import|@font-face/,
		);
	});

	it("has a script only where it leaves by itself or tells other tabs, and no data in it", () => {
		const scripts = [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
			(match) => match[1] ?? "",
		);
		expect(scripts).toHaveLength(leaves.has(name) ? 1 : 0);
		for (const script of scripts)
			expect(script).not.toMatch(/evil|hostile|idp\.example|(?<!&)&[\w#]|url=/);
	});

	it("leaves the referrer policy to the header, and says it once more where it has a form or leaves by itself", () => {
		const said = tags.filter((tag) => /name="referrer"/i.test(tag));
		const policy = text.includes("<form")
			? "same-origin"
			: text.includes('http-equiv="refresh"')
				? "no-referrer"
				: "";
		expect(said).toEqual(policy === "" ? [] : [`<meta name="referrer" content="${policy}">`]);
	});
});

/**
 * Pages that leave by themselves, end a session in turn with the other tabs, or tell them of it.
 */
const leaves = new Set([
	"callback",
	"logout that submits itself",
	"logout that asks",
	"logout that is done",
	"onward",
	"repeat",
	"continue",
]);

describe("the refresh", () => {
	it.each([
		["/a?b=1,2;c=3", "/a?b=1,2;c=3"],
		["/a b'c", "/a%20b%27c"],
		['/a"b', "/a%22b"],
		["/a?b=`", "/a?b=&#96;"],
		["/a&quot;b", "/a&amp;quot;b"],
	])("to %j stands in noscript, quoted, as %j", (destination, expected) => {
		const text = String(defaultViews.callback({ ...base(), kind: "callback", destination }));
		expect(text).toContain(
			`<noscript><meta http-equiv="refresh" content="0; url='${expected}'"></noscript>`,
		);
		expect(text).toContain(`id="onward" href="${expected}"`);
	});

	it.each([
		"//evil.example",
		"https://evil.example/",
		"javascript:alert(1)",
		"/.//evil.example",
		"/\\evil.example",
	])("never leads to %j", (destination) => {
		const callback = String(defaultViews.callback({ ...base(), kind: "callback", destination }));
		const repeat = String(repeatPage({ nonce, href: destination }));
		for (const text of [callback, repeat]) {
			expect(text).toContain(`content="0; url='/'"`);
			expect(text).toContain(`id="onward" href="/"`);
		}
	});
});

describe("what the pages say", () => {
	it("login: a button per provider, and who is signed in already", async () => {
		const text = String(
			await defaultViews.login({
				...base("/login/okta?redirect_to=%2Fnotes"),
				kind: "login",
				redirectTo: "/notes",
				user: { name: "Ada" },
				notice: undefined,
			}),
		);
		expect(text).toMatch(
			/href="\/login\/okta\?redirect_to=%2Fnotes"><span>Login with <bdi>x&quot;/,
		);
		expect(text).toContain("You are signed in as <bdi>Ada</bdi>.");
		expect(text).toContain('href="/notes">Continue</a>');
		expect(text).not.toContain("expired");
	});

	it("logout: names the provider only where there is one", () => {
		const done = {
			...base(),
			kind: "logout",
			phase: "done",
			user: undefined,
			formAction: "/logout",
			fields: {},
			autoSubmit: false,
			providerSession: "maybe_alive",
		} as const;
		const okta = { name: "okta", displayName: "Okta", loginHref: "/login/okta" };
		const google = { name: "google", displayName: "Google", loginHref: "/login/google" };
		expect(String(defaultViews.logout({ ...done, providers: [okta] }))).toContain(
			"You may still be signed in at <bdi>Okta</bdi>.",
		);
		expect(String(defaultViews.logout({ ...done, providers: [okta, google] }))).toContain(
			"You may still be signed in at the sign-in service.",
		);
		expect(String(defaultViews.logout({ ...done, providerSession: undefined }))).not.toContain(
			"may still be",
		);
	});

	it("error: no quotation where the provider said nothing, no button where trying again cannot help", () => {
		const error = {
			code: "x",
			id: "id-1",
			title: "Something",
			message: "Happened.",
			providerText: "  ",
		};
		const text = String(
			defaultViews.error({ ...base(), kind: "error", error, retryHref: undefined }),
		);
		expect(withoutCode(text)).not.toMatch(/blockquote|Try again/);
		expect(text).toContain("<code>id-1</code>");
	});
});

function base(loginHref: string = hostile) {
	const provider: ViewProvider = { name: hostile, displayName: hostile, loginHref };
	return {
		request: new Request("https://app.example/"),
		nonce,
		texts: english,
		homeHref: hostile,
		endpoints: hostile,
		providers: [provider],
	};
}

function pages(): [string, unknown][] {
	const user = { name: hostile, email: hostile };
	const logout = {
		...base(),
		kind: "logout",
		user,
		formAction: hostile,
		fields: { [hostile]: hostile, submit: "1", csrf: "2" },
		providerSession: "maybe_alive",
	} as const;
	const error = {
		code: hostile,
		id: hostile,
		title: hostile,
		message: hostile,
		providerText: hostile,
	};
	return [
		[
			"login",
			defaultViews.login({
				...base(),
				kind: "login",
				redirectTo: hostile,
				user,
				notice: "attempt_expired",
			}),
		],
		[
			"callback",
			defaultViews.callback({ ...base(), kind: "callback", destination: `/${hostile}` }),
		],
		["logout that asks", defaultViews.logout({ ...logout, phase: "confirm", autoSubmit: false })],
		[
			"logout that submits itself",
			defaultViews.logout({ ...logout, phase: "confirm", autoSubmit: true }),
		],
		["logout that is done", defaultViews.logout({ ...logout, phase: "done", autoSubmit: true })],
		[
			"forbidden",
			defaultViews.forbidden({ ...base(), kind: "forbidden", user, logoutHref: hostile }),
		],
		[
			"forbidden for nobody",
			defaultViews.forbidden({
				...base(),
				kind: "forbidden",
				user: undefined,
				logoutHref: hostile,
			}),
		],
		["error", defaultViews.error({ ...base(), kind: "error", error, retryHref: hostile })],
		["onward", onwardPage({ nonce, href: `https://idp.example/end?x=${hostile}` })],
		["repeat", repeatPage({ nonce, href: `/${hostile}` })],
		["continue", continuePostPage({ nonce, action: hostile, fields: { [hostile]: hostile } })],
	];
}

/** The page without the content of its scripts and styles, which is not markup. */
function withoutCode(text: string): string {
	return text.replace(/(<(script|style)[^>]*>)[\s\S]*?(<\/\2>)/g, "$1$3");
}

/**
 * A tag without its attribute values, so that what is escaped in them is not taken for an
 * attribute.
 */
function unquote(tag: string): string {
	return tag.replace(/"[^"]*"/g, '""');
}
