import { createHmac } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signJwt } from "../../src/testing/faulty-idp-id-token.ts";
import { createKey } from "../../src/testing/faulty-idp-keys.ts";
import {
	type AccessTokenChanges,
	AUDIENCE,
	accessToken,
	accessTokenClaims,
	callWith,
} from "../support/access-token.ts";
import { type GateFixture, MARKER, startGate } from "../support/gate-fixture.ts";
import { LOGOUT_EVENT } from "../support/logout-token.ts";

interface Refused extends AccessTokenChanges {
	readonly name: string;
	/** As the log has it. */
	readonly reason: string;
	/** Makes a token in another way. */
	readonly token?: () => string | Promise<string>;
}

let fixture: GateFixture;
beforeAll(async () => {
	fixture = await startGate({
		providers: ["generic", "other"],
		auth: { http: { bearer: { audience: [AUDIENCE, "urn:app"], providers: ["generic"] } } },
		gate: {
			pages: { "/open": { auth: false } },
		},
	});
});
beforeEach(() => {
	// The key set is asked for every five seconds, and the log has ten lines of a kind at once, then
	// one a minute.
	fixture.clock.ahead += 60;
	fixture.idp.set({ clockSkew: fixture.clock.ahead });
	fixture.log.length = 0;
});

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const forged = (header: object, sign: (input: string) => string) => {
	const input = `${encode({ typ: "at+jwt", ...header })}.${encode(accessTokenClaims(fixture))}`;
	return `${input}.${sign(input)}`;
};
const idToken = (header: Record<string, unknown> = {}, claims: object = {}) => {
	const { iss, iat, exp, sub } = accessTokenClaims(fixture);
	const [idp] = fixture.idps;
	return fixture.idp.sign(
		{ iss, iat, exp, sub, aud: idp?.clientId, nonce: "n", ...claims },
		header,
	);
};

