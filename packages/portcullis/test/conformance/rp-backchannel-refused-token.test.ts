import { createHmac } from "node:crypto";
import type { GateFixture } from "../support/gate-fixture.ts";
import { LOGOUT_EVENT, logoutClaims, logoutToken, sendLogout } from "../support/logout-token.ts";
import { refusesLogout } from "./refused-logout.ts";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function unsigned(
	fixture: GateFixture,
	header: object,
	sign: (input: string) => string = () => "",
): Promise<Response> {
	const input = `${encode({ typ: "logout+jwt", ...header })}.${encode(logoutClaims(fixture, { claims: { sub: "ada" } }))}`;
	return sendLogout(fixture.origin, `${input}.${sign(input)}`);
}

refusesLogout("rp-backchannel-alg-none, -wrong-alg (R94)", [
	{ name: "alg none", reason: "alg", send: (fixture) => unsigned(fixture, { alg: "none" }) },
	{ name: "alg none with a signature", reason: "alg", header: { alg: "none" } },
	{ name: "an algorithm that is not the key's", reason: "alg", header: { alg: "RS256" } },
	{
		name: "HS256 with the client secret",
		reason: "alg",
		send: (fixture) =>
			unsigned(fixture, { alg: "HS256" }, (input) =>
				createHmac("sha256", fixture.idp.clientSecret ?? "")
					.update(input)
					.digest("base64url"),
			),
	},
	{
		name: "a signature of other content",
		reason: "signature",
		send: (fixture) => {
			const [header, , signature] = logoutToken(fixture, { claims: { sub: "somebody" } }).split(
				".",
			);
			const claims = encode(logoutClaims(fixture, { claims: { sub: "ada" } }));
			return sendLogout(fixture.origin, `${header}.${claims}.${signature}`);
		},
	},
	{ name: "a key that is not published", reason: "kid", header: { kid: "unknown" } },
	{ name: "a header extension", reason: "crit", header: { crit: ["b64"], b64: false } },
]);

refusesLogout("rp-backchannel-no-event, -wrong-event, -with-nonce (R94)", [
	{ name: "no events", reason: "events", claims: { events: undefined } },
	{
		name: "another event",
		reason: "events",
		claims: { events: { "http://schemas.openid.net/event/other": {} } },
	},
	{ name: "events as a string", reason: "events", claims: { events: LOGOUT_EVENT } },
	{ name: "events as a list", reason: "events", claims: { events: [LOGOUT_EVENT] } },
	{
		name: "an event that is no object",
		reason: "events",
		claims: { events: { [LOGOUT_EVENT]: "{}" } },
	},
	{ name: "an event that is null", reason: "events", claims: { events: { [LOGOUT_EVENT]: null } } },
	{ name: "an event that is a list", reason: "events", claims: { events: { [LOGOUT_EVENT]: [] } } },
	{ name: "a nonce", reason: "nonce", claims: { nonce: "n" } },
	{ name: "a nonce that is null", reason: "nonce", claims: { nonce: null } },
]);

refusesLogout("rp-backchannel-wrong-aud, -wrong-issuer, and who is meant (R94)", [
	{ name: "another audience", reason: "aud", claims: { aud: "another-client" } },
	{
		name: "an audience besides us",
		reason: "aud",
		claims: { aud: ["generic-client", "another-client"] },
	},
	{ name: "no audience", reason: "aud", claims: { aud: undefined } },
	{ name: "an empty audience", reason: "aud", claims: { aud: [] } },
	{ name: "another issuer", reason: "iss", claims: { iss: "https://another-issuer.invalid" } },
	{ name: "no issuer", reason: "iss", claims: { iss: undefined } },
	{ name: "neither sub nor sid", reason: "sid", claims: { sub: undefined } },
	{ name: "a sub that is empty", reason: "sub", claims: { sub: "" } },
	{ name: "a sub that is no string", reason: "sub", claims: { sub: 1 } },
	{ name: "a sid that is no string", reason: "sid", claims: { sid: ["a"] } },
	{ name: "a sid that is too long", reason: "sid", claims: { sid: "s".repeat(256) } },
]);

const now = () => Math.floor(Date.now() / 1000) + 10;

