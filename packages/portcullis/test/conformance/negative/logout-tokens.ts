import type { FaultyIdp } from "../../../src/testing.ts";

/** A logout token that ends no session. */
export interface NegativeLogoutToken {
	/** Of the test. */
	readonly name: string;
	/** In the log. */
	readonly reason: string;
	readonly token: (idp: FaultyIdp) => string | Promise<string>;
}

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const show = (value: unknown) =>
	value === undefined ? "missing" : JSON.stringify(value)?.slice(0, 60);

/** One row for each value of a claim, all else correct. */
function claim(
	name: string,
	values: readonly unknown[],
	reason: string = name,
): NegativeLogoutToken[] {
	return values.map((value) => ({
		name: `${name} is ${show(value)}`,
		reason,
		token: (idp) => idp.logoutToken({ sub: "ada", claims: { [name]: value } }),
	}));
}

/** The same for a member of the header. */
function header(name: string, values: readonly unknown[]): NegativeLogoutToken[] {
	return values.map((value) => ({
		name: `${name} of the header is ${show(value)}`,
		reason: name,
		token: (idp) => idp.logoutToken({ sub: "ada", header: { [name]: value } }),
	}));
}

const bent = (
	reason: string,
	rows: Readonly<Record<string, (token: string, idp: FaultyIdp) => string>>,
) =>
	Object.entries(rows).map(
		([name, bend]): NegativeLogoutToken => ({
			name,
			reason,
			token: async (idp) => bend(await idp.logoutToken({ sub: "ada" }), idp),
		}),
	);

/** Beyond what the modules of the suite and the files next door have. */
export const negativeLogoutTokens: readonly NegativeLogoutToken[] = [
	...header("typ", [
		"",
		"JWT+logout",
		"logout",
		"logout+jwt ",
		"application/jwt",
		"text/logout+jwt",
		5,
		null,
		{},
	]),
	...header("alg", ["None", "", "HS384", "RS256", "ES384", null, ["ES256"]]),
	...header("kid", [null, 5, "", "__proto__"]),
	...header("crit", [[], ["exp"], null]),
	...claim("iss", [
		null,
		"",
		["https://idp.example"],
		"https://idp.example/",
		"HTTPS://IDP.EXAMPLE",
	]),
	...claim("aud", [
		null,
		"",
		{},
		[null],
		["portcullis-test", "another-client"],
		"portcullis-test ",
	]),
	...claim("iat", [null, true, "", [], -1, 0, 9_999_999_999]),
	...claim("exp", [null, true, "", [], 0]),
	...claim("nbf", [null, "", true, 9_999_999_999]),
	...claim("jti", [null, "", {}, ["j"], true]),
	...claim("sub", [null, "", ["ada"], {}, true, "s".repeat(256)]),
	...claim("sid", [null, "", 5, {}, "s".repeat(256)]),
	...claim("events", [
		null,
		true,
		"",
		{},
		[],
		{ [EVENT]: true },
		{ [EVENT]: 1 },
		{ [`${EVENT}/`]: {} },
	]),
	...claim("events", [
		{ [EVENT.toUpperCase()]: {} },
		{ [EVENT.replace("http:", "https:")]: {} },
		{ events: { [EVENT]: {} } },
	]),
	...claim("nonce", ["", 0, false, {}]),
	...bent("format", {
		"two parts": (token) => token.split(".").slice(0, 2).join("."),
		"a header that is no JSON": (token) => token.replace(/^[^.]*/, "AAAA"),
		"a signed list": (_token, idp) => idp.sign([] as never, { typ: "logout+jwt" }),
		"a signed null": (_token, idp) => idp.sign(null as never, { typ: "logout+jwt" }),
	}),
	...bent("signature", {
		"a signature that is cut": (token) => token.slice(0, -8),
		"a signature of nothing but zeros": (token) =>
			`${token.slice(0, token.lastIndexOf("."))}.${Buffer.alloc(64).toString("base64url")}`,
	}),
];
