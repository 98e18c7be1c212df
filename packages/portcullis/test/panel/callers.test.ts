import { beforeAll, describe, expect, it } from "vitest";
import type { HostCall } from "../../src/index.ts";
import {
	allCookies,
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	SECRET,
	startGate,
} from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// Who gets the developer panel: a person at a browser of this machine, in development. To everybody else there is no such endpoint.

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
	const request = new Request(url, { method, headers: Object.fromEntries(all) as Record<string, string> });
	const remoteAddress = "remoteAddress" in rest ? rest.remoteAddress : "127.0.0.1";
	const given = new Map(all as [string, string][]);
	const call: HostCall = {
		method,
		url,
		header: (name) => given.get(name) ?? null,
		request: () => request,
		remoteAddress,
	};
	const admission = await fixture.gate.enter(call);
	if (admission.kind !== "answered") throw new Error("The gate let it pass");
	const { status, headers: answered } = admission.response;
	return { status, headers: answered, body: await admission.response.text() };
}

const start = (nodeEnv: string | undefined, options: GateFixtureOptions = {}) =>
	startGate({ ...options, env: (env) => ({ ...env, NODE_ENV: nodeEnv }) });

let fixture: GateFixture;
beforeAll(async () => {
	fixture = await start("development");
});

describe("the panel", () => {
	it.each<[string, Knock]>([
		["typed into the browser of this machine", {}],
		["followed from the app's own page", { headers: { "sec-fetch-site": "same-origin" } }],
		["over IPv6", { url: "http://[::1]:3000/_portcullis", remoteAddress: "::1" }],
		["over IPv4 on a socket for both", { url: "http://127.0.0.1:3000/_portcullis", remoteAddress: "::ffff:127.0.0.1" }],
		["as HEAD", { method: "HEAD" }],
	])("is there, %s", async (_how, call) => {
		const { status, headers, body } = await knock(fixture, call);
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
		["a name that somebody has bound to this machine", { url: "http://evil.example:3000/_portcullis" }],
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
		["a fetch", { headers: { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" } }],
		["an image", { headers: { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" } }],
		["a frame", { headers: { "sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin" } }],
		["a prefetch", { headers: { "sec-purpose": "prefetch" } }],
		[
			"a browser of another machine, through a proxy that says nothing",
			{ headers: { "sec-fetch-site": undefined, "sec-fetch-mode": undefined, "sec-fetch-dest": undefined } },
		],
		...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"].map(
			(name): [string, Knock] => [`a proxy with ${name}`, { headers: { [name]: "127.0.0.1" } }],
		),
		["POST", { method: "POST", headers: { origin: "http://localhost:3000" } }],
	])("is no endpoint for %s", async (_who, call) => {
		const { status, body } = await knock(fixture, call);
		expect(status).toBe(404);
		expect(JSON.parse(body)).toEqual({
			type: "about:blank",
			title: "There is no such endpoint",
			status: 404,
			code: "not_found",
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
			expect(panel.body).toBe(nothing.body);
			expect([...panel.headers]).toEqual([...nothing.headers]);
		},
	);

	it("is only at its own path", async () => {
		for (const path of ["/_portcullis/", "/_portcullis/panel", "//_portcullis", "/_portcullis/../_portcullis/x"])
			expect(
				(await knock(fixture, { url: `http://localhost:3000${path}` }).catch(() => ({ body: "" }))).body,
			).not.toContain("Who is signed in");
	});
});

describe("what it shows", () => {
	it("has the person, claims, scopes and cookie sizes, and no token, code, cookie or secret", async () => {
		const seen: string[] = [];
		const own = await start("development", { kit: { audit: (action) => seen.push(action) } });
		own.idp.set({
			userinfoClaims: {
				upstream: { access_token: "upstream-token-4711" },
				jwt: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
			},
		});
		const browser = new ScriptedBrowser();
		await own.signIn(browser);
		const { body } = await knock(own, { headers: { cookie: allCookies(browser) } });
		for (const text of ["Ada Lovelace (ada), by generic", "openid email profile", "ada@example.com", "of 7168 bytes"])
			expect(body).toContain(text);
		expect(body).toMatch(/<code>__Host-generic-.{6}-at<\/code><\/td><td>\d+/);
		expect(body).toContain("(not shown)");
		expect(body).toContain("There is a claim groups");
		for (const record of ["login_started", "login_completed", "page_load"]) expect(body).toContain(record);
		expect(seen).toContain("login_completed");

		const issued = own.idp.requests.flatMap(({ query, form, headers }) => [
			...[query, form].flatMap((values) =>
				["code", "state", "nonce", "code_verifier", "client_secret"].flatMap((name) => values.getAll(name)),
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
		const long = secrets.filter((secret): secret is string => secret !== undefined && secret.length > 8);
		expect(long.length).toBeGreaterThan(8);
		for (const secret of long) expect(body).not.toContain(secret);
		expect(body).not.toMatch(/eyJ[\w-]{4,}\./);
	});

	it("has the providers with what doctor says, and asks them once in half a minute", async () => {
		const own = await start("development");
		own.idp.set({ token: "invalid-client" });
		const first = (await knock(own)).body;
		expect(first).toContain("The provider refuses the client generic-client with its secret");
		expect(first).toContain("http://localhost:3000/callback is registered");
		const asked = own.idp.requests.length;
		await knock(own);
		expect(own.idp.requests.length).toBe(asked);
		own.idp.reset();
		own.clock.ahead = 31;
		expect((await knock(own)).body).toContain("is known, and its secret is right");
	});

	it("does not wait for a provider that does not answer", async () => {
		const own = await start("development", { kit: { timeout: 60 } });
		own.idp.set({ transport: { discovery: "hang" } });
		expect((await knock(own)).body).toContain("Doctor is still looking");
	});

	it("has the surfaces with their rules, and the last fifty records, the newest first, without what events were sent with", async () => {
		const own = await start("development", {
			gate: (kit) => ({
				pages: { "/": { auth: false }, "/admin/*": { auth: kit.check("isAdmin", () => false) } },
				assets: ["/assets/*"],
			}),
		});
		for (let i = 0; i < 60; i++) await knock(own, { url: `http://localhost:3000/private/${i}` });
		const { body } = await knock(own);
		expect(body).toMatch(/<td>page<\/td><td><code>\/<\/code><\/td><td><strong class="public">public/);
		expect(body).toMatch(/<code>\/admin\/\*<\/code><\/td><td>isAdmin<\/td><td><code>[\w-]+\/[\w.-]+:\d+<\/code>/);
		const shown = [...body.matchAll(/<code>\/private\/(\d+)<\/code>/g)].map(([, number]) => Number(number));
		expect(shown).toEqual(Array.from({ length: 50 }, (_, i) => 59 - i));
		expect(body).not.toContain(MARKER);
	});

	it("shows what a provider says as text", async () => {
		const own = await start("development");
		own.idp.set({ token: "error-markup", userinfoClaims: { name: "<img src=x onerror=alert(1)>" } });
		expect((await knock(own)).body).not.toContain("<script>alert");
		own.idp.set({ token: [] });
		const browser = new ScriptedBrowser();
		await own.signIn(browser);
		expect((await knock(own, { headers: { cookie: allCookies(browser) } })).body).not.toContain("<img");
	});
});
