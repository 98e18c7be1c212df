import { markCopy } from "../base/copies.ts";
import { within } from "../base/within.ts";
import { type AccessToken, MAX_ACCESS_TOKEN, verifyAccessToken } from "./access-token.ts";
import { authorizationRequest } from "./authorization-request.ts";
import { requireCode, requireResponseIssuer, requireState } from "./authorization-response.ts";
import { readCallbackParameters } from "./callback-parameters.ts";
import { mergeClaims } from "./claims.ts";
import { requireClaims } from "./claims-policy.ts";
import { connectionOf, settingsOf } from "./connection.ts";
import { endSessionRequest } from "./end-session.ts";
import { fitClaims } from "./fit-claims.ts";
import { acceptsIssuer } from "./issuer-rule.ts";
import { requireUserinfoOf, verifyLogin } from "./login-claims.ts";
import { type LogoutToken, verifyLogoutToken } from "./logout-token.ts";
import { ProviderHooks } from "./provider-hooks.ts";
import { refreshUserinfo, verifyRefreshed } from "./refreshed-claims.ts";
import { requestContext } from "./request-context.ts";
import { requestRefresh, requestTokens } from "./requests.ts";
import { revokeTokens } from "./revocation.ts";
import { hooksOf } from "./run-hook.ts";
import { readRefreshResponse, readTokenResponse } from "./token-response.ts";
import { requireOwn, startTransaction } from "./transaction.ts";
import type {
	AuthorizationRequest,
	EndSession,
	IdTokenClaims,
	LeftOut,
	LoginResult,
	LoginTransaction,
	RefreshInput,
	RefreshResult,
	TokenExchange,
	Tokens,
	TransactionInput,
	UserClaims,
} from "./types.ts";
import { readUnverified } from "./unverified-jwt.ts";

/**
 * How long a token endpoint may take over a refresh, and all of a refresh together. Seconds. The
 * browser's next tab believes a refresh to be under way for 15 seconds: after that it spends the
 * same refresh token.
 */
const REFRESH_TIMEOUT = 13;
const REFRESH_TOTAL = 14;
/** How long a renewal waits for `onTokens`: the browser needs its cookies. Seconds. */
const ON_TOKENS_TIMEOUT = 1;

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
 *   Not checked at run time, unless the setting `claims` is a schema.
 */
export abstract class Provider<U extends UserClaims = UserClaims> extends ProviderHooks<U> {
	static {
		// Those of another copy of the package are taken; of another version not, since what the gate
		// asks of them may differ.
		markCopy(Provider);
	}

	/**
	 * Starts one login attempt: fresh `state`, `nonce` and PKCE verifier. The caller binds it to the
	 * browser and keeps it secret.
	 */
	createTransaction(input: TransactionInput): LoginTransaction {
		return startTransaction(this, input);
	}

	/**
	 * Where the browser goes to sign in.
	 *
	 * @throws LoginError of `metadata`; `transaction_invalid` for a transaction of another provider
	 *   or issuer.
	 */
	async authorizationUrl(tx: LoginTransaction, request: AuthorizationRequest = {}): Promise<URL> {
		requireOwn(this, tx);
		return authorizationRequest(this, tx, request);
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
		const { run, requireTrue } = hooksOf(this.name);
		requireOwn(this, tx);
		const callback = readCallbackParameters(params, this.name);
		requireState(this, callback, tx);
		const context = await requestContext(this);
		await requireResponseIssuer(this, callback, context.metadata);
		requireCode(this, callback);
		const response = await readTokenResponse(await requestTokens(params, tx, context), this.name);
		const claims = await verifyLogin(this, response, tx, callback);
		const exchange: TokenExchange = { response, claims, transaction: tx, previous: undefined };
		await requireTrue("validateExchange", () => this.validateExchange(exchange));
		const received = await run("tokensFromExchange", () => this.tokensFromExchange(exchange));
		await requireTrue("validateTokens", () => this.validateTokens(received));
		const userinfo = await run("fetchUserinfo", () => this.fetchUserinfo(received.accessToken));
		requireUserinfoOf(this, userinfo, claims);
		await run("parseClaims", () => fitClaims(this, mergeClaims(claims, userinfo))); // proven: login-without-schema
		const tokens = await run("selectTokens", () => this.selectTokens(received));
		await run("onTokens", () => this.onTokens(tokens, { isRefresh: false }));
		return { tokens, claims, ...(userinfo === undefined ? {} : { userinfo }) };
	}

