import type { Log } from "../../audit/log.ts";
import type { MaybePromise } from "../../base/maybe-promise.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { mergeClaims } from "../../protocol/claims.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { isUserinfoOf, isUserinfoRefusal } from "../../protocol/userinfo.ts";
import { neededValidity } from "../../session/refresh-session.ts";
import type { StoredSession } from "../../session/stored-session.ts";

/**
 * After a first answer of userinfo could not be had, it is not asked again for so long.
 * Milliseconds.
 */
const PAUSE_AFTER_FAILURE = 5000;
/**
 * After userinfo could not be fetched in the background, it is not asked again for so long.
 * Milliseconds.
 */
const RETRY = 300_000;
/**
 * Sessions that something is kept about, and the characters of JSON that all answers together may
 * have.
 */
const MAX_SESSIONS = 50_000;
const MAX_CHARACTERS = 16_777_216;

/** What a provider's userinfo says of a session now. */
type UserinfoAnswer =
	| { readonly kind: "known"; readonly userinfo: UserClaims }
	/** There is no such endpoint. */
	| { readonly kind: "none" }
	/** It does not answer, or the access token has ended. */
	| { readonly kind: "unknown" }
	/**
	 * It refuses an access token that it once accepted, or answers for another person: the session
	 * has ended.
	 */
	| { readonly kind: "refused" };

/**
 * What this process has learned about a session beyond its cookies. There is one for each session,
 * independent of all other cookies in the same header: a request with a changed cookie of another
 * app must not make the process forget what it knows.
 */
export interface Learned {
	/** The newest answer of userinfo, whole. `undefined` while there is none. */
	readonly userinfo: UserClaims | undefined;
	/** When that answer came. Milliseconds since the epoch. */
	readonly at: number;
	/** Another one for each answer that differs from the one before; 0 while there is none. */
	readonly version: number;
	/**
	 * From then on userinfo is asked again, while what is known goes on serving. Milliseconds since
	 * the epoch.
	 */
	readonly refetchAt: number;
}

interface Entry extends Learned {
	userinfo: UserClaims | undefined;
	at: number;
	version: number;
	refetchAt: number;
	/** JSON of `userinfo`. */
	text: string;
	/** The provider has no userinfo. */
	hasNone: boolean;
	/** The question that is under way, or has failed until `pausedUntil`. */
	asking: Promise<UserinfoAnswer> | undefined;
	pausedUntil: number;
}

export interface UserinfoOptions {
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	readonly log: Log;
	/** How old an answer may be before userinfo is asked again. Milliseconds. */
	readonly maxAge: number;
	/** Called when userinfo refuses the access token of a session: it has ended. */
	readonly onRefused: (connected: ConnectedProvider, session: StoredSession) => void;
}

/**
 * Asks userinfo for sessions that go on, once for a session at a time, and knows what it said last.
 */
export class UserinfoClaims {
	readonly #options: UserinfoOptions;
	/** By the id of the session; the one that was opened longest ago first. */
	readonly #entries = new Map<string, Entry>();
	#characters = 0;
	#versions = 0;

	constructor(options: UserinfoOptions) {
		this.#options = options;
	}

	/** What is known about a session that was just opened from its cookies. */
	of(session: StoredSession): Learned {
		const { now, maxAge } = this.#options;
		const sealed = sealedUserinfoAt(session);
		const refetchAt = (session.userinfoOmitted ? now() : sealed) + maxAge;
		const known = this.#entries.get(session.id);
		const entry = known ?? {
			...{ userinfo: undefined, at: 0, version: 0, refetchAt },
			...{ text: "", hasNone: false, asking: undefined, pausedUntil: 0 },
		};
		// A renewal has brought a newer answer, which is in the cookies.
		if (known && sealed > known.at) known.refetchAt = Math.max(known.refetchAt, refetchAt);
		this.#keep(session.id, entry);
		return entry;
	}

	/** The claims of a session by the newest answer of each source, the ID token and userinfo. */
	claimsOf(session: StoredSession, learned: Learned): MaybePromise<UserClaims> {
		const { userinfo } = learned;
		if (userinfo === undefined || learned.at <= sealedUserinfoAt(session)) return session.claims;
		return session.signedClaims().then((signed) => mergeClaims(signed, userinfo));
	}

