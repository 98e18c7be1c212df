import fc from "fast-check";
import { expect, it } from "vitest";
import { packedJwtPayload, packToken, unpackToken } from "./token-packing.ts";

const base64url = (text: string) => Buffer.from(text).toString("base64url");

it("gives every text back unchanged", () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ unit: "grapheme" }),
				fc.base64String(),
				fc.stringMatching(/^[A-Za-z0-9_.-]{0,200}$/),
			),
			(token) => unpackToken(packToken(token)) === token,
		),
	);
});

it("gives back texts that look like base64url and are not", () => {
	for (const token of [
		"",
		".",
		"..",
		"A",
		"AAAAAAAAA",
		"AAAAAAAB.AAAAAAAC",
		"-_9-_9-_9",
		"a.b".repeat(20),
		"x".repeat(9000),
		"AAAAAAAA=",
		"é".repeat(20),
	]) {
		expect(unpackToken(packToken(token))).toBe(token);
	}
});

it("makes a JWT a quarter shorter", () => {
	const jwt = `${base64url('{"alg":"RS256"}')}.${base64url(JSON.stringify({ sub: "ada", groups: Array(20).fill("engineering") }))}.${"A".repeat(342)}`;
	expect(packToken(jwt).length).toBeLessThan(jwt.length * 0.78);
	expect(packedJwtPayload(packToken(jwt))?.sub).toBe("ada");
});

it("has no payload for a token that is no JWT", () => {
	for (const token of ["opaque-token", "", ".", "AAAAAAAA", `${base64url('{"alg":"none"}')}.short`])
		expect(packedJwtPayload(packToken(token)), token).toBeUndefined();
});
