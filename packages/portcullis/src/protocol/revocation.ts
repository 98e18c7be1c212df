import { isPortcullisError } from "../base/errors.ts";
import type { ProviderSetup } from "./provider-setup.ts";
import { requestContext } from "./request-context.ts";
import { requestRevocation } from "./requests.ts";
import type { Tokens } from "./types.ts";

/**
 * RFC 7009 section 2.2.1: after a 503 the token is still valid. Milliseconds until the second
 * attempt.
 */
const REVOCATION_RETRY = 500;

/**
 * Revokes the refresh token, or the access token where there is none. A provider that is busy is
 * asked once more.
 *
 * @returns false if it refused.
 */
export async function revokeTokens(
	provider: ProviderSetup,
	{ accessToken, refreshToken }: Pick<Tokens, "accessToken" | "refreshToken">,
): Promise<boolean> {
	const context = await requestContext(provider);
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
