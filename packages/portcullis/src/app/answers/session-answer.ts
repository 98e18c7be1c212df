import { refreshAhead } from "../../session/refresh-session.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import type { RefreshState, SessionAnswer } from "../../wire/session-answer.ts";
import type { Identity } from "../sessions/identity.ts";

/**
 * What a browser is told about who it is. `refreshable`: a session whose access token has ended,
 * and that can be renewed.
 */
export function sessionAnswer(
	identity: Identity | undefined,
	refreshable?: StoredSession,
): SessionAnswer {
	if (!identity)
		return { signedIn: false, ...(refreshable ? { refresh: refreshState(refreshable) } : {}) };
	const { sub, name, email, picture, provider } = identity.user;
	return {
		signedIn: true,
		user: { sub, name, email: email ?? null, picture: picture ?? null, provider },
		expiresAt: Math.floor(identity.expiresAt / 1000),
		...(identity.session.hasRefreshToken ? { refresh: refreshState(identity.session) } : {}),
	};
}

function refreshState(session: StoredSession): RefreshState {
	return { generation: session.rotation, at: session.accessTokenExpiresAt - refreshAhead(session) };
}
