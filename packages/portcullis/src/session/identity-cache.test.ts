import { expect, it } from "vitest";
import { cacheKey, IdentityCache } from "./identity-cache.ts";

const NAME = "__Host-x-at";
const header = (key: string, rest = "") =>
	`${NAME}=kid0${key.padEnd(24, "_")}${"c".repeat(40)}${rest}`;
const find = <T>(cache: IdentityCache<T>, given: string) =>
	cache.find(cacheKey(given, NAME), given);
const keep = <T>(cache: IdentityCache<T>, given: string, value: T) =>
	cache.keep(cacheKey(given, NAME), given, value);

it("finds what was kept for exactly this header", () => {
	const cache = new IdentityCache<string>(1e6);
	keep(cache, header("a"), "ada");
	expect(find(cache, header("a"))).toBe("ada");
	// The same 24 characters, another cookie.
	expect(find(cache, header("a", "tampered"))).toBeUndefined();
	expect(find(cache, header("b"))).toBeUndefined();
	expect(find(cache, `evil=${header("a")}`)).toBeUndefined();
});

it("finds it again by our cookies when others have changed", () => {
	const cache = new IdentityCache<string>(1e6);
	keep(cache, header("a"), "ada");
	const changed = header("a", "; theme=dark");
	const key = cacheKey(changed, NAME);
	expect(cache.findByCookies(key, () => false)).toBeUndefined();
	expect(cache.findByCookies(key, (kept) => kept === header("a"))).toBe("ada");
	// Not before it is kept: other sessions in the same header may have a say.
	expect(find(cache, changed)).toBeUndefined();
	keep(cache, changed, "ada");
	expect(find(cache, changed)).toBe("ada");
	expect(cache.findByCookies(key, (kept) => kept === changed)).toBe("ada");
});

it("finds chunked cookies by their first chunk", () => {
	const cache = new IdentityCache<string>(1e6);
	const chunked = header("a").replace("=", ".0=");
	keep(cache, chunked, "ada");
	expect(find(cache, chunked)).toBe("ada");
});

it("keeps what is in use and stays within its bytes", () => {
	const cache = new IdentityCache<number>(100_000);
	const kept = header("kept");
	keep(cache, kept, -1);
	for (let i = 0; i < 1000; i++) {
		keep(cache, header(`n${i}`), i);
		expect(find(cache, kept)).toBe(-1);
	}
	const found = Array.from({ length: 1000 }, (_, i) => find(cache, header(`n${i}`))).filter(
		(value) => value !== undefined,
	);
	expect(found.length).toBeLessThan(50);
	expect(found.at(-1)).toBe(999);
});

it("has no use for a header without a key", () => {
	const cache = new IdentityCache<string>(1e6);
	keep(cache, `${NAME}=short`, "x");
	expect(find(cache, `${NAME}=short`)).toBeUndefined();
	expect(cacheKey("theme=dark", NAME)).toBeUndefined();
});
