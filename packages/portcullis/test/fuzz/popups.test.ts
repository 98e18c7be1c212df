import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { FakeBrowser } from "../../src/client/browser.fixture.ts";
import type { Connection } from "../../src/client/connection.ts";
import { login } from "../../src/client/framed.ts";
import { POPUP_MESSAGE } from "../../src/wire/popup.ts";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP, PORTAL, type Seen } from "./fuzzed-gate.ts";
import {
	changeJson,
	changePairs,
	changeTexts,
	encodePairs,
	jsonChanges,
	mutatedText,
	pairChanges,
	textChanges,
} from "./mutations.ts";

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

afterEach(() => {
	vi.unstubAllGlobals();
});

/** A window that opens a popup. */
function opener() {
	const verifier = randomBytes(32).toString("base64url");
	return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

const OWN = {
	"sec-fetch-site": "same-origin",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	origin: APP,
	accept: "text/html",
};

function start(body: string): Promise<Seen> {
	const headers = { ...OWN, "content-type": "application/x-www-form-urlencoded" };
	return gate.ask({ method: "POST", target: "/login/generic", headers, body });
}

/** Whether a login was begun: its attempt is in a cookie. */
const begins = ({ setCookies }: Seen) => setCookies.some((line) => line.includes("-tx-"));

it(
	"begins a popup for nobody but whom its form names well",
	async () => {
		const fields = ["challenge", "ancestors", "redirect_to", "confirmed"];
		const inputs = fc.tuple(pairChanges(fields), fc.boolean());
		const good: [string, string][] = [
			["challenge", opener().challenge],
			["ancestors", PORTAL],
			["redirect_to", "/private"],
		];
		expect(begins(await start(encodePairs(good)))).toBe(true);
		await fuzz("popup forms", gate.meter, inputs, async ([changes, asText]) => {
			const body = asText
				? changeTexts(
						encodePairs(good),
						changes.map(({ within }) => within),
					)
				: encodePairs(changePairs(good, changes));
			if (!begins(await start(body.toWellFormed()))) return;
			const form = new URLSearchParams(body.toWellFormed());
			const above = (form.get("ancestors") ?? "").split(" ").filter(Boolean);
			expect(form.get("challenge")).toMatch(/^[\w-]{43}$/);
			expect(new Set([...above, PORTAL])).toEqual(new Set([PORTAL]));
			expect(form.has("confirmed")).toBe(false);
		});
	},
	FUZZ_TIMEOUT,
);

/** A popup that has come to its end: what it says to its opener. */
async function answerPopup(challenge: string): Promise<string> {
	const browser = gate.browser();
	const form = { challenge, ancestors: PORTAL, redirect_to: "/private" };
	const page = await browser.navigate(`${APP}/login/generic`, {
		from: `${APP}/`,
		form,
		headers: { origin: APP },
	});
	return /data-handoff="([^"]+)"/.exec(page.body)?.[1] ?? "";
}

function claim(body: unknown, changes = {}): Promise<Seen> {
	const headers = {
		"content-type": "application/json",
		"portcullis-request": "1",
		"sec-fetch-site": "same-origin",
		origin: APP,
	};
	return gate.ask(
		{ method: "POST", target: "/_portcullis/claim", headers, body: JSON.stringify(body) },
		changes,
	);
}

