import { LIVE_FOR, type Mark, POLL_EVERY, RENEWAL_LOCK } from "../wire/renewal.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import type { TabLocks } from "./platform.ts";

// How tabs take turns with the refresh token. The client and the gate's own pages both use it.

/** What a tab needs to take its turn. */
export interface TurnContext {
	/** Path below which the gate's endpoints are. It also names the lock and the mark. */
	readonly endpoint: string;
	readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
	/** Without locks, the mark alone keeps tabs apart. */
	readonly locks: TabLocks | undefined;
}

/** What `refreshInTurn` came to: nothing had to be done, or the server answered the refresh. */
export type Refreshed =
	| { readonly session: SessionAnswer; readonly answer?: undefined }
	| { readonly answer: Response; readonly session?: undefined };

/** Runs while no other tab refreshes or ends the session. */
export function inTurn<T>({ endpoint, locks }: TurnContext, held: () => Promise<T>): Promise<T> {
	// Web Locks returns what the function returns.
	return locks
		? (locks.request(RENEWAL_LOCK + endpoint, {}, held as () => Promise<never>) as Promise<T>)
		: held();
}

/**
 * Asks for the session until no request that may change it is under way. Call it inside a turn.
 *
 * A tab that closes frees its lock while its request is still under way. So the holder leaves a
 * mark before it sends, and the next holder waits while that mark is live.
 *
 * @param isEnough Stops the wait as soon as it is true for an answer.
 * @returns `undefined` if the server has no answer for now.
 */
export async function settledSession(
	{ endpoint, fetch }: TurnContext,
	isEnough?: (session: SessionAnswer) => boolean,
): Promise<SessionAnswer | undefined> {
	for (;;) {
		const asked = await fetch(`${endpoint}/session`, {
			credentials: "same-origin",
			cache: "no-store",
			// A server that never answers must not keep the lock from all tabs. Browsers before 2022 have
			// no such signal, and go without.
			signal: AbortSignal.timeout?.(LIVE_FOR),
		});
		if (!asked.ok) return undefined;
		const session: SessionAnswer = await asked.json();
		const mark = liveMark(endpoint, session);
		if (!mark || mark.done || isEnough?.(session)) return session;
		await pause(POLL_EVERY);
	}
}

/**
 * Refreshes the session unless it `isEnough` as it is. Call it inside a turn: two requests must
 * never spend the same refresh token.
 *
 * @param send Sends the refresh, with `keepalive`.
 * @returns `undefined` if it stays unknown whether the session goes on.
 */
export async function refreshInTurn(
	context: TurnContext,
	isEnough: (session: SessionAnswer) => boolean,
	send: (path: string) => Promise<Response>,
): Promise<Refreshed | undefined> {
	const { endpoint } = context;
	const session = await settledSession(context, isEnough);
	if (!session?.refresh || isEnough(session)) return session && { session };
	const { generation } = session.refresh;
	const time = Date.now();
	writeMark(endpoint, { generation, time });
	// The mark stays if there is no answer: the request may have arrived all the same. It is not
	// aborted: its cookies may still come.
	const answer = await Promise.race([
		send(`${endpoint}/refresh`),
		pause(LIVE_FOR) as Promise<undefined>,
	]);
	if (!answer) return undefined;
	writeMark(endpoint, { generation, time, done: true });
	return { answer };
}

/** The mark of a tab that refreshes this session now, or tried to a moment ago. */
export function liveMark(endpoint: string, { refresh }: SessionAnswer): Mark | undefined {
	try {
		const mark: Mark | null = JSON.parse(localStorage.getItem(RENEWAL_LOCK + endpoint) as string);
		return mark &&
			mark.generation === refresh?.generation &&
			Math.abs(Date.now() - mark.time) < LIVE_FOR
			? mark
			: undefined;
	} catch {
		return undefined;
	}
}

function writeMark(endpoint: string, mark: Mark): void {
	try {
		localStorage.setItem(RENEWAL_LOCK + endpoint, JSON.stringify(mark));
	} catch {
		// Without storage only the lock is left.
	}
}

export function pause(milliseconds: number): Promise<unknown> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
