import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { Gate } from "../../src/index.ts";
import { AUDIENCE, accessToken } from "../support/access-token.ts";
import { type CallerKind, COSTS, costTable } from "../support/costs.ts";
import { type Cost, type Counter, startCounting } from "../support/count-costs.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { type Handed, hand } from "../support/in-process.ts";
import { logoutToken } from "../support/logout-token.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// What one request may cost, at most, by counting: each figure of the table in docs/security.md is
// held here by the worst input that is known for its endpoint, with two providers.

/** Longest `Cookie` header that is looked at. */
const HEADER = 65_000;
const NAVIGATION = {
	"sec-fetch-site": "same-origin",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	accept: "text/html",
};

let counter: Counter;
let fixture: GateFixture;
let gate: Gate;

beforeAll(async () => {
	counter = startCounting();
	fixture = await startGate({
		providers: ["generic", "acme"],
		auth: {
			extraScopes: ["offline_access"],
			platform: { audit: () => {}, fetch: counter.fetch, log: counter.log },
			session: { loginLimit: 0 },
			store: counter.store,
			http: { bearer: { audience: AUDIENCE }, embed: { ancestors: ["https://portal.example"] } },
		},
		gate: ({ State, field, event, computed }) => {
			class Board extends State {
				text = field("", { auth: false });
				mine = computed(() => "x", { initial: "" });
				open = event({ auth: false, input: z.unknown() }, () => {
					this.text.value = crypto.randomUUID();
				});
				write = event({ input: z.unknown() }, () => {
					this.text.value = crypto.randomUUID();
				});
				fails = event({ auth: false }, () => {
					throw new Error("A handler that throws");
				});
			}
			return {
				states: { board: Board },
				assets: ["/assets/*"],
				pages: {
					"/open": { auth: false },
					"/never": { auth: () => false },
					"/broken": {
						auth: () => {
							throw new Error("A check that throws");
						},
					},
				},
			};
		},
	});
	gate = fixture.gate as unknown as Gate;
	// Keys of both providers are there, as in a process that has served somebody.
	await send("/private", { headers: { authorization: `Bearer ${accessToken(fixture)}` } });
	await send("/private", {
		headers: { authorization: `Bearer ${accessToken(fixture, { idp: 1 })}` },
	});
	counter.take();
});

afterAll(() => void vi.restoreAllMocks());

/**
 * `Cookie` headers of a caller, the worst that are known. A login or a logout ends sessions: they
 * are new for each request.
 */
async function jarsOf(caller: CallerKind): Promise<readonly string[]> {
	const [one, two] = [await signIn("generic"), await signIn("acme")];
	// With hops, what was opened is not remembered.
	const both = `${one}; ${two}; __Host-portcullis-hops=aaaaaaa-1`;
	if (caller === "signed in") return [both, `${both}; ${garbage(one, two)}`];
	// Of the right key and length, with one character in the middle changed.
	const forged = both.replace(
		/(=.{20})(.)/g,
		(_, start, letter) => start + (letter === "A" ? "B" : "A"),
	);
	return [
		"",
		forged,
		forged.replaceAll("-at=", "-at.0="),
		garbage(one, two),
		`${forged}; ${garbage(one, two)}`,
	];
}

async function signIn(provider: string): Promise<string> {
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser, { provider });
	return allCookies(browser);
}

/**
 * Attempts and chunks of both providers that were never made here, sealed by a key that is known:
 * each looks as if it could open.
 */
function garbage(...sessions: string[]): string {
	const cookies: string[] = [];
	const owners = sessions.map((session) => {
		const [, prefix = "", keyId = ""] =
			/(__Host-[a-z_]+-.{6}-)at(?:\.0)?=(.{4})/.exec(session) ?? [];
		return { prefix, keyId };
	});
	let length = 0;
	for (let i = 0; length < HEADER - 12_000; i++) {
		const { prefix, keyId } = owners[i % owners.length] ?? { prefix: "", keyId: "" };
		const name = i % 3 === 2 ? `${prefix}rt.${i}` : `${prefix}tx-${String(i).padStart(16, "0")}`;
		const cookie = `${name}=${keyId}${"A".repeat(40)}`;
		cookies.push(cookie);
		length += cookie.length + 2;
	}
	return cookies.join("; ");
}

async function send(path: string, { headers, ...rest }: Handed = {}): Promise<Response> {
	const response = await hand(gate, fixture.origin + path, {
		headers: { host: new URL(fixture.origin).host, ...headers },
		...rest,
	});
	void response.body?.cancel();
	return response;
}

