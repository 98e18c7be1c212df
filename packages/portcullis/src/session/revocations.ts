import { MAX_SESSION_AGE } from "./seal-session.ts";
import type { StoredSession } from "./stored-session.ts";

/** Revocations that are kept at most. Each takes about 300 bytes of memory. */
const CAPACITY = 50_000;
/** The part of them that goes at once when there are more. */
const GIVEN_UP = 0.1;
/** Clocks of replicas differ by no more, or their sessions are not believed. Seconds. */
const REPLICA_SKEW = 300;
/** No session is left by then that a revocation is about. Seconds. */
const REVOCATION_TTL = MAX_SESSION_AGE + REPLICA_SKEW;
/**
 * A session that began on one replica a moment before it was ended on another may seem to have
 * begun after it. Seconds.
 */
const CLOCK_SKEW = 2;
/** Key of the revocation of all that began before a time. */
const EVERYBODY = "*";
/** What keys of sessions begin with that their own person has ended. */
const SIGNED_OUT = '["id",';

/** What is ended: one session of the provider, or all that a person has there. */
export interface RevocationTarget {
	/** Tells providers, with issuer and client id, apart: the name of the access cookie. */
	readonly cookie: string;
	/** `iss` of the logout token, and of the ID token of the sessions. */
	readonly issuer: string;
	readonly sid: string | undefined;
	readonly sub: string | undefined;
	/** `iat` of the logout token. Seconds since the epoch, by the provider's clock. */
	readonly issuedAt: number;
}

/** What revocations know sessions by. */
export type RevocableSession = Pick<StoredSession, "id" | "claims" | "deadline">;

/** What a sign-out has to know of its session. */
export type EndedSession = Pick<
	StoredSession,
	"id" | "deadline" | "accessTokenExpiresAt" | "hasRefreshToken"
>;

/** A revocation as it is stored: key and text of an entry. */
export type RevocationEntry = readonly [key: string, text: string];

/**
 * The sessions that a provider or their person has ended, for as long as cookies of them could
 * still be shown.
 *
 * A provider's `sid` ends the sessions with just that one. A `sub` without a `sid` ends those that
 * began up to then: who signs in again is signed in. What came first is asked twice: by our clocks,
 * and by the provider's, which is one for all replicas, however far theirs are apart. Bounded: when
 * there are too many, the oldest are given up, and to keep what they said true all sessions are
 * ended that began before them, those of all people.
 *
 * Sessions that were signed out of are known by their own id. When there are too many, those are
 * forgotten that would end soonest: their cookies are gone from the browser, and only a copy of
 * them would be shown.
 */
export class Revocations {
	/** Moves on whenever the answer about some session may have changed. */
	revision = 0;
	/** Oldest first. Seconds since the epoch. */
	readonly #at = new Map<string, number>();
	/** When the last cookie of a session is void that was signed out of. Seconds since the epoch. */
	readonly #signedOut = new Map<string, number>();
	readonly #capacity: number;

	constructor(capacity: number = CAPACITY) {
		this.#capacity = capacity;
	}

	get size(): number {
		return this.#at.size + this.#signedOut.size;
	}

