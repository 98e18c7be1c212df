import { type Mutation, mutationsOf } from "./mutation.ts";
import {
	always,
	becomes,
	never,
	replace,
	returns,
	skip,
	swap,
	truthy,
	withoutElement,
	withoutOperand,
} from "./operations.ts";

const RESPONSE_STATE = "test/conformance/rp-response-state.test.ts";
const CALLBACKS = "test/security/callbacks.test.ts";
const EMBEDDING = "test/security/embedding.test.ts";
const BACKCHANNEL = "test/security/backchannel.test.ts";
const ORIGIN = "src/config/origin.test.ts";
const WEB = "test/hosts/web-standard.test.ts";

/** The gate itself. */
export const APP: readonly Mutation[] = [
	...mutationsOf(
		["src/config/check-options.test.ts"],
		[
			["stray-option", "an option of portcullis() may stand anywhere, or be a typo"],
			[
				"stray-in-group",
				"an option may stand in the wrong group, or be a typo there",
				withoutElement(1, 2),
			],
			["stray-in-gate", "an option of portcullis() may stand in gate()", withoutElement(1, 2)],
		],
	),
	...mutationsOf(
		["test/security/own-routes.test.ts"],
		[
			["step-up-link-limit", "links of a refused event begin any number of logins"],
			["head-begins", "a HEAD begins a login"],
			["head-completes", "a HEAD completes a login"],
			[
				"step-up-limit",
				"pages that want another sign-in begin any number of logins",
				withoutOperand(1, 2),
			],
		],
	),
	...mutationsOf(
		[WEB, "test/security/fail-closed.test.ts"],
		[
			[
				"no-page-csrf",
				"the app takes forms of other sites",
				skip,
				{
					tests: [
						"test/security/api-fetch.test.ts",
						WEB,
						"test/security/fail-closed.test.ts",
						"test/hosts/hono.test.ts",
					],
				},
			],
			[
				"open-page-identity",
				"an open page acts in the name of whom another site has it asked for",
				never,
				{ tests: ["test/security/open-pages.test.ts"] },
			],
			[
				"framed-subresources",
				"another site's frame reads what it embeds",
				returns("false"),
				{ tests: [EMBEDDING] },
			],
			[
				"no-own-header",
				"a request without an Origin is ours",
				returns("true"),
				{
					tests: [
						WEB,
						"test/security/api-fetch.test.ts",
						"test/hosts/hono.test.ts",
						"test/security/fail-closed.test.ts",
					],
				},
			],
			[
				"unknown-origin",
				"a host that is none of ours is served",
				skip,
				{ tests: ["test/security/forwarded-headers.test.ts", ORIGIN] },
			],
			[
				"thrown-when-loaded",
				"what goes wrong inside a gate that is loaded lets in",
				returns("ASSET"),
				{ tests: ["test/security/fail-closed.test.ts"] },
			],
			[
				"thrown-inside",
				"what goes wrong inside lets in",
				returns("ASSET"),
				{ tests: ["test/security/fail-closed.test.ts", WEB] },
			],
			[
				"tag-opens",
				"a route's tag opens what the configuration shuts",
				swap("decidedByTag ? [tag] : [...found.rules, tag]", "[tag]"),
				{ tests: ["test/hosts/hono-tags.test.ts", "test/hosts/hono.test.ts"] },
			],
			[
				"no-hsts",
				"browsers are not held to https",
				skip,
				{ tests: ["test/security/hsts.test.ts"] },
			],
			[
				"callback-limit",
				"an address may send any number of callbacks",
				always,
				{ tests: ["test/security/login-limit.test.ts"] },
			],
			[
				"get-endpoints",
				"endpoints that change something answer GET",
				returns("entry.get ?? entry.post"),
				{ tests: ["test/security/state-forgery.test.ts", WEB] },
			],
		],
	),
	...mutationsOf(
		["test/security/audit.test.ts"],
		[
			[
				"start-lost-id",
				"page and log know a login that could not begin by other ids than the audit does",
				swap("id: attempt", "id: undefined"),
			],
		],
	),
	...mutationsOf(
		[CALLBACKS],
		[
			[
				"no-state-cookie",
				"a callback needs no cookie of its attempt",
				withoutOperand(2, 2),
				{ tests: [RESPONSE_STATE] },
			],
			["state-twice", "state may come twice", withoutOperand(2, 2), { tests: [RESPONSE_STATE] }],
			[
				"changed-is-expired",
				"a `state` that was changed on the way counts as that of an old attempt",
				skip,
				{ tests: [RESPONSE_STATE] },
			],
			[
				"expired-is-changed",
				"the `state` of an attempt without a cookie counts as changed",
				returns("true"),
				{ tests: ["test/security/changed-state.test.ts"] },
			],
			[
				"changed-without-login",
				"an answer that no login waits for counts as changed",
				skip,
				{
					tests: [
						"test/security/changed-state.test.ts",
						"test/conformance/negative/callbacks.test.ts",
					],
				},
			],
			[
				"callback-of-other-provider",
				"an attempt ends at another provider's callback",
				skip,
				{ tests: ["test/providers/several.test.ts", CALLBACKS] },
			],
			[
				"changed-binding",
				"an attempt ends with another issuer or redirect URI",
				skip,
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"shared-callback-iss",
				"an answer at the shared callback need not name its provider",
				skip,
				{ tests: ["test/providers/several.test.ts", CALLBACKS] },
			],
			[
				"two-logins",
				"a session of a login in another tab stays beside the next one",
				swap("(exchange.isProbablySignedIn && !transaction.popup)", "false"),
			],
			[
				"background-callback",
				"a prefetch redeems the code",
				withoutOperand([2, 3], 3),
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"late-callback",
				"an attempt that is too old is completed",
				withoutOperand(1, 2),
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"form-of-another-page",
				"another page continues a form_post",
				always,
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"popup-signs-in",
				"a popup signs in for a frame that is not listed any more",
				skip,
				{
					tests: [EMBEDDING],
					survives:
						"The claim is held to the list once more (`claim-ancestors`), and without a claim nobody is signed in.",
				},
			],
		],
	),
	...mutationsOf(
		[EMBEDDING],
		[
			["claim-csrf", "other sites claim hand-offs"],
			["claim-ancestors", "a frame of any page claims"],
			["claim-too-often", "a hand-off may be asked for without end"],
			["claim-cookies", "a window at the top claims without the popup's cookie"],
			["claimed-nobody", "a window is told of a session that counts nowhere"],
			[
				"claim-shape",
				"a claim may be of any shape",
				withoutOperand(3, 3),
				{
					survives:
						"`embedding.isAllowed` holds the list to eight as well: this look comes first to spare it.",
				},
			],
		],
	),
	...mutationsOf(
		[EMBEDDING],
		[
			["handoff-twice", "a hand-off is claimed twice"],
			[
				"handoff-overwritten",
				"a second popup replaces a hand-off",
				skip,
				{
					survives:
						"Stores refuse to write a version that is not newer: what was left first stays. The look keeps that from being logged as an outage.",
				},
			],
		],
	),
	...mutationsOf(
		[EMBEDDING, "test/security/page-headers.test.ts"],
		[
			["any-ancestor", "any page shows the app in a frame", withoutOperand(2, 2)],
			[
				"framing-not-said",
				"browsers are not told who may frame the app",
				swap("NO_FRAMING", '"frame-ancestors *"'),
			],
			["wildcard-ancestor", "ancestors may have a wildcard"],
		],
	),
	...mutationsOf(
		[BACKCHANNEL, "test/conformance/rp-backchannel-replay.test.ts"],
		[
			[
				"logout-token-twice",
				"a logout token is taken twice",
				skip,
				{ tests: ["test/conformance/rp-backchannel-replay.test.ts", BACKCHANNEL] },
			],
			[
				"several-logout-tokens",
				"a logout request may have several tokens",
				withoutOperand(1, 2),
				{ tests: ["test/security/backchannel-requests.test.ts"] },
			],
			[
				"logout-token-of-any-issuer",
				"the id of a logout token is unique among all issuers",
				withoutElement([1, 2], 3),
			],
			[
				"logout-by-get",
				"a logout by the provider may be a GET",
				skip,
				{ tests: ["test/security/backchannel-requests.test.ts"] },
			],
		],
	),
	...mutationsOf(
		["test/security/logout.test.ts"],
		[
			[
				"silent-logout-log",
				"a sign-out that cannot be placed leaves no line in the log",
				becomes("undefined"),
				{ tests: ["test/security/logout-forgery.test.ts"] },
			],
			[
				"logout-keeps-handoff",
				"a popup's login signs in after a sign-out",
				swap("({ names }) => requestCookies.has(names.handoff)", "() => false"),
				{ tests: [EMBEDDING] },
			],
			[
				"logout-waits-for-store",
				"a sign-out ends nothing while the store does not answer",
				swap("identities.openUnasked(runtime, header)", "[]"),
				{ tests: ["test/security/backchannel.test.ts"] },
			],
			[
				"logout-csrf",
				"another site signs people out",
				skip,
				{ tests: ["test/security/logout-forgery.test.ts"] },
			],
			[
				"logout-form-origin",
				"a form of another origin signs out",
				skip,
				{ tests: ["test/security/logout-forgery.test.ts"] },
			],
			["kept-cookies", "a sign-out leaves the cookies"],
		],
	),
	...mutationsOf(
		["src/config/secrets.test.ts", "test/security/foreign-secrets.test.ts"],
		[
			[
				"one-ring",
				"a client secret opens what is of other providers",
				becomes("providers.flatMap(({ clientSecret }) => clientSecret ?? [])"),
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			[
				"foreign-secret-in-list",
				"a client secret among the cookie secrets opens what is of other providers",
				swap(
					"!providers.some((other) => other !== provider && hasSecret(other, secret))",
					"secret.length > 0",
				),
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			[
				"known-secret-for-all",
				"a client secret among the cookie secrets opens what belongs to all",
				swap("knownToNone", "given"),
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			["several-without-secret", "several providers start in production without a secret", always],
			[
				"weak-client-secret",
				"cookie keys come from a weak client secret",
				becomes("secret !== undefined"),
			],
		],
	),
	...mutationsOf(
		["src/config/secret-strength.test.ts"],
		[
			[
				"nothing-to-guess",
				"words and sequences are no weakness",
				returns('PLACEHOLDERS.test(text) || text === ""'),
			],
			[
				"encoded-words",
				"words that were encoded are no weakness",
				swap("readings(core)", "[core]"),
			],
			["padded-secret", "space and quotes make a secret longer", becomes("secret")],
		],
	),
	...mutationsOf(
		["test/security/logout.test.ts", "test/refresh/logout-race.test.ts", EMBEDDING, BACKCHANNEL],
		[
			["ended-login", "a login is completed that the provider has ended meanwhile", always],
			["replaced-lives", "a session that a login replaces lives on in copies"],
			["copied-session", "a copy of a session outlives the sign-out"],
			[
				"admitted-unasked",
				"a session is admitted while it is not known which have ended",
				skip,
				{ tests: ["src/app/sessions/identity.test.ts"] },
			],
			[
				"siblings-stay",
				"a login leaves the session of another provider in place",
				returns("signedIn"),
				{ tests: ["test/security/callbacks.test.ts"] },
			],
			[
				"streams-go-on",
				"streams and refreshes of a session that is over go on",
				skip,
				{
					tests: [
						"test/state/replicas.test.ts",
						"test/state/client-with-server.test.ts",
						"test/hosts/node-upgrade.test.ts",
					],
				},
			],
		],
	),
	...mutationsOf(
		["test/refresh/refresh.test.ts", "test/refresh/logout-race.test.ts"],
		[
			["refresh-csrf", "other sites renew sessions"],
			[
				"renewed-after-logout",
				"a session that was signed out of is renewed",
				skip,
				{ tests: ["test/refresh/logout-race.test.ts", "test/refresh/refresh.test.ts"] },
			],
			[
				"told-after-logout",
				"a renewal that a sign-out overtook is told",
				skip,
				{
					tests: ["test/refresh/logout-race.test.ts", "test/refresh/refresh.test.ts"],
					survives:
						"The same is asked as soon as the provider has answered, and the tokens are given back then: what is left for this is the moment in which the cookies are sealed.",
				},
			],
			["refresh-twice", "two tabs spend one refresh token"],
		],
	),
	...mutationsOf(
		["test/security/expiry.test.ts", BACKCHANNEL],
		[
			[
				"renewable-as-expired",
				"of a session that can be renewed it is said that it has expired",
				withoutOperand(2, 2),
				{ tests: ["test/state/ended-by-itself.test.ts"] },
			],
			[
				"signed-out-as-expired",
				"of a session that was ended it is said that it has expired",
				becomes("(await this.openAll(runtime, header))[0]"),
				{ tests: ["test/state/ended-by-itself.test.ts"] },
			],
			["remembered-for-ever", "a remembered session does not end", withoutOperand(1, 2)],
			[
				"remembered-revoked",
				"a remembered session is not revoked",
				withoutOperand(2, 2),
				{ tests: [BACKCHANNEL] },
			],
			[
				"claims-for-ever",
				"userinfo is not asked again for a session that goes on",
				skip,
				{ tests: ["test/refresh/userinfo.test.ts"] },
			],
			[
				"claims-of-one-header",
				"claims that were fetched anew count for one header alone",
				always,
				{ tests: ["test/refresh/userinfo.test.ts"] },
			],
			[
				"access-token-over",
				"tokens that have ended are looked at as if they were good",
				skip,
				{ tests: ["test/providers/valid-tokens.test.ts"] },
			],
			[
				"opened-revoked",
				"a session that was revoked opens anew",
				becomes("this.#revocations.revision"),
				{ tests: [BACKCHANNEL, "test/refresh/logout-race.test.ts"] },
			],
			[
				"other-persons-cookies",
				"a person is remembered for another's cookies",
				swap(
					"haveSameCookies(parseCookies(kept), requestCookies, prefix)",
					"kept.length > 0 && prefix.length > 0",
				),
				{ tests: ["test/security/cookies-mutated.test.ts"] },
			],
			[
				"truthy-validate-tokens",
				"validateTokens accepts by anything that is true",
				truthy,
				{ tests: ["test/providers/valid-tokens.test.ts"] },
			],
			[
				"thrown-validate-tokens",
				"validateTokens accepts by throwing",
				returns("true"),
				{ tests: ["test/security/fail-closed.test.ts"] },
			],
		],
	),
	...mutationsOf(
		[ORIGIN, "test/security/forwarded-headers.test.ts"],
		[
			["trusted-by-default", "forwarded headers of anybody are believed", returns("() => true")],
			["first-forwarded", "the caller's own forwarded value is believed", swap("-1", "0")],
			[
				"contradiction",
				"of two forwarded values one is believed",
				replace(
					'if (typeof proto === "symbol" || typeof forwardedHost === "symbol") return seen.origin;',
				),
			],
			[
				"contradictory-unlimited",
				"who makes forwarded headers contradict each other is not limited",
				returns("undefined"),
				{ tests: [ORIGIN, "test/security/login-limit.test.ts"] },
			],
			[
				"proxy-is-a-caller",
				"all people behind a proxy that is not named share what one caller may have",
				returns("forwarded ?? remoteAddress"),
			],
			["host-not-pinned", "any host is a public origin", becomes("pinned.length >= 0")],
			["origin-with-user", "an origin may hold a user or a path", always],
			[
				"any-scheme",
				"a proxy may name any scheme",
				skip,
				{
					survives:
						"`originOf` takes http and https alone: the look comes first for what the log says.",
				},
			],
		],
	),
	...mutationsOf(["src/protocol/http.test.ts"], [["long-bodies", "bodies of any size are read"]]),
	...mutationsOf(
		["src/app/routes/login-limit.test.ts"],
		[["site-limit", "a site may begin 65,536 times as many logins as one network", never]],
	),
	...mutationsOf(
		["src/hosts/node/body.test.ts", "test/security/state-forgery.test.ts", BACKCHANNEL, EMBEDDING],
		[
			[
				"announced-length",
				"a length that is announced is not looked at",
				skip,
				{ tests: ["src/app/routes/read-body.test.ts"] },
			],
			[
				"pieces-kept",
				"the platform keeps each piece of a long body",
				swap("Math.min(MAX_AS_TEXT, maxBytes)", "maxBytes"),
				{ tests: ["src/app/routes/read-body.test.ts"] },
			],
		],
	),
	...mutationsOf(
		["src/app/routes/read-form.test.ts"],
		[["many-parameters", "a form may have any number of parameters", withoutOperand(2, 2)]],
	),
	...mutationsOf(
		["src/app/routes/read-body.test.ts"],
		[
			["unfinished-bodies", "bodies that have not come in full hold any memory together", always],
			["slow-bodies", "a body may take for ever to come", skip],
		],
	),
	...mutationsOf(
		["test/security/start-proof.test.ts"],
		[
			[
				"start-without-token",
				"a login begins by any link in a browser with the cookie",
				swap(
					'(await isFormToken(runtime.ring, from, "start", nonce, exchange.now))',
					"from !== undefined",
				),
			],
			["start-silent", "a login begins where the browser says nothing", returns('"own"')],
			[
				"start-by-mail",
				"an address out of a mail ends the session of who is signed in",
				returns('"own"'),
			],
		],
	),
	...mutationsOf(
		["src/client/own-path.test.ts"],
		[
			[
				"own-path-scheme",
				"script leaves a page for a blob of the app's origin",
				withoutOperand(2, 3),
			],
			["own-path-host", "script leaves a page for another host", withoutOperand(1, 3)],
			["own-path-slashes", "a path of two slashes is one of the app", withoutOperand(3, 3)],
		],
	),
	...mutationsOf(
		["src/client/client.test.ts"],
		[["decision-anywhere", "a decision about a page leads anywhere", becomes("page?.href")]],
	),
	...mutationsOf(
		["src/client/client.test.ts"],
		[["step-up-anywhere", "the refusal of an event leads anywhere", becomes("way || loginPath")]],
	),
	...mutationsOf(
		["test/panel/callers.test.ts"],
		[
			["panel-for-all", "the panel is shown to callers from elsewhere"],
			[
				"panel-without-link",
				"the panel is shown without the cookie of its link",
				becomes("cookie"),
			],
			["panel-any-token", "any token opens the panel", becomes('searchParams.has("token")')],
			["panel-links", "links to the panel are printed without end", withoutOperand(2, 2)],
		],
	),
	...mutationsOf(
		["src/views/snapshot-script.test.ts"],
		[
			[
				"snapshot-markup",
				"what people have written ends the element of a snapshot",
				swap('JSON.stringify(snapshot).replaceAll("<", "\\\\u003c")', "JSON.stringify(snapshot)"),
			],
		],
	),
	...mutationsOf(
		["src/views/accept-language.test.ts"],
		[
			[
				"one-long-language",
				"a long Accept-Language without a comma is read whole",
				swap(
					'Math.max(0, header.lastIndexOf(",", MAX_LENGTH))',
					'header.lastIndexOf(",", MAX_LENGTH)',
				),
			],
		],
	),
	...mutationsOf(
		[EMBEDDING],
		[
			["popup-in-background", "a popup is begun in the background"],
			["popup-ancestors", "a popup is begun for a frame of any page"],
			["popup-form", "a popup's form may say a thing twice", withoutOperand(3, 3)],
		],
	),
];
