import { type Mutation, mutationsOf } from "./mutation.ts";

const RESPONSE_STATE = "test/conformance/rp-response-state.test.ts";
const CALLBACKS = "test/security/callbacks.test.ts";
const EMBEDDING = "test/security/embedding.test.ts";
const BACKCHANNEL = "test/security/backchannel.test.ts";
const ORIGIN = "src/app/origin.test.ts";
const WEB = "test/hosts/web-standard.test.ts";

/** The gate itself. */
export const APP: readonly Mutation[] = [
	...mutationsOf(
		"app/gate.ts",
		[WEB, "test/security/fail-closed.test.ts"],
		[
			[
				"no-page-csrf",
				"the app takes forms of other sites",
				"if (!SAFE_METHODS.has(call.method)) return !this.#isOwnRequest(call);",
				"",
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
				"const user = isForged ? undefined : identity?.user;",
				"const user = identity?.user;",
				{ tests: ["test/security/open-pages.test.ts"] },
			],
			[
				"framed-subresources",
				"another site's frame reads what it embeds",
				"return connected.isEmbedded && isForeignSubresource(call);",
				"return false;",
				{ tests: [EMBEDDING] },
			],
			[
				"no-own-header",
				"a request without an Origin is ours",
				"return call.header(REQUEST_HEADER) !== null;",
				"return true;",
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
				'if (origin === undefined) return fail(gate, call, { code: "unknown_origin", message: gate.unknownOrigin });',
				"",
				{ tests: ["test/security/forwarded-headers.test.ts", ORIGIN] },
			],
			[
				"thrown-inside",
				"what goes wrong inside lets in",
				"return this.#refuseInternally(call, error);\n\t\t}\n\t}\n\n\t#enter",
				"return ASSET;\n\t\t}\n\t}\n\n\t#enter",
				{ tests: ["test/security/fail-closed.test.ts", WEB] },
			],
			[
				"tag-opens",
				"a route's tag opens what the configuration shuts",
				"decidedByTag ? [tag] : [...found.rules, tag]",
				"[tag]",
				{ tests: ["test/hosts/hono-tags.test.ts", "test/hosts/hono.test.ts"] },
			],
			[
				"no-hsts",
				"browsers are not held to https",
				"response.headers.set(HSTS, `max-age=${hsts}`);",
				"",
				{ tests: ["test/security/hsts.test.ts"] },
			],
			[
				"callback-limit",
				"an address may send any number of callbacks",
				"if (limited.isAllowed) return undefined;",
				"return undefined;",
				{ tests: ["test/security/login-limit.test.ts"] },
			],
			[
				"get-endpoints",
				"endpoints that change something answer GET",
				'if (!isPost) return refuseMethod(gate, call, "POST");',
				"",
				{ tests: ["test/security/state-forgery.test.ts", WEB] },
			],
		],
	),
	...mutationsOf(
		"app/callback-routes.ts",
		[CALLBACKS],
		[
			[
				"no-state-cookie",
				"a callback needs no cookie of its attempt",
				"if (transaction && equalConstantTime(state, transaction.state)) return { connected, transaction };",
				"if (transaction) return { connected, transaction };",
				{ tests: [RESPONSE_STATE] },
			],
			["state-twice", "state may come twice", ' || params.getAll("state").length > 1', "", { tests: [RESPONSE_STATE] }],
			[
				"changed-is-expired",
				"a `state` that was changed on the way counts as that of an old attempt",
				"if (more.length > 0 || !LIKE_OURS.test(state)) return true;",
				"",
				{ tests: [RESPONSE_STATE] },
			],
			[
				"expired-is-changed",
				"the `state` of an attempt without a cookie counts as changed",
				"return open.some(({ id }) => id.toLowerCase() === state.slice(0, id.length).toLowerCase());",
				"return true;",
				{ tests: ["test/security/changed-state.test.ts"] },
			],
			[
				"changed-without-login",
				"an answer that no login waits for counts as changed",
				'if (open.length === 0 || !["state", "code", "error"].some((name) => params.has(name))) return false;',
				"",
				{ tests: ["test/security/changed-state.test.ts", "test/conformance/negative/callbacks.test.ts"] },
			],
			[
				"callback-of-other-provider",
				"an attempt ends at another provider's callback",
				"if (named !== undefined && named !== provider.name) {",
				"if (false) {",
				{ tests: ["test/providers/several.test.ts", CALLBACKS] },
			],
			[
				"changed-binding",
				"an attempt ends with another issuer or redirect URI",
				"if (transaction.issuer !== provider.issuer || transaction.redirectUri !== expectedUri) {",
				"if (false) {",
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"shared-callback-iss",
				"an answer at the shared callback need not name its provider",
				'if (needsIssuer(gate, runtime) && !arrival.params.has("iss")) {',
				"if (false) {",
				{ tests: ["test/providers/several.test.ts", CALLBACKS] },
			],
			[
				"background-callback",
				"a prefetch redeems the code",
				"if (from.isNavigation && !from.isPrefetch && !from.isFramed) return undefined;",
				"if (from.isNavigation) return undefined;",
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"late-callback",
				"an attempt that is too old is completed",
				"if (isExpired(transaction, secondsNow(gate)) || ",
				"if (",
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"form-of-another-page",
				"another page continues a form_post",
				"isFromOwnPage(call.header, origin) ? await readForm(call.request()) : undefined",
				"await readForm(call.request())",
				{ tests: ["test/security/attempts.test.ts"] },
			],
			[
				"popup-signs-in",
				"a popup signs in for a frame that is not listed any more",
				"if (!embedding.isAllowed(ancestors)) {",
				"if (false) {",
				{
					tests: [EMBEDDING],
					survives:
						"The claim is held to the list once more (`claim-ancestors`), and without a claim nobody is signed in.",
				},
			],
		],
	),
	...mutationsOf(
		"app/claim-routes.ts",
		[EMBEDDING],
		[
			[
				"claim-csrf",
				"other sites claim hand-offs",
				'if (!isOwnScript(call.header, origin) || (site !== null && site !== "same-origin"))',
				"if (false)",
			],
			["claim-ancestors", "a frame of any page claims", "if (!embedding.isAllowed(ancestors))", "if (false)"],
			["claim-too-often", "a hand-off may be asked for without end", 'if (turn === "later")', "if (false)"],
			[
				"claim-cookies",
				"a window at the top claims without the popup's cookie",
				"if (!isOrdinary && ancestors.length === 0)",
				"if (false)",
			],
			["claimed-nobody", "a window is told of a session that counts nowhere", "if (!identity)", "if (false)"],
			[
				"claim-shape",
				"a claim may be of any shape",
				'if (typeof verifier !== "string" || !Array.isArray(ancestors) || ancestors.length > MAX_ANCESTORS) return undefined;',
				'if (!Array.isArray(ancestors) || typeof verifier !== "string") return undefined;',
				{ survives: "`embedding.isAllowed` holds the list to eight as well: this look comes first to spare it." },
			],
		],
	),
	...mutationsOf(
		"app/handoffs.ts",
		[EMBEDDING],
		[
			["handoff-twice", "a hand-off is claimed twice", 'if (lease.entries?.has(USED)) return "used";', ""],
			[
				"handoff-overwritten",
				"a second popup replaces a hand-off",
				"if (lease.version !== 0) return;",
				"",
				{
					survives:
						"Stores refuse to write a version that is not newer: what was left first stays. The look keeps that from being logged as an outage.",
				},
			],
		],
	),
	...mutationsOf(
		"app/embedding.ts",
		[EMBEDDING, "test/security/page-headers.test.ts"],
		[
			[
				"any-ancestor",
				"any page shows the app in a frame",
				"ancestors.length <= MAX_ANCESTORS && ancestors.every((origin) => allowed.has(origin))",
				"ancestors.length <= MAX_ANCESTORS",
			],
			[
				"framing-not-said",
				"browsers are not told who may frame the app",
				"framing: allowed.size === 0 ? NO_FRAMING : ",
				'framing: allowed.size === 0 ? "frame-ancestors *" : ',
			],
			["wildcard-ancestor", "ancestors may have a wildcard", 'if (entry.includes("*")) return', "if (false) return"],
		],
	),
	...mutationsOf(
		"app/backchannel-routes.ts",
		[BACKCHANNEL, "test/conformance/rp-backchannel-replay.test.ts"],
		[
			[
				"logout-token-twice",
				"a logout token is taken twice",
				'if (!isNew) return refuse(gate, call, connected, "jti", "The logout token was used before");',
				"",
				{ tests: ["test/conformance/rp-backchannel-replay.test.ts", BACKCHANNEL] },
			],
			[
				"several-logout-tokens",
				"a logout request may have several tokens",
				'if (tokens.length !== 1 || jwt === "")',
				'if (jwt === "")',
				{ tests: ["test/security/backchannel-requests.test.ts"] },
			],
			[
				"logout-token-of-any-issuer",
				"the id of a logout token is unique among all issuers",
				"JSON.stringify([names.binding, issuer, jti])",
				"JSON.stringify([jti])",
			],
			[
				"logout-by-get",
				"a logout by the provider may be a GET",
				'if (call.method !== "POST")',
				"if (false)",
				{ tests: ["test/security/backchannel-requests.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"app/logout-routes.ts",
		["test/security/logout.test.ts"],
		[
			[
				"logout-keeps-handoff",
				"a popup's login signs in after a sign-out",
				".filter(({ names }) => jar.has(names.handoff))",
				".filter(() => false)",
				{ tests: [EMBEDDING] },
			],
			[
				"logout-waits-for-store",
				"a sign-out ends nothing while the store does not answer",
				".catch(() => identities.openUnasked(runtime, header))",
				".catch(() => [])",
				{ tests: ["test/security/backchannel.test.ts"] },
			],
			[
				"logout-csrf",
				"another site signs people out",
				"if (!byScript && !(await isOwnForm(gate, runtime, call, origin, left))) {",
				"if (false) {",
				{ tests: ["test/security/logout-forgery.test.ts"] },
			],
			[
				"logout-form-origin",
				"a form of another origin signs out",
				"if (!isFromOwnPage(call.header, origin)) return false;",
				"",
				{ tests: ["test/security/logout-forgery.test.ts"] },
			],
			["kept-cookies", "a sign-out leaves the cookies", "...gate.sessions.clearEvery(runtime, jar),\n", ""],
		],
	),
	...mutationsOf(
		"app/secrets.ts",
		["src/app/secrets.test.ts", "test/security/foreign-secrets.test.ts"],
		[
			[
				"one-ring",
				"a client secret opens what is of other providers",
				"return [clientSecret];",
				"return providers.flatMap((each) => each.clientSecret ?? []);",
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			[
				"foreign-secret-in-list",
				"a client secret among the cookie secrets opens what is of other providers",
				"!providers.some((other) => other !== provider && hasSecret(other, secret))",
				"secret.length > 0",
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			[
				"known-secret-for-all",
				"a client secret among the cookie secrets opens what belongs to all",
				"shared: knownToNone",
				"shared: given",
				{ tests: ["test/security/foreign-secrets.test.ts"] },
			],
			[
				"several-without-secret",
				"several providers start in production without a secret",
				"if (providers < 2 || !isProduction(env)",
				"if (providers > 0 || !isProduction(env)",
			],
			[
				"weak-client-secret",
				"cookie keys come from a weak client secret",
				"if (weakness === undefined) return { ofProviders: [[secret]]",
				"if (secret !== undefined) return { ofProviders: [[secret]]",
			],
		],
	),
	...mutationsOf(
		"app/secret-strength.ts",
		["src/app/secret-strength.test.ts"],
		[
			[
				"nothing-to-guess",
				"words and sequences are no weakness",
				"guessedBits(text, publicTexts) < MIN_BITS",
				'text === ""',
			],
			["encoded-words", "words that were encoded are no weakness", "readings(core).some(", "[core].some("],
			[
				"padded-secret",
				"space and quotes make a secret longer",
				"const core = withoutWrapping(secret);",
				"const core = secret;",
			],
		],
	),
	...mutationsOf(
		"app/session-manager.ts",
		["test/security/logout.test.ts", "test/refresh/logout-race.test.ts", EMBEDDING, BACKCHANNEL],
		[
			[
				"ended-login",
				"a login is completed that the provider has ended meanwhile",
				"if (!revocations.isRevoked(connected.names.revocation, session)) return;",
				"return;",
			],
			["replaced-lives", "a session that a login replaces lives on in copies", "this.end(held);", ""],
			[
				"copied-session",
				"a copy of a session outlives the sign-out",
				"this.#options.revocations.signOut(connected.names.revocation, session);",
				"",
			],
			[
				"siblings-stay",
				"a login leaves the session of another provider in place",
				"await this.#endAll(runtime, call);\n\t\treturn [...clearAll(siblingsOf(runtime, connected), jar), ...cookies];",
				"await this.#endAll(runtime, call);\n\t\treturn cookies;",
				{ tests: ["test/security/callbacks.test.ts"] },
			],
			[
				"streams-go-on",
				"streams and refreshes of a session that is over go on",
				"this.#options.onEnded(session.id);",
				"",
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
		"app/refresh-routes.ts",
		["test/refresh/refresh.test.ts", "test/refresh/logout-race.test.ts"],
		[
			[
				"renewal-false-space",
				"a renewal reads a name as ours with another space in front",
				".map(trimSpace)",
				".map((pair) => pair.trim())",
				{ tests: ["test/security/spelled-headers.test.ts"] },
			],
			["refresh-csrf", "other sites renew sessions", "if (!isOwnScript(call.header, origin))", "if (false)"],
			[
				"renewed-after-logout",
				"a session that was signed out of is renewed",
				"if (this.#hasEnded(gate, connected, session)) return this.#refuse(gate, call, connected, session);\n\t\tif (session",
				"if (session",
				{ tests: ["test/refresh/logout-race.test.ts", "test/refresh/refresh.test.ts"] },
			],
			[
				"told-after-logout",
				"a renewal that a sign-out overtook is told",
				"if (this.#hasEnded(gate, connected, session)) return this.#refuse(gate, call, connected, session);\n\t\t\t\treturn",
				"return",
				{
					tests: ["test/refresh/logout-race.test.ts", "test/refresh/refresh.test.ts"],
					survives:
						"The same is asked as soon as the provider has answered, and the tokens are given back then: what is left for this is the moment in which the cookies are sealed.",
				},
			],
			["refresh-twice", "two tabs spend one refresh token", "if (known) return known.outcome;", ""],
		],
	),
	...mutationsOf(
		"app/identity.ts",
		["test/security/expiry.test.ts", BACKCHANNEL],
		[
			[
				"signed-out-as-expired",
				"of a session that was ended it is said that it has expired",
				"const stored = await this.openStored(runtime, header);",
				"const [stored] = await this.openAll(runtime, header);",
				{ tests: ["test/state/ended-by-itself.test.ts"] },
			],
			[
				"remembered-for-ever",
				"a remembered session does not end",
				'if (identity.expiresAt <= now || this.isRevoked(identity)) return "over";',
				'if (this.isRevoked(identity)) return "over";',
			],
			[
				"remembered-revoked",
				"a remembered session is not revoked",
				'if (identity.expiresAt <= now || this.isRevoked(identity)) return "over";',
				'if (identity.expiresAt <= now) return "over";',
				{ tests: [BACKCHANNEL] },
			],
			[
				"claims-for-ever",
				"userinfo is not asked again for a session that goes on",
				"if (identity.learned.refetchAt <= now) this.#refetch(identity);",
				"",
				{ tests: ["test/refresh/userinfo.test.ts"] },
			],
			[
				"claims-of-one-header",
				"claims that were fetched anew count for one header alone",
				'return identity.version === identity.learned.version ? "current" : "outdated";',
				'return "current";',
				{ tests: ["test/refresh/userinfo.test.ts"] },
			],
			["access-token-over", "a session outlives its access token", "if (until <= nowSeconds) return undefined;", ""],
			[
				"opened-revoked",
				"a session that was revoked opens anew",
				"checkedAt: NEVER,",
				"checkedAt: this.#revocations.revision,",
				{ tests: [BACKCHANNEL, "test/refresh/logout-race.test.ts"] },
			],
			[
				"other-persons-cookies",
				"a person is remembered for another's cookies",
				"owner === connected && haveSameCookies(parseCookies(kept), jar, prefix)",
				"owner === connected && kept.length > 0 && prefix.length > 0",
				{ tests: ["test/security/cookies-mutated.test.ts"] },
			],
			[
				"truthy-validate-tokens",
				"validateTokens accepts by anything that is true",
				"})) === true",
				"})) !== false",
				{ tests: ["test/providers/valid-tokens.test.ts"] },
			],
			[
				"thrown-validate-tokens",
				"validateTokens accepts by throwing",
				"cause,\n\t\t\t});\n\t\t\treturn false;",
				"cause,\n\t\t\t});\n\t\t\treturn true;",
				{ tests: ["test/security/fail-closed.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"app/origin.ts",
		[ORIGIN, "test/security/forwarded-headers.test.ts"],
		[
			[
				"trusted-by-default",
				"forwarded headers of anybody are believed",
				"return () => option === true;",
				"return () => true;",
			],
			[
				"first-forwarded",
				"the caller's own forwarded value is believed",
				'value?.split(",").at(-1)',
				'value?.split(",").at(0)',
			],
			[
				"contradiction",
				"of two forwarded values one is believed",
				"if (proto === CONTRADICTION || forwardedHost === CONTRADICTION) return undefined;",
				'if (typeof proto === "symbol" || typeof forwardedHost === "symbol") return seen.origin;',
			],
			[
				"host-not-pinned",
				"any host is a public origin",
				"if (pinned.length === 0) return seen;",
				"if (pinned.length >= 0) return seen;",
			],
			[
				"origin-with-user",
				"an origin may hold a user or a path",
				"return bare && !/[\\s@\\\\?#]/.test(text) ? url.origin : undefined;",
				"return url.origin;",
			],
			[
				"any-scheme",
				"a proxy may name any scheme",
				'if (scheme !== "https" && scheme !== "http") return undefined;',
				"",
				{ survives: "`originOf` takes http and https alone: the look comes first for what the log says." },
			],
		],
	),
	...mutationsOf(
		"base/read-bytes.ts",
		["src/protocol/http.test.ts"],
		[["long-bodies", "bodies of any size are read", "if (length > maxBytes) {", "if (false) {"]],
	),
	...mutationsOf(
		"app/read-body.ts",
		["src/hosts/node-body.test.ts", "test/security/state-forgery.test.ts", BACKCHANNEL, EMBEDDING],
		[
			[
				"announced-length",
				"a length that is announced is not looked at",
				"if (announced !== null && Number(announced) > maxBytes) return undefined;",
				"",
				{ tests: ["src/app/read-body.test.ts"] },
			],
			[
				"pieces-kept",
				"the platform keeps each piece of a long body",
				"Math.min(MAX_AS_TEXT, maxBytes)",
				"maxBytes",
				{ tests: ["src/app/read-body.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"app/start-proof.ts",
		["test/security/start-proof.test.ts"],
		[
			[
				"start-without-token",
				"a login begins by any link in a browser with the cookie",
				'(await isFormToken(runtime.ring, from, "start", nonce, secondsNow(gate)))',
				"from !== undefined",
			],
			[
				"start-silent",
				"a login begins where the browser says nothing",
				'if (!referer) return "unknown";',
				'if (!referer) return "own";',
			],
		],
	),
	...mutationsOf(
		"client/own-path.ts",
		["src/client/own-path.test.ts"],
		[
			["own-path-scheme", "script leaves a page for a blob of the app's origin", " && protocol === own.protocol", ""],
			["own-path-host", "script leaves a page for another host", "origin === own.origin && ", ""],
			["own-path-slashes", "a path of two slashes is one of the app", ' && !pathname.startsWith("//")', ""],
		],
	),
	...mutationsOf(
		"client/navigate.ts",
		["src/client/client.test.ts"],
		[
			[
				"decision-anywhere",
				"a decision about a page leads anywhere",
				"const href = page && ownPath(page.href, here);",
				"const href = page?.href;",
			],
		],
	),
	...mutationsOf(
		"client/client.ts",
		["src/client/client.test.ts"],
		[
			[
				"step-up-anywhere",
				"the refusal of an event leads anywhere",
				"way.startsWith(`${endpoint}/`) ? way : loginPath",
				"way || loginPath",
			],
		],
	),
	...mutationsOf(
		"app/panel-route.ts",
		["test/panel/callers.test.ts"],
		[
			[
				"panel-for-all",
				"the panel is shown to callers from elsewhere",
				"if (!isPersonAtThisMachine(call)) return undefined;",
				"",
			],
			[
				"panel-without-link",
				"the panel is shown without the cookie of its link",
				'if (isKey(parseCookies(call.header("cookie")).get(PANEL_COOKIE), cookie))',
				"if (cookie)",
			],
			[
				"panel-any-token",
				"any token opens the panel",
				'if (isKey(searchParams.get("token"), token))',
				'if (searchParams.has("token"))',
			],
			["panel-links", "links to the panel are printed without end", " || this.#printed.size >= MAX_LINKS", ""],
		],
	),
	...mutationsOf(
		"views/accept-language.ts",
		["src/views/accept-language.test.ts"],
		[
			[
				"one-long-language",
				"a long Accept-Language without a comma is read whole",
				'Math.max(0, header.lastIndexOf(",", MAX_LENGTH))',
				'header.lastIndexOf(",", MAX_LENGTH)',
			],
		],
	),
	...mutationsOf(
		"app/popup-routes.ts",
		[EMBEDDING],
		[
			[
				"popup-in-background",
				"a popup is begun in the background",
				"if (!from.isNavigation || from.isPrefetch || from.isFramed)",
				"if (false)",
			],
			[
				"popup-ancestors",
				"a popup is begun for a frame of any page",
				"if (!gate.embedding.isAllowed(popup.ancestors)) {",
				"if (false) {",
			],
			["popup-form", "a popup's form may say a thing twice", " || [...new Set(form.keys())].length !== form.size", ""],
		],
	),
];
