import { LIVE_FOR, type Mark, POLL_EVERY, RENEWAL_LOCK } from "../wire/renewal.ts";
import type { RefreshAnswer, SessionAnswer } from "../wire/session-answer.ts";
import type { StateProblem } from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";

/**
 * A session whose token ends at once is not renewed without a pause. Milliseconds; doubled with
 * each attempt that changed nothing.
 */
const MIN_WAIT = 5000;
const MAX_DOUBLINGS = 6;
/** The tabs of a browser do not ask all at once. Milliseconds. */
const JITTER = 2000;
/** After a renewal that came to nothing. Seconds. */
const PATIENCE = "2";
/** The longest delay that timers take. Milliseconds. */
const MAX_WAIT = 2_147_483_647;

/** Keeps the session of a tab alive. */
export interface Renewal {
	/** Renews before the access token ends, so that no request has to wait for it. */
	plan(session?: SessionAnswer): void;
	/**
	 * Renews if a refused request asks for it, and sends it once more. If nobody can say whether the
	 * session goes on: a 503 that asks for patience.
	 */
	mend: NonNullable<Connection["mend"]>;
}

/**
 * What asking came to; `isNews` if this tab's own request has renewed the session, or found that it
 * is over.
 */
interface Renewed {
	readonly session: SessionAnswer;
	readonly isNews?: boolean;
}

/** @param announce Tells the other tabs that the session has changed. */
export function createRenewal(
	connection: Connection,
	endpoint: string,
	core: Core,
	announce: () => void,
): Renewal {
	let running: Promise<SessionAnswer | undefined> | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let ranAt = 0;
	/**
	 * Attempts after which it was still due: the provider is down, or the clock of this machine is
	 * ahead.
	 */
	let vain = 0;

	const plan: Renewal["plan"] = (session = core.session) => {
		clearTimeout(timer);
		if (!session?.refresh || core.isClosed) return;
		const now = Date.now();
		const at = session.refresh.at * 1000;
		// A token of a few seconds leaves no time to spread.
		const spread = session.signedIn
			? Math.min(JITTER, Math.max(0, session.expiresAt * 1000 - at) / 2)
			: 0;
		const wait = Math.max(0, at - now, ranAt + MIN_WAIT * 2 ** vain - now) + Math.random() * spread;
		timer = setTimeout(() => void (core.isClosed || run()), Math.min(wait, MAX_WAIT));
	};

	const run = () => {
		running ??= renew(connection, endpoint)
			// Nobody can say: the next request finds out.
			.catch(() => undefined)
			.then((renewed) => {
				running = undefined;
				ranAt = Date.now();
				const session = renewed?.session;
				const isDue = !session || (session.refresh && session.refresh.at * 1000 <= ranAt);
				vain = isDue ? Math.min(vain + 1, MAX_DOUBLINGS) : 0;
				plan(session);
				if (renewed?.isNews) announce();
				// Claims may be others now, or it has ended, or come back: what is shown follows.
				if (session && (renewed.isNews || session.signedIn !== core.session?.signedIn))
					core.hydrate().catch(() => {});
				return session;
			});
		return running;
	};

	return {
		plan,
		mend: async (refused, sendAgain) => {
			const problem: Partial<StateProblem> = await refused
				.clone()
				.json()
				.catch(() => ({}));
			if (problem.code !== "refresh_required") return refused;
			const session = await run();
			if (session) return session.signedIn ? sendAgain() : refused;
			// Nobody can say whether the session is over: no reason to take the person away from the
			// page.
			return Response.json(problem, { status: 503, headers: { "Retry-After": PATIENCE } });
		},
	};
}

/**
 * Renews the session if that is due, one tab of the browser at a time: two requests must never
 * spend the same refresh token.
 *
 * Closing a tab frees its lock while its request is still under way. So the holder leaves a mark
 * before it sends, with `keepalive`; whoever finds a live mark waits until the session's generation
 * has moved. The page that the server sends to a navigation does the same.
 *
 * @returns the session as it is then; `undefined` if nobody can say for now.
 */
async function renew(connection: Connection, endpoint: string): Promise<Renewed | undefined> {
	const { locks } = connection.platform;
	const name = RENEWAL_LOCK + endpoint;
	if (!locks) return renewAlone(connection, endpoint, name);
	let renewed: Renewed | undefined;
	await locks.request(name, {}, async () => {
		renewed = await renewAlone(connection, endpoint, name);
	});
	return renewed;
}

async function renewAlone(
	connection: Connection,
	endpoint: string,
	name: string,
): Promise<Renewed | undefined> {
	const { fetch } = connection.platform;
	for (;;) {
		// A server that takes the request and never answers must not keep the lock from all tabs.
		const asked = await fetch(`${endpoint}/session`, {
			credentials: "same-origin",
			cache: "no-store",
			signal: AbortSignal.timeout(LIVE_FOR),
		});
		if (!asked.ok) return undefined;
		const session: SessionAnswer = await asked.json();
		const { refresh, signedIn } = session;
		if (!refresh || (signedIn && refresh.at * 1000 > Date.now())) return { session };

		const { generation } = refresh;
		const mark = readMark(name);
		if (mark?.generation === generation && Math.abs(Date.now() - mark.time) < LIVE_FOR) {
			// It holds for now, and somebody has asked a moment ago.
			if (signedIn) return { session };
			if (!mark.done) {
				await pause(POLL_EVERY);
				continue;
			}
		}
		const time = Date.now();
		writeMark(name, { generation, time });
		// The mark stays if there is no answer: the request may have arrived all the same. It is not
		// aborted: its cookies may still come.
		const answer = await Promise.race([
			connection.send(`${endpoint}/refresh`, "{}", undefined, true),
			pause(LIVE_FOR) as Promise<undefined>,
		]);
		if (!answer) return undefined;
		writeMark(name, { generation, time, done: true });
		if (answer.status === 401) return { session: { signedIn: false }, isNews: true };
		if (!answer.ok) return undefined;
		const { session: now, renewed }: RefreshAnswer = await answer.json();
		return { session: now, isNews: renewed };
	}
}

function pause(milliseconds: number): Promise<unknown> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function readMark(name: string): Mark | undefined {
	try {
		return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
	} catch {
		return undefined;
	}
}

function writeMark(name: string, mark: Mark): void {
	try {
		localStorage.setItem(name, JSON.stringify(mark));
	} catch {
		// Without storage only the lock is left.
	}
}
