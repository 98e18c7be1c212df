import { Provider } from "../provider.ts";
import type {
	EndSession,
	LoginTransaction,
	RequestParameters,
	TokenExchange,
	Tokens,
	UserClaims,
} from "../types.ts";
import { withoutOfflineAccess } from "./offline-access.ts";

/** Claims of Amazon Cognito. */
export interface CognitoClaims extends UserClaims {
	/** Names of the person's groups; absent for people without any. */
	"cognito:groups"?: string[];
	"cognito:username"?: string;
	username?: string;
}

/**
 * Amazon Cognito user pools with a domain. `COGNITO_ISSUER_URI` is
 * `https://cognito-idp.{region}.amazonaws.com/{pool}`.
 *
 * Logs out at `/logout` of the pool's domain, whose parameters are its own. Leaves the scope
 * `offline_access` out, which Cognito does not know: refresh tokens come without it.
 */
export class Cognito extends Provider<CognitoClaims> {
	readonly name: string = "cognito";

	override async authorizationParameters(
		transaction: LoginTransaction,
	): Promise<RequestParameters> {
		const parameters = await super.authorizationParameters(transaction);
		return { ...parameters, scope: withoutOfflineAccess(transaction.scopes).join(" ") };
	}

	/**
	 * The response names no scopes, so what was asked for was granted (RFC 6749 section 5.1);
	 * `offline_access` was not asked for.
	 */
	override async tokensFromExchange(exchange: TokenExchange): Promise<Tokens> {
		const tokens = await super.tokensFromExchange(exchange);
		return { ...tokens, scopes: withoutOfflineAccess(tokens.scopes) };
	}

	/** Userinfo spells booleans as text, and a text that says "false" counts as true. */
	override async fetchUserinfo(accessToken: string): Promise<CognitoClaims | undefined> {
		const userinfo: Readonly<Record<string, unknown>> | undefined = await super.fetchUserinfo(
			accessToken,
		);
		if (userinfo === undefined) return undefined;
		const verified = ["email_verified", "phone_number_verified"].filter(
			(claim) => typeof userinfo[claim] === "string",
		);
		const spelled = Object.fromEntries(
			verified.map((claim) => [claim, userinfo[claim] === "true"]),
		);
		return { ...userinfo, ...spelled } as CognitoClaims;
	}

	/** On the domain that signs people in, which is another host than the issuer. */
	override async endSessionEndpoint(): Promise<string | undefined> {
		return (
			(await super.endSessionEndpoint()) ??
			new URL("/logout", (await this.metadata()).authorizationEndpoint).href
		);
	}

	override async endSessionParameters(session: EndSession): Promise<RequestParameters> {
		const own = { logout_uri: session.postLogoutRedirectUri, post_logout_redirect_uri: undefined };
		return { ...(await super.endSessionParameters(session)), ...own, id_token_hint: undefined };
	}
}
