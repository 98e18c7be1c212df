import { CompactSign } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { createBoundedFetch } from "./http.ts";
import { type IdTokenExpectation, type IdTokenRules, verifyIdToken } from "./id-token.ts";
import {
	CLIENT_ID,
	createSigningKey,
	FakeIdp,
	goodClaims,
	ISSUER,
	NOW,
	refusalOf,
	type SigningKey,
	signIdToken,
} from "./idp.fixture.ts";
import { KeySet } from "./jwks.ts";

const NONCE = "n-0123456789";
const invalid = (reason: string) => ({ code: "token_invalid", reason });

let key: SigningKey;
let other: SigningKey;

beforeAll(async () => {
	[key, other] = await Promise.all([
		createSigningKey("ES256", "k1"),
		createSigningKey("ES256", "k1"),
	]);
});

function setUp(keys: SigningKey[] = [key], changes: Partial<IdTokenRules> = {}) {
	const idp = new FakeIdp(keys);
	const now = () => idp.seconds * 1000;
	const fetch = createBoundedFetch({
		fetch: idp.fetch,
		issuer: new URL(ISSUER),
		timeout: 1,
		provider: "okta",
	});
	const set = new KeySet({ uri: async () => `${ISSUER}/jwks`, fetch, now, provider: "okta" });
	const rules: IdTokenRules = {
		keys: set,
		issuers: [ISSUER],
		clientId: CLIENT_ID,
		algorithms: undefined,
		clockTolerance: 60,
		now,
		provider: "okta",
		...changes,
	};
	const verify = (jwt: string, expectation: Partial<IdTokenExpectation> = {}) =>
		verifyIdToken(jwt, { nonce: NONCE, accessToken: "at", ...expectation }, rules);
	return { idp, verify };
}

async function outcome(
	claims: Record<string, unknown>,
	expectation: Partial<IdTokenExpectation> = {},
	changes: Partial<IdTokenRules> = {},
) {
	const { verify } = setUp([key], changes);
	return verify(await signIdToken(key, { ...goodClaims(NONCE), ...claims }), expectation);
}

const refused = (
	claims: Record<string, unknown>,
	expectation: Partial<IdTokenExpectation> = {},
	changes: Partial<IdTokenRules> = {},
) => refusalOf(outcome(claims, expectation, changes));

