// What the tabs of a browser have agreed on about a session: the client and the gate's own pages
// keep to it alike. Endpoint paths are appended.

/**
 * Web Lock held by the tab or page that spends the refresh token or ends the session; the mark in
 * `localStorage` has the same name.
 */
export const RENEWAL_LOCK = "portcullis:refresh ";

/**
 * For so long a holder of the lock that has gone may still have a request under way. Milliseconds.
 */
export const LIVE_FOR = 15_000;
/** How often to look whether that request has come to an end. Milliseconds. */
export const POLL_EVERY = 250;

/**
 * What the holder of the lock leaves behind for the one after it, before it spends the refresh
 * token.
 */
export interface Mark {
	/** Of the session whose token is spent. */
	readonly generation: number;
	/** Milliseconds since the epoch. */
	readonly time: number;
	/**
	 * The answer is here, and the session goes on without a new token: no tab has to try again at
	 * once.
	 */
	readonly done?: boolean;
}
