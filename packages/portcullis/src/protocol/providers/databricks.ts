import { Provider } from "../provider.ts";
import type { UserClaims } from "../types.ts";

/** Claims of Databricks. */
export interface DatabricksClaims extends UserClaims {
	preferred_username?: string;
	given_name?: string;
	family_name?: string;
}

/**
 * Databricks. `DATABRICKS_ISSUER_URI` is that of a workspace, `https://{workspace}/oidc`, where
 * `/oidc` may be left out, or of an account,
 * `https://accounts.cloud.databricks.com/oidc/accounts/{id}`.
 *
 * For calls to its APIs in the person's name ask for their scopes with `extraScopes`, such as
 * `all-apis` or `sql`.
 */
export class Databricks extends Provider<DatabricksClaims> {
	readonly name: string = "databricks";

	protected override configuredIssuer(configured: string | undefined): string | undefined {
		const [, host] = /^(https?:\/\/[^/?#]+)\/?$/.exec(configured ?? "") ?? [];
		return host === undefined ? configured : `${host}/oidc`;
	}
}