describe("signature", () => {
	it.each([
		"RS256",
		"RS384",
		"RS512",
		"PS256",
		"PS384",
		"PS512",
		"ES256",
		"ES384",
		"ES512",
		"EdDSA",
		"Ed25519",
	])("accepts %s", async (alg) => {
		const signing = await createSigningKey(alg, "k");
		expect(
			await setUp([signing]).verify(await signIdToken(signing, goodClaims(NONCE))),
		).toMatchObject({
			sub: "alice",
		});
	});

	it("refuses a rogue key under a known kid", async () => {
		expect(
			await refusalOf(setUp([key]).verify(await signIdToken(other, goodClaims(NONCE)))),
		).toEqual(invalid("signature"));
	});

	it("asks for no keys where the token is refused whatever its key is", async () => {
		const { idp, verify } = setUp([key]);
		await verify(await signIdToken(key, goodClaims(NONCE)));
		const fetched = idp.count("/jwks");
		const good = goodClaims(NONCE);
		for (const claims of [
			{ iss: "https://login.example" },
			{ aud: "other" },
			{ exp: 1, iat: 0 },
			{ nbf: 1e12 },
		]) {
			await verify(await signIdToken(other, { ...good, ...claims })).catch(() => {});
			await verify(await signIdToken({ ...other, kid: "k2" }, { ...good, ...claims })).catch(
				() => {},
			);
		}
		expect(idp.count("/jwks")).toBe(fetched);
		idp.keys = [other];
		expect(await verify(await signIdToken(other, good))).toMatchObject({ sub: good.sub });
	});

	it("asks no predicate about an issuer before the signature holds", async () => {
		const asked: string[] = [];
		const issuers = (issuer: string) => {
			asked.push(issuer);
			return true;
		};
		const { verify } = setUp([key], { issuers });
		await verify(await signIdToken({ ...other, kid: "k2" }, goodClaims(NONCE))).catch(() => {});
		expect(asked).toEqual([]);
	});

	it("refuses a kid that is not published", async () => {
		const unknown = { ...other, kid: "k2" };
		expect(
			await refusalOf(setUp([key]).verify(await signIdToken(unknown, goodClaims(NONCE)))),
		).toEqual(invalid("kid"));
	});

	it("refuses an altered payload", async () => {
		const [header, , signature] = (await signIdToken(key, goodClaims(NONCE))).split(".");
		const payload = btoa(JSON.stringify({ ...goodClaims(NONCE), sub: "mallory" })).replace(
			/=+$/,
			"",
		);
		expect(await refusalOf(setUp().verify(`${header}.${payload}.${signature}`))).toEqual(
			invalid("signature"),
		);
	});

	it("refuses a missing signature", async () => {
		const jwt = await signIdToken(key, goodClaims(NONCE));
		expect(await refusalOf(setUp().verify(jwt.slice(0, jwt.lastIndexOf(".") + 1)))).toEqual(
			invalid("signature"),
		);
	});

	it.each(["none", "None", "NONE", "", "HS256", "HS512", "RS1", "ES256K", "constructor", "dir"])(
		"refuses alg %j",
		async (alg) => {
			const [, payload] = (await signIdToken(key, goodClaims(NONCE))).split(".");
			const header = btoa(JSON.stringify({ alg, kid: "k1" })).replace(/=+$/, "");
			for (const signature of ["", "AAAA"])
				expect(await refusalOf(setUp().verify(`${header}.${payload}.${signature}`))).toEqual(
					invalid("alg"),
				);
		},
	);

	it("refuses HS256 signed with the public key as secret", async () => {
		const secret = new TextEncoder().encode(JSON.stringify(key.publicJwk));
		const hmac = { alg: "HS256", kid: "k1", privateKey: secret as never, publicJwk: key.publicJwk };
		expect(await refusalOf(setUp().verify(await signIdToken(hmac, goodClaims(NONCE))))).toEqual(
			invalid("alg"),
		);
	});

	it("refuses an algorithm that the provider does not list", async () => {
		const jwt = await signIdToken(key, goodClaims(NONCE));
		expect(await refusalOf(setUp([key], { algorithms: ["RS256"] }).verify(jwt))).toEqual(
			invalid("alg"),
		);
		expect(await setUp([key], { algorithms: ["RS256", "ES256"] }).verify(jwt)).toMatchObject({
			sub: "alice",
		});
	});

	it("lets metadata not widen the algorithms", async () => {
		const [, payload] = (await signIdToken(key, goodClaims(NONCE))).split(".");
		const jwt = `${btoa(JSON.stringify({ alg: "none" })).replace(/=+$/, "")}.${payload}.`;
		expect(await refusalOf(setUp([key], { algorithms: ["none"] }).verify(jwt))).toEqual(
			invalid("alg"),
		);
	});

	it("ignores a key that the token brings along", async () => {
		const header = {
			jwk: other.publicJwk,
			jku: "https://evil.example/jwks",
			x5u: "https://evil.example/x5u",
		};
		const { idp, verify } = setUp();
		expect(await refusalOf(verify(await signIdToken(other, goodClaims(NONCE), header)))).toEqual(
			invalid("signature"),
		);
		expect(idp.requests.every(({ url }) => url === `${ISSUER}/jwks`)).toBe(true);
	});

	it("takes a token without kid if one key fits, refuses it if two do", async () => {
		const anonymous = { ...key, kid: undefined };
		const jwt = await signIdToken(anonymous, goodClaims(NONCE));
		expect(await setUp([key]).verify(jwt)).toMatchObject({ sub: "alice" });
		expect(
			await refusalOf(setUp([key, await createSigningKey("ES256", "k2")]).verify(jwt)),
		).toEqual(invalid("kid"));
	});

	it("fetches the keys once more where the provider reused a kid", async () => {
		const { idp, verify } = setUp([key]);
		await verify(await signIdToken(key, goodClaims(NONCE)));
		idp.keys = [other];
		const jwt = await signIdToken(other, goodClaims(NONCE));
		await Promise.all(Array.from({ length: 50 }, () => verify(jwt)));
		expect(idp.count("/jwks")).toBe(2);
	});

	it("answers a flood of bad signatures with at most three refetches", async () => {
		const { idp, verify } = setUp([key]);
		const jwt = await signIdToken(other, goodClaims(NONCE));
		for (let i = 0; i < 20; i++) expect(await refusalOf(verify(jwt))).toEqual(invalid("signature"));
		expect(idp.count("/jwks")).toBe(4);
	});
});