it(
	"gives a hand-off to nobody but the window that it is for",
	async () => {
		// Good for another window: as many as those that are good for nobody.
		const others = [
			opener().verifier,
			opener().verifier,
			PORTAL,
			[PORTAL],
			[],
			[PORTAL, PORTAL],
			IDP,
			null,
		];
		const inputs = fc.oneof(jsonChanges(others), textChanges);
		await fuzz("hand-offs", gate.meter, inputs, async (changes) => {
			// So many claims in so little time are refused for that alone.
			gate.clock.ahead += 1;
			const { verifier, challenge } = opener();
			const good = { verifier, ancestors: [PORTAL], handoff: await answerPopup(challenge) };
			expect(good.handoff).not.toBe("");
			const isJson = (
				some: typeof changes,
			): some is Exclude<
				typeof changes,
				typeof textChanges extends fc.Arbitrary<infer T> ? T : never
			> => !Array.isArray(some[0]);
			const changed = isJson(changes)
				? changeJson(good, changes)
				: { ...good, handoff: changeTexts(good.handoff, changes) };
			const bytes = (text: unknown) =>
				Buffer.from(typeof text === "string" ? text : "", "base64url").toString("hex");
			const isGood =
				changed.verifier === verifier &&
				JSON.stringify(changed.ancestors) === JSON.stringify(good.ancestors) &&
				// Without one, the server looks whether the popup has left it there.
				(changed.handoff === undefined || bytes(changed.handoff) === bytes(good.handoff));
			const seen = await claim(changed, { signsIn: isGood });
			if (!isGood && seen.status === 200)
				expect(JSON.parse(seen.body)).toEqual({ status: "pending" });
			gate.clock.ahead -= 1;
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"hears nothing but what its own popup says about it",
	async () => {
		const good = { type: POPUP_MESSAGE, challenge: "{challenge}", handoff: "sealed" };
		const data = fc.oneof(
			{
				arbitrary: jsonChanges([POPUP_MESSAGE, "{challenge}"]).map((changes) =>
					changeJson(good, changes),
				),
				weight: 4,
			},
			mutatedText(JSON.stringify(good)),
			fc.anything(),
		);
		const message = fc.record({
			data,
			origin: fc.constantFrom(APP, APP, APP, IDP, PORTAL, "null", ""),
			from: fc.constantFrom("popup", "popup", "parent", "nobody"),
		});
		await fuzz(
			"popup messages",
			gate.meter,
			fc.array(message, { minLength: 1, maxLength: 4 }),
			async (messages) => {
				const page = openPage();
				const outcome = login(page.context, page.popup, "/login/generic?redirect_to=/notes");
				await page.listening;
				for (const { data, origin, from } of messages) {
					const named = fill(data, page.popup.name);
					const heard = origin === APP && from === "popup" && isForIt(named, page.popup.name);
					if (heard) continue;
					page.say({
						data: named,
						origin,
						source: from === "popup" ? page.popup : from === "parent" ? {} : null,
					});
				}
				await new Promise((resolve) => setImmediate(resolve));
				expect(page.claims).toEqual([]);
				page.say({
					data: { ...good, challenge: page.popup.name },
					origin: APP,
					source: page.popup,
				});
				expect([await outcome, page.claims]).toEqual(["signed_in", ["sealed"]]);
			},
		);
	},
	FUZZ_TIMEOUT,
);

function isForIt(data: unknown, challenge: string): boolean {
	if (typeof data !== "object" || data === null) return false;
	const { type, challenge: about, handoff } = data as Record<string, unknown>;
	return type === POPUP_MESSAGE && about === challenge && typeof handoff === "string";
}

function fill(data: unknown, challenge: string): unknown {
	if (typeof data !== "object" || data === null || !("challenge" in data)) return data;
	return data.challenge === "{challenge}" ? { ...data, challenge } : data;
}

type Heard = (event: { origin: string; source: unknown; data: unknown }) => void;

/** A page in a frame that has just opened a popup. */
function openPage() {
	const claims: unknown[] = [];
	const listening = Promise.withResolvers<void>();
	let hear: Heard = () => {};
	const tab = new FakeBrowser(async (path, init) => {
		if (!path.endsWith("/claim")) throw new Error(`Asked for ${path}`);
		const { handoff } = JSON.parse(String(init.body)) as { handoff?: string };
		claims.push(handoff);
		return Response.json({ status: handoff === undefined ? "pending" : "signed_in" });
	}).tab();
	const place = new URL(`${APP}/notes`);
	vi.stubGlobal("location", Object.assign(place, { ancestorOrigins: [PORTAL] }));
	vi.stubGlobal("window", globalThis);
	vi.stubGlobal("parent", {});
	vi.stubGlobal("addEventListener", (type: string, listener: Heard) => {
		if (type === "message") hear = listener;
	});
	vi.stubGlobal("removeEventListener", (_type: string, listener: Heard) => {
		if (hear === listener) hear = () => {};
	});
	const form = { append() {}, submit: () => listening.resolve(), remove() {} };
	vi.stubGlobal("document", {
		createElement: () => ({ ...form }),
		body: { append() {} },
		referrer: "",
	});
	const popup = { name: "", closed: false, location: { replace() {} }, close() {} };
	const connection = {
		platform: tab.platform,
		send: (path: string, body: string) => tab.platform.fetch(path, { body }),
	};
	const context = {
		connection: connection as unknown as Connection,
		endpoint: "/_portcullis",
		changed() {},
	};
	return {
		popup,
		context,
		claims,
		listening: listening.promise,
		say: (event: Parameters<Heard>[0]) => hear(event),
	};
}