	/**
	 * Spends a session's refresh token (RFC 6749 section 6). The caller sees to it that no two
	 * requests spend the same one.
	 *
	 * @returns new tokens, or that the provider has ended the session: by its answer to the refresh,
	 *   by a new ID token for another person, or because userinfo refuses the new access token.
	 * @throws LoginError if that is not known: the provider is down, or refuses this client. The
	 *   session is as it was.
	 */
	async refresh(input: RefreshInput): Promise<RefreshResult<U>> {
		const { run } = hooksOf(this.name);
		const { tokens: previous, claims: session } = input;
		if (previous.refreshToken === undefined)
			return { outcome: "refused", error: "no_refresh_token" };
		const begun = performance.now();
		const left = () => Math.max(0.1, REFRESH_TOTAL - (performance.now() - begun) / 1000);
		const context = await requestContext(this);
		const timeout = Math.min(REFRESH_TIMEOUT, left());
		const answer = await readRefreshResponse(
			await requestRefresh(previous.refreshToken, previous.scopes, timeout, context),
			this.name,
		);
		if ("refusal" in answer) {
			const { refusal, failure } = answer;
			if ((await run("endsSession", () => this.endsSession(refusal))) === true)
				return { outcome: "refused", error: refusal.error ?? `status_${refusal.status}` };
			throw failure;
		}
		// From here on the old refresh token may be spent: nothing else that is slow or down may keep
		// the new one from the browser.
		const verified = await verifyRefreshed(this, answer.body, input, left());
		if ("error" in verified) return this.#takeBack(answer.body, verified.error);
		const { response, claims } = verified;
		const leftOut: LeftOut[] =
			"unverified" in verified ? [{ what: "id_token", error: verified.unverified }] : [];
		const exchange: TokenExchange = {
			response,
			claims: claims ?? (session as IdTokenClaims),
			transaction: undefined,
			previous,
		};
		const received = await run("tokensFromExchange", () => this.tokensFromExchange(exchange));
		const asked = await refreshUserinfo(this, received.accessToken, session, left());
		if (asked === "refused") return this.#takeBack(answer.body, "userinfo_refused");
		const { userinfo } = asked;
		if ("error" in asked) leftOut.push({ what: "userinfo", error: asked.error });
		const tokens = await run("selectTokens", () => this.selectTokens(received));
		await this.#tellRefreshed(tokens, Math.min(ON_TOKENS_TIMEOUT, left()));
		return {
			outcome: "refreshed",
			tokens,
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
		return revokeTokens(this, tokens);
	}

	/**
	 * Where the browser goes to end the session at the provider (OpenID Connect RP-Initiated Logout
	 * 1.0 section 2).
	 *
	 * @returns `undefined` if the provider has no such endpoint.
	 * @throws LoginError of `metadata`.
	 */
	async endSessionUrl(session: EndSession): Promise<URL | undefined> {
		return endSessionRequest(this, session);
	}

	/**
	 * Verifies a logout token that came to the app, from the provider or any other caller (OpenID
	 * Connect Back-Channel Logout 1.0 section 2.6). The caller sees to it that none is taken twice.
	 *
	 * @throws LoginError `token_invalid`; of `metadata` and the key set where the provider cannot be
	 *   reached.
	 */
	async verifyLogoutToken(jwt: string): Promise<LogoutToken> {
		const { logoutKeys, runtime, settings, discovery } = connectionOf(this);
		const token = await verifyLogoutToken(jwt, {
			keys: logoutKeys,
			issuers: this.validIssuers(),
			clientId: settings.clientId,
			algorithms: (await discovery.metadata()).idTokenSigningAlgs,
			acceptsAnyType: settingsOf(this).logoutTokenType === "any",
			clockTolerance: runtime.clockTolerance,
			now: runtime.now,
			provider: this.name,
		});
		await requireClaims(this, token.claims, "logout_token"); // proven: claims-of-logout-tokens
		return token;
	}

	/**
	 * Verifies a JWT access token that a caller has presented to the app itself (RFC 9068 section 4).
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
		const { accessTokenKeys, runtime } = connectionOf(this);
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
		await requireClaims(this, token.claims, "access_token"); // proven: claims-of-access-tokens
		return token;
	}

	/** Tokens came, and yet the session has ended: they are to be of no use to any caller. */
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
	 * The refresh token is spent: a hook that only wants to know must not keep the new one from the
	 * browser, neither by an error nor by time.
	 */
	async #tellRefreshed(tokens: Tokens, seconds: number): Promise<void> {
		const { runtime } = connectionOf(this);
		const told = hooksOf(this.name)
			.run("onTokens", () => this.onTokens(tokens, { isRefresh: true }))
			.catch((error: unknown) => runtime.report?.(error, this.name));
		await within(seconds * 1000, told, undefined);
	}
}
