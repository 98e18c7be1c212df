import type { RefreshResult, Tokens } from "../protocol/types.ts";
import type { CookieJar, SetCookie } from "./cookies.ts";
import { deleteCookie } from "./cookies.ts";
import { type SessionSeal, type StoredSession, sealSession } from "./sealed-session.ts";
import { packedJwtPayload, packToken } from "./token-packing.ts";

/** Handlers begin with an access token that is good for at least a minute; browsers renew it half a minute before that. Seconds. */
const VALID_FOR = 60;
const RENEW_AHEAD = 90;

/** How long before its access token ends a session counts as in need of renewal: at most a sixth of the token's life. Seconds; 0 if it cannot be renewed. */
export function neededValidity({ hasRefreshToken, accessTokenExpiresAt, sealedAt }: StoredSession): number {
	return hasRefreshToken ? Math.min(VALID_FOR, Math.max(0, Math.floor((accessTokenExpiresAt - sealedAt) / 6))) : 0;
}

/** How long before its access token ends a session may be renewed: at most a quarter of the token's life. Seconds. */
export function renewAhead({ accessTokenExpiresAt, sealedAt }: StoredSession): number {
	return Math.min(RENEW_AHEAD, Math.max(0, Math.floor((accessTokenExpiresAt - sealedAt) / 4)));
}

/** The tokens of a session, as a refresh needs them. */
export async function tokensOf(session: StoredSession): Promise<Tokens> {
	const [idToken, refreshToken] = [await session.idToken(), await session.refreshToken()];
	return {
		accessToken: await session.accessToken(),
		accessTokenExpiresAt: session.accessTokenExpiresAt,
		scopes: session.scopes,
		extra: await session.extra(),
		...(idToken === undefined ? {} : { idToken }),
		...(refreshToken === undefined ? {} : { refreshToken }),
	};
}

/**
 * Seals a session anew with renewed tokens: same id, same deadline, next generation.
 *
 * @throws {PortcullisError} `cookies_too_large` as `sealSession` does.
 */
export async function renewSession(
	seal: SessionSeal,
	session: StoredSession,
	result: RefreshResult & { outcome: "refreshed" },
	options: { now: number; jar: CookieJar; otherBytes: number; canRefetchUserinfo: boolean },
): Promise<SetCookie[]> {
	const { id, generation, deadline } = session;
	const sid = typeof session.claims.sid === "string" ? session.claims.sid : undefined;
	const { tokens, claims } = result;
	// What stands in the ID token that is kept; what only userinfo said goes on beside it.
	const signed = claims ?? (tokens.idToken === undefined ? undefined : packedJwtPayload(packToken(tokens.idToken)));
	const login = {
		tokens,
		claims: { ...(signed ?? session.claims), sub: session.claims.sub } as typeof session.claims &
			NonNullable<typeof claims>,
		userinfo: result.userinfo ?? session.claims,
	};
	const cookies = await sealSession(seal, login, {
		...options,
		renewal: { id, generation: generation + 1, deadline, sid },
	});
	if (options.jar.has(seal.names.grace)) cookies.push(deleteCookie(seal.names.grace, seal.names.sameSite));
	return cookies;
}
