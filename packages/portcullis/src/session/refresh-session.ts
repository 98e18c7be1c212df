import type { LoginResult, RefreshResult, Tokens, UserClaims } from "../protocol/types.ts";
import type { RequestCookies } from "./cookies.ts";
import { deleteCookie } from "./cookies.ts";
import { type SealedSession, sealSession } from "./seal-session.ts";
import type { SessionSeal } from "./session-format.ts";
import type { StoredSession } from "./stored-session.ts";
import { jwtPayload } from "./token-packing.ts";

/**
 * Handlers begin with an access token that is good for at least a minute; browsers renew it half a
 * minute before that. Seconds.
 */
const VALID_FOR = 60;
const RENEW_AHEAD = 90;

/**
 * How long before its access token ends a session counts as in need of renewal: at most a sixth of
 * the token's life. Seconds; 0 if it cannot be renewed.
 */
export function neededValidity({
	hasRefreshToken,
	accessTokenExpiresAt,
	sealedAt,
}: StoredSession): number {
	return hasRefreshToken
		? Math.min(VALID_FOR, Math.max(0, Math.floor((accessTokenExpiresAt - sealedAt) / 6)))
		: 0;
}

/**
 * How long before its access token ends a session may be renewed: at most a quarter of the token's
 * life. Seconds.
 */
export function refreshAhead({ accessTokenExpiresAt, sealedAt }: StoredSession): number {
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
export async function refreshSession(
	seal: SessionSeal,
	session: StoredSession,
	result: RefreshResult & { outcome: "refreshed" },
	options: {
		now: number;
		requestCookies: RequestCookies;
		otherBytes: number;
		canRefetchUserinfo: boolean;
		/** What userinfo has said since the session was sealed. */
		userinfo?: UserClaims | undefined;
	},
): Promise<SealedSession> {
	const { id, rotation, deadline } = session;
	const sid = typeof session.claims.sid === "string" ? session.claims.sid : undefined;
	const { tokens, userinfo } = result;
	const { sub } = session.claims;
	const signed =
		result.claims ??
		(tokens.idToken === undefined ? await session.signedClaims() : jwtPayload(tokens.idToken));
	const kept = userinfo ? NEW_USERINFO : await keptUserinfo(session, result, options.userinfo);
	const login: LoginResult = {
		tokens,
		claims: { ...signed, sub } as LoginResult["claims"],
		userinfo: userinfo ?? { ...kept.beside, sub },
	};
	const { canRefetchUserinfo } = options;
	const sealed = await sealSession(seal, login, {
		...options,
		renewal: {
			id,
			rotation: rotation + 1,
			deadline,
			sid,
			isUserinfoMissing: kept.isMissing && canRefetchUserinfo,
			isUserinfoOld: userinfo === undefined && canRefetchUserinfo,
			isMixed: kept.isMixed,
		},
	});
	if (!options.requestCookies.has(seal.names.grace)) return sealed;
	const { grace, sameSite } = seal.names;
	return { ...sealed, cookies: [...sealed.cookies, deleteCookie(grace, sameSite)] };
}

/** What stands beside the claims of the ID token, and what is known about it. */
interface KeptUserinfo {
	readonly beside: Readonly<Record<string, unknown>>;
	/** There is more, which has to be fetched. */
	readonly isMissing: boolean;
	readonly isMixed: boolean;
}

const NEW_USERINFO: KeptUserinfo = { beside: {}, isMissing: false, isMixed: false };

/**
 * What userinfo has said before, for a renewal without an answer of it. Beside a new ID token never
 * a claim that this has: it is newer. Where what userinfo has said cannot be told apart from what a
 * former ID token had, a new one ends it all: a group that was taken away must not come back.
 */
async function keptUserinfo(
	session: StoredSession,
	{ claims }: RefreshResult & { outcome: "refreshed" },
	newer: UserClaims | undefined,
): Promise<KeptUserinfo> {
	const without = (known: Readonly<Record<string, unknown>>) =>
		claims
			? Object.fromEntries(Object.entries(known).filter(([name]) => !(name in claims)))
			: known;
	if (newer) return { beside: without(newer), isMissing: false, isMixed: false };
	if (claims && session.isMixed) return { beside: {}, isMissing: true, isMixed: false };
	const beside = without(await session.userinfoClaims());
	return { beside, isMissing: session.userinfoOmitted, isMixed: session.isMixed };
}