describe("header", () => {
	it.each(["logout+jwt", "at+jwt", "application/at+jwt", "secevent+jwt", "JOSE", "", 7])(
		"refuses typ %j",
		async (typ) => {
			expect(
				await refusalOf(setUp().verify(await signIdToken(key, goodClaims(NONCE), { typ }))),
			).toEqual(invalid("typ"));
		},
	);

	it("accepts typ JWT", async () => {
		expect(
			await setUp().verify(await signIdToken(key, goodClaims(NONCE), { typ: "JWT" })),
		).toMatchObject({
			sub: "alice",
		});
	});

	it.each([
		{ crit: ["b64"], b64: false },
		{ crit: ["b64"], b64: true },
		{ crit: ["exp"] },
		{ crit: [] },
	])("refuses %j", async (extra) => {
		const [, payload, signature] = (await signIdToken(key, goodClaims(NONCE))).split(".");
		const header = btoa(JSON.stringify({ alg: "ES256", kid: "k1", ...extra })).replace(/=+$/, "");
		expect(await refusalOf(setUp().verify(`${header}.${payload}.${signature}`))).toEqual(
			invalid("crit"),
		);
	});

	it.each(["", "a", "a.b", "a.b.c", "a.b.c.d.e", "..", "bnVsbA.e30.AA", "W10.e30.AA"])(
		"refuses %j as no JWT",
		async (jwt) => {
			expect(await refusalOf(setUp().verify(jwt))).toEqual(invalid("format"));
		},
	);

	it.each([7, "k".repeat(1025)])("refuses an unusable kid", async (kid) => {
		const [, payload, signature] = (await signIdToken(key, goodClaims(NONCE))).split(".");
		const header = btoa(JSON.stringify({ alg: "ES256", kid })).replace(/=+$/, "");
		expect(await refusalOf(setUp().verify(`${header}.${payload}.${signature}`))).toEqual(
			invalid("kid"),
		);
	});
});

describe("issuer", () => {
	it.each([undefined, "", `${ISSUER}/`, "https://evil.example", [ISSUER], null])(
		"refuses iss %j",
		async (iss) => {
			expect(await refused({ iss })).toEqual(invalid("iss"));
		},
	);

	const template = { issuers: ["https://login.example/{tenantid}/v2.0"] };

	it("accepts a tenant that the tid claim names", async () => {
		expect(
			await outcome({ iss: "https://login.example/11-aa/v2.0", tid: "11-aa" }, {}, template),
		).toMatchObject({
			tid: "11-aa",
		});
	});

	it.each([
		["https://login.example/11-aa/v2.0", "22-bb"],
		["https://login.example/11-aa/v2.0", undefined],
		["https://login.example/11-aa/v2.0", ["11-aa"]],
		["https://login.example/a/b/v2.0", "a/b"],
		["https://login.example/{tenantid}/v2.0", "{tenantid}"],
		["https://login.example//v2.0", ""],
		["https://login.example/$&/v2.0", "$&"],
	])("refuses iss %s with tid %j", async (iss, tid) => {
		expect(await refused({ iss, tid }, {}, template)).toEqual(invalid("iss"));
	});

	it("asks a predicate, and takes only true for a yes", async () => {
		expect(
			await outcome(
				{ iss: "https://b.example" },
				{},
				{ issuers: (iss) => iss === "https://b.example" },
			),
		).toMatchObject({ sub: "alice" });
		expect(await refused({}, {}, { issuers: () => "yes" as never })).toEqual(invalid("iss"));
	});
});