const cases: readonly Refused[] = [
	// Types: tokens of other kinds that the same key has signed.
	{ name: "no type", reason: "typ", header: { typ: undefined } },
	{ name: "the type JWT", reason: "typ", header: { typ: "JWT" } },
	{ name: "a logout token's type", reason: "typ", header: { typ: "logout+jwt" } },
	{ name: "a type that only begins right", reason: "typ", header: { typ: "at+jwt+more" } },
	{ name: "a type below another tree", reason: "typ", header: { typ: "text/at+jwt" } },
	{ name: "a type that is no text", reason: "typ", header: { typ: ["at+jwt"] } },
	{ name: "an ID token", reason: "typ", token: () => idToken() },
	{
		name: "an ID token for this very audience",
		reason: "typ",
		token: () => idToken({}, { aud: AUDIENCE }),
	},
	{
		name: "an ID token that calls itself an access token",
		reason: "aud",
		token: () => idToken({ typ: "at+jwt" }),
	},
	{
		name: "a logout token",
		reason: "typ",
		header: { typ: "logout+jwt" },
		claims: { events: { [LOGOUT_EVENT]: {} } },
	},
	// Signatures.
	{ name: "alg none", reason: "alg", token: () => forged({ alg: "none" }, () => "") },
	{ name: "alg none, with the signature of another token", reason: "alg", header: { alg: "none" } },
	{ name: "alg None", reason: "alg", token: () => forged({ alg: "None" }, () => "") },
	{
		name: "HS256 with the client secret",
		reason: "alg",
		token: () =>
			forged({ alg: "HS256" }, (input) =>
				createHmac("sha256", fixture.idp.clientSecret ?? "")
					.update(input)
					.digest("base64url"),
			),
	},
	{ name: "an algorithm that is not the key's", reason: "kid", header: { alg: "RS256" } },
	{ name: "a key that is not published", reason: "kid", header: { kid: "unknown" } },
	{ name: "a kid that is no text", reason: "kid", header: { kid: 7 } },
	{ name: "a kid of many characters", reason: "kid", header: { kid: "k".repeat(2000) } },
	{
		name: "a key of the forger's own",
		reason: "signature",
		token: async () => {
			const key = await createKey("ES256");
			const { kid } = decodeHeader(accessToken(fixture));
			return signJwt({ ...key, kid: String(kid) }, accessTokenClaims(fixture), { typ: "at+jwt" });
		},
	},
	{
		name: "a key that comes in the header",
		reason: "kid",
		token: async () => {
			const key = await createKey("ES256");
			return signJwt(key, accessTokenClaims(fixture), { typ: "at+jwt", jwk: key.jwk });
		},
	},
	{
		name: "the signature of other claims",
		reason: "signature",
		token: () => {
			const [header, , signature] = accessToken(fixture).split(".");
			return `${header}.${encode(accessTokenClaims(fixture, { claims: { sub: "ada" } }))}.${signature}`;
		},
	},
	{
		name: "a signature with a changed character",
		reason: "signature",
		token: () => accessToken(fixture).replace(/.{4}$/, (end) => (end === "AAAA" ? "BBBB" : "AAAA")),
	},
	{
		name: "no signature",
		reason: "signature",
		token: () => accessToken(fixture).replace(/[^.]*$/, ""),
	},
	{ name: "a header extension", reason: "crit", header: { crit: ["b64"], b64: false } },
	// Whose, and for whom.
	{ name: "another issuer", reason: "iss", claims: { iss: "https://another-issuer.invalid" } },
	{ name: "no issuer", reason: "iss", claims: { iss: undefined } },
	{
		name: "an issuer with a slash more",
		reason: "iss",
		token: () => withIssuer((iss) => `${iss}/`),
	},
	{ name: "an issuer in a list", reason: "iss", token: () => withIssuer((iss) => [iss]) },
	{ name: "a provider whose tokens do not count", reason: "iss", idp: 1 },
	{
		name: "the issuer of one provider with the key of another",
		reason: "kid",
		token: () => fixture.idps[1]?.sign(accessTokenClaims(fixture), { typ: "at+jwt" }) ?? "",
	},
	{ name: "another audience", reason: "aud", claims: { aud: "https://another.example/api" } },
	{ name: "the audience with a slash more", reason: "aud", claims: { aud: `${AUDIENCE}/` } },
	{ name: "the client id as audience", reason: "aud", claims: { aud: "generic-client" } },
	{ name: "no audience", reason: "aud", claims: { aud: undefined } },
	{ name: "an empty list of audiences", reason: "aud", claims: { aud: [] } },
	{
		name: "a list of audiences that are not all text",
		reason: "aud",
		claims: { aud: [AUDIENCE, 7] },
	},
	{ name: "an audience as an object", reason: "aud", claims: { aud: { 0: AUDIENCE, length: 1 } } },
	{ name: "no subject", reason: "sub", claims: { sub: undefined } },
	{ name: "an empty subject", reason: "sub", claims: { sub: "" } },
	{ name: "a subject that is no text", reason: "sub", claims: { sub: 1 } },
	{ name: "a subject of many characters", reason: "sub", claims: { sub: "s".repeat(256) } },
	{ name: "no client", reason: "client_id", claims: { client_id: undefined } },
	{ name: "a client that is no text", reason: "client_id", claims: { client_id: ["reporter"] } },
	{ name: "no jti", reason: "jti", claims: { jti: undefined } },
	{ name: "scopes as a list", reason: "scope", claims: { scope: ["reports:read"] } },
	{
		name: "a token bound to a DPoP key",
		reason: "cnf",
		claims: { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } },
	},
	{
		name: "a token bound to a certificate",
		reason: "cnf",
		claims: { cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } },
	},
	// Times.
	{ name: "no exp", reason: "exp", claims: { exp: undefined } },
	{ name: "an exp that is text", reason: "exp", claims: { exp: String(now() + 300) } },
	{
		name: "a token that has expired",
		reason: "exp",
		claims: { iat: now() - 400, exp: now() - 100 },
	},
	{
		name: "a token that expired when the tolerance ended",
		reason: "exp",
		claims: { iat: now() - 400, exp: now() - 60 },
	},
	{ name: "no iat", reason: "iat", claims: { iat: undefined } },
	{ name: "an iat that is no number", reason: "iat", claims: { iat: null } },
	{
		name: "an iat from the future",
		reason: "iat",
		claims: { iat: now() + 9600, exp: now() + 9900 },
	},
	{ name: "a token that is not valid yet", reason: "nbf", claims: { nbf: now() + 9600 } },
	{ name: "an nbf that is no number", reason: "nbf", claims: { nbf: "now" } },
	// No token.
	{ name: "nothing", reason: "format", token: () => "" },
	{ name: "a percent sign", reason: "format", token: () => "%" },
	{ name: "an opaque token", reason: "iss", token: () => "Zm9vYmFyYmF6cXV4" },
	{ name: "an encrypted token", reason: "iss", token: () => "e30.e30.e30.e30.e30" },
	{
		name: "two tokens",
		reason: "format",
		token: () => `${accessToken(fixture)}, Bearer ${accessToken(fixture)}`,
	},
	{
		name: "two words",
		reason: "format",
		token: () => `${accessToken(fixture)} ${accessToken(fixture)}`,
	},
	{
		name: "claims that are no object",
		reason: "iss",
		token: () => `${encode({ alg: "ES256", typ: "at+jwt" })}.${encode([])}.AAAA`,
	},
	{
		name: "claims that are no JSON",
		reason: "iss",
		token: () => `${encode({ alg: "ES256", typ: "at+jwt" })}.AAAA.AAAA`,
	},
];

