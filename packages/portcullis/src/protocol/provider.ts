import { decodeJwt } from "jose/jwt/decode";
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { equalConstantTime } from "../base/constant-time.ts";
import { markCopy } from "../base/copies.ts";
import {
	type ConfigProblem,
	type ErrorCode,
	isPortcullisError,
	LoginError,
	PortcullisError,
} from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { Html } from "../views/html.ts";
import type { ErrorViewContext } from "../views/types.ts";
import { type AccessToken, MAX_ACCESS_TOKEN, verifyAccessToken } from "./access-token.ts";
import { type CallbackParameters, readCallbackParameters } from "./callback-parameters.ts";
import { Discovery, type ProviderMetadata } from "./discovery.ts";
import { type BoundedFetch, createBoundedFetch } from "./http.ts";
import { type IdTokenExpectation, verifyIdToken } from "./id-token.ts";
import { acceptsIssuer, acceptsResponseIssuer, type IssuerRule } from "./issuer-rule.ts";
import { KeySet } from "./jwks.ts";
import { type LogoutToken, verifyLogoutToken } from "./logout-token.ts";
import { ProviderResponseError } from "./provider-response-error.ts";
import {
	isScope,
	type ProviderSettings,
	type ResolvedSettings,
	resolveSettings,
} from "./provider-settings.ts";
import { randomText } from "./random-text.ts";
import { endsSession } from "./refresh-refusal.ts";
import {
	type RequestContext,
	requestRefresh,
	requestRevocation,
	requestTokens,
	requestUserinfo,
} from "./requests.ts";
import { readRefreshResponse, readTokenResponse, toTokens } from "./token-response.ts";
import type {
	IdTokenClaims,
	LeftOut,
	LoginResult,
	LoginTransaction,
	OIDCUserInfo,
	ProviderRuntime,
	RefreshInput,
	RefreshRefusal,
	RefreshResult,
	TokenExchange,
	TokenKind,
	Tokens,
} from "./types.ts";

/** Random bytes of a transaction's id: 16 characters. */
const ID_BYTES = 12;
/**
 * Random bytes of `state` after the id, and of `nonce`: 144 bits, where RFC 6749 section 10.10 asks
 * for 128.
 */
const STATE_BYTES = 18;
const NONCE_BYTES = 18;
/** Random bytes of the PKCE verifier: 256 bits, 43 characters (RFC 7636 section 7.1). */
const VERIFIER_BYTES = 32;
/**
 * Longest ID token that goes into an end-session URL, in characters: proxies cut URLs off at 4 or 8
 * kB.
 */
const MAX_ID_TOKEN_HINT = 2048;
/** What `console.log` asks an object for on Node. By name, since the core knows no Node. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
/** Stands on the default of `validateTokens`, of whichever copy of the package. */
const DEFAULT_VALIDATION = Symbol.for("portcullis.provider.default-validation.1");
/**
 * RFC 7009 section 2.2.1: after a 503 the token is still valid. Milliseconds until the second
 * attempt.
 */
const REVOCATION_RETRY = 500;
/**
 * How long a token endpoint may take over a refresh, and all of a refresh together. Seconds. The
 * browser's next tab believes a refresh to be under way for 15 seconds: after that it spends the
 * same refresh token.
 */
const REFRESH_TIMEOUT = 13;
const REFRESH_TOTAL = 14;
/**
 * Seconds that hooks which only hear of a renewed token are waited for: the browser needs its
 * cookies.
 */
const TELLING = 1;
const DEFAULT_SCOPES: readonly string[] = ["openid", "email", "profile"];

/** What one login attempt is started with. */
export interface TransactionInput {
	/**
	 * Where the provider sends the browser back to. Chosen from the app's own origins by the caller,
	 * never taken from a request.
	 */
	readonly redirectUri: string;
	/** Where the person goes afterwards: a path of the app's own origin, already checked. */
	readonly returnTo: string;
	/** True for the one automatic restart of an attempt that failed; `state` then ends in `.r`. */
	readonly restarted?: boolean | undefined;
	/** `max_age` to ask for, in seconds. `auth_time` is then required and checked. */
	readonly maxAge?: number | undefined;
	/** `acr_values` to ask for, the preferred one first. `acr` is then required and checked. */
	readonly acrValues?: readonly string[] | undefined;
}

/**
 * What an authorization request can say besides (OpenID Connect Core 1.0 section 3.1.2.1). None of
 * it is checked afterwards.
 */
export interface AuthorizationRequest {
	/** `none`, `login`, `consent` or `select_account`. */
	readonly prompt?: string | undefined;
	readonly loginHint?: string | undefined;
	/** Languages, the preferred one first. */
	readonly uiLocales?: readonly string[] | undefined;
}

/** The end of a session at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2). */
export interface EndSession {
	/** The ID token of the session. Sent as a hint if it has at most 2,048 characters. */
	readonly idToken?: string | undefined;
	readonly postLogoutRedirectUri: string;
	readonly state: string;
}

/** Parameters of a request by name. `undefined` leaves out one that would be there otherwise. */
export type RequestParameters = Readonly<Record<string, string | undefined>>;

/** What `connect` sets up, replaced as a whole. */
interface Connection {
	readonly settings: ResolvedSettings;
	readonly runtime: ProviderRuntime;
	readonly fetch: BoundedFetch;
	readonly discovery: Discovery;
	readonly keys: KeySet;
	/**
	 * The same keys under a budget of their own: anybody can send logout tokens, and must not spend
	 * what logins need.
	 */
	readonly logoutKeys: KeySet;
	/** Likewise for access tokens that are presented to the app. */
	readonly accessTokenKeys: KeySet;
}

