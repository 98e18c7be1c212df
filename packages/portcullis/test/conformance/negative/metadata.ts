import { generateKeyPairSync, sign } from "node:crypto";
import type { JWK } from "jose";
import type { ErrorCode } from "../../../src/index.ts";
import type { IdTokenParts } from "../../../src/testing.ts";
import { ISSUER } from "./offline-gate.ts";

/** Metadata or a key set that no login may be made with. */
export interface NegativeMetadata {
	/** Of the test. */
	readonly name: string;
	readonly code: ErrorCode;
	/** In the log. */
	readonly reason: string;
	/** Members of the metadata, replaced or (undefined) removed. */
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** What is answered in the place of the metadata. */
	readonly document?: () => Response;
	/** What is answered in the place of the key set; gets the right one. */
	readonly keys?: (right: JWK) => unknown;
	/** Makes the ID token. Default: the right one. */
	readonly token?: (parts: IdTokenParts) => string;
}

const show = (value: unknown) =>
	value === undefined ? "missing" : JSON.stringify(value)?.slice(0, 60);

/** One row for each value of a member. */
function member(
	name: string,
	values: readonly unknown[],
	reason: string = name,
	code: ErrorCode = "provider_misconfigured",
): NegativeMetadata[] {
	return values.map((value) => ({
		name: `${name} is ${show(value)}`,
		code,
		reason,
		metadata: { [name]: value },
	}));
}

const NOT_URLS = [
	"",
	5,
	{},
	["https://idp.example/a"],
	"/relative",
	"idp.example/a",
	"https://idp.example/a#fragment",
];
const NOT_TLS = [
	"http://idp.example/a",
	"ftp://idp.example/a",
	"javascript:alert(1)",
	"data:text/html,a",
	"file:///etc/passwd",
];
const WITH_CREDENTIALS = ["https://user@idp.example/a", "https://user:secret@idp.example/a"];
const NOT_PUBLIC = [
	"https://localhost/a",
	"https://127.0.0.1/a",
	"https://127.1/a",
	"https://0x7f000001/a",
	"https://2130706433/a",
	"https://10.1.2.3/a",
	"https://172.16.0.1/a",
	"https://192.168.0.1/a",
	"https://100.64.0.1/a",
	"https://169.254.169.254/latest/meta-data/",
	"https://0.0.0.0/a",
	"https://[::1]/a",
	"https://[::ffff:169.254.169.254]/a",
	"https://[fd00::1]/a",
	"https://[fe80::1]/a",
	"https://app.localhost/a",
];

const endpoints = [
	...["authorization_endpoint", "token_endpoint", "jwks_uri"].flatMap((name) => [
		...member(name, [undefined, null, ...NOT_URLS]),
		...member(name, [...NOT_TLS, ...WITH_CREDENTIALS], "insecure_url"),
	]),
	...["token_endpoint", "jwks_uri"].flatMap((name) => member(name, NOT_PUBLIC, "private_address")),
	// Optional, and no less dangerous: a document with one bad address is not to be trusted with the
	// others.
	...["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"].flatMap((name) => [
		...member(name, ["", 5, "/relative"]),
		...member(name, ["http://idp.example/a", "javascript:alert(1)"], "insecure_url"),
		...member(name, ["https://169.254.169.254/a", "https://[::1]/a"], "private_address"),
	]),
];

const issuers = member(
	"issuer",
	[
		null,
		"",
		5,
		[ISSUER],
		{},
		`${ISSUER}/`,
		`${ISSUER} `,
		`${ISSUER}:443`,
		ISSUER.toUpperCase(),
		`${ISSUER}/.`,
		"http://idp.example",
	],
	"discovery",
	"issuer_mismatch",
);

const lists = [
	...member("code_challenge_methods_supported", [
		[],
		["plain"],
		["s256"],
		"S256",
		{},
		[null],
		[["S256"]],
		5,
	]),
	...member("response_types_supported", [
		[],
		["id_token"],
		["code id_token"],
		["CODE"],
		"code",
		{},
		[null],
	]),
	...member("token_endpoint_auth_methods_supported", [
		[],
		["private_key_jwt"],
		["none"],
		"client_secret_basic",
		{},
		[5],
	]),
	...member("id_token_signing_alg_values_supported", ["ES256", {}, [null]]),
	// None of these is what the tokens are signed with, and two are what nothing may be signed with.
	...member(
		"id_token_signing_alg_values_supported",
		[[], ["RS256"], ["none"], ["HS256"]],
		"alg",
		"token_invalid",
	),
];

function document(
	name: string,
	reason: string,
	body: BodyInit | null,
	init: ResponseInit = {},
): NegativeMetadata {
	return { name, code: "provider_misconfigured", reason, document: () => new Response(body, init) };
}

