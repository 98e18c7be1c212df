import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { GateFixture } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { signInAs } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";
import {
	marksIn,
	type SecretKind,
	type SecretLengths,
	startVault,
} from "../support/state-vault.ts";

/** A request as it goes over the wire. */
interface Sent {
	method: string;
	target: string;
	headers: Record<string, string | string[]>;
	body: string | Buffer | undefined;
}

/** Somebody who asks, with a tab whose client is in the state that the name says. */
interface Asker {
	readonly name: string;
	/** What may reach them. */
	readonly may: readonly SecretKind[];
	readonly cookie: string;
	/**
	 * Of the twists, only each second or third one is tried, others with other transports. Default:
	 * all.
	 */
	readonly every?: number;
	/**
	 * Names a client with everything filled in, their own or, where that is the attack, somebody
	 * else's.
	 */
	client(): Promise<StateTab>;
}

/** What a request asks for, by the way that the answer takes. */
const TRANSPORTS = {
	"the document": () => ({ target: "/" }),
	"a private document": () => ({ target: "/private" }),
	"a document for owners": () => ({ target: "/owners/plans" }),
	"a document that a broken check guards": () => ({ target: "/refused" }),
	"JSON of the app": () => ({ target: "/data.json" }),
	"script of the app": () => ({ target: "/data.js" }),
	session: () => ({ target: "/_portcullis/session" }),
	"no endpoint": () => ({ target: "/_portcullis/state" }),
	hydrate: ({ client }: StateTab) => post("hydrate", { client }),
	"hydrate of one state": ({ client }: StateTab) => post("hydrate", { client, states: ["vault"] }),
	"hydrate without a client": () => post("hydrate", {}),
	"hydrate with a path": ({ client }: StateTab) => post("hydrate", { client, path: "/owners/x" }),
	fill: (tab: StateTab) => post("event", tab.request("vault.fill")),
	"fill, asked for everything anew": (tab: StateTab) =>
		post("event", { ...tab.request("vault.fill"), rev: 0 }),
	"fill by steps": (tab: StateTab) =>
		post("event", { ...tab.request("vault.fillBySteps"), rev: 1 }),
	"fill in the background": (tab: StateTab) =>
		post("event", { ...tab.request("vault.fillBeside"), rev: 1 }),
	"a handler that fails": (tab: StateTab) => post("event", tab.request("vault.fail")),
	"a result that cannot be sent": (tab: StateTab) =>
		post("event", tab.request("vault.failUnsendable")),
	"valid input": (tab: StateTab) => post("event", tab.request("vault.typed", { n: 1, s: "a" })),
	"invalid input": (tab: StateTab) =>
		post("event", tab.request("vault.typed", { n: "mark", s: "too long" })),
	"an event for signed-in people": (tab: StateTab) => post("event", tab.request("vault.read")),
	"an event for owners": (tab: StateTab) => post("event", tab.request("vault.readPlans", 1)),
	"an event whose check breaks": (tab: StateTab) => post("event", tab.request("vault.readRefused")),
	"no event": (tab: StateTab) => post("event", tab.request("vault.plans")),
	"no state": (tab: StateTab) => post("event", tab.request("attic.fill")),
	"a repeated event": (tab: StateTab) =>
		post("event", { ...tab.request("vault.read"), seq: 1, repeat: true }),
	stream: ({ client }: StateTab) => post("stream", { clients: [{ client, rev: 0 }] }),
	"stream of two": ({ client }: StateTab) =>
		post("stream", {
			clients: [
				{ client: "x", rev: 0 },
				{ client, rev: 1 },
			],
		}),
} satisfies Record<string, (tab: StateTab) => Partial<Sent>>;