interface Sent extends Handed {
	readonly path: string;
	/** So many seconds later than it is. */
	readonly ahead?: number;
}

/** Access tokens have ended by then; what could renew them has not. */
const LAPSED = 5000;

/** The most of each figure that one of the requests cost. */
async function worst(requests: readonly Sent[], caller: CallerKind): Promise<Cost> {
	let most: Cost = { openings: 0, signatures: 0, provider: 0, store: 0, log: 0, cookies: 0 };
	for (const { path, headers, ahead = 0, ...rest } of requests) {
		for (const cookie of headers?.cookie === undefined ? await jarsOf(caller) : [""]) {
			counter.take();
			fixture.clock.ahead = ahead;
			const response = await send(path, {
				...rest,
				headers: { ...(cookie === "" ? {} : { cookie }), ...headers },
			});
			fixture.clock.ahead = 0;
			const cost = { ...counter.take(), cookies: response.headers.getSetCookie().length };
			if (process.env.PRINT_COSTS)
				console.info(path.slice(0, 60), response.status, cookie.length, JSON.stringify(cost));
			most = Object.fromEntries(
				Object.entries(most).map(([name, value]) => [
					name,
					Math.max(value, cost[name as keyof Cost]),
				]),
			) as unknown as Cost;
		}
	}
	return most;
}

const LONG = "x".repeat(60_000);
const HOSTILE_HEADERS = {
	"accept-language": Array.from({ length: 10_000 }, (_, i) =>
		`l${i.toString(36)}`.slice(0, 8),
	).join(","),
	forwarded: Array.from({ length: 5000 }, () => "for=192.0.2.1").join(", "),
	"x-forwarded-for": Array.from({ length: 5000 }, () => "192.0.2.1").join(", "),
};

function script(body: unknown): Handed {
	return {
		method: "POST",
		body: typeof body === "string" ? body : JSON.stringify(body),
		headers: {
			"content-type": "application/json",
			origin: fixture.origin,
			"portcullis-request": "1",
			"sec-fetch-site": "same-origin",
		},
	};
}

function form(
	fields: Record<string, string>,
	headers: Record<string, string> = { origin: fixture.origin },
): Handed {
	return {
		method: "POST",
		body: new URLSearchParams(fields).toString(),
		headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
	};
}

async function client(cookie: string): Promise<string> {
	const headers = { ...script({}).headers, ...(cookie ? { cookie } : {}) };
	const response = await hand(gate, `${fixture.origin}/_portcullis/hydrate`, {
		...script({ states: ["board"] }),
		headers,
	});
	return ((await response.json()) as { client: string }).client;
}

const navigate = (path: string): Sent => ({ path, headers: { ...HOSTILE_HEADERS, ...NAVIGATION } });

/**
 * An attempt that was begun with a provider, with the answer to it, and the cookies that belong to
 * it.
 */
async function attempt(
	provider: string,
): Promise<{ query: string; state: string; cookie: string }> {
	const started = await send(`/login/${provider}`, { headers: NAVIGATION });
	const cookie = started.headers
		.getSetCookie()
		.map((line) => line.split(";", 1)[0] ?? "")
		.filter((pair) => !pair.endsWith("="))
		.join("; ");
	const answered = await fetch(started.headers.get("location") ?? "", { redirect: "manual" });
	const { search, searchParams } = new URL(answered.headers.get("location") ?? "");
	return { query: search, state: searchParams.get("state") ?? "", cookie };
}

function event(name: string, of: string, more: Record<string, unknown> = {}): Handed {
	const call = {
		epoch: 0,
		rev: 0,
		seq: 1,
		id: crypto.randomUUID(),
		state: "board",
		event: name,
		payload: "x",
	};
	return script({ client: of, ...call, states: ["board"], ...more });
}

/** Names of tabs that each look as if they could open. */
function forgedNames(
	name: string,
	count: number,
): { client: string; rev: number; states: string[] }[] {
	return Array.from({ length: count }, (_, i) => {
		const digits = i.toString(36).padStart(4, "0");
		return { client: name.slice(0, 20) + digits + name.slice(24), rev: 0, states: ["board"] };
	});
}

const withCookie = ({ headers, ...rest }: Handed, cookie: string): Handed => ({
	...rest,
	headers: { ...headers, cookie },
});

