import type { StandardSchemaV1 } from "../base/standard-schema.ts";
import type { Html } from "../views/html.ts";
import type { ErrorViewContext } from "../views/types.ts";
import { connectionOf, settingsOf } from "./connection.ts";
import { parseBySchema } from "./fit-claims.ts";
import { type IdTokenExpectation, verifyIdToken } from "./id-token.ts";
import type { IssuerRule } from "./issuer-rule.ts";
import { ProviderSetup } from "./provider-setup.ts";
import { endsSession } from "./refresh-refusal.ts";
import { requestContext } from "./request-context.ts";
import { requestUserinfo } from "./requests.ts";
import { toTokens } from "./token-response.ts";
import type {
	EndSession,
	IdTokenClaims,
	LoginTransaction,
	RefreshRefusal,
	RequestParameters,
	TokenExchange,
	TokenKind,
	Tokens,
	UserClaims,
} from "./types.ts";

const DEFAULT_SCOPES: readonly string[] = ["openid", "email", "profile"];
/** Stands on the default of `validateTokens`, of any copy of the package. */
const DEFAULT_VALIDATION = Symbol.for("portcullis.provider.default-validation.1");

/**
 * What a subclass may replace: each hook with its default. The algorithm that runs them is
 * `Provider`.
 */
export abstract class ProviderHooks<U extends UserClaims = UserClaims> extends ProviderSetup<U> {
	static {
		Object.defineProperty(ProviderHooks.prototype.validateTokens, DEFAULT_VALIDATION, {
			value: true,
		});
	}

	/**
	 * Label of the login button. Default: the setting, else the name in title case (`my_idp`: "My
	 * Idp").
	 */
	get displayName(): string {
		const { displayName } = settingsOf(this);
		const set = typeof displayName === "string" ? displayName.trim() : "";
		return set || String(this.name).split("_").filter(Boolean).map(capitalise).join(" ");
	}

	/**
	 * Runs when a login starts. Default: the `scopes` setting, else `openid email profile`. `openid`
	 * and the gate's extra scopes are added afterwards. Override where the provider needs others.
	 */
	requestedScopes(): readonly string[] {
		return settingsOf(this).scopes ?? DEFAULT_SCOPES;
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
		const { keys, runtime, settings, discovery } = connectionOf(this);
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
	 * yet, so nothing proves where it came from unless the ID token has an `at_hash`.
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
		return toTokens(exchange, connectionOf(this).runtime.now());
	}

	/**
	 * Runs after `tokensFromExchange`: are these tokens good for a session? Default: the access token
	 * has not expired. Override to ask the provider, by introspection for one. The ID token is
	 * verified; the access token is opaque and has not been used.
	 *
	 * @returns `true` if they are; anything else ends the login.
	 */
	validateTokens(tokens: Tokens): boolean | Promise<boolean> {
		return tokens.accessTokenExpiresAt > connectionOf(this).runtime.now() / 1000; // proven: expired-access-token
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
	endsSession(response: RefreshRefusal): boolean | Promise<boolean> {
		return endsSession(response);
	}

	/**
	 * Runs when the login page is shown, and when a popup is started: does a login with this provider
	 * run in a popup of the window? Default: in frames, where providers refuse to be shown. With
	 * false, a button in a frame opens a new tab, which signs in by itself. With true, the app's own
	 * login page opens a popup as well. No person is signed in, and nothing is verified.
	 *
	 * @param _request The request for the page, or for the popup.
	 * @param isFramed True if the window is in a frame.
	 */
	popupLogin(_request: Request, isFramed: boolean): boolean {
		return isFramed;
	}

	/**
	 * Runs when an error view is shown for a login with this provider, in place of the gate's. Not
	 * there by default. To be given where a provider has something of its own to say: what its error
	 * numbers mean, or where to ask for access. No person is signed in; `error.providerText` is what
	 * a stranger may have written. The error is in the log already. If it throws, the default view is
	 * shown. To wrap that one, call `errorView` of `portcullis/views`.
	 */
	errorView?(context: ErrorViewContext): Html | Response | Promise<Html | Response>;

	/**
	 * Runs when a login is sent to the provider. Default: none. Returns parameters to add to or
	 * change in the authorization request; `response_type`, `client_id`, `redirect_uri`, `state`,
	 * `nonce` and the code challenge stay as they are, `openid` is always among the scopes. For
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
	 * Runs wherever the claims of a person are read: at a login, at a refresh, when userinfo is
	 * newer, when a session is opened, and for an access token that is presented to the app. Default:
	 * the schema of the setting `claims`, else all as they are. Override to read them in another way.
	 * The ID token is verified, and userinfo is of the same person. `sub`, `iss` and what else only
	 * the ID token may say stay as they are.
	 *
	 * @param claims Of the ID token and of userinfo, merged.
	 * @returns the claims that checks and handlers see. A throw denies access: it ends a login and a
	 *   renewal, and a session that is opened counts as none.
	 */
	parseClaims(claims: UserClaims): U | Promise<U> {
		const schema = settingsOf(this).claims as StandardSchemaV1<unknown, U> | undefined;
		return schema === undefined ? (claims as U) : parseBySchema(schema, claims, this.name);
	}

	/**
	 * Runs when everything is verified: what of the tokens is kept. Default: all. Override to drop
	 * what the app never uses; cookies are small.
	 */
	selectTokens(tokens: Tokens): Tokens | Promise<Tokens> {
		return tokens;
	}

	/**
	 * Runs last, at a login and at each renewal: the session has new tokens, as `selectTokens` left
	 * them. Default: nothing. Override to tell another part of the app, such as a cache of what an
	 * API said to the old access token. Everything is verified; the browser has not had its cookies
	 * yet, and at a refresh `parseClaims` can still end the session. A throw ends a login; a refresh
	 * goes on after a second at most, and the log has the error.
	 *
	 * @param _tokens Keep them out of logs.
	 * @param _change `isRefresh`: true at a renewal.
	 */
	onTokens(_tokens: Tokens, _change: { readonly isRefresh: boolean }): void | Promise<void> {}

	/**
	 * Runs after `validateTokens`. Default: the userinfo endpoint, `undefined` where there is none.
	 * Override to get claims elsewhere, through `this.fetch`. Its `sub` must be that of the ID token,
	 * which is checked afterwards; no other claim is.
	 */
	async fetchUserinfo(accessToken: string): Promise<U | undefined> {
		return (await requestUserinfo(accessToken, await requestContext(this))) as U | undefined;
	}
}

/** True where `validateTokens` was not replaced: it then only looks at the expiry. */
export function isDefaultValidation({ validateTokens }: ProviderHooks): boolean {
	return DEFAULT_VALIDATION in validateTokens;
}

function capitalise(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}
