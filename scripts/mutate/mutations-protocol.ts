import { type Mutation, mutationsOf } from "./mutation.ts";
import {
	always,
	becomes,
	before,
	never,
	replace,
	returns,
	skip,
	swap,
	truthy,
	withoutCall,
	withoutOperand,
} from "./operations.ts";

const ID_TOKEN = "src/protocol/id-token.test.ts";
const PROVIDER = "src/protocol/provider.test.ts";
const BACKCHANNEL = "test/conformance/rp-backchannel-refused-token.test.ts";

/** OpenID Connect and OAuth. */
export const PROTOCOL: readonly Mutation[] = [
	...mutationsOf(
		[ID_TOKEN],
		[
			["no-nonce", "the nonce of an ID token is not compared", withoutOperand(3, 3)],
			[
				"no-nonce-needed",
				"an ID token needs no nonce",
				becomes("nonce !== undefined && !equalConstantTime(nonce, expectation.nonce)"),
			],
			["no-issuer", "the issuer of an ID token is not compared", withoutOperand(2, 2)],
			["no-audience", "the audience of an ID token is not compared"],
			["no-azp", "azp of an ID token is not compared"],
			["no-sub", "an ID token needs no subject"],
			["empty-sub", "an empty subject is a subject", withoutOperand(2, 3)],
			["long-sub", "a subject may be of any length", withoutOperand(3, 3)],
			["no-exp", "an ID token that has expired is taken"],
			["no-iat-future", "an ID token from the future is taken"],
			["no-iat-age", "an old ID token is taken"],
			["no-nbf", "an ID token that is not valid yet is taken"],
			["no-times-needed", "times of an ID token may be missing"],
			[
				"unbounded-tolerance",
				"any difference of clocks can be configured",
				returns("Number.isNaN(seconds) ? 0 : seconds"),
			],
			["no-at-hash", "at_hash is not compared"],
			["no-auth-time", "auth_time is not compared with max_age"],
			["no-acr", "acr is not compared with what was asked for"],
			["no-id-token-typ", "a token of any type is an ID token", returns("true")],
			[
				"no-refreshed-sub",
				"an ID token of a refresh may be about somebody else",
				skip,
				{ tests: [ID_TOKEN, PROVIDER, "test/refresh/ends-and-goes-on.test.ts"] },
			],
			[
				"no-refreshed-iss",
				"an ID token of a refresh may be of another issuer",
				skip,
				{ tests: [ID_TOKEN, PROVIDER] },
			],
		],
	),
	...mutationsOf(
		[ID_TOKEN],
		[
			[
				"no-signature",
				"signatures are not verified",
				swap(
					"compactVerify(jwt, key, { algorithms: [alg] })",
					'compactVerify(jwt, key, { algorithms: [alg] }).catch(() => ({ payload: Buffer.from(jwt.split(".")[1] ?? "", "base64url") }))',
				),
			],
			[
				"no-crit",
				"header extensions are ignored",
				skip,
				{ tests: [ID_TOKEN, "test/conformance/rp-id-token-crit.test.ts"] },
			],
			["no-alg-list", "any algorithm is allowed", withoutOperand(2, 2)],
			[
				"no-provider-algs",
				"algorithms that the provider does not list are allowed",
				withoutOperand(2, 2),
			],
			[
				"widened-algs",
				"the provider's list widens the allow-list",
				swap(
					"findAlgorithm(alg) !== undefined",
					"(findAlgorithm(alg) !== undefined || supported !== undefined)",
				),
			],
			["no-typ-check", "types of tokens are not looked at"],
			["long-kid", "a kid may be of any length", swap("kid.length > MAX_KID_LENGTH", "false")],
			["extra-audience", "further audiences are allowed", swap("every", "some")],
			["no-audience-at-all", "an empty audience is for everybody", withoutOperand(2, 3)],
			[
				"no-three-parts",
				"a JWT may have any number of parts",
				withoutOperand(2, 2),
				{
					survives:
						"`compactVerify` refuses any other number of parts as well: the look comes first, before a key is looked for.",
				},
			],
			["no-json-claims", "claims need not be an object"],
		],
	),
	...mutationsOf(
		[ID_TOKEN],
		[
			[
				"hmac-allowed",
				"HMAC is on the allow-list",
				before(
					'["HS256", { kty: "RSA", hash: "SHA-256" }], ["HS512", { kty: "RSA", hash: "SHA-512" }],',
				),
			],
		],
	),
	...mutationsOf(
		["src/protocol/jwks.test.ts", ID_TOKEN],
		[
			["no-kid", "keys are not chosen by kid", withoutOperand(1, 2)],
			["many-without-kid", "without a kid any of several keys is tried", never],
			["no-key-use", "keys for encryption verify", withoutOperand(2, 3)],
			["no-key-ops", "keys that are not for verifying verify", withoutOperand(3, 3)],
			[
				"no-key-type",
				"a key of another type is tried",
				withoutOperand(2, 2),
				{
					survives:
						"`importJWK` refuses a key whose type the algorithm cannot use: the look at `kty` comes first to spare the import.",
				},
			],
			[
				"no-key-curve",
				"a key on another curve is tried",
				skip,
				{
					survives:
						"`importJWK` refuses a curve that the algorithm does not name: the look at `crv` comes first to spare the import.",
				},
			],
			["no-key-alg", "a key for another algorithm is tried", returns("true")],
			["weak-rsa", "RSA keys below 2,048 bits verify", returns("false")],
			["no-key-limit", "a key set may have any number of keys", withoutCall("slice")],
			["no-refetch-budget", "each forged token fetches the key set", always],
			[
				"unworthy-refetch",
				"a token that is refused either way fetches the key set",
				skip,
				{
					tests: [
						ID_TOKEN,
						"test/security/bearer-refused.test.ts",
						"test/security/backchannel.test.ts",
					],
				},
			],
			[
				"unworthy-second-look",
				"a token that is refused either way fetches the key set where its key is known",
				skip,
				{ tests: [ID_TOKEN, "test/security/bearer-refused.test.ts"] },
			],
			["many-of-kid", "a signature is tried with any number of keys"],
			["empty-key-set", "an empty key set replaces a good one", always],
		],
	),
	...mutationsOf(
		["src/protocol/discovery.test.ts"],
		[
			["no-discovery-issuer", "metadata of another issuer are believed", withoutOperand(2, 2)],
			["no-s256-listed", "a provider without S256 is taken", always],
			["no-endpoint-check", "metadata lead to any address", always],
			["no-fragment-check", "an endpoint may have a fragment", withoutOperand(2, 2)],
			["required-endpoint", "an endpoint may be missing", replace('return url ?? "";')],
			["no-failure-memory", "an outage is asked about with each login"],
		],
	),
	...mutationsOf(
		["src/protocol/http.test.ts", "src/protocol/discovery.test.ts"],
		[
			["plain-http", "a provider may be called by plain http", returns("true")],
			["private-address", "metadata lead into the own network", never],
			["metadata-service", "metadata lead to link-local addresses"],
			["url-password", "an address may hold a password", withoutOperand([2, 3], 3)],
		],
	),
	...mutationsOf(
		["src/protocol/http.test.ts"],
		[
			[
				"no-size-limit",
				"an answer of the provider may be of any size",
				swap("maxBytes", "Number.POSITIVE_INFINITY"),
			],
			["any-redirect", "redirects to other origins are followed", withoutOperand(4, 4)],
			["post-redirect", "a POST is redirected", withoutOperand(1, 4)],
			["endless-redirects", "redirects are followed without end", swap("MAX_REDIRECTS", "50")],
			["no-outage", "errors of the server are answers"],
			["cached-answers", "tokens may come out of a cache"],
		],
	),
	...mutationsOf(
		[
			PROVIDER,
			"test/security/callbacks.test.ts",
			"test/conformance/rp-response-parameters.test.ts",
		],
		[
			["repeated-parameters", "a parameter of the callback may come twice"],
			["long-parameters", "a parameter of the callback may be of any length"],
			["implicit-answers", "answers with tokens are taken"],
		],
	),
	...mutationsOf(
		["src/protocol/client-authentication.test.ts"],
		[
			[
				"any-client-authentication",
				"the secret is sent in a way that the provider does not offer",
				always,
			],
		],
	),
	...mutationsOf(
		[
			PROVIDER,
			"test/conformance/rp-token-response.test.ts",
			"test/conformance/rp-token-error.test.ts",
			"test/refresh/refresh.test.ts",
		],
		[
			["no-id-token", "a login needs no ID token"],
			["no-token-status", "a token response may have any status"],
			["no-token-error", "an error with status 200 is no error"],
			["no-access-token", "an access token may be anything"],
			["no-token-type", "a token of any type is a bearer token"],
			["no-expires-in", "expires_in may be anything"],
			["negative-expires-in", "a token may have ended before it came", withoutOperand(2, 3)],
			[
				"token-line-breaks",
				"a token may hold any character",
				swap("/^[\\x21-\\x7e]+$/.test(value)", 'value !== ""'),
			],
		],
	),
	...mutationsOf(
		[
			"src/protocol/issuer-rule.test.ts",
			"test/providers/azure.test.ts",
			ID_TOKEN,
			PROVIDER,
			"test/providers/unusual-servers.test.ts",
		],
		[
			["any-tenant-text", "a tenant may be any text", withoutOperand(2, 3)],
			["no-tenant-compare", "a token of one tenant names another", withoutOperand(3, 3)],
			[
				"truthy-issuer-rule",
				"a rule for issuers accepts by anything that is true",
				returns("Boolean(await rule(issuer, claims))"),
			],
			[
				"response-tenant",
				"the issuer of an answer is compared by its beginning alone",
				withoutOperand(2, 3),
			],
		],
	),
	...mutationsOf(
		[PROVIDER, "test/refresh/refresh.test.ts", "test/refresh/ends-and-goes-on.test.ts"],
		[["no-refusal", "a session goes on though the provider has ended it"]],
	),
	...mutationsOf(
		[BACKCHANNEL, "test/security/backchannel.test.ts"],
		[
			["logout-no-typ", "a logout token may be of any type", returns("true")],
			["logout-no-iss", "the issuer of a logout token is not compared", withoutOperand(2, 2)],
			["logout-no-aud", "the audience of a logout token is not compared"],
			["logout-no-iat-age", "an old logout token is taken"],
			["logout-no-iat-future", "a logout token from the future is taken"],
			["logout-no-exp", "a logout token that has expired is taken"],
			["logout-no-jti", "a logout token needs no id"],
			["logout-no-sub", "the subject of a logout token may be anything"],
			["logout-no-sid", "the session of a logout token may be anything"],
			["logout-about-nobody", "a logout token may be about nobody"],
			["logout-no-event", "any token is a logout token"],
			["logout-nonce", "an ID token is a logout token"],
			["logout-length", "a logout token may be of any length"],
		],
	),
	...mutationsOf(
		[PROVIDER],
		[
			["no-pkce", "no code challenge is sent", becomes("undefined")],
			["plain-pkce", "the code challenge is said to be plain", becomes('"plain"')],
			["no-state-compare", "state is not compared", withoutOperand([2, 3], 3)],
			["no-response-issuer", "the issuer of an answer is not compared (RFC 9207)"],
			["optional-response-issuer", "a promised issuer may be missing", withoutOperand(2, 2)],
			["no-nonce-sent", "no nonce is sent", becomes("undefined")],
			[
				"no-second-nonce",
				"a replaced hook may skip the nonce",
				skip,
				{ tests: [PROVIDER, "test/providers/hooks.test.ts"] },
			],
			[
				"no-second-sub",
				"a replaced hook may skip the subject",
				skip,
				{ tests: [PROVIDER, "test/providers/hooks.test.ts"] },
			],
			[
				"issuers-differ",
				"answer and ID token may name two issuers",
				skip,
				{ tests: [PROVIDER, "test/providers/azure.test.ts"] },
			],
			["userinfo-sub", "userinfo may be about somebody else"],
			[
				"refreshed-userinfo-sub",
				"userinfo of a refresh may be about somebody else",
				never,
				{
					tests: [
						PROVIDER,
						"test/refresh/ends-and-goes-on.test.ts",
						"test/refresh/userinfo.test.ts",
					],
				},
			],
			["other-provider", "an attempt with one provider ends at another"],
			["other-issuer", "an attempt with one issuer ends at another"],
			["no-code", "an answer needs no code"],
			["error-ignored", "an error of the provider is ignored"],
			[
				"truthy-hooks",
				"a hook accepts by anything that is true",
				truthy,
				{ tests: [PROVIDER, "test/providers/hooks.test.ts"] },
			],
			[
				"foreign-namespace",
				"a hook may end a login with the code of another provider's class",
				replace("throw cause;"),
				{ tests: ["test/providers/hooks.test.ts"] },
			],
			["request-objects", "a hook may send request objects", withoutOperand([2, 3], 3)],
			[
				"refreshed-nonce",
				"an ID token of a refresh may have another nonce",
				skip,
				{
					tests: [
						PROVIDER,
						"test/refresh/refresh.test.ts",
						"test/refresh/ends-and-goes-on.test.ts",
					],
				},
			],
			[
				"unverified-refresh",
				"an ID token of a refresh that cannot be verified may be about anybody",
				withoutOperand(2, 2),
				{
					tests: [
						PROVIDER,
						"test/refresh/ends-and-goes-on.test.ts",
						"test/refresh/refresh.test.ts",
					],
				},
			],
			[
				"claims-of-access-tokens",
				"an access token is not held to whom the provider lets in",
				skip,
				{ tests: ["test/providers/azure.test.ts", "test/providers/hooks.test.ts"] },
			],
			[
				"claims-of-renewals",
				"the ID token of a renewal is not held to whom the provider lets in",
				skip,
				{ tests: ["test/providers/hooks.test.ts"] },
			],
			[
				"claims-of-logout-tokens",
				"a logout token is not held to what the provider accepts",
				skip,
				{ tests: ["test/providers/hooks.test.ts"] },
			],
			[
				"userinfo-of-another-tenant",
				"userinfo may be of another tenant",
				withoutOperand(2, 2),
				{ tests: ["test/providers/azure.test.ts"] },
			],
			[
				"login-policy-for-bearer",
				"a class whose policy is for logins alone may take access tokens",
				skip,
				{ tests: ["test/security/bearer-options.test.ts"] },
			],
			[
				"expired-access-token",
				"an access token that has ended is good for a session",
				returns("true"),
				{ tests: ["test/providers/valid-tokens.test.ts"] },
			],
		],
	),
	...mutationsOf(
		["test/providers/defined.test.ts"],
		[
			["claims-that-do-not-fit", "claims that do not fit the schema are taken"],
			["schema-over-signed", "a schema may say who somebody is, and when they signed in"],
			["login-without-schema", "a login is not held to the schema of the claims"],
			["renewal-without-schema", "a renewal is not held to the schema of the claims"],
			[
				"session-without-schema",
				"a session is not held to the schema of the claims",
				returns("make(claims)"),
			],
			["newer-claims-unfit", "claims that are newer need not fit the schema"],
			[
				"bearer-without-schema",
				"access tokens are not held to the schema of the claims",
				returns("claims"),
			],
		],
	),
];
