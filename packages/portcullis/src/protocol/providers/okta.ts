import { Provider } from "../provider.ts";
import type { OIDCUserInfo } from "../types.ts";

/** Claims of Okta. */
export interface OktaUserInfo extends OIDCUserInfo {
	/** Names of the person's groups; there if the authorization server has a groups claim and, where it is tied to one, the scope was asked for. */
	groups?: string[];
	preferred_username?: string;
	zoneinfo?: string;
}

/** Okta, org and custom authorization servers. `OKTA_ISSUER_URI` is `https://{domain}` or `https://{domain}/oauth2/{server}`. */
export class Okta extends Provider<OktaUserInfo> {
	readonly name: string = "okta";
}