	/**
	 * For a session whose cookies lack what userinfo says: asks, unless the answer is known. False if
	 * it cannot be had now.
	 */
	async complete(
		connected: ConnectedProvider,
		session: StoredSession,
		learned: Learned,
	): Promise<boolean> {
		const entry = this.#newest(session, learned);
		if (entry.userinfo !== undefined || entry.hasNone) return true;
		if (entry.asking === undefined && this.#options.now() < entry.pausedUntil) return false;
		const { kind } = await this.#ask(connected, session, entry);
		if (kind === "unknown") entry.pausedUntil = this.#options.now() + PAUSE_AFTER_FAILURE;
		return kind !== "unknown";
	}

	/**
	 * Asks in the background whether anything has changed, if it is time for that. No request waits
	 * for it.
	 *
	 * @param done is called when there is an answer, if it was asked.
	 * @returns what is known meanwhile.
	 */
	refetch(
		connected: ConnectedProvider,
		session: StoredSession,
		learned: Learned,
		done: () => void,
	): Learned {
		const entry = this.#newest(session, learned);
		const now = this.#options.now();
		if (entry.refetchAt <= now) {
			entry.refetchAt = now + RETRY;
			void this.#ask(connected, session, entry).then(done);
		}
		return entry;
	}

	/** What userinfo has said since a session was sealed. */
	since(session: StoredSession): UserClaims | undefined {
		const entry = this.#entries.get(session.id);
		return entry && entry.at > sealedUserinfoAt(session) ? entry.userinfo : undefined;
	}

	/**
	 * A refresh has brought an answer of userinfo: it counts for requests that still have the cookies
	 * from before, too.
	 */
	renewed(session: StoredSession, userinfo: UserClaims): void {
		const entry = this.#entries.get(session.id);
		if (entry) this.#take(session, entry, userinfo);
	}

	/**
	 * What was given up to make room is still what those go by who have it in hand; the newer of two
	 * counts.
	 */
	#newest(session: StoredSession, learned: Learned): Entry {
		const own = learned as Entry;
		const known = this.#entries.get(session.id);
		if (known !== undefined && known.at >= own.at) return known;
		if (known !== undefined) this.#drop(session.id, known);
		this.#characters += own.text.length;
		this.#keep(session.id, own);
		return own;
	}

	#ask(
		connected: ConnectedProvider,
		session: StoredSession,
		entry: Entry,
	): Promise<UserinfoAnswer> {
		entry.asking ??= this.#fetch(connected, session).then((answer) => {
			entry.asking = undefined;
			if (answer.kind === "refused") this.#options.onRefused(connected, session);
			if (answer.kind === "known") this.#take(session, entry, answer.userinfo);
			if (answer.kind === "none") {
				entry.hasNone = true;
				entry.refetchAt = Number.POSITIVE_INFINITY;
			}
			return answer;
		});
		return entry.asking;
	}

	#take(session: StoredSession, entry: Entry, userinfo: UserClaims): void {
		const text = JSON.stringify(userinfo);
		entry.at = this.#options.now();
		entry.refetchAt = entry.at + this.#options.maxAge;
		if (text === entry.text) return;
		if (this.#entries.get(session.id) === entry)
			this.#characters += text.length - entry.text.length;
		entry.text = text;
		entry.userinfo = userinfo;
		entry.version = ++this.#versions;
		this.#makeRoom();
	}

	/** At the end, since the first go first. */
	#keep(id: string, entry: Entry): void {
		this.#entries.delete(id);
		this.#entries.set(id, entry);
		this.#makeRoom();
	}

	#drop(id: string, { text }: Entry): void {
		this.#characters -= text.length;
		this.#entries.delete(id);
	}

	/**
	 * Those that were opened longest ago are given up: they are asked about as by a process that has
	 * just started.
	 */
	#makeRoom(): void {
		if (this.#hasRoom()) return;
		for (const [id, entry] of this.#entries) {
			this.#drop(id, entry);
			if (this.#hasRoom()) return;
		}
	}

	#hasRoom(): boolean {
		return this.#entries.size <= MAX_SESSIONS && this.#characters <= MAX_CHARACTERS;
	}

	async #fetch({ provider }: ConnectedProvider, session: StoredSession): Promise<UserinfoAnswer> {
		// One that has ended, or is about to, would be refused, which says nothing about the session.
		const isOver = () =>
			(session.accessTokenExpiresAt - neededValidity(session)) * 1000 <= this.#options.now();
		if (isOver()) return { kind: "unknown" };
		try {
			const userinfo = await provider.fetchUserinfo(await session.accessToken());
			if (userinfo === undefined) return { kind: "none" };
			if (!isUserinfoOf(userinfo, session.claims)) return { kind: "refused" };
			return { kind: "known", userinfo };
		} catch (cause) {
			const isRefused = isUserinfoRefusal(cause) && !isOver();
			this.#options.log({
				level: "warning",
				code: isRefused ? "login_required" : "userinfo_invalid",
				message: isRefused
					? "Userinfo refuses the access token of a session, which has ended"
					: "Userinfo could not be fetched; what was known before goes on",
				provider: provider.name,
				cause,
			});
			return { kind: isRefused ? "refused" : "unknown" };
		}
	}
}

/**
 * When the claims of userinfo were fetched that are in a session's cookies; 0 if it has none.
 * Milliseconds since the epoch.
 */
function sealedUserinfoAt(session: StoredSession): number {
	return session.userinfoOmitted || session.userinfoIsOld ? 0 : session.sealedAt * 1000;
}
