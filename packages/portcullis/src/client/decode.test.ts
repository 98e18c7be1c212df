import { stringify, unflatten } from "devalue";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decode } from "./decode.ts";

const flat = (value: unknown): number | unknown[] => JSON.parse(stringify(value));

test("gives what devalue gives, for whatever can be sent", () => {
	const options = {
		...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true },
		...{ withNullPrototype: true, withSparseArray: true, withTypedArray: true, maxDepth: 4 },
		key: fc.string().filter((key) => key !== "__proto__"),
	};
	fc.assert(
		fc.property(fc.anything(options), (value) => {
			const flattened = flat(value);
			expect(decode(flattened)).toStrictEqual(unflatten(flattened));
		}),
		{ numRuns: 2000 },
	);
});

test.each([
	[undefined],
	[Number.NaN],
	[-0],
	[Number.NEGATIVE_INFINITY],
	[[undefined, Number.NaN, -0, Number.POSITIVE_INFINITY]],
	[new URL("https://a.example/b?c=d#e")],
	[new URLSearchParams("a=1&a=2")],
	[/a(b)+/giu],
	[new Date(Number.NaN)],
	[new Uint8Array([1, 2, 3, 255]).buffer],
	[new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1)],
	[new Float64Array([1.5, Number.NaN])],
	[[1n, Object(1n), Object(Number.NaN), Object("x")]],
	// biome-ignore lint/suspicious/noSparseArray: what is tested
	[[, 1, , undefined]],
	[Object.assign([], { length: 1000, 500: "x" })],
])("gives what devalue gives for %o", (value) => {
	expect(decode(flat(value))).toStrictEqual(unflatten(flat(value) as unknown[]));
});

test("keeps cycles and what is there twice", () => {
	const shared = { a: 1 };
	const value: Record<string, unknown> = {
		one: shared,
		two: [shared, new Map([[shared, new Set([shared])]])],
	};
	value.self = value;
	const decoded = decode(flat(value)) as typeof value & { two: unknown[] };
	expect(decoded.self).toBe(decoded);
	expect(decoded.two[0]).toBe(decoded.one);
	expect(decoded).toStrictEqual(unflatten(flat(value)));
});

test.each([
	[[["Function", "return 1"]]],
	[[["Array", 1], 3]],
	[[["constructor"]]],
	[[["eval", "1"]]],
	[[["Temporal.constructor", "x"]]],
	[[["null", "__proto__", 1], {}]],
	[JSON.parse('[{"__proto__":1},{"polluted":2},true]')],
	[[{ a: "b" }]],
])("refuses %j", (flattened) => {
	expect(() => decode(flattened as unknown[])).toThrow();
	expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