function withIssuer(change: (issuer: string) => unknown): string {
	return accessToken(fixture, { claims: { iss: change(fixture.idp.issuer) } });
}

function decodeHeader(token: string): Record<string, unknown> {
	return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
}

describe("access tokens that are refused (R26)", () => {
	test.for(cases)("$name", async ({ reason, token, ...changes }) => {
		const sent = token ? await token() : accessToken(fixture, changes);
		const answer = await callWith(sent, `${fixture.origin}/api/figures`);
		expect(answer.status).toBe(401);
		expect(answer.headers.get("www-authenticate")).toBe(
			'Bearer realm="app", error="invalid_token"',
		);
		expect(answer.headers.getSetCookie()).toEqual([]);
		expect(answer.headers.get("cache-control")).toBe("private, no-store");
		const body = await answer.text();
		expect(body).not.toContain(MARKER);
		// What was wrong is for the log alone.
		const problem = JSON.parse(body);
		expect(problem).toEqual({
			type: "about:blank",
			title: "The access token is not valid",
			status: 401,
			code: "token_invalid",
			id: expect.any(String),
		});
		expect(fixture.log).toEqual([
			expect.objectContaining({ code: "token_invalid", reason, id: problem.id }),
		]);
		if (sent.length > 20) expect(JSON.stringify(fixture.log)).not.toContain(sent.slice(0, 60));
	});

	test("the same on a surface that is open to everyone: served as to anybody, and nobody is known", async () => {
		const answer = await callWith(
			accessToken(fixture, { claims: { aud: "another" } }),
			`${fixture.origin}/open`,
		);
		expect(answer.status).toBe(200);
		expect(await answer.text()).toContain("for nobody");
	});

	test("a token that is too long for anything is not read", async () => {
		// Node itself refuses such headers: other servers may not.
		const headers = {
			Authorization: `Bearer ${accessToken(fixture, { claims: { more: "m".repeat(20_000) } })}`,
		};
		const request = new Request("http://localhost/api/figures", { headers });
		const answer = await fixture.gate.handle(request, () => new Response(MARKER));
		expect(answer.status).toBe(401);
		expect(fixture.log).toEqual([
			expect.objectContaining({ code: "token_invalid", reason: "format" }),
		]);
	});

	test("keys that nobody has, over and over: the provider is asked for its keys no more than the budget allows", async () => {
		const before = fixture.idp.count("jwks");
		const tokens = Array.from({ length: 40 }, (_, i) =>
			accessToken(fixture, { header: { kid: `unknown-${i}` } }),
		);
		const answers = await Promise.all(
			tokens.map((token) => callWith(token, `${fixture.origin}/api/figures`)),
		);
		// Of those that could not be looked up nobody can say whether they are good.
		const statuses = answers.map(({ status }) => status);
		expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(36);
		expect(statuses.filter((status) => status !== 503 && status !== 401)).toEqual([]);
		expect(fixture.idp.count("jwks") - before).toBeLessThanOrEqual(4);
		// Logins have a budget of their own.
		const page = await fixture.signIn();
		expect(page.status).toBe(200);
	});

	test("1,000 tokens that are refused whatever their key is cost no look at the keys: a rotation is followed at once", async () => {
		await callWith(accessToken(fixture), `${fixture.origin}/api/figures`);
		const { kid: published } = decodeHeader(accessToken(fixture));
		const before = fixture.idp.count("jwks");
		const junk: readonly AccessTokenChanges[] = [
			{ claims: { iss: "https://login.example" } },
			{ claims: { aud: "https://other.example/api" } },
			{ claims: { exp: now() - 3600 } },
			{ claims: { iat: undefined } },
			{ claims: { nbf: now() + 86_400 } },
			{ header: { typ: "JWT" } },
			{ header: { alg: "XS256" } },
		];
		const send = async (i: number): Promise<number> => {
			const { claims, header } = junk[i % junk.length] ?? {};
			// Half of them name a key that is published, and were signed with none.
			const kid = i % 2 ? `made-up-${i}` : published;
			const token = accessToken(fixture, {
				...(claims ? { claims } : {}),
				header: { kid, ...header },
			});
			const sent = i % 2 ? token : token.replace(/[^.]{20}$/, "A".repeat(20));
			const headers = { Authorization: `Bearer ${sent}` };
			const request = new Request(`${fixture.origin}/api/figures`, { headers });
			return (await fixture.gate.handle(request, () => new Response(MARKER))).status;
		};
		const statuses = await Promise.all(Array.from({ length: 1000 }, (_, i) => send(i)));
		expect(new Set(statuses)).toEqual(new Set([401]));
		expect(fixture.idp.count("jwks")).toBe(before);
		for (let rotation = 0; rotation < 3; rotation++) {
			await fixture.idp.rotateKeys({ keepOld: false });
			expect((await callWith(accessToken(fixture), `${fixture.origin}/api/figures`)).status).toBe(
				200,
			);
		}
	});

	test("1,000 tokens with the right issuer and audience put a rotation off for five seconds, and no longer", async () => {
		await callWith(accessToken(fixture), `${fixture.origin}/api/figures`);
		const flood = async (): Promise<void> => {
			for (let i = 0; i < 100; i++) {
				const token = accessToken(fixture, { header: { kid: `made-up-${crypto.randomUUID()}` } });
				await callWith(token, `${fixture.origin}/api/figures`);
			}
		};
		await flood();
		await fixture.idp.rotateKeys({ keepOld: false });
		const genuine = accessToken(fixture);
		expect((await callWith(genuine, `${fixture.origin}/api/figures`)).status).toBe(503);
		for (let second = 0; second < 5; second++) {
			fixture.clock.ahead += 1;
			await flood();
		}
		expect((await callWith(genuine, `${fixture.origin}/api/figures`)).status).toBe(200);
		// Logins have not waited.
		expect((await fixture.signIn()).status).toBe(200);
	});
});
