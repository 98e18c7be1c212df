import type { AddressInfo, Server } from "node:net";
import { connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GateRequest } from "../../src/host.ts";
import { protect } from "../../src/hosts/node/protect.ts";
import {
	allCookies,
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	SECRET,
	startGate,
} from "../support/gate-fixture.ts";
import { hearPanelLinks } from "../support/panel-link.ts";
import { rawRequest } from "../support/raw-request.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { listen } from "../support/web-server.ts";

// Who gets the developer panel: a person at a browser of this machine who sees the console of the
// app, in development. To callers from elsewhere there is no such endpoint.

const CLICK = {
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
	accept: "text/html",
};

interface Knock {
	readonly method?: string;
	readonly url?: string;
	readonly headers?: Readonly<Record<string, string | undefined>>;
	readonly remoteAddress?: string | undefined;
}

async function knock(
	fixture: GateFixture,
	{ method = "GET", url = "http://localhost:3000/_portcullis", headers = {}, ...rest }: Knock = {},
) {
	const all = Object.entries({ host: new URL(url).host, ...CLICK, ...headers }).filter(
		([, value]) => value !== undefined,
	);
	const request = new Request(url, {
		method,
		headers: Object.fromEntries(all) as Record<string, string>,
	});
	const remoteAddress = "remoteAddress" in rest ? rest.remoteAddress : "127.0.0.1";
	const given = new Map(all as [string, string][]);
	const call: GateRequest = {
		method,
		url,
		header: (name) => given.get(name) ?? null,
		request: () => request,
		remoteAddress,
	};
	const result = await fixture.gate.enter(call);
	if (result.kind !== "respond") throw new Error("The gate let it pass");
	const { status, headers: answered } = result.response;
	return { status, headers: answered, body: await result.response.text() };
}

const start = (nodeEnv: string | undefined, options: GateFixtureOptions = {}) =>
	startGate({ ...options, env: (env) => ({ ...env, NODE_ENV: nodeEnv }) });

const printed = hearPanelLinks();

/**
 * The cookie that a browser gets for the link on the console, which a first knock makes the app
 * print.
 */
async function openLink(fixture: GateFixture): Promise<string> {
	await knock(fixture);
	const link = printed().at(-1) ?? "";
	const [cookie = ""] = (await knock(fixture, { url: link })).headers.getSetCookie();
	return cookie.split(";")[0] ?? "";
}

const passes = new Map<GateFixture, string>();

/** The panel, with the cookie of the link and others. */
async function look(own: GateFixture, cookies = "") {
	const known = passes.get(own) ?? (await openLink(own));
	passes.set(own, known);
	return knock(own, { headers: { cookie: `${known}; ${cookies}` } });
}

const relays: Server[] = [];
afterAll(() => {
	for (const relay of relays) relay.close();
});

/** Hands bytes on, both ways, as they come: a tunnel, or a container's port. */
async function startRelay(port: number): Promise<string> {
	const relay = createServer((near) => {
		const far = connect(port, "localhost");
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const)
			from.pipe(to).on("error", () => from.destroy());
	});
	relays.push(relay);
	await new Promise<void>((resolve) => relay.listen(0, "localhost", resolve));
	return `http://localhost:${(relay.address() as AddressInfo).port}`;
}

let fixture: GateFixture;
let pass: string;
beforeAll(async () => {
	fixture = await start("development");
	pass = await openLink(fixture);
});

