import { describe, expect, it } from "vitest";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./aead.ts";
import { primitives as node } from "./node.ts";
import { primitives as web } from "./web.ts";

const raw = new Uint8Array(KEY_BYTES).map((_, i) => i * 7);
const aad = new TextEncoder().encode("cookie provider issuer");
const plaintext = new TextEncoder().encode("a session");

describe.each([
	["node", node],
	["web", web],
])("primitives of %s", (_, primitives) => {
	it("opens what it sealed, under the same associated data only", async () => {
		const key = await primitives.importKey(raw);
		const sealed = await primitives.seal(key, plaintext, aad);
		expect(sealed.length).toBe(NONCE_BYTES + plaintext.length + TAG_BYTES);
		expect(new Uint8Array((await primitives.open(key, sealed, aad)) ?? [])).toEqual(plaintext);
		expect(await primitives.open(key, sealed, new Uint8Array())).toBeUndefined();
	});

	it("opens nothing in which any one bit was flipped", async () => {
		const key = await primitives.importKey(raw);
		const sealed = await primitives.seal(key, plaintext, aad);
		for (let bit = 0; bit < sealed.length * 8; bit++) {
			const forged = Uint8Array.from(sealed);
			forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(await primitives.open(key, forged, aad)).toBeUndefined();
		}
	});

	it("opens nothing that was cut short, nothing at all included", async () => {
		const key = await primitives.importKey(raw);
		const sealed = await primitives.seal(key, plaintext, aad);
		for (let length = 0; length < sealed.length; length++)
			expect(await primitives.open(key, sealed.subarray(0, length), aad)).toBeUndefined();
	});

	it("never uses a nonce twice", async () => {
		const key = await primitives.importKey(raw);
		const nonces = new Set<string>();
		for (let i = 0; i < 2000; i++)
			nonces.add(
				primitives.toBase64url((await primitives.seal(key, plaintext, aad)).slice(0, NONCE_BYTES)),
			);
		expect(nonces.size).toBe(2000);
	});

	it("reads only the one spelling of base64url that it writes", () => {
		for (let length = 0; length < 40; length++) {
			const bytes = crypto.getRandomValues(new Uint8Array(length));
			const text = primitives.toBase64url(bytes);
			expect(new Uint8Array(primitives.fromBase64url(text) ?? [])).toEqual(bytes);
		}
		expect(primitives.toBase64url(Uint8Array.of(0xfb, 0xff))).toBe("-_8");
		for (const foreign of ["-_9", "+/8", "-_8=", " -_8", "-_8\n", "-", "-_8-_", "ä", "-_.8"])
			expect(primitives.fromBase64url(foreign)).toBeUndefined();
	});

	it("reads none of the texts that Buffer would take for another one: every character, at every place", () => {
		const text = primitives.toBase64url(Uint8Array.from({ length: 9 }, (_, i) => i * 29));
		const spelled = /^[A-Za-z0-9_-]$/;
		// U+0141 is an "A" to whoever cuts it down to a byte, U+D800 half of a pair.
		const codes = [...Array(0x250).keys(), 0x2d41, 0xd800, 0xff21, 0xfffd];
		for (const code of codes.map((each) => String.fromCharCode(each))) {
			for (let at = 0; at <= text.length; at++) {
				const replaced = text.slice(0, at) + code + text.slice(at + 1);
				const bytes = primitives.fromBase64url(replaced);
				if (!spelled.test(code)) expect(bytes, replaced).toBeUndefined();
				else if (bytes) expect(primitives.toBase64url(bytes)).toBe(replaced);
			}
		}
	});
});

it("both platforms open each other's", async () => {
	for (const [one, other] of [
		[node, web],
		[web, node],
	] as const) {
		const sealed = await one.seal(await one.importKey(raw), plaintext, aad);
		expect(
			new Uint8Array((await other.open(await other.importKey(raw), sealed, aad)) ?? []),
		).toEqual(plaintext);
	}
});
