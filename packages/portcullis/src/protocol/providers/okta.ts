import type { ConfigProblem } from "../../base/errors.ts";
import { Provider } from "../provider.ts";
import type { ProviderRuntime, UserClaims } from "../types.ts";

/** Claims of Okta. */
export interface OktaClaims extends UserClaims {
	/**
	 * Names of the person's groups; there if the authorization server has a groups claim and, where
	 * it is tied to one, the scope was asked for.
	 */
	groups?: string[];
	preferred_username?: string;
	zoneinfo?: string;
}

/**
 * Okta, org and custom authorization servers. `OKTA_ISSUER_URI` is `https://{domain}` or
 * `https://{domain}/oauth2/{server}`.
 */
export class Okta extends Provider<OktaClaims> {
	readonly name: string = "okta";

	override connect(runtime: ProviderRuntime): ConfigProblem[] {
		const problems = super.connect(runtime);
		if (problems.length > 0) return problems;
		const { hostname } = new URL(this.issuer);
		const [, org, domain] = /^(.+)-admin(\.okta(?:preview|-emea)?\.com)$/.exec(hostname) ?? [];
		if (org === undefined) return [];
		const problem = `The issuer of provider "${this.name}" is ${this.issuer}, the address of Okta's admin console.`;
		return [{ problem, remedy: `Use the org's own address, such as https://${org}${domain}.` }];
	}
}