describe("audience", () => {
	it.each([
		undefined,
		"",
		"other",
		[],
		["other"],
		[CLIENT_ID, "other"],
		["other", CLIENT_ID],
		[CLIENT_ID, 7],
		{ 0: CLIENT_ID },
	])("refuses aud %j", async (aud) => {
		expect(await refused({ aud })).toEqual(invalid("aud"));
	});

	it("refuses an extra audience even with our azp", async () => {
		expect(await refused({ aud: [CLIENT_ID, "other"], azp: CLIENT_ID })).toEqual(invalid("aud"));
	});

	it("accepts the client id in a list", async () => {
		expect(await outcome({ aud: [CLIENT_ID], azp: CLIENT_ID })).toMatchObject({ sub: "alice" });
	});

	it.each(["other", "", null, [CLIENT_ID]])("refuses azp %j", async (azp) => {
		expect(await refused({ azp })).toEqual(invalid("azp"));
	});
});

describe("subject", () => {
	it.each([undefined, "", null, 7, ["alice"], "x".repeat(256)])("refuses sub %j", async (sub) => {
		expect(await refused({ sub })).toEqual(invalid("sub"));
	});

	it("accepts 255 characters", async () => {
		expect(await outcome({ sub: "x".repeat(255) })).toMatchObject({ sub: "x".repeat(255) });
	});
});

describe("times", () => {
	it.each(["exp", "iat"])("refuses a token without a number in %s", async (claim) => {
		for (const value of [undefined, null, String(NOW + 100), [NOW]])
			expect(await refused({ [claim]: value })).toEqual(invalid(claim));
	});

	it.each([
		["exp", { exp: NOW - 59, iat: NOW - 60 }],
		["iat", { iat: NOW + 59 }],
		["nbf", { nbf: NOW + 59 }],
		["an old iat", { iat: NOW - 300 }],
	])("accepts %s just within the tolerance", async (_, claims) => {
		expect(await outcome(claims)).toMatchObject({ sub: "alice" });
	});

	it("blames the clock for an iat beyond the tolerance, with the offset", async () => {
		const error = await outcome({ iat: NOW + 61 }).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code: "clock_skew", reason: "iat" });
		expect(String(error)).toContain("61 s behind");
	});

	it("blames the clock for an expiry that passed before the token arrived", async () => {
		const error = await outcome({ iat: NOW - 400, exp: NOW - 100 }).catch(
			(thrown: unknown) => thrown,
		);
		expect(error).toMatchObject({ code: "clock_skew", reason: "exp" });
		expect(String(error)).toContain("400 s ahead");
	});

	it("blames the token where the clocks agree", async () => {
		expect(await refused({ exp: NOW - 61, iat: NOW - 30 })).toEqual(invalid("exp"));
		expect(await refused({ exp: 0, iat: NOW })).toEqual(invalid("exp"));
	});

	it("blames the clock for a token that seems old and is still valid", async () => {
		expect(await refused({ iat: NOW - 301 })).toMatchObject({ code: "clock_skew", reason: "iat" });
	});

	it("refuses a token that is not valid yet", async () => {
		expect(await refused({ nbf: NOW + 61 })).toEqual(invalid("nbf"));
		expect(await refused({ nbf: "soon" })).toEqual(invalid("nbf"));
	});

	it("cuts the tolerance to 300 seconds, and takes nonsense for none", async () => {
		expect(await refused({ iat: NOW + 301 }, {}, { clockTolerance: 1e9 })).toMatchObject({
			code: "clock_skew",
		});
		expect(await refused({ iat: NOW + 1 }, {}, { clockTolerance: Number.NaN })).toMatchObject({
			code: "clock_skew",
		});
		expect(await refused({ iat: NOW + 1 }, {}, { clockTolerance: -100 })).toMatchObject({
			code: "clock_skew",
		});
	});
});