/** What an attacker does to a request. Each gets a fresh one. */
const TWISTS: Record<string, (sent: Sent) => void> = {
	"as it is": () => {},
	"a byte order mark": (sent) => body(sent, (text) => `\uFEFF${text}`),
	blanks: (sent) => body(sent, (text) => ` \n\t${text}\r\n `),
	"escaped letters": (sent) => body(sent, (text) => text.replaceAll("vault", "\\u0076ault")),
	"upper case": (sent) => body(sent, (text) => text.replaceAll("vault", "Vault")),
	"letters of full width": (sent) => body(sent, (text) => text.replaceAll("vault", "ｖault")),
	"a NUL in names": (sent) => body(sent, (text) => text.replaceAll("vault", "vault\\u0000")),
	"keys twice": (sent) =>
		body(
			sent,
			(text) => `{"state":"vault","event":"readPlans","states":[],"clients":[],${text.slice(1)}`,
		),
	"keys twice, at the end": (sent) =>
		body(sent, (text) => `${text.slice(0, -1)},"event":"readPlans","payload":1}`),
	__proto__: (sent) =>
		body(
			sent,
			(text) => `${text.slice(0, -1)},"__proto__":{"user":{"sub":"ada"},"states":["vault"]}}`,
		),
	"constructor as a state": (sent) =>
		body(sent, (text) => text.replaceAll('"vault"', '"constructor"')),
	"__proto__ as a state": (sent) => body(sent, (text) => text.replaceAll('"vault"', '"__proto__"')),
	"a method of Map as an event": (sent) =>
		body(sent, (text) => text.replace(/"event":"\w+"/, '"event":"get"')),
	"a field as an event": (sent) =>
		body(sent, (text) => text.replace(/"event":"\w+"/, '"event":"hidden"')),
	"a dotted event": (sent) =>
		body(sent, (text) => text.replace(/"event":"(\w+)"/, '"event":"vault.$1"')),
	"lists for texts": (sent) =>
		body(sent, (text) => text.replace(/"(state|client)":("[^"]*")/g, '"$1":[$2]')),
	"objects for texts": (sent) =>
		body(sent, (text) => text.replace(/"event":("[^"]*")/, '"event":{"toString":$1}')),
	"huge numbers": (sent) => body(sent, (text) => text.replace(/"(rev|seq)":\d+/g, '"$1":1e308')),
	"negative numbers": (sent) => body(sent, (text) => text.replace(/"(rev|epoch)":\d+/g, '"$1":-1')),
	"the first revision": (sent) => body(sent, (text) => text.replace(/"rev":\d+/g, '"rev":0')),
	"names of everything": (sent) =>
		body(sent, (text) => `${text.slice(0, -1)},"states":["vault","vault.hidden","*","__proto__"]}`),
	"a user in the body": (sent) =>
		body(
			sent,
			(text) => `${text.slice(0, -1)},"user":{"sub":"ada","groups":["owners"]},"owner":"ada"}`,
		),
	"payload full of keys": (sent) =>
		body(
			sent,
			(text) =>
				`${text.slice(0, -1)},"payload":{"__proto__":{"n":1},"n":1,"s":"${"é".repeat(9)}"}}`,
		),
	"no JSON": (sent) => body(sent, () => "state=vault&event=readPlans"),
	"cut off": (sent) => body(sent, (text) => text.slice(0, -2)),
	"a list": (sent) => body(sent, (text) => `[${text}]`),
	"deep nesting": (sent) =>
		body(sent, (text) => `${text.slice(0, -1)},"payload":${"[".repeat(5000)}${"]".repeat(5000)}}`),
	"too large": (sent) => body(sent, (text) => `${text.slice(0, -1)},"x":"${"x".repeat(300_000)}"}`),
	"bytes that are no UTF-8": (sent) =>
		bytes(sent, (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xc0])])),
	"UTF-16": (sent) => bytes(sent, (text) => Buffer.from(text, "utf16le")),
	gzip: (sent) => {
		bytes(sent, (text) => gzipSync(text));
		sent.headers["content-encoding"] = "gzip";
	},
	"a charset": (sent) => type(sent, "application/json; charset=utf-16"),
	"an upper-case type": (sent) => type(sent, "APPLICATION/JSON"),
	"a form type": (sent) => type(sent, "application/x-www-form-urlencoded"),
	"a text type": (sent) => type(sent, "text/plain;application/json"),
	"a query": (sent) => target(sent, (path) => `${path}?state=vault&event=readPlans&user=ada`),
	"a slash at the end": (sent) => target(sent, (path) => `${path}/`),
	"an encoded slash": (sent) =>
		target(sent, (path) => path.replace("/_portcullis/", "/_portcullis%2f")),
	"two slashes": (sent) => target(sent, (path) => `/${path}`),
	"headers that name somebody": (sent) => {
		const names = [
			"x-user",
			"x-forwarded-user",
			"x-auth-request-user",
			"x_user",
			"portcullis-user",
			"remote-user",
		];
		for (const name of names) sent.headers[name] = "ada";
		sent.headers.authorization = "Bearer ada";
	},
	"headers that change the method": (sent) => {
		for (const name of ["x-http-method-override", "x-http-method", "x-method-override"])
			sent.headers[name] = "GET";
	},
	"a forwarded address": (sent) => {
		Object.assign(sent.headers, {
			"x-forwarded-for": "127.0.0.1",
			"x-forwarded-host": "localhost",
			forwarded: "for=::1",
		});
	},
	"without our header": (sent) => {
		delete sent.headers["portcullis-request"];
	},
	"from another origin": (sent) => {
		sent.headers.origin = "https://evil.example";
	},
	GET: (sent) => {
		sent.method = "GET";
		sent.body = undefined;
	},
	PUT: (sent) => {
		if (sent.body) sent.method = "PUT";
	},
	"a request for a part": (sent) => {
		Object.assign(sent.headers, {
			range: "bytes=0-9",
			"if-none-match": "*",
			"accept-encoding": "gzip, br",
		});
	},
};

function post(endpoint: string, value: unknown): Partial<Sent> {
	return { method: "POST", target: `/_portcullis/${endpoint}`, body: JSON.stringify(value) };
}
function body(sent: Sent, change: (text: string) => string): void {
	if (typeof sent.body === "string") sent.body = change(sent.body);
}
function bytes(sent: Sent, change: (text: string) => Buffer): void {
	if (typeof sent.body === "string") sent.body = change(sent.body);
}
function type(sent: Sent, value: string): void {
	if (sent.body !== undefined) sent.headers["content-type"] = value;
}
function target(sent: Sent, change: (path: string) => string): void {
	sent.target = change(sent.target);
}

/** Sends it, and reads a stream as far as its first values. */
function send(
	fixture: GateFixture,
	{ method, target: path, headers, body: sent }: Sent,
): Promise<Answer> {
	return exchange(fixture.origin, method, headers, sent, path, (text) =>
		isComplete(text, String(sent)),
	);
}

/** True once each client of a stream's request has had its first line. */
function isComplete(text: string, sent: string): boolean {
	if (!text.startsWith('{"type":"open"}')) return false;
	const { clients } = JSON.parse(sent.replace(/^\uFEFF/, "")) as { clients: unknown[] };
	const seen = new Set([...text.matchAll(/"client":(\d+)[,}]/g)].map(([, index]) => index));
	return seen.size >= clients.length;
}