refusesLogout("rp-backchannel: times and jti (R94)", [
	{ name: "no iat", reason: "iat", claims: { iat: undefined } },
	{ name: "an iat that is no number", reason: "iat", claims: { iat: "now" } },
	{ name: "an iat from the future", reason: "iat", claims: { iat: now() + 600, exp: now() + 900 } },
	{
		name: "a token of more than two minutes ago",
		reason: "iat",
		claims: { iat: now() - 150, exp: now() + 900 },
	},
	{ name: "no exp", reason: "exp", claims: { exp: undefined } },
	{
		name: "a token that has expired",
		reason: "exp",
		claims: { iat: now() - 100, exp: now() - 90 },
	},
	{ name: "a token that is not valid yet", reason: "nbf", claims: { nbf: now() + 600 } },
	{ name: "no jti", reason: "jti", claims: { jti: undefined } },
	{ name: "a jti that is no string", reason: "jti", claims: { jti: 5 } },
	{ name: "a jti that is too long", reason: "jti", claims: { jti: "j".repeat(256) } },
]);

const idToken = (fixture: GateFixture, typ: string | undefined) =>
	logoutToken(fixture, {
		claims: { sub: "ada", nonce: "n", sid: "s", events: undefined, jti: undefined },
		header: { typ },
	});

refusesLogout("rp-backchannel: tokens of other kinds (R26, R94)", [
	{ name: "no type", reason: "typ", header: { typ: undefined } },
	{ name: "the type JWT", reason: "typ", header: { typ: "JWT" } },
	{ name: "an access token", reason: "typ", header: { typ: "at+jwt" } },
	{ name: "a type that is no string", reason: "typ", header: { typ: ["logout+jwt"] } },
	{
		name: "an ID token",
		reason: "typ",
		send: (fixture) => sendLogout(fixture.origin, idToken(fixture, "JWT")),
	},
	{
		name: "an ID token where any type is taken",
		reason: "jti",
		settings: { logoutTokenType: "any" },
		send: (fixture) => sendLogout(fixture.origin, idToken(fixture, "JWT")),
	},
	{
		name: "a logout token with a nonce where any type is taken",
		reason: "nonce",
		settings: { logoutTokenType: "any" },
		header: { typ: undefined },
		claims: { nonce: "n" },
	},
	{
		name: "an access token where any type is taken",
		reason: "typ",
		settings: { logoutTokenType: "any" },
		header: { typ: "at+jwt" },
	},
	{
		name: "something that is no token",
		reason: "format",
		send: ({ origin }) => sendLogout(origin, "not a token"),
	},
	{
		name: "an encrypted token",
		reason: "format",
		send: ({ origin }) => sendLogout(origin, "a.b.c.d.e"),
	},
	{
		name: "a very long token",
		reason: "format",
		send: ({ origin }) => sendLogout(origin, `e30.${"a".repeat(20_000)}.a`),
	},
]);

const good = (fixture: GateFixture) => logoutToken(fixture, { claims: { sub: "ada" } });

refusesLogout("rp-backchannel: requests that are no form with one token (R94)", [
	{
		name: "JSON",
		reason: "format",
		send: (fixture) =>
			sendLogout(fixture.origin, "", "generic", {
				body: JSON.stringify({ logout_token: good(fixture) }),
				headers: { "Content-Type": "application/json" },
			}),
	},
	{
		name: "the bare token",
		reason: "format",
		send: (fixture) =>
			sendLogout(fixture.origin, "", "generic", {
				body: good(fixture),
				headers: { "Content-Type": "application/jwt" },
			}),
	},
	{ name: "an empty form", reason: "format", send: ({ origin }) => sendLogout(origin, "") },
	{
		name: "two tokens",
		reason: "format",
		send: (fixture) => {
			const body = new URLSearchParams([
				["logout_token", good(fixture)],
				["logout_token", good(fixture)],
			]);
			return sendLogout(fixture.origin, "", "generic", { body });
		},
	},
	{
		name: "the token in the query",
		reason: "format",
		send: (fixture) => sendLogout(fixture.origin, "", `generic?logout_token=${good(fixture)}`),
	},
	{
		name: "a huge form",
		reason: "format",
		send: ({ origin }) => sendLogout(origin, "a".repeat(200_000)),
	},
]);