describe("binding", () => {
	it.each([undefined, "", null, "n-0123456788", "n-012345678", "n-01234567890", [NONCE]])(
		"refuses nonce %j",
		async (nonce) => {
			expect(await refused({ nonce })).toEqual(invalid("nonce"));
		},
	);

	it("refuses an empty nonce even where an empty one is expected", async () => {
		expect(await refused({ nonce: "" }, { nonce: "" })).toEqual(invalid("nonce"));
	});

	it.each([
		["RS256", "SHA-256"],
		["ES384", "SHA-384"],
		["PS512", "SHA-512"],
		["Ed25519", "SHA-512"],
		["EdDSA", "SHA-512"],
	])("checks at_hash by %s", async (alg, hash) => {
		const signing = await createSigningKey(alg, "k");
		const digest = new Uint8Array(await crypto.subtle.digest(hash, new TextEncoder().encode("at")));
		const at_hash = Buffer.from(digest.subarray(0, digest.length / 2)).toString("base64url");
		const { verify } = setUp([signing]);
		const jwt = await signIdToken(signing, { ...goodClaims(NONCE), at_hash });
		expect(await verify(jwt)).toMatchObject({ at_hash });
		expect(await refusalOf(verify(jwt, { accessToken: "swapped" }))).toEqual(invalid("at_hash"));
	});

	it.each(["", null, 7, "AAAAAAAAAAAAAAAAAAAAAA"])("refuses at_hash %j", async (at_hash) => {
		expect(await refused({ at_hash })).toEqual(invalid("at_hash"));
	});
});

describe("authentication as asked", () => {
	it.each([undefined, "x", NOW - 7200, NOW - 121, NOW + 61])(
		"refuses auth_time %j for max_age=60",
		async (auth_time) => {
			expect(await refused({ auth_time }, { maxAge: 60 })).toEqual(invalid("auth_time"));
		},
	);

	it("accepts a sign-in within max_age and the tolerance", async () => {
		expect(await outcome({ auth_time: NOW - 120 }, { maxAge: 60 })).toMatchObject({ sub: "alice" });
		expect(await outcome({ auth_time: NOW - 1 }, { maxAge: 0 })).toMatchObject({ sub: "alice" });
	});

	it.each([undefined, "", "weak", ["mfa"], null])("refuses acr %j", async (acr) => {
		expect(await refused({ acr }, { acrValues: ["mfa", "hwk"] })).toEqual(invalid("acr"));
	});

	it("accepts one of the acr values", async () => {
		expect(await outcome({ acr: "hwk" }, { acrValues: ["mfa", "hwk"] })).toMatchObject({
			acr: "hwk",
		});
	});
});

it("names neither token nor claims in an error", async () => {
	const jwt = await signIdToken(key, {
		...goodClaims(NONCE),
		email: "canary@example.com",
		aud: "other",
	});
	const error = await setUp()
		.verify(jwt)
		.catch((thrown: unknown) => thrown);
	const { inspect } = await import("node:util");
	const shown = inspect(error, { depth: 20, showHidden: true });
	expect(shown).toContain("token_invalid");
	for (const secret of ["canary", NONCE, jwt.slice(40, 80)]) expect(shown).not.toContain(secret);
});

describe("at a refresh", () => {
	const previous = { iss: ISSUER, sub: "alice" };

	it("takes a token about the session's own person, without a nonce", async () => {
		expect(await outcome({ nonce: undefined }, { nonce: undefined, previous })).toMatchObject({
			sub: "alice",
		});
	});

	it("refuses one about somebody else", async () => {
		const others = { nonce: undefined, previous: { ...previous, sub: "mallory" } };
		expect(await refused({ nonce: undefined }, others)).toEqual(invalid("sub"));
	});

	it("refuses one of another issuer than the session's, though both are allowed", async () => {
		const others = { nonce: undefined, previous: { ...previous, iss: "https://before.example" } };
		expect(
			await refused({ nonce: undefined }, others, { issuers: [ISSUER, "https://before.example"] }),
		).toEqual(invalid("iss"));
	});
});

it("refuses a kid that is too long, though a key has it", async () => {
	const long = { ...key, kid: "k".repeat(1025) };
	const published = { ...long, publicJwk: { ...key.publicJwk, kid: long.kid } };
	expect(
		await refusalOf(setUp([published]).verify(await signIdToken(long, goodClaims(NONCE)))),
	).toEqual(invalid("kid"));
});

it.each(["[]", "null", '"text"', "7", "{", ""])(
	"refuses %j for claims, though it is signed",
	async (payload) => {
		const jwt = await new CompactSign(new TextEncoder().encode(payload))
			.setProtectedHeader({ alg: "ES256", kid: "k1" })
			.sign(key.privateKey);
		expect(await refusalOf(setUp().verify(jwt))).toEqual(invalid("format"));
	},
);
