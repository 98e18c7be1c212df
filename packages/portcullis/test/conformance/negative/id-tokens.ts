import type { ErrorCode } from "../../../src/index.ts";
import type { FaultyIdp, IdTokenParts } from "../../../src/testing.ts";

/** An ID token that no login may be made of. */
export interface NegativeIdToken {
	/** Of the test. */
	readonly name: string;
	/** In the log. */
	readonly reason: string;
	/** Default `token_invalid`. */
	readonly code?: ErrorCode;
	/** Makes it, from the header and the claims of a correct one. */
	readonly token: (parts: IdTokenParts, idp: FaultyIdp) => string;
}

const show = (value: unknown) =>
	value === undefined ? "missing" : JSON.stringify(value)?.slice(0, 60);
const encode = (value: unknown) =>
	Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const good = ({ header, claims }: IdTokenParts, idp: FaultyIdp) => idp.sign(claims, header);
const partsOf = (token: string) => token.split(".") as [string, string, string];

/** One row for each value of a claim, all else correct. */
function claim(
	name: string,
	reason: string,
	values: readonly unknown[],
	code?: ErrorCode,
): NegativeIdToken[] {
	return values.map((value) => ({
		name: `${name} is ${show(value)}`,
		reason,
		...(code && { code }),
		token: ({ header, claims }, idp) => idp.sign({ ...claims, [name]: value }, header),
	}));
}

/** The same, with values that are made from the correct one. */
function bent(
	name: string,
	values: Readonly<Record<string, (right: string) => unknown>>,
): NegativeIdToken[] {
	return Object.entries(values).map(([how, bend]) => ({
		name: `${name} ${how}`,
		reason: name,
		token: ({ header, claims }, idp) =>
			idp.sign({ ...claims, [name]: bend(String(claims[name])) }, header),
	}));
}

/** One row for each value of a header member, signed all the same. */
function header(name: string, reason: string, values: readonly unknown[]): NegativeIdToken[] {
	return values.map((value) => ({
		name: `${name} of the header is ${show(value)}`,
		reason,
		token: ({ header, claims }, idp) => idp.sign(claims, { ...header, [name]: value }),
	}));
}

/** Rows whose token is bent after it was signed. */
function finished(
	reason: string,
	tokens: Readonly<Record<string, (token: string, parts: IdTokenParts, idp: FaultyIdp) => string>>,
) {
	return Object.entries(tokens).map(
		([name, bend]): NegativeIdToken => ({
			name,
			reason,
			token: (parts, idp) => bend(good(parts, idp), parts, idp),
		}),
	);
}

const shapes = [
	...finished("format", {
		"one part": (token) => token.replaceAll(".", ""),
		"two parts": (token) => partsOf(token).slice(0, 2).join("."),
		"four parts": (token) => `${token}.${partsOf(token)[2]}`,
		"three empty parts": () => "..",
		"a header that is no base64": (token) => token.replace(/^[^.]*/, "!!!"),
		"a header that is no JSON": (token) => token.replace(/^[^.]*/, encode("ES256")),
		"a header that is a list": (token) => token.replace(/^[^.]*/, encode([{ alg: "ES256" }])),
		"a header that is a text": (token) => token.replace(/^[^.]*/, encode('"ES256"')),
		"a header that is null": (token) => token.replace(/^[^.]*/, encode("null")),
		"the JSON form of a signature": (token) => {
			const [protectedHeader, payload, signature] = partsOf(token);
			return JSON.stringify({ protected: protectedHeader, payload, signature });
		},
		"a signed list": (_token, { header: head }, idp) => idp.sign([] as never, head),
		"a signed null": (_token, { header: head }, idp) => idp.sign(null as never, head),
		"a signed text": (_token, { header: head }, idp) => idp.sign("claims" as never, head),
		"a signed number": (_token, { header: head }, idp) => idp.sign(5 as never, head),
	}),
	...finished("alg", {
		"a header without members": (token) => token.replace(/^[^.]*/, encode({})),
	}),
	...finished("id_token", { "an empty text": () => "" }),
];

const headers = [
	...header("alg", "alg", [
		"None",
		"nOnE",
		"NONE",
		"",
		"HS384",
		"HS512",
		"RS1",
		"ES256K",
		"dir",
		"A128KW",
	]),
	...header("alg", "alg", [
		"constructor",
		"__proto__",
		"toString",
		5,
		null,
		["ES256"],
		{ alg: "ES256" },
		undefined,
	]),
	// Allowed in general, and not what this provider says that it signs with.
	...header("alg", "alg", ["RS256", "PS256", "ES384", "EdDSA"]),
	...header("typ", "typ", [
		"JWE",
		"application/at+jwt",
		"secevent+jwt",
		"dpop+jwt",
		"",
		5,
		null,
		["JWT"],
		{},
	]),
	...header("crit", "crit", [[], ["exp"], "b64", {}, null]),
	...header("kid", "kid", [
		null,
		5,
		["k"],
		{},
		"",
		"../../etc/passwd",
		"' OR 1=1 --",
		"__proto__",
		"constructor",
	]),
	...header("kid", "kid", ["k".repeat(1025)]),
];