/**
 * One identity provider: the authorization code flow of OpenID Connect Core 1.0 section 3.1, always
 * with PKCE.
 *
 * The operations (`connect`, `createTransaction`, `authorizationUrl`, `complete`, `endSessionUrl`)
 * are the algorithm and stay as they are; `connect` may be extended by a class with settings of its
 * own. A subclass names itself and replaces single hooks, calling `super` for the rest. A hook that
 * throws ends the login with an error, never with a session.
 *
 * @typeParam U the claims that the provider delivers; checks and handlers see them without a cast.
 *   Not checked at run time.
 */
export abstract class Provider<U extends OIDCUserInfo = OIDCUserInfo> {
	static {
		Object.defineProperty(Provider.prototype.validateTokens, DEFAULT_VALIDATION, { value: true });
		// Those of another copy of the package are taken; of another version not, since what the gate
		// asks of them may differ.
		markCopy(Provider);
	}

	/** The claims, as a type only: there is no such value. */
	declare readonly userInfoType: U;

	/**
	 * Part of paths, cookie names and, in upper case, variables: `[a-z][a-z0-9_]*`, at most 32
	 * characters.
	 */
	abstract readonly name: string;

	// Private by `#`: neither console.log nor JSON.stringify of a provider can show the client secret
	// or the environment.
	readonly #settings: ProviderSettings;
	#connection: Connection | undefined;

	/**
	 * Every setting may be left to the environment. Mistakes are reported by `connect`, all at once.
	 */
	constructor(settings: ProviderSettings = {}) {
		this.#settings = { ...settings };
		// With its option `getters` inspect would call `clientSecret`.
		Object.defineProperty(this, INSPECT, { value: () => this.toJSON() });
	}

	// ---- set-up