const documents = [
	document("metadata that are empty", "format", ""),
	document("metadata that are null", "format", "null"),
	document("metadata that are a list", "format", "[]"),
	document("metadata that are a text", "format", '"metadata"'),
	document("metadata that are cut", "format", `{"issuer":"${ISSUER}"`),
	document("metadata that are a page", "format", "<!doctype html><title>Sign in</title>"),
	document("metadata that are binary", "format", new Uint8Array([0xff, 0xfe, 0x00, 0x80])),
	document("metadata with status 201", "status_201", "{}", { status: 201 }),
	document("metadata with status 401", "status_401", "{}", { status: 401 }),
];

function keySet(name: string, keys: (right: JWK) => unknown, reason = "jwks"): NegativeMetadata {
	return {
		name,
		code: reason === "kid" || reason === "signature" ? "token_invalid" : "provider_misconfigured",
		reason,
		keys,
	};
}

const one = (change: (key: JWK) => object) => (right: JWK) => ({ keys: [change(right)] });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
	format: "jwk",
});
const { n, e } = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
	format: "jwk",
});

const keySets = [
	keySet("a key set that is empty", () => ({})),
	keySet("a key set that is a list", (right) => [right]),
	keySet("a key set that is null", () => null),
	keySet("keys that are null", () => ({ keys: null })),
	keySet("keys that are an object", (right) => ({ keys: { 0: right } })),
	keySet("keys that are a text", (right) => ({ keys: JSON.stringify(right) })),
	keySet("a key that is null", () => ({ keys: [null] })),
	keySet("a key that is a text", (right) => ({ keys: [JSON.stringify(right)] })),
	keySet("a key that is a list", (right) => ({ keys: [[right]] })),
	keySet("a key without members", () => ({ keys: [{}] })),
	keySet("a symmetric key alone", ({ kid }) => ({
		keys: [{ kty: "oct", k: "c2VjcmV0", kid, alg: "HS256" }],
	})),
	keySet(
		"a key of an unknown kind",
		one((key) => ({ ...key, kty: "XX" })),
	),
	keySet(
		"a kind in small letters",
		one((key) => ({ ...key, kty: "ec" })),
	),
	keySet(
		"a key for signing alone",
		one((key) => ({ ...key, key_ops: ["sign"] })),
	),
	keySet(
		"a key for nothing",
		one((key) => ({ ...key, key_ops: [] })),
	),
	keySet(
		"key_ops that are a text",
		one((key) => ({ ...key, key_ops: "verify" })),
	),
	keySet(
		"a use that is a list",
		one((key) => ({ ...key, use: ["sig"] })),
	),
	keySet(
		"a key of another algorithm",
		one((key) => ({ ...key, alg: "RS256" })),
		"kid",
	),
	keySet(
		"a key of another curve",
		one((key) => ({ ...key, crv: "P-384" })),
		"kid",
	),
	keySet(
		"a key of an RSA kind",
		one(({ kid }) => ({ kty: "RSA", n, e, kid })),
		"kid",
	),
	keySet(
		"a key whose point is not on the curve",
		one((key) => ({ ...key, y: key.x })),
		"kid",
	),
	keySet(
		"a key without its point",
		one(({ x: _x, ...key }) => key),
		"kid",
	),
	keySet(
		"a key whose point is a number",
		one((key) => ({ ...key, x: 5 })),
		"kid",
	),
	keySet(
		"a key under another kid",
		one((key) => ({ ...key, kid: "another" })),
		"kid",
	),
	keySet(
		"a key under a kid that is a number",
		one((key) => ({ ...key, kid: 5 })),
		"kid",
	),
	keySet(
		"a key under a kid in a list",
		one((key) => ({ ...key, kid: [key.kid] })),
		"kid",
	),
	keySet(
		"another key under the right kid",
		one((key) => ({ ...key, x: other.x, y: other.y })),
		"signature",
	),
	keySet(
		"the right key behind 100 others",
		(right) => ({ keys: [...Array(100).fill({ ...right, kid: "k" }), right] }),
		"kid",
	),
];

/** Signed for real, with a key that anybody with some patience can have. */
function weakKey(modulusLength: number): NegativeMetadata {
	const pair = generateKeyPairSync("rsa", { modulusLength });
	const jwk = {
		...pair.publicKey.export({ format: "jwk" }),
		kid: "weak",
		use: "sig",
		alg: "RS256",
	};
	const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
	return {
		name: `an RSA key of ${modulusLength} bits`,
		code: "token_invalid",
		reason: "kid",
		metadata: { id_token_signing_alg_values_supported: ["RS256"] },
		keys: () => ({ keys: [jwk] }),
		token: ({ claims: { at_hash: _hash, ...claims } }) => {
			const input = `${encode({ alg: "RS256", kid: "weak" })}.${encode(claims)}`;
			return `${input}.${sign("sha256", Buffer.from(input), pair.privateKey).toString("base64url")}`;
		},
	};
}

/** Beyond what the modules of the suite and the files next door have. */
export const negativeMetadata: readonly NegativeMetadata[] = [
	...issuers,
	...endpoints,
	...lists,
	...documents,
	...keySets,
	weakKey(1024),
	weakKey(2040),
];
