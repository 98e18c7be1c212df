import fc from "fast-check";

/** Texts that were trouble somewhere. */
export const HOSTILE_TEXTS: readonly string[] = [
	"",
	" ",
	"\0",
	"\r\nSet-Cookie: a=b",
	"\u2028",
	"\ud800",
	"%",
	"%00",
	"%zz",
	"%c0%af",
	"..",
	"../../etc/passwd",
	"//evil.example",
	"https://evil.example/",
	"javascript:alert(1)",
	"<script>alert(1)</script>",
	"\"'><img src=x onerror=alert(1)>",
	"__proto__",
	"constructor",
	"prototype",
	"toString",
	"null",
	"undefined",
	"true",
	"0",
	"-1",
	"1e400",
	"NaN",
	"9007199254740993",
	"a".repeat(5000),
	"%".repeat(3000),
	",".repeat(3000),
	"; ".repeat(2000),
	"(".repeat(3000),
	"\\".repeat(3000),
	"=".repeat(2000),
	" \t".repeat(2000),
];

const hostileText = fc.oneof(
	fc.constantFrom(...HOSTILE_TEXTS),
	fc.string({ maxLength: 40 }),
	fc.string({ unit: "binary", maxLength: 40 }),
);

/** One place in a text is changed, by a few of the ways in which texts go wrong. */
function changeText(text: string, kind: number, at: number, piece: string): string {
	const i = Math.floor(at * (text.length + 1));
	const j = Math.min(text.length, i + 1 + (kind % 7));
	switch (kind % 9) {
		case 0:
			return text.slice(0, i) + text.slice(j);
		case 1:
			return text.slice(0, i);
		case 2:
			return text.slice(0, i) + piece + text.slice(i);
		case 3:
			return text.slice(0, i) + piece + text.slice(j);
		case 4:
			return text + text.slice(i);
		case 5: {
			const letter = text[i] ?? "A";
			const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
			return text.slice(0, i) + (other === letter ? "A" : other) + text.slice(i + 1);
		}
		case 6:
			return text.slice(i) + text.slice(0, i);
		case 7:
			return piece;
		default: {
			const letter = text.charCodeAt(i) || 0x41;
			return text.slice(0, i) + String.fromCharCode(letter ^ (1 << (kind % 7))) + text.slice(i + 1);
		}
	}
}

/** Where and how a text is changed, before it is known which text. */
export type TextChange = readonly [kind: number, at: number, piece: string];

const textChange: fc.Arbitrary<TextChange> = fc.tuple(
	fc.nat(1000),
	fc.double({ min: 0, max: 1, noNaN: true }),
	hostileText,
);

/** One to three changes. */
export const textChanges: fc.Arbitrary<TextChange[]> = fc.array(textChange, {
	minLength: 1,
	maxLength: 3,
});

export function changeTexts(text: string, changes: readonly TextChange[]): string {
	return changes.reduce((sum, change) => changeText(sum, ...change), text);
}

/** A text with one to three places changed. */
export function mutatedText(text: string): fc.Arbitrary<string> {
	return textChanges.map((changes) => changeTexts(text, changes));
}

/** Values that JSON can hold and nobody expects. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
	hostileText,
	fc.constantFrom<unknown>(
		null,
		true,
		false,
		0,
		-1,
		1.5,
		1e308,
		-1e308,
		Number.MAX_SAFE_INTEGER,
		[],
		{},
		[[]],
		[null],
		[1, "a", {}],
		{ length: 5 },
		{ toString: "x", valueOf: 1 },
		nested(200),
		Array.from({ length: 2000 }, (_, i) => i),
		Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i])),
	),
	fc.jsonValue({ maxDepth: 3 }),
);

const hostileKey = fc.oneof(
	fc.constantFrom("nonce", "azp", "aud", "nbf", "sub", "sid", "error", "crit", "use", "key_ops"),
	fc.constantFrom(
		"__proto__",
		"constructor",
		"toString",
		"then",
		"length",
		"0",
		"",
		"hasOwnProperty",
		"toJSON",
	),
	fc.string({ maxLength: 10 }),
);

type Json = Record<string, unknown> | unknown[];

/** Keys from the root of a value to a place in it. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
	if (typeof value !== "object" || value === null || path.length > 5)
		return path.length > 0 ? [path] : [];
	const below = Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]));
	return path.length > 0 ? [path, ...below] : below;
}

/** Where and how a JSON value is changed, before it is known which one. */
export interface JsonChange {
	readonly kind: "delete" | "replace" | "wrap" | "text" | "add" | "move" | "within";
	readonly at: number;
	readonly to: number;
	readonly key: string;
	readonly value: unknown;
	readonly within: TextChange;
}

/**
 * One to three changes: members removed, replaced, doubled, moved or added. `__proto__` is a member
 * like any other, as it is after `JSON.parse`.
 *
 * @param others Values that are good elsewhere: they come in place of members, too.
 */