	/**
	 * Resolves the settings: code first, then `{NAME}_{KEY}`, then `OIDC_{KEY}`. Called by the gate
	 * before the first use. No network. A second call starts over, with empty caches.
	 *
	 * @returns every mistake with its remedy; if there is one, the provider is not connected.
	 */
	connect(runtime: ProviderRuntime): ConfigProblem[] {
		this.#connection = undefined;
		const { name } = this;
		const settings = resolveSettings(this.#settings, {
			name,
			env: runtime.env,
			prefixes: this.environmentPrefixes,
			issuerFor: (configured) => this.configuredIssuer(configured),
		});
		if (Array.isArray(settings)) return settings;
		const { issuer } = settings;
		const { now, timeout, observe } = runtime;
		const fetch = createBoundedFetch({
			...{ fetch: runtime.fetch, issuer: new URL(issuer), timeout, provider: name },
			...(observe ? { observe } : {}),
		});
		const discovery = new Discovery({
			issuer,
			otherIssuers: () => this.#listedIssuers(),
			fetch,
			now,
			provider: name,
		});
		const keySet = {
			uri: async () => (await discovery.metadata()).jwksUri,
			fetch,
			now,
			provider: name,
		};
		const [keys, logoutKeys, accessTokenKeys] = [
			new KeySet(keySet),
			new KeySet(keySet),
			new KeySet(keySet),
		];
		this.#connection = { settings, runtime, fetch, discovery, keys, logoutKeys, accessTokenKeys };
		return [];
	}

	/** The issuer as configured. Throws before `connect`, like the other settings. */
	get issuer(): string {
		return this.#connected().settings.issuer;
	}

	get clientId(): string {
		return this.#connected().settings.clientId;
	}

	/** `undefined` for a public client. */
	get clientSecret(): string | undefined {
		return this.#connected().settings.clientSecret;
	}

	get audience(): string | undefined {
		return this.#connected().settings.audience;
	}

	/** What a provider looks like in a log: no secret. */
	toJSON(): { name: string; issuer: string | undefined; clientId: string | undefined } {
		const settings = this.#connection?.settings;
		return { name: this.name, issuer: settings?.issuer, clientId: settings?.clientId };
	}

	/**
	 * Prefixes of the variables, the first that is set wins. Default: the upper-cased name, then
	 * `OIDC_`.
	 */
	protected get environmentPrefixes(): readonly string[] {
		return [`${String(this.name).toUpperCase()}_`, "OIDC_"];
	}

	/**
	 * Runs at start: the issuer for what was configured. Default: the same, character for character.
	 * Override for a provider whose issuer is known, or whose address is known by a shorter form.
	 *
	 * @param configured As it was set; nothing about it has been checked, and the result is checked
	 *   afterwards.
	 */
	protected configuredIssuer(configured: string | undefined): string | undefined {
		return configured;
	}

	/**
	 * `fetch` for hooks: bounded in time, size and redirects, closed to private addresses. See
	 * `BoundedFetch`.
	 */
	protected get fetch(): BoundedFetch {
		return this.#connected().fetch;
	}

	// ---- operations

	/**
	 * The provider's metadata, discovered when first needed.
	 *
	 * @throws LoginError `provider_unreachable`, `provider_misconfigured` or `issuer_mismatch`.
	 */
	metadata(): Promise<ProviderMetadata> {
		return this.#connected().discovery.metadata();
	}

	/**
	 * Starts one login attempt: fresh `state`, `nonce` and PKCE verifier. The caller binds it to the
	 * browser and keeps it secret.
	 */
	createTransaction(input: TransactionInput): LoginTransaction {
		const { maxAge, acrValues = [] } = input;
		if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0)) {
			throw this.#error("internal_error", "maxAge", "maxAge must be a whole number of seconds.");
		}
		const id = randomText(ID_BYTES);
		const { settings, runtime } = this.#connected();
		return {
			id,
			provider: this.name,
			issuer: settings.issuer,
			state: `${id}.${randomText(STATE_BYTES)}${input.restarted === true ? ".r" : ""}`,
			nonce: randomText(NONCE_BYTES),
			codeVerifier: randomText(VERIFIER_BYTES),
			redirectUri: input.redirectUri,
			scopes: this.#allScopes(runtime.extraScopes),
			returnTo: input.returnTo,
			startedAt: Math.floor(runtime.now() / 1000),
			...(maxAge === undefined ? {} : { maxAge }),
			...(acrValues.length === 0 ? {} : { acrValues: [...acrValues] }),
			...(input.restarted === true ? { restarted: true } : {}),
		};
	}

	/**
	 * Where the browser goes to sign in.
	 *
	 * @throws LoginError of `metadata`; `transaction_invalid` for a transaction of another provider
	 *   or issuer.
	 */
	async authorizationUrl(tx: LoginTransaction, request: AuthorizationRequest = {}): Promise<URL> {
		this.#requireOwn(tx);
		const { authorizationEndpoint } = await this.metadata();
		const { audience, clientId } = this;
		const url = new URL(authorizationEndpoint);
		setDefined(url, {
			scope: tx.scopes.join(" "),
			audience,
			max_age: tx.maxAge?.toString(),
			acr_values: tx.acrValues?.join(" "),
			prompt: request.prompt,
			login_hint: request.loginHint,
			ui_locales: request.uiLocales?.join(" "),
		});
		setParameters(
			url,
			await this.#hook("authorizationParameters", () => this.authorizationParameters(tx)),
		);
		this.#requireCodeFlow(url.searchParams);
		// After the hook and after the endpoint's own query: what protects the login is not up for
		// change.
		setParameters(url, {
			response_type: "code",
			client_id: clientId,
			redirect_uri: tx.redirectUri,
			state: tx.state,
			nonce: tx.nonce, // proven: no-nonce-sent
			code_challenge: await calculatePKCECodeChallenge(tx.codeVerifier), // proven: no-pkce
			code_challenge_method: "S256", // proven: plain-pkce
		});
		return url;
	}

	/**
	 * Turns the provider's answer into tokens and verified claims, in the order of RFC 9700: `state`,
	 * `iss`, `error`, exchange, ID token, hooks, userinfo.
	 *
	 * The caller has found `tx` by the browser's own cookie and has consumed it, so that a second
	 * callback with the same `state` never gets here. `state` is compared all the same.
	 *
	 * @param params parameters of the callback, untrusted.
	 * @throws LoginError; a ProviderResponseError where the provider said why. Never returns a result
	 *   that is only partly verified.
	 */
	async complete(tx: LoginTransaction, params: URLSearchParams): Promise<LoginResult<U>> {
		this.#requireOwn(tx);
		const callback = readCallbackParameters(params, this.name);
		// proven: no-state-compare
		if (
			callback.state === undefined ||
			tx.state === "" ||
			!equalConstantTime(callback.state, tx.state)
		) {
			throw this.#error(
				"callback_invalid",
				"state",
				"The answer belongs to another login attempt.",
			);
		}
		const context = await this.#requestContext();
		await this.#checkResponseIssuer(callback, context.metadata);
		this.#checkSuccess(callback);
		const response = await readTokenResponse(await requestTokens(params, tx, context), this.name);
		const claims = await this.#verify(response, tx, callback);
		const exchange: TokenExchange = { response, claims, transaction: tx, previous: undefined };
		await this.#requireTrue("validateExchange", () => this.validateExchange(exchange));
		const tokens = await this.#hook("tokensFromExchange", () => this.tokensFromExchange(exchange));
		await this.#requireTrue("validateTokens", () => this.validateTokens(tokens));
		const userinfo = await this.#hook("fetchUserinfo", () =>
			this.fetchUserinfo(tokens.accessToken),
		);
		// OpenID Connect Core 1.0 section 5.3.2: or the access token was swapped for somebody else's.
		// proven: userinfo-sub
		if (userinfo !== undefined && !isUserinfoOf(userinfo, claims)) {
			throw this.#error(
				"userinfo_invalid",
				"sub",
				"The userinfo endpoint answered for another subject.",
			);
		}
		const kept = await this.#hook("setTokens", () => this.setTokens(tokens));
		await this.#hook("onAccessTokenChange", () =>
			this.onAccessTokenChange(kept.accessToken, { refresh: false }),
		);
		return { tokens: kept, claims, ...(userinfo === undefined ? {} : { userinfo }) };
	}

	/**
	 * Spends a session's refresh token (RFC 6749 section 6). The caller sees to it that no two
	 * requests spend the same one.
	 *
	 * @returns new tokens, or that the provider has ended the session: by its answer to the refresh,
	 *   by a new ID token for somebody else, or because userinfo refuses the new access token.
	 * @throws LoginError if nobody can say: the provider is down, or refuses this client. The session
	 *   is as it was.
	 */
	async refresh({ tokens: previous, claims: session }: RefreshInput): Promise<RefreshResult<U>> {
		if (previous.refreshToken === undefined)
			return { outcome: "refused", error: "no_refresh_token" };
		const begun = performance.now();
		const left = () => Math.max(0.1, REFRESH_TOTAL - (performance.now() - begun) / 1000);
		const context = await this.#requestContext();
		const timeout = Math.min(REFRESH_TIMEOUT, left());
		const answer = await readRefreshResponse(
			await requestRefresh(previous.refreshToken, previous.scopes, timeout, context),
			this.name,
		);
		if ("refusal" in answer) {
			const { refusal, failure } = answer;
			if ((await this.#hook("isRefusal", () => this.isRefusal(refusal))) === true)
				return { outcome: "refused", error: refusal.error ?? `status_${refusal.status}` };
			throw failure;
		}
		// From here on the old refresh token may be spent: whatever else is slow or down must not keep
		// the new one from the browser.
		const verified = await this.#verifyRefreshed(answer.body, session, previous.idToken, left());
		if ("error" in verified) return this.#takeBack(answer.body, verified.error);
		const { response, claims } = verified;
		const leftOut: LeftOut[] =
			"unverified" in verified ? [{ what: "id_token", error: verified.unverified }] : [];
		const exchange = {
			response,
			claims: claims ?? (session as IdTokenClaims),
			transaction: undefined,
			previous,
		};
		const tokens = await this.#hook("tokensFromExchange", () => this.tokensFromExchange(exchange));
		const asked = await this.#refreshUserinfo(tokens.accessToken, session, left());
		if (asked === "refused") return this.#takeBack(answer.body, "userinfo_refused");
		const { userinfo } = asked;
		if ("error" in asked) leftOut.push({ what: "userinfo", error: asked.error });
		const kept = await this.#hook("setTokens", () => this.setTokens(tokens));
		await this.#tellRefreshed(kept.accessToken, Math.min(TELLING, left()));
		return {
			outcome: "refreshed",
			tokens: kept,
			...(claims === undefined ? {} : { claims }),
			...(userinfo === undefined ? {} : { userinfo }),
			...(leftOut.length === 0 ? {} : { leftOut }),
		};
	}

	/**
	 * Revokes the tokens of a session that has ended (RFC 7009): the refresh token, or the access
	 * token where there is none. A provider that is busy is asked once more.
	 *
	 * @returns true if the provider says that they are revoked, or was never able to; false if it
	 *   refused.
	 * @throws LoginError if it cannot be reached.
	 */
	async revoke(tokens: Pick<Tokens, "accessToken" | "refreshToken">): Promise<boolean> {
		const context = await this.#requestContext();
		const { refreshToken, accessToken } = tokens;
		const [token, hint] =
			refreshToken === undefined
				? ([accessToken, "access_token"] as const)
				: ([refreshToken, "refresh_token"] as const);
		const ask = () => requestRevocation(token, hint, context);
		const response = await ask().catch(async (error: unknown) => {
			if (!isPortcullisError(error) || error.reason !== "status_503") throw error;
			await new Promise((resolve) => setTimeout(resolve, REVOCATION_RETRY));
			return ask();
		});
		return response === undefined || response.status === 200;
	}

	/**
	 * Where the browser goes to end the session at the provider (OpenID Connect RP-Initiated Logout
	 * 1.0 section 2).
	 *
	 * @returns `undefined` if the provider has no such endpoint.
	 * @throws LoginError of `metadata`.
	 */
	async endSessionUrl(session: EndSession): Promise<URL | undefined> {
		const endSessionEndpoint = await this.#hook("endSessionEndpoint", () =>
			this.endSessionEndpoint(),
		);
		if (endSessionEndpoint === undefined) return undefined;
		const { idToken, postLogoutRedirectUri, state } = session;
		const url = new URL(endSessionEndpoint);
		setDefined(url, {
			id_token_hint:
				idToken !== undefined && idToken.length <= MAX_ID_TOKEN_HINT ? idToken : undefined,
			post_logout_redirect_uri: postLogoutRedirectUri,
		});
		setParameters(
			url,
			await this.#hook("endSessionParameters", () => this.endSessionParameters(session)),
		);
		setParameters(url, { client_id: this.clientId, state });
		return url;
	}

	/**
	 * Verifies a logout token that the provider, or somebody else, has sent (OpenID Connect
	 * Back-Channel Logout 1.0 section 2.6). The caller sees to it that none is taken twice.
	 *
	 * @throws LoginError `token_invalid`; of `metadata` and the key set where the provider cannot be
	 *   reached.
	 */
	async verifyLogoutToken(jwt: string): Promise<LogoutToken> {
		const { logoutKeys, runtime, settings, discovery } = this.#connected();
		const token = await verifyLogoutToken(jwt, {
			keys: logoutKeys,
			issuers: this.validIssuers(),
			clientId: settings.clientId,
			algorithms: (await discovery.metadata()).idTokenSigningAlgs,
			acceptsAnyType: this.#settings.logoutTokenType === "any",
			clockTolerance: runtime.clockTolerance,
			now: runtime.now,
			provider: this.name,
		});
		await this.#requireClaims(token.claims, "logout_token"); // proven: claims-of-logout-tokens
		return token;
	}

	/**
	 * Verifies a JWT access token that somebody has presented to the app itself (RFC 9068 section 4).
	 *
	 * @param audiences Names of the app as an API; one of them must be in `aud`.
	 * @returns `undefined` for a token that says that it is of an issuer which is not this
	 *   provider's. Nothing is fetched then.
	 * @throws LoginError `token_invalid`; of `metadata` and the key set where the provider cannot be
	 *   reached.
	 */
	async verifyAccessToken(
		jwt: string,
		audiences: readonly string[],
	): Promise<AccessToken | undefined> {
		const { accessTokenKeys, runtime } = this.#connected();
		const issuers = this.validIssuers();
		// A predicate is asked about verified claims alone.
		if (typeof issuers !== "function" && jwt.length <= MAX_ACCESS_TOKEN) {
			const claims = readUnverified(jwt);
			if (!(await acceptsIssuer(issuers, String(claims.iss), claims))) return undefined;
		}
		const token = await verifyAccessToken(jwt, {
			keys: accessTokenKeys,
			issuers,
			audiences,
			clockTolerance: runtime.clockTolerance,
			now: runtime.now,
			provider: this.name,
		});
		await this.#requireClaims(token.claims, "access_token"); // proven: claims-of-access-tokens
		return token;
	}

	// ---- hooks

	/**
	 * Label of the login button. Default: the setting, else the name in title case (`my_idp`: "My
	 * Idp").
	 */
	get displayName(): string {
		const { displayName } = this.#settings;
		const set = typeof displayName === "string" ? displayName.trim() : "";
		return set || String(this.name).split("_").filter(Boolean).map(capitalise).join(" ");
	}

	/**
	 * Runs when a login starts. Default: the `scopes` setting, else `openid email profile`. `openid`
	 * and the gate's extra scopes are added afterwards. Override where the provider needs others.
	 */
	requestedScopes(): readonly string[] {
		return this.#settings.scopes ?? DEFAULT_SCOPES;
	}

	/**
	 * Runs at discovery (strings only, byte for byte), for `iss` of an authorization response, and
	 * for `iss` of an ID token, whose signature has been verified by then. Default: the configured
	 * issuer alone. Override for a provider that serves many tenants: strings, `{tenantid}` templates
	 * filled from the `tid` claim, or a predicate, which accepts with `true` only.
	 *
	 * Everything that is accepted here can sign people in, and its access tokens are accepted as
	 * well: say in `verifyClaims` which tenants are yours.
	 */
	validIssuers(): IssuerRule {
		return [this.issuer];
	}

	/**
	 * Runs after the code exchange. Nothing of `jwt` is verified. Default: signature, issuer,
	 * audience, times, nonce, `at_hash`, `auth_time` and `acr`, see `verifyIdToken` in `id-token.ts`.
	 * Override to verify in another way; replacing it takes over all of that, except that `sub` and
	 * `nonce` are looked at again afterwards. Whose people are let in is for `verifyClaims`, which
	 * all tokens pass: access tokens that are presented to the app never come here.
	 *
	 * @returns the claims, verified.
	 */
	async verifyIdToken(jwt: string, expectation: IdTokenExpectation): Promise<IdTokenClaims> {
		const { keys, runtime, settings, discovery } = this.#connected();
		return verifyIdToken(jwt, expectation, {
			keys,
			issuers: this.validIssuers(),
			clientId: settings.clientId,
			algorithms: (await discovery.metadata()).idTokenSigningAlgs,
			clockTolerance: runtime.clockTolerance,
			now: runtime.now,
			provider: this.name,
		});
	}

	/**
	 * Runs for every token of the provider, once its signature, issuer, audience and times have been
	 * verified: the ID token of a login and of a renewal, logout tokens, and access tokens that are
	 * presented to the app as an API. Default: accepts. Override, and call `super`, to say whose
	 * people are let in, by tenant or domain for one. A logout token has few claims, and ends
	 * sessions without beginning any.
	 *
	 * @returns `true` to go on; anything else refuses the token, as does an error.
	 */
	verifyClaims(
		_claims: Readonly<Record<string, unknown>>,
		_kind: TokenKind,
	): boolean | Promise<boolean> {
		return true;
	}

	/**
	 * Runs after the ID token was verified. Default: accepts. Override to refuse a login by what the
	 * token response or the claims say, such as a missing scope. The access token has not been used
	 * yet, so nobody has vouched for it unless the ID token has an `at_hash`.
	 *
	 * @returns `true` to go on; anything else ends the login.
	 */
	validateExchange(_exchange: TokenExchange): boolean | Promise<boolean> {
		return true;
	}

	/**
	 * Runs after `validateExchange`: makes tokens of the response. Default: the standard members, one
	 * hour where `expires_in` is missing, all other members as `extra`. Override to drop or reshape
	 * members. The ID token is verified; the response's other members are as sent.
	 */
	tokensFromExchange(exchange: TokenExchange): Tokens | Promise<Tokens> {
		return toTokens(exchange, this.#connected().runtime.now());
	}

	/**
	 * Runs after `tokensFromExchange`: are these tokens good for a session? Default: the access token
	 * has not expired. Override to ask the provider, by introspection for one. The ID token is
	 * verified; the access token is opaque and has not been used.
	 *
	 * @returns `true` if they are; anything else ends the login.
	 */
	validateTokens(tokens: Tokens): boolean | Promise<boolean> {
		return tokens.accessTokenExpiresAt > this.#connected().runtime.now() / 1000; // proven: expired-access-token
	}

	/**
	 * Runs when the token endpoint answers a refresh without tokens: does that end the session?
	 * Default: `invalid_grant` and `invalid_code` do, and so does a 400 or 403 that gives no known
	 * reason; everything else leaves the session as it is, to be tried again. Override for a provider
	 * with codes of its own. Nothing of the answer is verified but that it came from the token
	 * endpoint.
	 *
	 * @returns `true` if it does.
	 */
	isRefusal(response: RefreshRefusal): boolean | Promise<boolean> {
		return endsSession(response);
	}

	/**
	 * Runs when the login page is shown, and when a popup is started: does a login with this provider
	 * run in a popup of the window? Default: in frames, where providers refuse to be shown. With
	 * false, a button in a frame opens a new tab, which signs in by itself. With true, the app's own
	 * login page opens a popup as well. Nobody is signed in, and nothing is verified.
	 *
	 * @param _request The request for the page, or for the popup.
	 * @param isFramed True if the window is in a frame.
	 */
	usePopupFlow(_request: Request, isFramed: boolean): boolean {
		return isFramed;
	}

	/**
	 * Runs when an error view is shown for a login with this provider, in place of the gate's. Not
	 * there by default. To be given where a provider has something of its own to say: what its error
	 * numbers mean, or where to ask for access. Nobody is signed in; `error.providerText` is what a
	 * stranger may have written. The error is in the log already. If it throws, the default view is
	 * shown. To wrap that one, call `errorView` of `portcullis/views`.
	 */
	errorView?(context: ErrorViewContext): Html | Response | Promise<Html | Response>;

	/**
	 * Runs when a login is sent to the provider. Default: none. Returns parameters to add to or
	 * change in the authorization request; `response_type`, `client_id`, `redirect_uri`, `state`,
	 * `nonce` and the code challenge stay whatever it says, `openid` is always among the scopes. For
	 * scopes use `requestedScopes`. There is no user yet, and nothing is verified.
	 */
	authorizationParameters(_tx: LoginTransaction): RequestParameters | Promise<RequestParameters> {
		return {};
	}

	/**
	 * Runs when a logout is sent to the provider. Default: none. Returns parameters to add to or
	 * change in the end-session request; `client_id` and `state` stay. The session was verified when
	 * it was opened; it may be gone by now.
	 */
	endSessionParameters(_session: EndSession): RequestParameters | Promise<RequestParameters> {
		return {};
	}

	/**
	 * Runs when a logout is to be sent to the provider: where to. Default: the `end_session_endpoint`
	 * of its metadata. Override for a provider that has an address of its own for it. `undefined`
	 * ends the session here alone, and the logout page says so.
	 */
	async endSessionEndpoint(): Promise<string | undefined> {
		return (await this.metadata()).endSessionEndpoint;
	}

	/**
	 * Runs when everything is verified: what of the tokens is kept. Default: all. Override to drop
	 * what the app never uses; cookies are small.
	 */
	setTokens(tokens: Tokens): Tokens | Promise<Tokens> {
		return tokens;
	}

	/**
	 * Runs last, at a login and at each renewal: the session has a new access token. Default:
	 * nothing. Override to tell somebody, such as a cache of what an API said to the old one.
	 * Everything is verified; the browser has not had its cookies yet. A throw ends a login; a
	 * renewal goes on after a second at most, and the log has the error.
	 *
	 * @param _token The access token. Keep it out of logs.
	 * @param _change `refresh`: true at a renewal.
	 */
	onAccessTokenChange(
		_token: string,
		_change: { readonly refresh: boolean },
	): void | Promise<void> {}

	/**
	 * Runs after `onAccessTokenChange` at each renewal, under the same rules. Default: nothing.
	 *
	 * @param _token The new access token.
	 */
	onRefreshAccessToken(_token: string): void | Promise<void> {}

	/**
	 * Runs after `validateTokens`. Default: the userinfo endpoint, `undefined` where there is none.
	 * Override to get claims elsewhere, through `this.fetch`. Its `sub` must be that of the ID token,
	 * which is checked afterwards; no other claim is.
	 */
	async fetchUserinfo(accessToken: string): Promise<U | undefined> {
		return (await requestUserinfo(accessToken, await this.#requestContext())) as U | undefined;
	}

	// ---- helpers

	#connected(): Connection {
		if (this.#connection !== undefined) return this.#connection;
		throw new PortcullisError(
			"internal_error",
			`Provider "${this.name}" is used before connect().`,
			{
				provider: this.name,
			},
		);
	}

	#listedIssuers(): readonly string[] {
		const rule = this.validIssuers();
		return typeof rule === "function" ? [] : rule;
	}

	async #requestContext(): Promise<RequestContext> {
		const { settings, fetch } = this.#connected();
		const { clientId, clientSecret } = settings;
		return { metadata: await this.metadata(), clientId, clientSecret, fetch, provider: this.name };
	}

	#allScopes(extra: readonly string[]): readonly string[] {
		const scopes = ["openid", ...this.requestedScopes(), ...extra]
			.flatMap((entry) => entry.split(" "))
			.filter((entry) => entry !== "");
		if (!scopes.every(isScope))
			throw this.#error(
				"internal_error",
				"requestedScopes",
				"A requested scope has a character that is not allowed.",
			);
		return [...new Set(scopes)];
	}

	/**
	 * Two providers must never be mixed up (RFC 9700 section 4.4), nor one with itself from before a
	 * change of configuration.
	 */
	#requireOwn(tx: LoginTransaction): void {
		// proven: other-provider
		if (tx.provider !== this.name)
			throw this.#error(
				"transaction_invalid",
				"provider",
				"The login was started with another provider.",
			);
		// proven: other-issuer
		if (tx.issuer !== this.issuer)
			throw this.#error(
				"transaction_invalid",
				"issuer",
				"The login was started with another issuer.",
			);
	}

	/**
	 * What a hook must not do by accident: leave OpenID Connect, the code flow, or the parameters
	 * that were just set (RFC 9101).
	 */
	#requireCodeFlow(params: URLSearchParams): void {
		const scopes = (params.get("scope") ?? "")
			.split(" ")
			.filter((entry) => entry !== "" && entry !== "openid");
		params.set("scope", ["openid", ...scopes].join(" "));
		const mode = params.get("response_mode") ?? "query";
		// proven: request-objects
		if (
			(mode !== "query" && mode !== "form_post") ||
			params.has("request") ||
			params.has("request_uri")
		) {
			const message =
				"authorizationParameters asks for a response mode or request object that is not supported.";
			throw this.#error("internal_error", "authorizationParameters", message);
		}
	}

	/**
	 * RFC 9207 section 2.4. Before `error`, so that another provider's answer is not taken for this
	 * one's.
	 */
	async #checkResponseIssuer(
		{ iss }: CallbackParameters,
		{ sendsIssuer }: ProviderMetadata,
	): Promise<void> {
		if (iss === undefined && !sendsIssuer) return; // proven: optional-response-issuer
		const isOwn =
			iss !== undefined &&
			(await this.#hook("validIssuers", () => acceptsResponseIssuer(this.validIssuers(), iss)));
		// proven: no-response-issuer
		if (!isOwn)
			throw this.#error(
				"issuer_mismatch",
				"iss",
				"The answer does not come from the provider that the login was started with.",
			);
	}

	#checkSuccess({ error, errorDescription: description, code }: CallbackParameters): void {
		// proven: error-ignored
		if (error !== undefined) {
			const isDenial = error === "access_denied";
			const message = isDenial
				? "The provider or the person refused the login."
				: "The provider refused the login.";
			const failure = { error, description };
			throw new ProviderResponseError(
				isDenial ? "access_denied" : "provider_error",
				message,
				failure,
				{
					provider: this.name,
				},
			);
		}
		// proven: no-code
		if (code === undefined)
			throw this.#error("callback_invalid", "code", "The answer has neither a code nor an error.");
	}

	async #verify(
		response: Readonly<Record<string, unknown>>,
		tx: LoginTransaction,
		callback: CallbackParameters,
	): Promise<IdTokenClaims> {
		const { nonce, maxAge, acrValues } = tx;
		const expectation = { nonce, accessToken: String(response.access_token), maxAge, acrValues };
		const claims = await this.#hook("verifyIdToken", () =>
			this.verifyIdToken(String(response.id_token), expectation),
		);
		// Once more, because the hook may have been replaced.
		// proven: no-second-sub
		if (typeof claims?.sub !== "string" || claims.sub === "")
			throw this.#error("token_invalid", "sub", "The ID token names no subject.");
		// proven: no-second-nonce
		if (typeof claims.nonce !== "string" || !equalConstantTime(claims.nonce, nonce)) {
			throw this.#error("token_invalid", "nonce", "The ID token belongs to another login attempt.");
		}
		// proven: issuers-differ
		if (callback.iss !== undefined && callback.iss !== claims.iss) {
			throw this.#error(
				"issuer_mismatch",
				"iss",
				"The answer and its ID token name different issuers.",
			);
		}
		await this.#requireClaims(claims, "id_token");
		return claims;
	}

	/**
	 * The policy of `verifyClaims`. What was presented to the app is then no valid token, whatever a
	 * login would be told.
	 */
	async #requireClaims(claims: Readonly<Record<string, unknown>>, kind: TokenKind): Promise<void> {
		const code =
			kind === "access_token" || kind === "logout_token" ? "token_invalid" : "access_denied";
		try {
			if ((await this.#hook("verifyClaims", () => this.verifyClaims(claims, kind))) === true)
				return;
		} catch (error) {
			if (!isPortcullisError(error) || error.code !== "access_denied") throw error;
			throw this.#error(code, error.reason ?? "verifyClaims", error.message, error);
		}
		throw this.#error(code, "verifyClaims", "verifyClaims refused the token.");
	}

	/** Tokens came, and yet the session has ended: they are to be of no use to anybody. */
	async #takeBack(
		{ access_token, refresh_token }: Readonly<Record<string, unknown>>,
		error: string,
	): Promise<{ readonly outcome: "refused"; readonly error: string }> {
		const refreshToken = typeof refresh_token === "string" ? { refreshToken: refresh_token } : {};
		// Best effort: they would end by themselves.
		await this.revoke({ accessToken: String(access_token), ...refreshToken }).catch(() => false);
		return { outcome: "refused", error };
	}

	/**
	 * A new ID token must be about the same person (OpenID Connect Core 1.0 section 12.2). One that
	 * cannot be verified for now is left out, if it at least names the same person: the one before
	 * says the same. `unverified` says why. A key that the provider does not publish, as a key set
	 * says that was fetched since, ends the session.
	 *
	 * @param seconds How long that may take.
	 */
	async #verifyRefreshed(
		response: Readonly<Record<string, unknown>>,
		{ iss, sub }: OIDCUserInfo,
		former: string | undefined,
		seconds: number,
	): Promise<
		| { response: Readonly<Record<string, unknown>>; claims?: IdTokenClaims; unverified?: unknown }
		| { error: string }
	> {
		const { id_token: idToken, ...rest } = response;
		if (typeof idToken !== "string") return { response };
		const previous = { iss: String(iss), sub };
		const expectation = { nonce: undefined, previous, accessToken: String(response.access_token) };
		try {
			const claims = await within(
				seconds * 1000,
				this.verifyIdToken(idToken, expectation),
				undefined,
			);
			if (claims === undefined) {
				const unverified = this.#error(
					"provider_unreachable",
					"timeout",
					"The new ID token took too long to verify.",
				);
				return isAbout(idToken, previous)
					? { response: rest, unverified }
					: { error: "id_token_sub" };
			}
			// Once more, because the hook may have been replaced.
			if (claims.sub !== sub || claims.iss !== iss) return { error: "id_token_sub" };
			const nonce = former === undefined ? undefined : readUnverified(former).nonce;
			// proven: refreshed-nonce
			if (claims.nonce !== undefined && nonce !== undefined && claims.nonce !== nonce)
				return { error: "id_token_nonce" };
			await this.#requireClaims(claims, "refreshed_id_token"); // proven: claims-of-renewals
			return { response, claims };
		} catch (error) {
			if (!isPortcullisError(error)) return { error: "id_token_hook" };
			// Keys that cannot be had, and a clock that is wrong, say nothing about the person.
			// proven: unverified-refresh
			if (UNVERIFIABLE.has(error.code) && isAbout(idToken, previous))
				return { response: rest, unverified: error };
			return { error: `id_token_${error.reason ?? error.code}` };
		}
	}

	/**
	 * Userinfo for a new access token: a provider that refuses it has ended the session, one that
	 * does not answer has said nothing.
	 */
	async #refreshUserinfo(
		accessToken: string,
		session: OIDCUserInfo,
		seconds: number,
	): Promise<{ userinfo: U | undefined } | { userinfo: undefined; error: unknown } | "refused"> {
		try {
			const ask = async () => ({ userinfo: await this.fetchUserinfo(accessToken) });
			const asked = await within(seconds * 1000, ask(), undefined);
			if (asked === undefined)
				throw this.#error("provider_unreachable", "timeout", "Userinfo took too long to answer.");
			const { userinfo } = asked;
			// proven: refreshed-userinfo-sub
			return userinfo !== undefined && !isUserinfoOf(userinfo, session) ? "refused" : { userinfo };
		} catch (error) {
			return isUserinfoRefusal(error) ? "refused" : { userinfo: undefined, error };
		}
	}

	/**
	 * The refresh token is spent: hooks that only want to know must not keep the new one from the
	 * browser, neither by an error nor by time.
	 */
	async #tellRefreshed(token: string, seconds: number): Promise<void> {
		const tell = async () => {
			await this.#hook("onAccessTokenChange", () =>
				this.onAccessTokenChange(token, { refresh: true }),
			);
			await this.#hook("onRefreshAccessToken", () => this.onRefreshAccessToken(token));
		};
		const { runtime } = this.#connected();
		const told = tell().catch((error: unknown) => runtime.report?.(error, this.name));
		await within(seconds * 1000, told, undefined);
	}

	async #requireTrue(hook: string, run: () => boolean | Promise<boolean>): Promise<void> {
		// proven: truthy-hooks
		if ((await this.#hook(hook, run)) !== true)
			throw this.#error("token_invalid", hook, `${hook} refused the login.`);
	}

	async #hook<T>(hook: string, run: () => T | Promise<T>): Promise<T> {
		try {
			return await run();
		} catch (cause) {
			if (isPortcullisError(cause)) throw cause;
			throw this.#error("internal_error", hook, `The hook ${hook} failed.`, cause);
		}
	}

	#error(code: ErrorCode, reason: string, message: string, cause?: unknown): LoginError {
		return new LoginError(code, message, { provider: this.name, reason, cause });
	}
}

