import { expect, it } from "vitest";
import { IdentityCache } from "./identity-cache.ts";

const NAME = "__Host-x-at";
const header = (key: string, rest = "") => `${NAME}=kid0${key.padEnd(24, "_")}${"c".repeat(40)}${rest}`;

it("finds what was kept for exactly this header", () => {
	const cache = new IdentityCache<string>(1e6);
	cache.keep(header("a"), NAME, "ours-a", "ada");
	expect(cache.find(header("a"), NAME)).toBe("ada");
	// The same 24 characters, another cookie.
	expect(cache.find(header("a", "tampered"), NAME)).toBeUndefined();
	expect(cache.find(header("b"), NAME)).toBeUndefined();
	expect(cache.find(`evil=${header("a")}`, NAME)).toBeUndefined();
});

it("finds it again by our cookies when others have changed", () => {
	const cache = new IdentityCache<string>(1e6);
	cache.keep(header("a"), NAME, "ours-a", "ada");
	const changed = header("a", "; theme=dark");
	expect(cache.findByCookies(changed, NAME, "ours-other")).toBeUndefined();
	expect(cache.findByCookies(changed, NAME, "ours-a")).toBe("ada");
	// Not before it is kept: other sessions in the same header may have a say.
	expect(cache.find(changed, NAME)).toBeUndefined();
	cache.keep(changed, NAME, "ours-a", "ada");
	expect(cache.find(changed, NAME)).toBe("ada");
});

it("finds chunked cookies by their first chunk", () => {
	const cache = new IdentityCache<string>(1e6);
	const chunked = header("a").replace("=", ".0=");
	cache.keep(chunked, NAME, "ours", "ada");
	expect(cache.find(chunked, NAME)).toBe("ada");
});

it("keeps what is in use and stays within its bytes", () => {
	const cache = new IdentityCache<number>(100_000);
	const kept = header("kept");
	cache.keep(kept, NAME, "o", -1);
	for (let i = 0; i < 1000; i++) {
		cache.keep(header(`n${i}`), NAME, "o", i);
		expect(cache.find(kept, NAME)).toBe(-1);
	}
	const found = Array.from({ length: 1000 }, (_, i) => cache.find(header(`n${i}`), NAME)).filter(
		(value) => value !== undefined,
	);
	expect(found.length).toBeLessThan(50);
	expect(found.at(-1)).toBe(999);
});

it("has no use for a header without a key", () => {
	const cache = new IdentityCache<string>(1e6);
	cache.keep(`${NAME}=short`, NAME, "o", "x");
	expect(cache.find(`${NAME}=short`, NAME)).toBeUndefined();
});
