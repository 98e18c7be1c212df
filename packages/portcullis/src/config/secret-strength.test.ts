import { expect, it } from "vitest";
import { MIN_CLIENT_SECRET_LENGTH, weaknessOf } from "./secret-strength.ts";

const weakness = (secret: string) => weaknessOf(secret, MIN_CLIENT_SECRET_LENGTH);

// Made as the providers make them; of no use anywhere.
it.each([
	["Google", "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"],
	["Entra", "Zq8Q~wErT5yUi0OpA3sDf7gHjK2lXcVbN_9-m.R4"],
	["Okta", "x7Lr1Yb6Nw9Hd4Js7Mf2Pg5Ac_q0Zk3vT8-Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7A"],
	["Keycloak", "w8Yc3Ft6Jm1Pz9Vb4Xk7Rd2Ns5Hq0Lg8"],
	["Auth0", "T8xLr1Yb6Nw9Hd4Js7Mf2Pg5AcQ0Zk3v_Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0ReTz"],
	["GitLab", "gloas-4be1c07f9a62d85e3b7f0d19c6a84e52f3907bd1865ca24ee0f93b71d5806c2a"],
	["Cognito", "1f7k9q3v0b8m5x2z6r4t1w7y9p3l8n0c5d2g6h4j1s7a9e3u8o0i"],
	["a UUID", "3f2b9c84-7d1e-4a6f-b05c-91e8d27a46f3"],
	["hexadecimal digits", "4be1c07f9a62d85e3b7f0d19c6a84e52"],
	["Base64", "kX9vQ2mJ7pL0sR5tW8yB1nC4dF6gHz3="],
])("takes a secret as %s makes it", (_who, secret) => {
	expect(weakness(secret)).toBeUndefined();
	expect(weakness(` ${secret}\n`)).toBeUndefined();
});

it.each([
	"changemechangeme",
	"change-this-before-production-7f3a9",
	"your-client-secret-here",
	"your-client-secret-goes-here",
	"<your-client-secret>",
	["$", "{OIDC_CLIENT_SECRET}"].join(""),
	"REPLACE_WITH_CLIENT_SECRET",
	"secretsecretsecretsecret",
	"SecretSecret123SecretSecret123",
	"0123456789abcdef",
	"0123456789abcdef0123456789abcdef",
	"fedcba9876543210fedcba9876543210",
	"abcdefghijklmnopqrstuvwxyz",
	"a1b2c3d4e5f6g7h8i9j0",
	"aabbccddeeffgghhiijjkkll",
	"qwertyuiopasdfghjkl",
	"1q2w3e4r5t6y7u8i9o0p",
	"12345678-1234-1234-1234-123456789012",
	"00000000-0000-0000-0000-000000000000",
	"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"deadbeefdeadbeefdeadbeef",
	"P@ssw0rdP@ssw0rd!",
	"S3cr3tS3cr3tS3cr3t!",
	"hunter2hunter2hunter2",
	"Winter2024!Winter2024!",
	"correct-horse-battery-staple",
	"acme-prod-client-secret-v2-20240101",
	"development-only-secret-do-not-use-in-production",
	"test-only-secret-do-not-use-in-production",
	'"changemechangeme"',
	"    k3J9vQ2m              ",
	`"k3J9vQ2mX7p"          `,
])("takes %j for weak", (secret) => {
	expect(weakness(secret)).toMatch(/^is (shorter than 16 characters|easy to guess)$/);
});

const encode = (text: string, encoding: "base64" | "base64url" | "hex") =>
	Buffer.from(text).toString(encoding);

it.each([
	["Base64", (text: string) => encode(text, "base64")],
	["Base64 for addresses", (text: string) => encode(text, "base64url")],
	["Base64 of a line, as echo makes it", (text: string) => encode(`${text}\n`, "base64")],
	["Base64 with its name in front", (text: string) => `base64:${encode(text, "base64")}`],
	[
		"Base64 of UTF-16, as PowerShell makes it",
		(text: string) => Buffer.from(text, "utf16le").toString("base64"),
	],
	["Base64 twice", (text: string) => encode(encode(text, "base64"), "base64")],
	["hexadecimal digits", (text: string) => encode(text, "hex")],
	["hexadecimal digits in Base64", (text: string) => encode(encode(text, "hex"), "base64")],
	["percent signs", (text: string) => encode(text, "hex").replace(/../g, "%$&")],
])("takes words for weak in %s", (_how, written) => {
	for (const words of [
		"changemechangeme",
		"correct-horse-battery-staple",
		"the quick brown fox jumps over",
		"MyCompanyProdSecret2024!",
		"development-only-secret-do-not-use-in-production",
	])
		expect([words, weakness(written(words))]).toEqual([words, "is easy to guess"]);
});

it("takes random bytes for strong in every encoding", () => {
	const bytes = Buffer.alloc(24);
	for (let i = 0; i < 200; i++) {
		crypto.getRandomValues(bytes);
		for (const encoding of ["base64", "base64url", "hex"] as const) {
			const secret = bytes.toString(encoding);
			expect(weakness(secret)).toBeUndefined();
			expect(weakness(encode(secret, "base64"))).toBeUndefined();
		}
	}
});

it("counts what is public for nothing: the client id, the name of the provider", () => {
	const id = "h7Kq2Vx9Tz4Lm6aaPw3R";
	expect(weaknessOf(id, 16)).toBeUndefined();
	expect(weaknessOf(id, 16, ["okta", id])).toBe("is easy to guess");
	expect(weaknessOf(`okta-${id}-okta`, 16, ["okta", id.toLowerCase()])).toBe("is easy to guess");
});

it("takes no longer for a long text", () => {
	expect(weakness("ab".repeat(500_000))).toBe("is easy to guess");
});