/**
 * True if the userinfo endpoint says that the access token is not, or no longer, good for it (RFC
 * 6750 section 3.1).
 */
export function isUserinfoRefusal(error: unknown): boolean {
	return (
		isPortcullisError(error) && (error.reason === "status_401" || error.reason === "status_403")
	);
}

/**
 * True if userinfo is about the person of an ID token (OpenID Connect Core 1.0 section 5.3.2). A
 * `tid` tells the same people in two tenants apart: where both have one it must be the same.
 */
export function isUserinfoOf(
	userinfo: OIDCUserInfo,
	{ sub, tid }: Readonly<Record<string, unknown>>,
): boolean {
	// proven: userinfo-of-another-tenant
	return (
		userinfo.sub === sub &&
		(userinfo.tid === undefined || tid === undefined || userinfo.tid === tid)
	);
}

/**
 * The method in which the class of a provider says whom it lets in, if it does so for logins alone:
 * access tokens that are presented to the app do not come by it. `undefined` where the same class,
 * or one that extends it, has `verifyClaims` as well.
 */
export function policyOfLoginsAlone(
	provider: Provider,
): "verifyIdToken" | "validateExchange" | undefined {
	for (let at: object | null = provider; at !== null; at = Object.getPrototypeOf(at)) {
		if (Object.hasOwn(at, "verifyClaims") || Object.hasOwn(at, "verifyAccessToken"))
			return undefined;
		if (Object.hasOwn(at, "verifyIdToken")) return "verifyIdToken"; // proven: login-policy-for-bearer
		if (Object.hasOwn(at, "validateExchange")) return "validateExchange";
	}
	return undefined;
}