describe("the panel", () => {
	it.each<[string, Knock]>([
		["typed into the browser of this machine", {}],
		["followed from the app's own page", { headers: { "sec-fetch-site": "same-origin" } }],
		["over IPv6", { url: "http://[::1]:3000/_portcullis", remoteAddress: "::1" }],
		[
			"over IPv4 on a socket for both",
			{ url: "http://127.0.0.1:3000/_portcullis", remoteAddress: "::ffff:127.0.0.1" },
		],
		["as HEAD", { method: "HEAD" }],
	])("is there, %s", async (_how, call) => {
		const { status, headers, body } = await knock(fixture, {
			...call,
			headers: { ...call.headers, cookie: pass },
		});
		expect(status).toBe(200);
		expect(body).toContain("Who is signed in");
		expect(headers.get("content-security-policy")).toMatch(
			/^default-src 'none'; style-src 'nonce-\w+'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
		);
		expect(headers.get("cache-control")).toContain("no-store");
		expect(headers.get("x-frame-options")).toBe("DENY");
		expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
		expect(body).not.toMatch(/<script|<form/);
	});

	it.each<[string, Knock]>([
		["a caller from another machine", { remoteAddress: "192.168.1.20" }],
		["a caller from another machine, as IPv6 writes it", { remoteAddress: "::ffff:192.168.1.20" }],
		["a caller that the host knows nothing of", { remoteAddress: undefined }],
		["a caller with an address that is none", { remoteAddress: "127.0.0.1.evil.example" }],
		[
			"a name that somebody has bound to this machine",
			{ url: "http://evil.example:3000/_portcullis" },
		],
		[
			"such a name where the protocol has no Host",
			{ url: "http://evil.example:3000/_portcullis", headers: { host: undefined } },
		],
		["a name below localhost", { url: "http://evil.localhost:3000/_portcullis" }],
		["another Host than the URL's", { headers: { host: "evil.example" } }],
		["a Host that is none", { headers: { host: "localhost/@evil.example" } }],
		["the address of the network", { url: "http://192.168.1.5:3000/_portcullis" }],
		["another site's link", { headers: { "sec-fetch-site": "cross-site" } }],
		["another port's link", { headers: { "sec-fetch-site": "same-site" } }],
		[
			"a fetch",
			{
				headers: {
					"sec-fetch-mode": "cors",
					"sec-fetch-dest": "empty",
					"sec-fetch-site": "same-origin",
				},
			},
		],
		["an image", { headers: { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" } }],
		["a frame", { headers: { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin" } }],
		["a prefetch", { headers: { "sec-purpose": "prefetch" } }],
		[
			"a browser of another machine, through a proxy that says nothing",
			{
				headers: {
					"sec-fetch-site": undefined,
					"sec-fetch-mode": undefined,
					"sec-fetch-dest": undefined,
				},
			},
		],
		...[
			"forwarded",
			"via",
			"x-forwarded-for",
			"x-forwarded-host",
			"x-forwarded-proto",
			"x-real-ip",
		].map((name): [string, Knock] => [
			`a proxy with ${name}`,
			{ headers: { [name]: "127.0.0.1" } },
		]),
		["POST", { method: "POST", headers: { origin: "http://localhost:3000" } }],
	])("is no endpoint for %s", async (_who, call) => {
		const { status, body } = await knock(fixture, {
			...call,
			headers: { ...call.headers, cookie: pass },
		});
		expect(status).toBe(404);
		expect(JSON.parse(body)).toEqual({
			type: "about:blank",
			title: "There is no such endpoint",
			status: 404,
			code: "not_found",
			id: expect.stringMatching(/^\w+$/),
		});
	});

	it.each([undefined, "production", "test", "Development", "development "])(
		"is no endpoint where NODE_ENV is %j",
		async (nodeEnv) => {
			const other = await start(nodeEnv);
			const [panel, nothing] = [
				await knock(other),
				await knock(other, { url: "http://localhost:3000/_portcullis/nothing" }),
			];
			expect(panel.status).toBe(404);
			const known = JSON.parse(nothing.body);
			expect(JSON.parse(panel.body)).toEqual({ ...known, id: expect.stringMatching(/^\w+$/) });
			expect([...panel.headers]).toEqual([...nothing.headers]);
		},
	);

	it("is only at its own path", async () => {
		for (const path of [
			"/_portcullis/",
			"/_portcullis/panel",
			"//_portcullis",
			"/_portcullis/../_portcullis/x",
		])
			expect(
				(await knock(fixture, { url: `http://localhost:3000${path}` }).catch(() => ({ body: "" })))
					.body,
			).not.toContain("Who is signed in");
	});
});

describe("the link on the console", () => {
	const url = "http://localhost:3000/_portcullis";

	it("opens the panel for the browser that has followed it, and leaves no token in its address", async () => {
		const own = await start("development");
		const before = printed().length;
		const asked = await knock(own);
		expect(asked.status).toBe(401);
		expect(asked.body).toContain("portcullis panel:");
		expect(asked.body).not.toMatch(/Who is signed in|<script|<form|token=/);
		expect(asked.headers.get("cache-control")).toContain("no-store");
		expect(asked.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
		expect(asked.headers.getSetCookie()).toEqual([]);
		const [link = "", ...more] = printed().slice(before);
		expect(more).toEqual([]);
		expect(link).toMatch(/^http:\/\/localhost:3000\/_portcullis\?token=[0-9a-f]{64}$/);
		expect(JSON.stringify(own.log)).not.toContain(link.split("=")[1]);

		const answer = await knock(own, { url: link });
		expect([answer.status, answer.headers.get("location"), answer.body]).toEqual([
			303,
			"/_portcullis",
			"",
		]);
		expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
		expect(answer.headers.get("cache-control")).toContain("no-store");
		const [set = "", ...others] = answer.headers.getSetCookie();
		expect(others).toEqual([]);
		expect(set).toMatch(
			/^__Host-portcullis-panel=[0-9a-f]{64}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/,
		);
		// What browsers keep, and show in their list of addresses, are different secrets.
		expect(set).not.toContain(link.split("=")[1]);
		const cookie = set.split(";")[0] ?? "";
		const panel = await knock(own, { headers: { cookie } });
		expect([panel.status, panel.headers.getSetCookie()]).toEqual([200, []]);
		expect(panel.body).toContain("Who is signed in");
		expect(panel.body).not.toContain(cookie.split("=")[1]);
		expect(panel.body).not.toContain("__Host-portcullis-panel");

		// Another browser of the same developer, or this one after its cookies were deleted.
		expect((await knock(own, { url: link })).status).toBe(303);
	});

	it.each<[string, (token: string, value: string) => Knock]>([
		["another token", () => ({ url: `${url}?token=${"0".repeat(64)}` })],
		[
			"no more than the beginning of it",
			(token) => ({ url: `${url}?token=${token.slice(0, -1)}` }),
		],
		["more than the token", (token) => ({ url: `${url}?token=${token}0` })],
		["an empty token", () => ({ url: `${url}?token=` })],
		["an empty cookie", () => ({ headers: { cookie: "__Host-portcullis-panel=" } })],
		[
			"the token as cookie",
			(token) => ({ headers: { cookie: `__Host-portcullis-panel=${token}` } }),
		],
		["the cookie as token", (_token, value) => ({ url: `${url}?token=${value}` })],
		[
			"a cookie without the prefix",
			(_token, value) => ({ headers: { cookie: `portcullis-panel=${value}` } }),
		],
	])("opens nothing for %s", async (_what, call) => {
		const [token = "", value = ""] = [printed()[0]?.split("=")[1], pass.split("=")[1]];
		expect([token.length, value.length]).toEqual([64, 64]);
		const { status, headers, body } = await knock(fixture, call(token, value));
		expect([status, headers.getSetCookie()]).toEqual([401, []]);
		expect(body).not.toContain("Who is signed in");
	});

	it("is of one process: the cookie and the token of another open nothing", async () => {
		const own = await start("development");
		expect((await knock(own, { headers: { cookie: pass } })).status).toBe(401);
		expect((await knock(own, { url: printed()[0] ?? "" })).status).toBe(401);
	});

	it("gives no cookie to callers who cannot have the panel, whoever has told them the token", async () => {
		const link = printed()[0] ?? "";
		for (const call of [
			{ remoteAddress: "192.168.1.20" },
			{ headers: { "sec-fetch-site": "cross-site" } },
			{ headers: { "sec-fetch-dest": "iframe" } },
			{ headers: { "x-forwarded-for": "127.0.0.1" } },
		]) {
			const { status, headers } = await knock(fixture, { ...call, url: link });
			expect([status, headers.getSetCookie()]).toEqual([404, []]);
		}
		expect(JSON.stringify(fixture.log)).not.toContain(link.split("=")[1]);
	});

	it("is printed once for an origin, and not without end for ports that a caller makes up", async () => {
		const own = await start("development");
		const before = printed().length;
		const ports = [3000, 3000, ...Array.from({ length: 20 }, (_, i) => 4000 + i)];
		for (const port of ports) await knock(own, { url: `http://localhost:${port}/_portcullis` });
		const origins = printed()
			.slice(before)
			.map((link) => new URL(link).origin);
		expect(origins).toEqual(
			[3000, 4000, 4001, 4002, 4003].map((port) => `http://localhost:${port}`),
		);
	});
});

describe("a program behind a relay on this machine that says nothing of itself", () => {
	it.each(["Host: localhost", "Host: 127.0.0.1"])(
		"gets nothing with %s and the headers of a browser",
		async (host) => {
			const app = await startGate({
				env: (env) => ({ ...env, NODE_ENV: "development" }),
				serve: (gate) => listen(protect((_request, response) => response.end("app"), gate)),
			});
			const { port } = new URL(app.origin);
			const relay = await startRelay(Number(port));
			const before = printed().length;
			const browserLike = Object.entries(CLICK).map(([name, value]) => `${name}: ${value}`);
			const send = (target: string, ...more: string[]) =>
				rawRequest(relay, target, { lines: [`${host}:${port}`, ...browserLike, ...more] });
			const answers = [
				await send("/_portcullis"),
				await send("/_portcullis?token=1"),
				await send("/_portcullis", "Cookie: __Host-portcullis-panel=1"),
			];
			const [link = ""] = printed().slice(before);
			expect(link).toContain("token=");
			for (const { status, headers, body } of answers) {
				const answer = headers + body;
				expect(status).toBe(401);
				expect(answer).not.toMatch(
					/Who is signed in|Providers|Surfaces|Audit trail|generic|set-cookie/i,
				);
				expect(answer).not.toContain(link.split("=")[1]);
			}
		},
	);
});

describe("what it shows", () => {
	it("has the person, claims, scopes and cookie sizes, and no token, code, cookie or secret", async () => {
		const seen: string[] = [];
		const own = await start("development", {
			auth: { platform: { audit: (action) => seen.push(action) } },
		});
		own.idp.set({
			userinfoClaims: {
				upstream: { access_token: "upstream-token-4711" },
				jwt: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
			},
		});
		const browser = new ScriptedBrowser();
		await own.signIn(browser);
		const { body } = await look(own, allCookies(browser));
		for (const text of [
			"Ada Lovelace (ada), by generic",
			"openid email profile",
			"ada@example.com",
			"of 7168 bytes",
		])
			expect(body).toContain(text);
		expect(body).toMatch(/<code>__Host-generic-.{6}-at<\/code><\/td><td>\d+/);
		expect(body).toContain("(not shown)");
		expect(body).toContain("There is a claim groups");
		for (const record of ["login_started", "login_completed", "page_load"])
			expect(body).toContain(record);
		expect(seen).toContain("login_completed");

		const issued = own.idp.requests.flatMap(({ query, form, headers }) => [
			...[query, form].flatMap((values) =>
				["code", "state", "nonce", "code_verifier", "client_secret"].flatMap((name) =>
					values.getAll(name),
				),
			),
			headers.authorization?.replace("Bearer ", ""),
		]);
		const secrets = [
			...issued,
			own.idp.clientSecret,
			SECRET,
			"upstream-token-4711",
			...[...browser.jar.values()].map(({ value }) => value),
		];
		const long = secrets.filter(
			(secret): secret is string => secret !== undefined && secret.length > 8,
		);
		expect(long.length).toBeGreaterThan(8);
		for (const secret of long) expect(body).not.toContain(secret);
		expect(body).not.toMatch(/eyJ[\w-]{4,}\./);
	});

	it("has the providers with what doctor says, and asks them once in half a minute", async () => {
		const own = await start("development");
		own.idp.set({ token: "invalid-client" });
		const first = (await look(own)).body;
		expect(first).toContain("The provider refuses the client generic-client with its secret");
		expect(first).toContain("http://localhost:3000/callback is registered");
		const asked = own.idp.requests.length;
		await look(own);
		expect(own.idp.requests.length).toBe(asked);
		own.idp.reset();
		own.clock.ahead = 31;
		expect((await look(own)).body).toContain("is known, and its secret is right");
	});

	it("does not wait for a provider that does not answer", async () => {
		const own = await start("development", { auth: { platform: { timeout: 60 } } });
		own.idp.set({ transport: { discovery: "hang" } });
		expect((await look(own)).body).toContain("Doctor is still looking");
	});

	it("has the surfaces with their rules, and the last fifty records, the newest first, without what events were sent with", async () => {
		const own = await start("development", {
			gate: (auth) => ({
				pages: { "/": { auth: false }, "/admin/*": { auth: auth.check("isAdmin", () => false) } },
				assets: ["/assets/*"],
			}),
		});
		for (let i = 0; i < 60; i++) await knock(own, { url: `http://localhost:3000/private/${i}` });
		const { body } = await look(own);
		expect(body).toMatch(
			/<td>page<\/td><td><code>\/<\/code><\/td><td><strong class="public">public/,
		);
		expect(body).toMatch(
			/<code>\/admin\/\*<\/code><\/td><td>isAdmin<\/td><td><code>[\w-]+\/[\w.-]+:\d+<\/code>/,
		);
		const shown = [...body.matchAll(/<code>\/private\/(\d+)<\/code>/g)].map(([, number]) =>
			Number(number),
		);
		expect(shown).toEqual(Array.from({ length: 50 }, (_, i) => 59 - i));
		expect(body).not.toContain(MARKER);
	});

	it("shows what a provider says as text", async () => {
		const own = await start("development");
		own.idp.set({
			token: "error-markup",
			userinfoClaims: { name: "<img src=x onerror=alert(1)>" },
		});
		expect((await look(own)).body).not.toContain("<script>alert");
		own.idp.set({ token: [] });
		const browser = new ScriptedBrowser();
		await own.signIn(browser);
		expect((await look(own, allCookies(browser))).body).not.toContain("<img");
	});
});
