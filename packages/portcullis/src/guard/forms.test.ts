import { expect, it } from "vitest";
import { createKeyRing } from "../crypto/key-ring.ts";
import {
	createFormToken,
	hasOwnOrigin,
	isFormToken,
	isOwnScript,
	REQUEST_HEADER,
} from "./forms.ts";

const NOW = 1_800_000_000;
const header = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;

it("binds a form to its action, its session and half a day", async () => {
	const ring = await createKeyRing(["secret"]);
	const token = await createFormToken(ring, "logout", "session-1", NOW);
	expect(await isFormToken(ring, token, "logout", "session-1", NOW + 43_200)).toBe(true);
	expect(await isFormToken(ring, token, "logout", "session-1", NOW + 43_201)).toBe(false);
	expect(await isFormToken(ring, token, "logout", "session-1", NOW - 61)).toBe(false);
	expect(await isFormToken(ring, token, "logout", "session-2", NOW)).toBe(false);
	expect(await isFormToken(ring, token, "logout", undefined, NOW)).toBe(false);
	expect(await isFormToken(ring, token, "other", "session-1", NOW)).toBe(false);
	for (const nothing of [undefined, null, "", 1, {}, "x"])
		expect(await isFormToken(ring, nothing, "logout", "session-1", NOW)).toBe(false);
});

it("compares the whole origin", () => {
	const origin = "https://app.example";
	expect(hasOwnOrigin(header({ origin }), origin)).toBe(true);
	for (const foreign of [
		"null",
		"https://app.example.evil",
		"https://APP.example",
		"http://app.example",
		"https://app.example:443",
		"https://app.example/",
	]) {
		expect(hasOwnOrigin(header({ origin: foreign }), origin)).toBe(false);
	}
	expect(hasOwnOrigin(header({}), origin)).toBe(false);
});

it("takes a script for ours by header and origin together", () => {
	const origin = "https://app.example";
	expect(isOwnScript(header({ origin, [REQUEST_HEADER]: "1" }), origin)).toBe(true);
	expect(isOwnScript(header({ [REQUEST_HEADER]: "1" }), origin)).toBe(false);
	expect(isOwnScript(header({ origin }), origin)).toBe(false);
});