	/**
	 * Takes over entries that were made by `revocationsOf`, `signOutOf` or `entries`, here or
	 * elsewhere.
	 *
	 * @param now Seconds since the epoch.
	 * @returns what has changed, as entries to be stored: a text, or `undefined` for a key that went.
	 */
	add(entries: Iterable<RevocationEntry>, now: number): Map<string, string | undefined> {
		const changes = new Map<string, string | undefined>();
		for (const [key, text] of entries) {
			const at = Number(text);
			if (!Number.isFinite(at)) continue;
			if (key.startsWith(SIGNED_OUT)) this.#addSignedOut(key, at, now, changes);
			// Never one from the future, which would end sessions that are yet to begin.
			else if (at > now + REPLICA_SKEW)
				continue; // proven: future-revocation
			else if (this.#isOver(key, at, now)) changes.set(key, undefined);
			else if ((this.#at.get(key) ?? 0) < at) {
				// At the end, since the oldest come first.
				this.#at.delete(key);
				this.#at.set(key, at);
				changes.set(key, String(at));
				this.revision++;
			}
		}
		for (const [key, at] of this.#at) if (this.#isOver(key, at, now)) this.#drop(key, changes);
		for (const [key, until] of this.#signedOut) if (until <= now) this.#forget(key, changes);
		if (this.#at.size > this.#capacity) this.#giveUp(changes);
		if (this.#signedOut.size > this.#capacity)
			for (const [key] of this.#first(this.#signedOut)) this.#forget(key, changes);
		return changes;
	}

	/** All that is known, to be stored. */
	*entries(): Generator<RevocationEntry> {
		for (const [key, at] of this.#at) yield [key, String(at)];
		for (const [key, until] of this.#signedOut) yield [key, String(until)];
	}

	/** True if the session has been ended. Asked anew only when `revision` has moved. */
	isRevoked(cookie: string, session: RevocableSession): boolean {
		// proven: no-signed-out
		if (this.#signedOut.size > 0 && this.#signedOut.has(idKey(cookie, session.id))) return true;
		if (this.#at.size === 0) return false;
		const { iss, sub, sid, iat } = session.claims;
		const issuer = typeof iss === "string" ? iss : "";
		if (typeof sid === "string" && this.#at.has(sidKey(cookie, issuer, sid))) return true; // proven: no-sid
		// proven: clocks-of-replicas
		if (typeof iat === "number" && iat <= (this.#at.get(issuedKey(cookie, issuer, sub)) ?? 0))
			return true;
		const began = session.deadline - MAX_SESSION_AGE;
		const until = Math.max(
			this.#at.get(subKey(cookie, issuer, sub)) ?? 0,
			this.#at.get(EVERYBODY) ?? 0,
		);
		return until > 0 && began <= until + CLOCK_SKEW; // proven: no-logout-sub, all-sessions
	}

	/**
	 * True for one that says nothing any more: no session is left that it is about, or all are ended
	 * that it could be about.
	 */
	#isOver(key: string, at: number, now: number): boolean {
		return (
			at + REVOCATION_TTL <= now || (key !== EVERYBODY && at <= (this.#at.get(EVERYBODY) ?? 0))
		);
	}

	#addSignedOut(
		key: string,
		until: number,
		now: number,
		changes: Map<string, string | undefined>,
	): void {
		if (until <= now) changes.set(key, undefined);
		else if (until <= now + REVOCATION_TTL && !this.#signedOut.has(key)) {
			this.#signedOut.set(key, until);
			changes.set(key, String(until));
			this.revision++;
		}
	}

	#forget(key: string, changes: Map<string, string | undefined>): void {
		this.#signedOut.delete(key);
		changes.set(key, undefined);
	}

	/**
	 * Those with the lowest numbers: all that are too many, and some more, so that it is not for
	 * every one that comes.
	 */
	#first(entries: ReadonlyMap<string, number>): [key: string, number: number][] {
		return [...entries]
			.filter(([key]) => key !== EVERYBODY)
			.sort(([, a], [, b]) => a - b)
			.slice(0, Math.max(entries.size - this.#capacity, Math.ceil(this.#capacity * GIVEN_UP)));
	}

	#giveUp(changes: Map<string, string | undefined>): void {
		const oldest = this.#first(this.#at);
		for (const [key] of oldest) this.#drop(key, changes);
		const before = oldest.at(-1)?.[1] ?? 0;
		this.#at.set(EVERYBODY, before); // proven: forgotten-revocations
		changes.set(EVERYBODY, String(before));
		this.revision++;
	}

	#drop(key: string, changes: Map<string, string | undefined>): void {
		this.#at.delete(key);
		changes.set(key, undefined);
	}
}

/**
 * The entries that end what a logout token names.
 *
 * @param now When the token came, in seconds since the epoch: a token may have been on its way for
 *   two minutes.
 */
export function revocationsOf(target: RevocationTarget, now: number): RevocationEntry[] {
	const { cookie, issuer, sid, sub, issuedAt } = target;
	if (sid !== undefined) return [[sidKey(cookie, issuer, sid), String(now)]];
	return [
		[subKey(cookie, issuer, sub ?? ""), String(now)],
		[issuedKey(cookie, issuer, sub ?? ""), String(issuedAt)],
	];
}

/**
 * The entry that ends a session its person has signed out of: no cookie of it is worth anything any
 * more, nor a copy of one.
 */
export function signOutOf(cookie: string, session: EndedSession): RevocationEntry {
	// What cannot be renewed is void with its access token.
	const until = session.hasRefreshToken
		? session.deadline
		: Math.min(session.accessTokenExpiresAt, session.deadline);
	return [idKey(cookie, session.id), String(until)];
}

// As JSON, so that no text of one part can pass for another.

function idKey(cookie: string, id: string): string {
	return JSON.stringify(["id", cookie, id]);
}

function sidKey(cookie: string, issuer: string, sid: string): string {
	return JSON.stringify(["sid", cookie, issuer, sid]); // proven: sid-of-any-issuer
}

function subKey(cookie: string, issuer: string, sub: string): string {
	return JSON.stringify(["sub", cookie, issuer, sub]); // proven: sub-of-any-provider
}

/** Of sessions that are known by when the provider has issued their ID token. */
function issuedKey(cookie: string, issuer: string, sub: string): string {
	return JSON.stringify(["iat", cookie, issuer, sub]);
}