/** Why an ID token could not be verified, without anything being wrong with it. */
const UNVERIFIABLE: ReadonlySet<string> = new Set([
	"provider_unreachable",
	"provider_misconfigured",
	"clock_skew",
]);

function isAbout(
	idToken: string,
	{ iss, sub }: { readonly iss: string; readonly sub: string },
): boolean {
	const claims = readUnverified(idToken);
	return claims.iss === iss && claims.sub === sub;
}

/** The claims of a JWT as they stand there; none if it cannot be read. */
function readUnverified(jwt: string): Readonly<Record<string, unknown>> {
	try {
		return decodeJwt(jwt);
	} catch {
		return {};
	}
}

function setParameters(url: URL, parameters: RequestParameters): void {
	for (const [name, value] of Object.entries(parameters)) {
		if (value === undefined) url.searchParams.delete(name);
		else url.searchParams.set(name, value);
	}
}

/** Like `setParameters`, but what is undefined here leaves the endpoint's own query as it is. */
function setDefined(url: URL, parameters: RequestParameters): void {
	setParameters(
		url,
		Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)),
	);
}

function capitalise(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}

/** True where `validateTokens` was not replaced: it then only looks at the expiry. */
export function isDefaultValidation({ validateTokens }: Provider): boolean {
	return DEFAULT_VALIDATION in validateTokens;
}