const signatures = finished("signature", {
	"the signature of another token": (token, { header: head, claims }, idp) => {
		const [protectedHeader, payload] = partsOf(token);
		return `${protectedHeader}.${payload}.${partsOf(idp.sign({ ...claims, sub: "eve" }, head))[2]}`;
	},
	"the claims of another token": (token, { claims }) => {
		const [protectedHeader, , signature] = partsOf(token);
		return `${protectedHeader}.${encode({ ...claims, sub: "eve" })}.${signature}`;
	},
	"the header of another token": (token, { header: head }) => {
		const [, payload, signature] = partsOf(token);
		return `${encode({ ...head, x: 1 })}.${payload}.${signature}`;
	},
	"claims in another order": (token, { claims }) => {
		const [protectedHeader, , signature] = partsOf(token);
		return `${protectedHeader}.${encode(Object.fromEntries(Object.entries(claims).toReversed()))}.${signature}`;
	},
	"a signature of nothing but zeros": (token) =>
		`${token.slice(0, token.lastIndexOf("."))}.${encode("\0".repeat(64))}`,
	"a signature that is cut": (token) => token.slice(0, -8),
	"a signature that is too long": (token) => `${token}AAAA`,
	"a signature with its halves swapped": (token) => {
		const bytes = Buffer.from(partsOf(token)[2], "base64url");
		const swapped = Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]).toString(
			"base64url",
		);
		return `${token.slice(0, token.lastIndexOf("."))}.${swapped}`;
	},
	"a signature in another form, DER": (token) => {
		const bytes = Buffer.from(partsOf(token)[2], "base64url");
		const number = (half: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), half]);
		const body = Buffer.concat([number(bytes.subarray(0, 32)), number(bytes.subarray(32))]);
		const der = Buffer.concat([Buffer.from([0x30, body.length]), body]).toString("base64url");
		return `${token.slice(0, token.lastIndexOf("."))}.${der}`;
	},
});

const claims = [
	...claim("iss", "iss", [
		null,
		"",
		5,
		["https://idp.example"],
		"https://idp.example/",
		"HTTPS://IDP.EXAMPLE",
	]),
	...claim("iss", "iss", [
		"http://idp.example",
		"https://idp.example ",
		"https://idp.example:443",
		"https://idp.example@evil.example",
	]),
	...claim("aud", "aud", [
		null,
		"",
		{},
		true,
		[""],
		[null],
		["portcullis-test", null],
		[["portcullis-test"]],
	]),
	...claim("aud", "aud", [
		"portcullis-test ",
		"PORTCULLIS-TEST",
		"portcullis-tes",
		"portcullis-test,other",
		{ 0: "portcullis-test" },
	]),
	...claim("azp", "azp", [null, "", 5, ["portcullis-test"], "PORTCULLIS-TEST"]),
	...claim("sub", "sub", [null, true, [], ["ada"], {}, "s".repeat(256)]),
	...claim("exp", "exp", [null, true, [9_999_999_999], {}, "", -1, 0]),
	...claim("iat", "iat", [null, true, [1], {}, ""]),
	...claim("iat", "iat", [-1, 0, 9_999_999_999_999], "clock_skew"),
	...claim("nbf", "nbf", [null, "", [0], 9_999_999_999]),
	...claim("nonce", "nonce", [null, 5, true, {}]),
	...bent("nonce", {
		"in a list": (right) => [right],
		"with a character more": (right) => `${right}A`,
		"with a character less": (right) => right.slice(0, -1),
		"in small letters": (right) => right.toLowerCase() + right.toUpperCase(),
		"with a blank": (right) => ` ${right}`,
	}),
	...claim("at_hash", "at_hash", [null, "", true, {}]),
	...bent("at_hash", {
		"in a list": (right) => [right],
		"with padding": (right) => `${right}==`,
		"of which a part is left": (right) => right.slice(0, 11),
		"in another alphabet": (right) => `${right.slice(0, -1)}+`,
	}),
];

/** Beyond what the modules of the suite and the files next door have. */
export const negativeIdTokens: readonly NegativeIdToken[] = [
	...shapes,
	...headers,
	...signatures,
	...claims,
];
