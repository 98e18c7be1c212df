import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, Provider, portcullis } from "../../src/index.ts";
import { createStateRegistry } from "../../src/state/registry.ts";
import { createStateWords } from "../../src/state/words.ts";
import { startGate } from "../support/gate-fixture.ts";
import { tabOf } from "../support/state-people.ts";

const { State, field, computed, event, serverOnly, topic } = createStateWords().words;
// What JavaScript lets people write, past the types.
const anything = (value: unknown) => value as never;

class Good extends State {
	readonly #kept = 1;
	a = field(1);
	b = computed(() => this.a.value + this.#kept, { initial: 0 });
	c = event(() => {});
	d = serverOnly(new Map());
	helper = (): number => 1;
}

/** One mistake each, with what is said about it. */
const MISTAKES: Record<string, { states: Record<string, unknown>; says: RegExp }> = {};
function mistake(name: string, says: RegExp, property: () => unknown, key = "it"): void {
	class Bad extends State {
		constructor() {
			super();
			Object.defineProperty(this, key, {
				value: property(),
				enumerable: true,
				configurable: true,
				writable: true,
			});
		}
	}
	MISTAKES[name] = { states: { [`s${Object.keys(MISTAKES).length}`]: Bad }, says };
}
mistake("a plain property", /it\) is a property that is neither a field/, () => 3);
mistake("an object as a property", /neither a field/, () => ({ kind: "field", value: 1 }));
mistake("an undefined property", /neither a field/, () => undefined);
for (const name of [
	"constructor",
	"__proto__",
	"prototype",
	"then",
	"toJSON",
	"valueOf",
	"toString",
	"hasOwnProperty",
])
	mistake(`a surface named ${name}`, /has a name that a surface cannot have/, () => field(1), name);
mistake("a name with a dot", /has a name/, () => field(1), "a.b");
mistake("a name with a quote", /has a name/, () => field(1), 'a"b');
mistake("an unknown option of a field", /has no option "secret"/, () =>
	field(1, anything({ secret: true })),
);
mistake("an option of events on a field", /has no option "input"/, () =>
	field(1, anything({ input: z.string() })),
);
mistake("an unknown option of a computed value", /no option "topics"/, () =>
	computed(() => 1, anything({ initial: 1, topics: [] })),
);
mistake("an unknown option of an event", /no option "auht"/, () =>
	event(anything({ auht: false }), () => {}),
);
mistake("options that are no object", /options that are not an object/, () =>
	field(1, anything(null)),
);
for (const auth of ["admin", 1, null, {}, []])
	mistake(
		`a rule that is ${JSON.stringify(auth)}`,
		/auth is neither true, false nor a function/,
		() => field(1, anything({ auth })),
	);
mistake("a rule of an event that is a text", /auth is neither/, () =>
	event(anything({ auth: "admin" }), () => {}),
);
mistake("a rule of a computed value that is a promise", /auth is neither/, () =>
	computed(() => 1, anything({ initial: 1, auth: Promise.resolve(true) })),
);
mistake("no initial", /has no initial/, () => computed(() => 1, anything({})));
mistake("a default with a function", /cannot be sent or kept/, () =>
	field(anything({ run: () => 1 })),
);
mistake("a default that is an instance", /cannot be sent or kept/, () =>
	field(anything(new Good())),
);
mistake("a serverOnly with a symbol", /cannot be sent or kept/, () => serverOnly(Symbol("x")));
mistake("an initial that is a WeakMap", /cannot be sent or kept/, () =>
	computed(() => 1, anything({ initial: new WeakMap() })),
);
for (const on of ["notes", [{ name: "notes" }], topic("notes")])
	mistake(`on: ${JSON.stringify(on)}`, /no topic/, () =>
		computed(() => 1, anything({ initial: 1, on })),
	);
for (const interval of [0, 0.5, -1, Number.NaN, "60", 90_000])
	mistake(`interval: ${interval}`, /interval that is not from 1 to 86400/, () =>
		computed(() => 1, anything({ initial: 1, interval })),
	);
for (const [option, value] of [
	["throttle", 0],
	["throttle", "300"],
	["debounce", -5],
	["debounce", Number.POSITIVE_INFINITY],
] as const)
	mistake(`${option}: ${value}`, new RegExp(`${option} is not a number of milliseconds`), () =>
		event(anything({ [option]: value }), () => {}),
	);
for (const input of [null, {}, "string", String, { "~standard": {} }])
	mistake(`input: ${typeof input} ${JSON.stringify(input)}`, /input is not a Standard Schema/, () =>
		event(anything({ input }), () => {}),
	);
