import type { User } from "../session/user.ts";

/** Who makes a request about state, as found from its cookies. */
export interface Caller {
	/**
	 * Session id; empty for an anonymous caller. A tab belongs to a session: another login of the
	 * same person is another owner.
	 */
	readonly owner: string;
	readonly user: User | undefined;
	/**
	 * The same for all sessions of one person, and for no other; `undefined` where nothing is kept
	 * for longer than a request.
	 */
	readonly person?: string | undefined;
	/**
	 * From then on the caller is anonymous. Milliseconds since the epoch; infinite for anonymous
	 * callers.
	 */
	readonly expiresAt: number;
	/**
	 * True once the session was ended from outside, before `expiresAt`. Cheap. Absent for anonymous
	 * callers.
	 */
	readonly isRevoked?: (() => boolean) | undefined;
	/** Requests that came later have a higher one. */
	readonly order: number;
	readonly request: Request;
	/** Milliseconds since the epoch, for checks. Default: `Date.now`. */
	readonly now?: (() => number) | undefined;
	/**
	 * What limits count by; `undefined` where the host does not know it, and for a proxy of one's own
	 * network.
	 */
	readonly address: string | undefined;
}
