import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { Snapshot } from "../../src/wire/state.ts";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, type Seen } from "./fuzzed-gate.ts";
import { mutatedJsonText } from "./mutations.ts";

/** What each of them sees, whose clients there are. */
let gate: FuzzedGate;
let cookie: string;
let client: string;
let foreign: string;

beforeAll(async () => {
	gate = await FuzzedGate.start();
	cookie = await signIn("ada");
	client = (await hydrate(cookie)).client;
	foreign = (await hydrate(await signIn("bob"))).client;
});

async function signIn(sub: string): Promise<string> {
	gate.idp.person = { sub };
	const browser = gate.browser({ signsIn: true });
	await gate.signIn(browser);
	return browser.cookieHeader(APP);
}

async function hydrate(cookies: string): Promise<Snapshot> {
	const seen = await post("hydrate", "{}", cookies);
	expect(seen.status).toBe(200);
	return JSON.parse(seen.body) as Snapshot;
}

function post(endpoint: string, body: string, cookies: string | undefined): Promise<Seen> {
	const headers = {
		"content-type": "application/json",
		"portcullis-request": "1",
		"content-length": String(Buffer.byteLength(body)),
		origin: APP,
		...(cookies ? { cookie: cookies } : {}),
	};
	const sent = { method: "POST", target: `/_portcullis/${endpoint}`, headers, body };
	return gate.ask(sent, { signedInBefore: cookies !== undefined });
}

const event = () => ({
	...{
		client,
		epoch: 0,
		rev: 0,
		seq: 1,
		id: "0b5e3f0e-6d1b-4f7e-9d0c-7f1f2f3f4f5f",
		state: "vault",
		event: "write",
	},
	...{ payload: { text: "a", n: 1 }, states: ["vault"] },
});
const names = () => [
	client,
	foreign,
	"vault",
	"write",
	"hidden",
	"told",
	"vault.hidden",
	"__proto__",
	"constructor",
	"user",
	"auth",
];

it(
	"answers events of any shape, and tells nobody more than their own",
	async () => {
		const inputs = fc.tuple(mutatedJsonText(event(), names()), fc.boolean());
		await fuzz("event bodies", gate.meter, inputs, async ([body, isSignedIn]) => {
			const { status, body: answer } = await post(
				"event",
				body.toWellFormed(),
				isSignedIn ? cookie : undefined,
			);
			expect(answer).not.toMatch(/\n\s+at .*:\d+|node_modules|\.ts:/);
			if (!isSignedIn) expect(status).not.toBe(200);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"answers questions for values of any shape, and tells nobody more than their own",
	async () => {
		const hydrate = { client, states: ["vault"], path: "/private" };
		const stream = {
			clients: [
				{ client, rev: 0, states: ["vault"] },
				{ client: foreign, rev: 3 },
			],
		};
		const inputs = fc.tuple(
			fc.oneof(
				fc.tuple(fc.constant("hydrate"), mutatedJsonText(hydrate, names())),
				fc.tuple(fc.constant("stream"), mutatedJsonText(stream, names())),
				fc.tuple(
					fc.constantFrom("refresh", "session", "claim"),
					mutatedJsonText({ ...hydrate, ...stream }, names()),
				),
			),
			fc.boolean(),
		);
		await fuzz("state bodies", gate.meter, inputs, async ([[endpoint, body], isSignedIn]) => {
			const { body: answer } = await post(
				endpoint,
				body.toWellFormed(),
				isSignedIn ? cookie : undefined,
			);
			expect(answer).not.toMatch(/\n\s+at .*:\d+|node_modules|\.ts:/);
		});
	},
	FUZZ_TIMEOUT,
);