mistake("an event without a handler", /has no handler/, () => event(anything({})));
mistake("an initialiser that throws", /cannot be made: no database/, () => {
	throw new Error("no database");
});
MISTAKES["no class"] = { states: { n0: {} }, says: /not a class that extends State/ };
MISTAKES["an instance"] = { states: { n1: new Good() }, says: /not a class that extends State/ };
MISTAKES["a class that is no State"] = {
	states: { n2: class {} },
	says: /not a class that extends State/,
};
MISTAKES["State itself"] = { states: { n3: State }, says: /not a class that extends State/ };
MISTAKES["the same class twice"] = {
	states: { n4: Good, n5: Good },
	says: /is there as "n4" already/,
};
for (const name of ["__proto__", "constructor", "a.b", "1a", ""])
	MISTAKES[`a state named ${name}`] = {
		states: Object.defineProperty({}, name, { value: class extends Good {}, enumerable: true }),
		says: /which is no name for a state/,
	};

describe("mistakes", () => {
	test("a good class has none", () => {
		const { registry, problems } = createStateRegistry({ good: Good }, true);
		expect(problems).toEqual([]);
		expect(registry.byName.get("good")?.values.map(({ id }) => id)).toEqual(["good.a", "good.b"]);
	});

	test.each(Object.entries(MISTAKES))("%s", (_, { states, says }) => {
		const { problems } = createStateRegistry(states as never, true);
		expect(problems.map(({ problem }) => problem).join("\n")).toMatch(says);
		expect(problems.every(({ remedy }) => remedy.length > 5)).toBe(true);
	});

	test("all of them are said at once, when the gate is made", () => {
		class Generic extends Provider {
			readonly name = "generic";
		}
		const env = {
			OIDC_ISSUER_URI: "http://localhost:1",
			OIDC_CLIENT_ID: "a",
			OIDC_CLIENT_SECRET: "h7Kq2Vx9Tz4Lm6aa",
		};
		const auth = portcullis({ providers: [Generic], platform: { env, log: () => {} } });
		const states: Record<string, unknown> = {};
		for (const { states: some } of Object.values(MISTAKES))
			for (const name of Object.keys(some)) if (name !== "__proto__") states[name] = some[name];
		let error: unknown;
		try {
			auth.gate({ states: states as never });
		} catch (thrown) {
			error = thrown;
		}
		expect(error).toBeInstanceOf(ConfigError);
		for (const [name, { says }] of Object.entries(MISTAKES))
			if (name !== "a state named __proto__") expect((error as Error).message, name).toMatch(says);
	});
});

test("schemas of zod, valibot and arktype all keep what does not fit from the handler", async () => {
	const given: unknown[] = [];
	const fixture = await startGate({
		gate: (auth) => {
			class Forms extends auth.State {
				byZod = auth.event(
					{ input: z.object({ n: z.number().max(9) }) },
					({ input: value }) => void given.push(value),
				);
				byValibot = auth.event(
					{ input: v.object({ n: v.pipe(v.number(), v.maxValue(9)) }) },
					({ input: value }) => void given.push(value),
				);
				byArktype = auth.event(
					{ input: type({ n: "number <= 9" }) },
					({ input: value }) => void given.push(value),
				);
				byAsync = auth.event(
					{ input: z.object({ n: z.number().refine(async (n) => n <= 9) }) },
					({ input: value }) => void given.push(value),
				);
				byThrowing = auth.event(
					{
						input: z.unknown().transform(() => {
							throw new Error("a secret of the schema");
						}),
					},
					({ input: value }) => void given.push(value),
				);
				without = auth.event(({ input: value }) => void given.push(value));
			}
			return { states: { forms: Forms } };
		},
	});
	const tab = await tabOf(fixture, "ada");
	for (const by of ["byZod", "byValibot", "byArktype", "byAsync"]) {
		expect((await tab.send(`forms.${by}`, { n: 5 })).outcome?.status).toBe("ok");
		for (const wrong of [
			{ n: 10 },
			{ n: "5" },
			{},
			null,
			[],
			"n",
			undefined,
			{ __proto__: { n: 1 } },
		]) {
			const sent = await tab.send(`forms.${by}`, wrong);
			expect([by, wrong, sent.status, sent.problem?.code]).toEqual([
				by,
				wrong,
				422,
				"input_invalid",
			]);
			expect(sent.problem?.issues?.[0]?.message).toBeTruthy();
		}
		const sent = await tab.send(`forms.${by}`, { n: 10 });
		expect(sent.problem?.issues?.[0]?.path).toEqual(["n"]);
	}
	expect(given.splice(0)).toEqual([{ n: 5 }, { n: 5 }, { n: 5 }, { n: 5 }]);
	const threw = await tab.send("forms.byThrowing", 1);
	expect(threw.problem).toMatchObject({ status: 500, code: "internal_error" });
	expect(threw.text).not.toContain("secret");
	// Without a schema nothing gets in.
	await tab.send("forms.without", { n: 5 });
	expect(given).toEqual([undefined]);
});
