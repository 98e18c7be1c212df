import { isPromise } from "../base/maybe-promise.ts";
import { ByteReader } from "./bytes.ts";
import { joinChunks } from "./chunks.ts";
import type { RequestCookies } from "./cookies.ts";
import {
	companionContext,
	HAS_REFRESH,
	openValue,
	readClaims,
	readHeader,
	readScopes,
	type SessionSeal,
} from "./session-format.ts";
import { OpenedSession, type StoredSession } from "./stored-session.ts";

/**
 * A cookie from the future is a clock gone wrong on one of the replicas; more than this is not
 * believed. Seconds.
 */
const MAX_REPLICA_SKEW = 300;

/**
 * Opens the session in a request's cookies.
 *
 * `undefined` for anything but a whole, unexpired session that was sealed for just this provider:
 * cookies that are missing, forged, swapped, mixed from two sessions or generations, or sealed with
 * an unknown key are all the same nothing. Never throws.
 *
 * @param now Seconds since the epoch.
 */
export async function openSession(
	seal: SessionSeal,
	requestCookies: RequestCookies,
	now: number,
): Promise<StoredSession | undefined> {
	const { names } = seal;
	try {
		const access = joinChunks(requestCookies, names.access);
		// On Node all of this happens at once, and a promise for each value would cost as much as the
		// value.
		const opening = openValue(seal, names.access, access, "");
		const accessBytes = isPromise(opening) ? await opening : opening;
		if (access === undefined || !accessBytes) return undefined;
		const reader = new ByteReader(accessBytes);
		const header = readHeader(reader);
		reader.skipBlock();
		// proven: no-deadline, future-session
		if (now >= header.deadline || header.sealedAt > now + MAX_REPLICA_SKEW) return undefined;

		const companion = companionContext(header);
		const identity = joinChunks(requestCookies, names.identity);
		const hasRefresh = (header.flags & HAS_REFRESH) !== 0;
		const refresh = hasRefresh ? joinChunks(requestCookies, names.refresh) : undefined;
		const companions = [
			openValue(seal, names.identity, identity, companion), // proven: no-companions-bound
			openValue(seal, names.scopes, joinChunks(requestCookies, names.scopes), companion),
			// The refresh token is not needed yet. But a session is rejected if any of its cookies was
			// swapped or changed.
			openValue(seal, names.refresh, refresh, companion),
		] as const;
		const [identityBytes, scopeBytes, refreshBytes] = areThere(companions)
			? companions
			: await Promise.all(companions);
		if (identity === undefined || !identityBytes || !scopeBytes) return undefined;
		if (hasRefresh && !refreshBytes) return undefined; // proven: no-refresh-cookie

		const claims = readClaims(identityBytes, header.flags);
		if (typeof claims.sub !== "string" || claims.sub === "") return undefined; // proven: sub-less-session
		return new OpenedSession(seal, {
			sealed: { access, identity, refresh },
			header,
			companion,
			claims,
			scopes: readScopes(scopeBytes),
		});
	} catch {
		// Authenticated, yet unreadable: written by another version. That is no session, and no error
		// either.
		return undefined;
	}
}

function areThere<T extends readonly unknown[]>(
	values: T,
): values is T & { [K in keyof T]: Exclude<T[K], Promise<unknown>> } {
	return !values.some((value) => isPromise(value));
}