export function jsonChanges(others: readonly unknown[] = []): fc.Arbitrary<JsonChange[]> {
	const value =
		others.length > 0 ? fc.oneof(hostileValue, fc.constantFrom(...others)) : hostileValue;
	const kind = fc.constantFrom(
		"delete",
		"replace",
		"replace",
		"replace",
		"within",
		"wrap",
		"text",
		"add",
		"move",
	);
	const change = fc.record({
		kind,
		at: fc.nat(10_000),
		to: fc.nat(10_000),
		key: hostileKey,
		value,
		within: textChange,
	});
	return fc.array(change as fc.Arbitrary<JsonChange>, { minLength: 1, maxLength: 3 });
}

export function changeJson<T>(value: T, changes: readonly JsonChange[]): T {
	const root: unknown = structuredClone(value);
	for (const change of changes) {
		const all = places(root);
		const path = all[change.at % Math.max(1, all.length)];
		if (path === undefined) break;
		const holder = follow(root, path.slice(0, -1)) as Json & Record<string, unknown>;
		const last = path.at(-1) ?? "";
		const member = holder[last];
		if (change.kind !== "delete") {
			const other = () => structuredClone(follow(root, all[change.to % all.length] ?? path));
			const isNew = change.kind === "add";
			if (isNew && Array.isArray(holder)) holder.push(changed(member, change, other));
			else define(holder, isNew ? change.key : last, changed(member, change, other));
		} else if (Array.isArray(holder)) holder.splice(Number(last), 1);
		else delete holder[last];
	}
	return root as T;
}

function changed(
	member: unknown,
	{ kind, value, within }: JsonChange,
	other: () => unknown,
): unknown {
	if (kind === "wrap") return [member];
	if (kind === "text") return String(JSON.stringify(member));
	if (kind === "move") return other();
	if (kind === "within" && typeof member === "string") return changeText(member, ...within);
	if (kind === "within" && typeof member === "number") return member + (within[0] - 500) * 20;
	return structuredClone(value);
}

function follow(root: unknown, path: readonly string[]): unknown {
	return path.reduce((sum, step) => (sum as Record<string, unknown> | undefined)?.[step], root);
}

/** A JSON value with `jsonChanges`. */
export function mutatedJson<T>(value: T, others: readonly unknown[] = []): fc.Arbitrary<T> {
	return jsonChanges(others).map((changes) => changeJson(value, changes));
}

/** As JSON text, sometimes broken. */
export function mutatedJsonText(
	value: unknown,
	others: readonly unknown[] = [],
): fc.Arbitrary<string> {
	const whole = mutatedJson(value, others).map((one) => JSON.stringify(one) ?? "");
	return fc.oneof(
		{ arbitrary: whole, weight: 4 },
		{ arbitrary: mutatedText(JSON.stringify(value)), weight: 1 },
	);
}

type Pairs = readonly (readonly [string, string])[];

/** Where and how a form or a query is changed, before it is known which one. */
export interface PairChange {
	readonly kind: "drop" | "double" | "value" | "name" | "add" | "swap";
	readonly at: number;
	readonly name: string;
	readonly within: TextChange;
}

/**
 * One to three changes: pairs left out, doubled, changed or added.
 *
 * @param names Those that mean something.
 */
export function pairChanges(names: readonly string[]): fc.Arbitrary<PairChange[]> {
	const change = fc.record({
		kind: fc.constantFrom("drop", "double", "value", "value", "name", "add", "swap"),
		at: fc.nat(100),
		name: fc.oneof(fc.constantFrom(...names), hostileText),
		within: textChange,
	});
	return fc.array(change as fc.Arbitrary<PairChange>, { minLength: 1, maxLength: 3 });
}

export function changePairs(pairs: Pairs, changes: readonly PairChange[]): Pairs {
	let result = [...pairs];
	for (const { kind, at, name, within } of changes) {
		const i = at % Math.max(1, result.length);
		const pair = result[i];
		if (pair === undefined || kind === "add") result.splice(i, 0, [name, within[2]]);
		else if (kind === "drop") result = result.toSpliced(i, 1);
		else if (kind === "double") result.push([pair[0], changeText(pair[1], ...within)]);
		else if (kind === "value") result[i] = [pair[0], changeText(pair[1], ...within)];
		else if (kind === "name") result[i] = [name, pair[1]];
		else
			result = result.map(
				([one], index) => [one, result[(index + 1) % result.length]?.[1] ?? ""] as const,
			);
	}
	return result;
}

/**
 * As `application/x-www-form-urlencoded`; what no UTF-8 can say becomes a replacement character.
 */
export function encodePairs(pairs: Pairs): string {
	return new URLSearchParams(
		pairs.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
	).toString();
}

function define(holder: object, key: string, value: unknown): void {
	Object.defineProperty(holder, key, {
		value,
		enumerable: true,
		configurable: true,
		writable: true,
	});
}

function nested(depth: number): unknown {
	let value: unknown = "deep";
	for (let i = 0; i < depth; i++) value = [value];
	return value;
}
