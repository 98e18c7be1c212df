import type { RequestCookies, SetCookie } from "./cookies.ts";
import { MAX_SESSION_AGE } from "./seal-session.ts";
import type { SessionSeal } from "./session-format.ts";
import type { StoredSession } from "./stored-session.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Lets a person stay signed in though the access token has ended and could not be renewed, because
 * the provider is down. A cookie of its own, bound to the session and its rotation: after the next
 * successful refresh it is void.
 *
 * @param until Seconds since the epoch.
 */
export async function writeOutageGrace(
	seal: SessionSeal,
	session: StoredSession,
	until: number,
): Promise<SetCookie> {
	const { ring, names } = seal;
	const value = await ring.seal("session", encoder.encode(String(until)), contextOf(seal, session));
	return { name: names.grace, value, sameSite: names.sameSite, maxAge: MAX_SESSION_AGE };
}

/**
 * Until when the session goes on without a valid access token, in seconds since the epoch; 0 if it
 * does not.
 */
export async function readOutageGrace(
	seal: SessionSeal,
	requestCookies: RequestCookies,
	session: StoredSession,
): Promise<number> {
	const value = requestCookies.get(seal.names.grace);
	if (value === undefined) return 0;
	const bytes = await seal.ring.open("session", value, contextOf(seal, session));
	const until = bytes ? Number(decoder.decode(bytes)) : 0;
	return Number.isSafeInteger(until) ? until : 0;
}

function contextOf({ names }: SessionSeal, { id, rotation }: StoredSession): string {
	return `${names.grace} ${names.binding} ${id}.${rotation}`;
}
