import { Agent, request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/**
 * The cookies of a person, by the last part of their names: `at`, `at.0`, `id`, `rt`, `sc`, `on`.
 */
type Jar = Map<string, string>;

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let fixture: GateFixture;
let largeFixture: GateFixture;
let ada: Jar;
let carl: Jar;
let bob: Jar;
/** Tokens so large that they need chunks. */
let large: Jar;

beforeAll(async () => {
	fixture = await startGate({
		providers: ["alpha", "beta"],
		auth: { extraScopes: ["offline_access"] },
	});
	ada = await signIn("ada", "alpha");
	carl = await signIn("carl", "alpha");
	bob = await signIn("bob", "beta");
	largeFixture = await startGate();
	// The access token is made up: userinfo would refuse it, and at_hash would not fit.
	const tokenResponse = { access_token: "large".repeat(900) };
	largeFixture.idp.faults = { tokenResponse, discovery: "no-userinfo", idToken: "at-hash-missing" };
	const browser = new ScriptedBrowser();
	await largeFixture.signIn(browser);
	large = jarOf(browser);
});

afterAll(() => agent.destroy());

async function signIn(sub: string, provider: string): Promise<Jar> {
	for (const idp of fixture.idps) idp.person = { sub };
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser, { provider });
	return jarOf(browser);
}

function jarOf(browser: ScriptedBrowser): Jar {
	return new Map([...browser.jar].map(([name, { value }]) => [name, value]));
}

/** Status of a shut page, asked for with these cookies. */
function statusFor(cookies: Jar | string, { origin }: GateFixture = fixture): Promise<number> {
	const cookie = typeof cookies === "string" ? cookies : header(cookies);
	return new Promise((resolve, reject) => {
		const request = httpRequest(`${origin}/private`, { agent, headers: { cookie } }, (response) => {
			response.resume().on("end", () => resolve(response.statusCode ?? 0));
		});
		request.on("error", reject).end();
	});
}