/**
 * What is sent to each endpoint: the worst that is known, and what is usual. A `cookie` of its own
 * stands in for those of the caller.
 */
const ENDPOINTS: Record<
	string,
	(caller: CallerKind) => readonly Sent[] | Promise<readonly Sent[]>
> = {
	"a page": () => [
		navigate("/private"),
		navigate(`/private?${LONG}`),
		{ ...navigate("/private"), ahead: LAPSED },
		navigate("/never"),
		navigate("/broken"),
		navigate("/open"),
		{ path: "/private" },
		{ path: "/private", method: "POST", body: "x", headers: { origin: "https://evil.example" } },
	],
	"a page, by an access token": () => {
		const bearer = (token: string, path = "/private"): Sent => ({
			path,
			headers: { authorization: `Bearer ${token}` },
		});
		const good = accessToken(fixture);
		return [
			bearer(good),
			bearer(good, "/broken"),
			bearer(good, "/never"),
			bearer(accessToken(fixture, { idp: 1 })),
			bearer(accessToken(fixture, { header: { kid: "made-up" } })),
			bearer(accessToken(fixture, { claims: { iss: "https://other.example" } })),
			bearer(`${good.slice(0, -40)}${"A".repeat(40)}`),
			bearer(`${good}${LONG}`),
			bearer(accessToken(fixture, { claims: { groups: Array(2000).fill("group") } })),
		];
	},
	"an asset": () => [navigate("/assets/app.js")],
	"`/login`": () => [navigate("/login"), navigate(`/login?redirect_to=/${LONG}`)],
	"`/login/<provider>`": () => [
		navigate("/login/generic"),
		navigate(`/login/acme?redirect_to=/${LONG}`),
		navigate("/login/nobody"),
		{ path: "/login/generic", ...form({}) },
	],
	"`/callback`": async () => [
		...(
			await Promise.all(
				["generic", "acme"].flatMap((provider) => [
					attempt(provider).then(({ query, cookie }) => ({
						...navigate(`/callback/${provider}${query}`),
						cookie,
					})),
					attempt(provider).then(({ state, cookie }) => ({
						...navigate(`/callback/${provider}?state=${state}&code=made-up`),
						cookie,
					})),
				]),
			)
		).map(({ cookie, ...sent }) => ({ ...sent, ...withCookie(sent, cookie) })),
		navigate("/callback/generic?state=0000000000000000.x&code=x"),
		navigate(`/callback/generic?state=${"0".repeat(16)}.${LONG}&code=${LONG}`),
		navigate("/callback/generic?error=access_denied&state=0000000000000003.x"),
		navigate("/callback/nobody"),
		{ path: "/callback/generic", ...form({ state: `${"0".repeat(16)}.x`, code: LONG }, {}) },
	],
	"`/callback/continue`": () => [
		{ path: "/callback/generic/continue", ...form({ state: `${"0".repeat(16)}.x`, code: "x" }) },
		{ path: "/callback/generic/continue", ...form({ state: LONG, code: "x" }) },
	],
	"`/logout`": async (caller) => [
		...(caller === "anonymous"
			? []
			: [{ path: "/logout", ...withCookie({ ...script({}) }, await signIn("generic")) }]),
		navigate("/logout"),
		{ path: "/logout", ...form({ token: LONG.slice(0, 9000) }) },
		{ path: "/logout", ...form({}, {}) },
	],
	"`/forbidden`": () => [navigate("/forbidden")],
	"`/_portcullis`": () => [navigate("/_portcullis"), navigate("/_portcullis/nothing")],
	"`/_portcullis/session`": () => [{ path: "/_portcullis/session" }],
	"`/_portcullis/refresh`": async (caller) => [
		{ path: "/_portcullis/refresh", ...script({}) },
		...(caller === "anonymous"
			? []
			: [
					{
						path: "/_portcullis/refresh",
						...withCookie(script({}), await signIn("generic")),
						ahead: LAPSED,
					},
				]),
	],
	"`/_portcullis/backchannel-logout/<provider>`": () => {
		const to = (token: string): Sent => ({
			path: "/_portcullis/backchannel-logout/generic",
			...form({ logout_token: token }, {}),
		});
		const good = logoutToken(fixture, { claims: { sub: "somebody else" } });
		return [
			to(good),
			to(good),
			to("x".repeat(60_000)),
			to(`${good.slice(0, -40)}${"A".repeat(40)}`),
			to(logoutToken(fixture, { header: { kid: "made-up" } })),
			to(logoutToken(fixture, { idp: 1 })),
		];
	},
	"`/_portcullis/step-up/<wanted>`": () => [
		navigate("/_portcullis/step-up/AAAA"),
		navigate(`/_portcullis/step-up/${LONG}`),
	],
	"`/_portcullis/claim`": () => [
		{
			path: "/_portcullis/claim",
			...script({
				verifier: "v".repeat(43),
				ancestors: ["https://portal.example"],
				handoff: "A".repeat(4000),
			}),
		},
		{
			path: "/_portcullis/claim",
			...script({ verifier: "w".repeat(43), ancestors: ["https://portal.example"] }),
		},
		{
			path: "/_portcullis/claim",
			...script({ verifier: "w".repeat(43), ancestors: ["https://evil.example"] }),
		},
		{ path: "/_portcullis/claim", ...script("{") },
	],
	"`/_portcullis/hydrate`": async () => [
		{
			path: "/_portcullis/hydrate",
			...script({ client: forgedNames(await client(""), 1)[0]?.client, path: "/never" }),
		},
		{ path: "/_portcullis/hydrate", ...script({ path: "/private" }) },
		{
			path: "/_portcullis/hydrate",
			...script({
				client: "A".repeat(500),
				states: Array(200).fill("board"),
				path: `/${"x".repeat(4000)}`,
			}),
		},
		{ path: "/_portcullis/hydrate", ...script({ client: await client(""), path: "/broken" }) },
		{ path: "/_portcullis/hydrate", ...script({ states: Array(201).fill("x") }) },
		{ path: "/_portcullis/hydrate", ...script("x".repeat(300_000)) },
	],
	"`/_portcullis/event`": async (caller) => {
		const own =
			caller === "anonymous"
				? ""
				: `${await signIn("generic")}; ${await signIn("acme")}; __Host-portcullis-hops=aaaaaaa-1`;
		const path = "/_portcullis/event";
		const sent: Sent[] = [
			{ path, ...event("open", "A".repeat(500)) },
			{ path, ...event("open", "x", { id: LONG }) },
			{ path, ...event("nothing", "x") },
			{ path, ...script("{") },
		];
		for (const name of ["open", "write", "fails"])
			sent.push({ path, ...withCookie(event(name, await client(own)), own) });
		// One that comes too early waits for the one before it.
		sent.push({ path, ...withCookie(event("open", await client(own), { seq: 1000 }), own) });
		return sent;
	},
	"`/_portcullis/stream`": async () => [
		{ path: "/_portcullis/stream", ...script({ clients: forgedNames(await client(""), 200) }) },
		{
			path: "/_portcullis/stream",
			...script({
				clients: Array(200).fill({ client: "A".repeat(500), rev: 0, states: ["board"] }),
			}),
		},
	],
	"`/_portcullis/health`": () => [
		{ path: "/_portcullis/health" },
		{ path: "/_portcullis/health/ready" },
	],
};