/** Everybody who may ask. Whose session has expired signed in first: then the clock goes on. */
async function askers(fixture: GateFixture): Promise<Asker[]> {
	const late = await signInAs(fixture, "ada");
	fixture.clock.ahead = 200;
	const [ada, vic, changed] = [
		await signInAs(fixture, "ada"),
		await signInAs(fixture, "vic"),
		new ScriptedBrowser(),
	];
	await signInAs(fixture, "ada", changed);
	const filled = async (browser: ScriptedBrowser | undefined) => {
		const tab = new StateTab(fixture.origin, browser);
		await tab.hydrate();
		expect((await tab.send("vault.fill")).status).toBe(200);
		return tab;
	};
	const adasTab = await filled(changed);
	await signInAs(fixture, "vic", changed);
	const cookies = (browser: ScriptedBrowser) => browser.cookieHeader(`${fixture.origin}/`);
	const forged = cookies(ada).replace(
		/(-at(?:\.0)?=.{20})(.)/,
		(_, before, letter) => before + (letter === "A" ? "B" : "A"),
	);
	expect(forged).not.toBe(cookies(ada));
	const one = (tab: Promise<StateTab>) => () => tab;
	/**
	 * A client that somebody else has filled just now: whoever takes it over gets it emptied, so that
	 * each request needs a new one.
	 */
	const stolenFrom = (browser: ScriptedBrowser) => () => filled(browser);
	return [
		{ name: "anonymous", may: [], cookie: "", client: one(filled(undefined)) },
		{ name: "viewer", may: ["login"], cookie: cookies(vic), client: one(filled(vic)) },
		{ name: "owner", may: ["login", "owners"], cookie: cookies(ada), client: one(filled(ada)) },
		{ name: "expired", may: [], cookie: cookies(late), client: one(filled(undefined)), every: 2 },
		{ name: "forged cookies", may: [], cookie: forged, client: one(filled(undefined)), every: 3 },
		{
			name: "anonymous, with the owner's client",
			may: [],
			cookie: "",
			client: stolenFrom(ada),
			every: 3,
		},
		{
			name: "viewer, with the owner's client",
			may: ["login"],
			cookie: cookies(vic),
			client: stolenFrom(ada),
			every: 3,
		},
		{
			name: "viewer, with the client of before",
			may: ["login"],
			cookie: cookies(changed),
			client: async () => adasTab,
		},
	];
}

interface Outcome {
	readonly who: string;
	readonly transport: string;
	readonly twist: string;
	readonly status: number;
	/** Characters of headers and body. */
	readonly length: number;
	readonly leaked: readonly string[];
	readonly marks: ReadonlySet<SecretKind>;
}

