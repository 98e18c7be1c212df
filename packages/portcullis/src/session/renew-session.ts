import type { LoginResult, OIDCUserInfo, RefreshResult, Tokens } from "../protocol/types.ts";
import type { CookieJar, SetCookie } from "./cookies.ts";
import { deleteCookie } from "./cookies.ts";
import { type SessionSeal, type StoredSession, sealSession } from "./sealed-session.ts";
import { jwtPayload } from "./token-packing.ts";
import { additionalClaims } from "./user.ts";

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
	const { tokens } = result;
	const signed = result.claims ?? signedClaims(tokens.idToken) ?? session.claims;
	const former = signedClaims(await session.idToken());
	const { beside, isMissing } = userinfoOf(session, former, result);
	const login: LoginResult = {
		tokens,
		claims: { ...signed, sub: session.claims.sub } as LoginResult["claims"],
		userinfo: beside,
	};
	const cookies = await sealSession(seal, login, {
		...options,
		renewal: {
			id,
			generation: generation + 1,
			deadline,
			sid,
			isUserinfoMissing: isMissing && options.canRefetchUserinfo,
		},
	});
	if (options.jar.has(seal.names.grace)) cookies.push(deleteCookie(seal.names.grace, seal.names.sameSite));
	return cookies;
}

function signedClaims(idToken: string | undefined): Record<string, unknown> | undefined {
	return idToken === undefined ? undefined : jwtPayload(idToken);
}

/**
 * What stands beside the signed claims. New userinfo if there is any. Otherwise what only userinfo had said before, and never a claim of the
 * former ID token that the new one has otherwise or lacks: a group that was taken away must not come back.
 *
 * @returns `isMissing`: there is more, which has to be fetched.
 */
function userinfoOf(
	session: StoredSession,
	former: Readonly<Record<string, unknown>> | undefined,
	{ claims, userinfo }: RefreshResult & { outcome: "refreshed" },
): { beside: OIDCUserInfo; isMissing: boolean } {
	const { sub } = session.claims;
	if (userinfo) return { beside: userinfo, isMissing: false };
	if (!claims) return { beside: session.claims, isMissing: session.userinfoOmitted };
	// The former ID token was too large to be kept: whose a claim was cannot be told.
	if (!former) return { beside: { sub }, isMissing: true };
	const added = Object.entries(additionalClaims(former, session.claims)).filter(([name]) => !(name in claims));
	return { beside: { ...Object.fromEntries(added), sub }, isMissing: session.userinfoOmitted };
}