function header(jar: Jar): string {
	return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

/**
 * Asks with all of them, a few at a time, and returns those with another status, for a message that
 * says which.
 */
async function others(
	corpus: readonly (readonly [string, Jar | string])[],
	expected: number,
	where = fixture,
): Promise<string[]> {
	const wrong: string[] = [];
	for (let i = 0; i < corpus.length; i += 16) {
		await Promise.all(
			corpus.slice(i, i + 16).map(async ([label, cookies]) => {
				const status = await statusFor(cookies, where);
				if (status !== expected) wrong.push(`${label}: ${status}`);
			}),
		);
	}
	return wrong;
}

function changed(jar: Jar, name: string, value: string | undefined): Jar {
	const copy = new Map(jar);
	if (value === undefined) copy.delete(name);
	else copy.set(name, value);
	return copy;
}

function named(jar: Jar, kind: string): string {
	const name = [...jar.keys()].find((one) => one.endsWith(`-${kind}`));
	if (name === undefined) throw new Error(`no ${kind} cookie`);
	return name;
}

/**
 * Cookies without which, unchanged, there is no session. The refresh token's is opened only where
 * it is needed.
 */
const SEALED = ["at", "id", "sc"];

describe("10,000 changed cookies (R52, R56, R77)", () => {
	it("starts from sessions that are good", async () => {
		for (const jar of [ada, carl, bob]) expect(await statusFor(jar)).toBe(200);
		expect(await statusFor(large, largeFixture)).toBe(200);
		expect([...large.keys()].some((name) => name.endsWith("-at.1"))).toBe(true);
	});

	it("takes no session with a single bit changed, wherever it is", async () => {
		const corpus: [string, Jar][] = [];
		for (const kind of SEALED) {
			const name = named(ada, kind);
			const value = ada.get(name) ?? "";
			const bytes = Buffer.from(value, "base64url");
			for (let bit = 0; bit < bytes.length * 8; bit++) {
				const flipped = Buffer.from(bytes);
				flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				corpus.push([`${kind} bit ${bit}`, changed(ada, name, flipped.toString("base64url"))]);
			}
		}
		expect(corpus.length).toBeGreaterThan(4000);
		expect(await others(corpus, 401)).toEqual([]);
	}, 60_000);

	it("takes no session that was cut off, filled up, or changed in a character", async () => {
		const corpus: [string, Jar][] = [];
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		const other = "+/=.~!%AZaz09 \"',\\";
		for (const kind of SEALED) {
			const name = named(ada, kind);
			const value = ada.get(name) ?? "";
			for (let length = 0; length < value.length; length++)
				corpus.push([`${kind} cut at ${length}`, changed(ada, name, value.slice(0, length))]);
			for (let i = 1; i < value.length; i += 1)
				corpus.push([`${kind} from ${i}`, changed(ada, name, value.slice(i))]);
			for (let i = 0; i < value.length; i += 1) {
				const next = alphabet[(alphabet.indexOf(value[i] ?? "") + 1 + (i % 62)) % 64] ?? "A";
				corpus.push([
					`${kind} ${i} -> ${next}`,
					changed(ada, name, value.slice(0, i) + next + value.slice(i + 1)),
				]);
			}
			for (const character of other) {
				corpus.push([`${kind} + ${character}`, changed(ada, name, `${value}${character}.`)]);
				corpus.push([`${character} + ${kind}`, changed(ada, name, `.${character}${value}`)]);
				corpus.push([
					`${kind} with ${character}`,
					changed(ada, name, `${value.slice(0, 40)}${character}${value.slice(40)}`),
				]);
			}
			corpus.push(
				[`${kind} twice`, changed(ada, name, value + value)],
				[
					`${kind} percent-encoded`,
					changed(ada, name, value.replace("A", "%41").replace("a", "%61")),
				],
			);
			corpus.push(
				[`${kind} huge`, changed(ada, name, value + "A".repeat(9000))],
				[`no ${kind}`, changed(ada, name, undefined)],
			);
		}
		const changedOnly = corpus.filter(
			([, jar]) =>
				SEALED.some((kind) => jar.get(named(ada, kind)) !== ada.get(named(ada, kind))) ||
				jar.size < ada.size,
		);
		expect(changedOnly.length).toBeGreaterThan(2000);
		expect(await others(changedOnly, 401)).toEqual([]);
	}, 60_000);

	it("takes no cookie in another's place: name, person, provider or purpose", async () => {
		const corpus: [string, Jar][] = [];
		const own = SEALED.map((kind) => named(ada, kind));
		for (const name of own) {
			for (const jar of [ada, carl, bob]) {
				for (const [from, value] of jar)
					if (value !== ada.get(name))
						corpus.push([`${from} in ${name}`, changed(ada, name, value)]);
			}
			// Another person's one in mine, and mine in theirs: never half of each.
			corpus.push([`mine in carl's ${name}`, changed(carl, name, ada.get(name) ?? "")]);
		}
		for (const kind of ["at", "id", "rt", "sc"]) {
			const all = new Map(
				[...bob].map(([name, value]) => [
					name.replace(/^__Host-beta-.{6}/, named(ada, "at").slice(0, -3)),
					value,
				]),
			);
			corpus.push([
				`all of bob's under alpha's names, ${kind}`,
				changed(all, named(all, kind), bob.get(named(bob, kind)) ?? ""),
			]);
		}
		expect(corpus.length).toBeGreaterThan(40);
		expect(await others(corpus, 401)).toEqual([]);
	});

	it("compares names exactly, case and prefix included", async () => {
		const rename = (change: (name: string) => string) =>
			new Map([...ada].map(([name, value]) => [change(name), value]));
		const corpus: [string, Jar][] = [
			["upper case", rename((name) => name.toUpperCase())],
			["lower case", rename((name) => name.toLowerCase())],
			["__host-", rename((name) => name.replace("__Host-", "__host-"))],
			["__Secure-", rename((name) => name.replace("__Host-", "__Secure-"))],
			["no prefix", rename((name) => name.replace("__Host-", ""))],
			["another hash", rename((name) => name.replace(/-.{6}-/, "-AAAAAA-"))],
			["a blank more", rename((name) => name.replace("alpha", "alpha "))],
			["percent-encoded", rename((name) => name.replace("alpha", "%61lpha"))],
		];
		expect(await others(corpus, 401)).toEqual([]);
	});

	it("believes neither of two values for one name", async () => {
		const good = header(ada);
		const corpus = [...ada]
			.filter(([name]) => SEALED.some((kind) => name.endsWith(`-${kind}`)))
			.flatMap(([name, value]): [string, string][] => [
				[`${name} twice the same`, `${good}; ${name}=${value}`],
				[`${name} and an empty one`, `${good}; ${name}=`],
				[`an empty ${name} first`, `${name}=; ${good}`],
				[`${name} and carl's`, `${good}; ${name}=${carl.get(name)}`],
				[`carl's ${name} first`, `${name}=${carl.get(name)}; ${good}`],
				[`${name} folded`, `${good}, ${name}=${value}; ${name}=${value}`],
			]);
		expect(await others(corpus, 401)).toEqual([]);
	});

	it("never merges two people: of two sessions one counts (B39)", async () => {
		const both = `${header(ada)}; ${header(bob)}`;
		expect(await statusFor(both)).toBe(200);
	});

	describe("chunks", () => {
		const chunk = (n: number | string) => `${named(ada, "at")}.${n}`;
		const value = () => ada.get(named(ada, "at")) ?? "";

		it("takes none that are missing, extra, out of order, mixed or counted by the client", async () => {
			const without = changed(ada, named(ada, "at"), undefined);
			const many = (numbers: readonly (number | string)[], part = value()) =>
				new Map([...without, ...numbers.map((n) => [chunk(n), part] as const)]);
			const halves = new Map([
				...without,
				[chunk(0), value().slice(0, 50)],
				[chunk(1), value().slice(50)],
			]);
			const beside: readonly (number | string)[] = [
				99999999,
				4,
				0,
				-1,
				"00",
				"0x0",
				"1e9",
				"",
				"a",
				"__proto__",
				Number.MAX_SAFE_INTEGER,
				"0.0",
			];
			const corpus: [string, Jar][] = [
				...beside.map((n): [string, Jar] => [
					`beside the whole one .${n}`,
					new Map([...ada, [chunk(n), "x"]]),
				]),
				...beside.map((n): [string, Jar] => [
					`halves and .${n}`,
					new Map([...halves, [chunk(n === 0 ? 2 : n), "x"]]),
				]),
				["the whole one as .0", many([0])],
				["the whole one as .99999999", many([99999999])],
				["only .1", many([1])],
				["no .0", many([1, 2])],
				["a gap", many([0, 2])],
				["five", many([0, 1, 2, 3, 4], value().slice(0, 30))],
				[
					"1,000",
					many(
						Array.from({ length: 300 }, (_, i) => i),
						"x",
					),
				],
				[
					"swapped",
					new Map([...without, [chunk(1), value().slice(0, 50)], [chunk(0), value().slice(50)]]),
				],
				[
					"of two people",
					new Map([
						...without,
						[chunk(0), value().slice(0, 50)],
						[chunk(1), (carl.get(named(carl, "at")) ?? "").slice(50)],
					]),
				],
				["an empty one more", new Map([...halves, [chunk(3), ""]])],
			];
			expect(await statusFor(halves)).toBe(200);
			expect(await others(corpus, 401)).toEqual([]);
		});

		it("takes no large session with a chunk changed, missing or exchanged", async () => {
			const names = [...large.keys()].filter((name) => /-at\.\d$/.test(name));
			const [first = "", second = ""] = names;
			const corpus: [string, Jar][] = names.flatMap((name): [string, Jar][] => [
				[`no ${name}`, changed(large, name, undefined)],
				[`${name} cut`, changed(large, name, large.get(name)?.slice(0, -1))],
				[`${name} empty`, changed(large, name, "")],
			]);
			corpus.push([
				"swapped",
				new Map([...large, [first, large.get(second) ?? ""], [second, large.get(first) ?? ""]]),
			]);
			expect(names.length).toBeGreaterThan(1);
			expect(await others(corpus, 401, largeFixture)).toEqual([]);
		});
	});

	it("takes no session for the value of its access cookie alone, wherever that stands", async () => {
		const names = [ada, bob].map((jar) => named(jar, "at"));
		const corpus = names.flatMap((name) =>
			[ada, bob].flatMap((jar): [string, string][] => {
				const pair = `${name}=${jar.get(named(jar, "at"))}`;
				const headers = [
					pair,
					`x${pair}`,
					`"${pair}"`,
					`theme=${pair}`,
					`${pair}; ${pair}`,
					`${pair}; ${name}=`,
				];
				return headers.map((cookies) => [cookies.slice(0, 60), cookies]);
			}),
		);
		expect(await others(corpus, 401)).toEqual([]);
	});

	it("takes 4,000 random headers for nothing", async () => {
		const random = generator(20_260_101);
		const pieces = [...ada, ...carl, ...bob].flatMap(([name, value]) => [
			name,
			value,
			value.slice(0, 30),
			"=",
			";",
			"; ",
			".0",
			".1",
			"%",
			"\t",
			'"',
			",",
		]);
		const corpus = Array.from({ length: 4000 }, (_, i): [string, string] => {
			const length = 1 + Math.floor(random() * 12);
			return [
				`random ${i}`,
				Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join(""),
			];
		});
		expect(await others(corpus, 401)).toEqual([]);
	}, 60_000);

	it("keeps or refuses a session whose refresh cookie was changed, and never fails", async () => {
		const name = named(ada, "rt");
		const statuses = await Promise.all(
			["", "A", "=", (ada.get(name) ?? "").slice(1), carl.get(name) ?? ""].map((value) =>
				statusFor(changed(ada, name, value)),
			),
		);
		for (const status of statuses) expect([200, 401]).toContain(status);
		expect(await statusFor(changed(ada, name, undefined))).toBe(401);
	});
});

/** Mulberry32: the same numbers at each run. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}