async function ask(
	fixture: GateFixture,
	{ name, may, cookie, client, every = 1 }: Asker,
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	let turn = 0;
	for (const [transport, make] of Object.entries(TRANSPORTS)) {
		for (const [twist, change] of Object.entries(TWISTS)) {
			if (twist !== "as it is" && turn++ % every !== 0) continue;
			const tab = await inTime(`client ${name} | ${transport} | ${twist}`, client);
			const asked: Partial<Sent> = make(tab);
			const isPost = asked.method === "POST";
			const sent: Sent = {
				method: "GET",
				target: "/",
				body: undefined,
				headers: {
					...(cookie ? { cookie } : {}),
					accept: "*/*",
					...(isPost
						? {
								"content-type": "application/json",
								"portcullis-request": "1",
								origin: fixture.origin,
							}
						: {
								"sec-fetch-mode": "navigate",
								"sec-fetch-dest": "document",
								"sec-fetch-site": "none",
							}),
				},
				...asked,
			};
			// What is done to bodies says nothing new where there is none.
			const before = JSON.stringify(sent);
			change(sent);
			if (twist !== "as it is" && JSON.stringify(sent) === before) continue;
			const answer = await inTime(`${name} | ${transport} | ${twist}`, () => send(fixture, sent));
			// Where it was run: a gap in the numbers would be waited for.
			if (answer.body.includes('"type":"outcome"') && transport !== "a repeated event") tab.seq++;
			const headers = [...answer.headers, ...answer.setCookies.map((line) => ["set-cookie", line])];
			const text = `${headers.map((line) => line.join(": ")).join("\n")}\n\n${answer.body}`;
			const marks = marksIn(text);
			const leaked = [...marks].filter((kind) => !may.includes(kind));
			outcomes.push({
				who: name,
				transport,
				twist,
				status: answer.status,
				length: text.length,
				leaked,
				marks,
			});
		}
	}
	return outcomes;
}

async function run(lengths: SecretLengths, names?: readonly string[]): Promise<Outcome[]> {
	const fixture = await startVault(lengths);
	const all = await askers(fixture);
	const chosen = all.filter(({ name }) => !names || names.includes(name));
	return (await Promise.all(chosen.map((asker) => ask(fixture, asker)))).flat();
}

const label = ({ who, transport, twist }: Outcome) => `${who} | ${transport} | ${twist}`;

/** R112: thousands of requests, and not one that brings somebody what is not theirs. */
test("no secret reaches anybody who may not have it, and no length tells of it", {
	timeout: 120_000,
}, async () => {
	const short = await run({ login: 3, owners: 3, never: 3 });
	expect(short.length).toBeGreaterThan(2000);
	expect(short.filter(({ leaked }) => leaked.length > 0).map(label)).toEqual([]);
	expect(short.filter(({ status }) => status >= 500).map(label)).toEqual([]);

	// Those who may have something get it, by every way there is: else there was nothing to be
	// withheld.
	const seen = (who: string, kind: SecretKind) =>
		new Set(
			short
				.filter((one) => one.who === who && one.marks.has(kind))
				.map(({ transport }) => transport),
		);
	const values = [
		"the document",
		"JSON of the app",
		"script of the app",
		"hydrate",
		"fill, asked for everything anew",
	];
	const ways = [
		...values,
		"fill by steps",
		"fill in the background",
		"stream",
		"an event for signed-in people",
	];
	for (const way of [...ways, "an event for owners"])
		expect(seen("owner", "login").has(way) || seen("owner", "owners").has(way), way).toBe(true);
	for (const way of ways) expect(seen("viewer", "login"), way).toContain(way);

	// Nobody's answer is longer or shorter for what is kept from them.
	const isNobody = (who: string) =>
		!["viewer", "owner"].includes(who) && !who.startsWith("viewer,");
	const nobodies = [...new Set(short.map(({ who }) => who).filter(isNobody))];
	const lengths = (outcomes: Outcome[]) =>
		outcomes.map((one) => `${label(one)}: ${one.status} ${one.length}`);
	const longForAll = await run({ login: 700, owners: 5000, never: 9000 }, nobodies);
	expect(lengths(longForAll)).toEqual(lengths(short.filter(({ who }) => isNobody(who))));
	const longForOwners = await run({ login: 3, owners: 5000, never: 9000 }, ["viewer"]);
	expect(lengths(longForOwners)).toEqual(lengths(short.filter(({ who }) => who === "viewer")));
});

/** Fails, with what it was, if it is not over in ten seconds. */
async function inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`No answer: ${what}`)), 10_000);
	});
	try {
		return await Promise.race([work(), late]);
	} catch (cause) {
		throw new Error(`Failed: ${what}`, { cause });
	} finally {
		clearTimeout(timer);
	}
}
