import { Provider } from "../provider.ts";
import type { EndSession, RequestParameters, UserClaims } from "../types.ts";

/**
 * Claims of Auth0. Custom ones have a namespace of your own, such as
 * `https://app.example.com/roles`.
 */
export interface Auth0Claims extends UserClaims {
	nickname?: string;
	updated_at?: string;
	/** The organization that the person signed in to, where the app uses organizations. */
	org_id?: string;
}

/**
 * Auth0. `AUTH0_ISSUER_URI` is `https://{domain}/`; the slash, which belongs to the issuer, is put
 * there where it is missing. `AUTH0_AUDIENCE` is the identifier of the API that access tokens are
 * for.
 *
 * Tenants without RP-initiated logout in their metadata are logged out by `/v2/logout`.
 */
export class Auth0 extends Provider<Auth0Claims> {
	readonly name: string = "auth0";

	protected override configuredIssuer(configured: string | undefined): string | undefined {
		return configured !== undefined && /^https?:\/\/[^/?#]+$/.test(configured)
			? `${configured}/`
			: configured;
	}

	override async endSessionEndpoint(): Promise<string | undefined> {
		return (await super.endSessionEndpoint()) ?? new URL("/v2/logout", this.issuer).href;
	}

	override async endSessionParameters(session: EndSession): Promise<RequestParameters> {
		const parameters = await super.endSessionParameters(session);
		if ((await super.endSessionEndpoint()) !== undefined) return parameters;
		// It reads none of the standard's parameters; a token that serves nothing stays out of the URL.
		const legacy = { returnTo: session.postLogoutRedirectUri, post_logout_redirect_uri: undefined };
		return { ...parameters, ...legacy, id_token_hint: undefined };
	}
}