describe.each(["anonymous", "signed in"] as const)("%s", (caller) => {
	test.each(Object.keys(ENDPOINTS))(
		"%s",
		async (endpoint) => {
			const row = COSTS.find((one) => one.endpoint === endpoint && one.caller === caller);
			const cost = await worst((await ENDPOINTS[endpoint]?.(caller)) ?? [], caller);
			if (process.env.PRINT_COSTS)
				console.info(`==> ${caller} ${endpoint} ${JSON.stringify(cost)}`);
			for (const [name, value] of Object.entries(cost))
				expect(value, `${name} of ${endpoint}, ${caller}`).toBeLessThanOrEqual(
					row?.most[name as keyof Cost] ?? -1,
				);
		},
		60_000,
	);
});

test("the table in the documentation says just this", () => {
	expect(readFileSync(new URL("../../../../docs/security.md", import.meta.url), "utf8")).toContain(
		costTable(),
	);
});

test("every route that is documented has its rows", () => {
	const routes = readFileSync(new URL("../../../../docs/routes.md", import.meta.url), "utf8");
	const documented = [...routes.matchAll(/^## (`\/.*`)$/gm)].map(([, name]) => name);
	expect(documented.length).toBeGreaterThan(10);
	for (const caller of ["anonymous", "signed in"])
		expect(COSTS.filter((row) => row.caller === caller).map(({ endpoint }) => endpoint)).toEqual(
			expect.arrayContaining(documented),
		);
});
