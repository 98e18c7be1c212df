import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { FuzzedGate, IDP, PORTAL, type Seen } from "./fuzzed-gate.ts";
import { HOSTILE_TEXTS, mutatedText } from "./mutations.ts";

let gate: FuzzedGate;
/** Cookies of two people, by name. */
let ada: ReadonlyMap<string, string>;
let bob: ReadonlyMap<string, string>;
/** Names without whose values, unchanged, there is no session. */
let needed: readonly string[];
/** A login that was begun. */
let attempt: { readonly cookies: ReadonlyMap<string, string>; readonly back: URL };

beforeAll(async () => {
	gate = await FuzzedGate.start();
	ada = await signIn("ada");
	bob = await signIn("bob");
	needed = [...ada.keys()].filter((name) => /-(at|id|sc)$/.test(name));
	expect(needed.length).toBeGreaterThan(1);
	expect((await askWith(ada, { signedInBefore: true })).person).toBe("ada");
	const browser = gate.browser();
	const back = await gate.comeBack(browser);
	attempt = { cookies: jarOf(browser), back };
});

async function signIn(sub: string): Promise<ReadonlyMap<string, string>> {
	gate.idp.person = { sub, name: `canary-name-${sub}` };
	const browser = gate.browser({ signsIn: true });
	await gate.signIn(browser);
	return jarOf(browser);
}

type Browser = ReturnType<FuzzedGate["browser"]>;

function jarOf({ jar }: Browser): ReadonlyMap<string, string> {
	return new Map([...jar].map(([name, { value }]) => [name, value]));
}

function header(jar: ReadonlyMap<string, string>): string {
	return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

function askWith(
	cookies: ReadonlyMap<string, string> | string,
	allowed: Parameters<FuzzedGate["ask"]>[1] = {},
): Promise<Seen> {
	const cookie = typeof cookies === "string" ? cookies : header(cookies);
	return gate.ask({ target: "/private", headers: { cookie, accept: "text/html" } }, allowed);
}

/** Decoded, so that two spellings of the same bytes are the same. */
const bytes = (text: string | undefined) => Buffer.from(text ?? "", "base64url").toString("hex");

it(
	"takes no changed cookie of a session",
	async () => {
		const inputs = fc
			.constantFrom(...needed)
			.chain((name) =>
				fc.tuple(
					fc.constant(name),
					fc.oneof(
						{ arbitrary: mutatedText(ada.get(name) ?? ""), weight: 4 },
						fc.constantFrom(...HOSTILE_TEXTS, ...ada.values(), ...bob.values()),
					),
				),
			);
		await fuzz("session cookies", gate.meter, inputs, async ([name, value]) => {
			const isSame = bytes(value) === bytes(ada.get(name));
			const seen = await askWith(new Map([...ada, [name, value]]), { signedInBefore: isSame });
			if (isSame) expect([undefined, "ada"]).toContain(seen.person);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"takes no chunks of a session but all of them, in their order",
	async () => {
		const name = needed.find((one) => one.endsWith("-at")) ?? "";
		const value = ada.get(name) ?? "";
		const without = [...ada].filter(([one]) => one !== name);
		const suffix = fc.oneof(
			fc.nat(6).map(String),
			fc.constantFrom(
				"00",
				"01",
				"-1",
				"+1",
				"1e1",
				"0x1",
				"",
				" 1",
				"1.0",
				"99999999999999999999",
				"__proto__",
				"length",
			),
		);
		const inputs = fc.tuple(
			fc
				.array(fc.nat(value.length), { maxLength: 4 })
				.map((cuts) => [...new Set([...cuts, 0, value.length])].sort((a, b) => a - b)),
			fc.array(suffix, { minLength: 6, maxLength: 6 }),
			mutatedText("0.1.2.3.4.5"),
		);
		await fuzz("cookie chunks", gate.meter, inputs, async ([cuts, suffixes, noise]) => {
			const parts = cuts
				.slice(1)
				.map((end, i) => [`${name}.${suffixes[i] ?? noise}`, value.slice(cuts[i], end)] as const);
			const isWhole = parts.length > 1 && parts.every(([one], i) => one === `${name}.${i}`);
			const seen = await askWith(new Map([...without, ...parts]), { signedInBefore: isWhole });
			if (isWhole) expect([undefined, "ada"]).toContain(seen.person);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"takes no cookie header made of pieces of good ones",
	async () => {
		const pieces = [...ada, ...bob].flatMap(([name, value]) => [
			name,
			value,
			value.slice(0, 40),
			`${name}=`,
			`${name}.0=`,
		]);
		const piece = fc.constantFrom(
			...pieces,
			"=",
			";",
			"; ",
			",",
			"\t",
			'"',
			"%",
			"\\",
			...HOSTILE_TEXTS,
		);
		const whole = (text: string, jar: ReadonlyMap<string, string>) =>
			needed.every((name) => text.includes(`${name}=${jar.get(name)}`));
		const pieced = fc.array(piece, { minLength: 1, maxLength: 14 }).map((parts) => parts.join(""));
		const inputs = fc.oneof(
			pieced,
			mutatedText(header(ada)),
			mutatedText(`${header(ada)}; ${header(bob)}`),
		);
		await fuzz("cookie headers", gate.meter, inputs, async (text) => {
			const mayBe = [whole(text, ada) ? ["ada"] : [], whole(text, bob) ? ["bob"] : []].flat();
			// A letter may have changed into another of the same bytes: then it is the same session.
			const signedInBefore = mayBe.length > 0 || (await isSameSession(text));
			const seen = await askWith(text, { signedInBefore });
			if (seen.person !== undefined) expect(["ada", "bob"]).toContain(seen.person);
		});
	},
	FUZZ_TIMEOUT,
);

/** Whether a header has each needed cookie of one person, byte for byte. */
async function isSameSession(text: string): Promise<boolean> {
	const pairs = text.split(/;\s*/).map((pair) => pair.split(/=(.*)/s));
	return [ada, bob].some((jar) =>
		needed.every((name) =>
			pairs.some(
				([one, value]) => one?.trim() === name && bytes(value?.trim()) === bytes(jar.get(name)),
			),
		),
	);
}

it(
	"completes no login with a changed cookie of its attempt",
	async () => {
		const [name = "", value = ""] =
			[...attempt.cookies].find(([one]) => one.includes("-tx-")) ?? [];
		expect(value).not.toBe("");
		const others = [...ada.values(), ...bob.values(), ...HOSTILE_TEXTS];
		const inputs = fc.oneof(
			{ arbitrary: mutatedText(value), weight: 3 },
			fc.constantFrom(...others),
		);
		await fuzz("sealed attempts", gate.meter, inputs, async (changed) => {
			if (bytes(changed) === bytes(value)) return;
			const target = attempt.back.pathname + attempt.back.search;
			const headers = {
				cookie: `${name}=${changed}`,
				accept: "text/html",
				referer: `${IDP}/`,
				origin: PORTAL,
			};
			const before = gate.idp.count("token");
			await gate.ask({ target, headers });
			expect(gate.idp.count("token"), "codes that were redeemed").toBe(before);
		});
	},
	FUZZ_TIMEOUT,
);
