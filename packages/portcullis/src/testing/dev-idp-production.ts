import { ConfigError } from "../base/errors.ts";

/**
 * Throws where `NODE_ENV` is `production`.
 *
 * @param what Subject of the message, such as "The development identity provider".
 * @throws {ConfigError}
 */
export function refuseInProduction(what: string): void {
	if (process.env.NODE_ENV !== "production") return;
	throw new ConfigError([
		{
			problem: `${what} was started with NODE_ENV=production: it signs in anybody as anybody.`,
			remedy:
				"Configure a real identity provider with OIDC_ISSUER_URI, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
		},
	]);
}
