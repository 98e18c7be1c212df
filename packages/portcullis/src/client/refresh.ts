import type { RefreshAnswer, SessionAnswer } from "../wire/session-answer.ts";
import type { StateProblem } from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { inTurn, liveMark, refreshInTurn } from "./refresh-turn.ts";

/**
 * A session whose token ends at once is not refreshed without a pause. Milliseconds; doubled with
 * each attempt that changed nothing.
 */
const MIN_WAIT = 5000;
const MAX_DOUBLINGS = 6;
/** The tabs of a browser do not all ask at once. Milliseconds. */
const JITTER = 2000;
/** Value of `Retry-After` when the outcome of a refresh is unknown. Seconds. */
const RETRY_AFTER = "2";
/** The longest delay that timers take. Milliseconds. */
const MAX_WAIT = 2_147_483_647;

/** Keeps the session of a tab alive. */
export interface Refresher {
	/** Refreshes before the access token expires, so that no request has to wait for it. */
	plan(session?: SessionAnswer): void;
	/**
	 * Refreshes the session if a refused request asks for it, and sends the request once more. If it
	 * stays unknown whether the session goes on, the answer is a 503 with `Retry-After`.
	 */
	retry: NonNullable<Connection["retry"]>;
}

/**
 * The outcome of a refresh; `hasChanged` if this tab's own request has refreshed the session, or
 * found that it has ended.
 */
interface Renewed {
	readonly session: SessionAnswer;
	readonly hasChanged?: boolean;
}

/** @param announce Tells the other tabs that the session has changed. */
export function createRefresher(
	connection: Connection,
	endpoint: string,
	core: Core,
	announce: () => void,
): Refresher {
	let running: Promise<SessionAnswer | undefined> | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let ranAt = 0;
	/**
	 * Attempts after which it was still due: the provider is down, or the clock of this machine is
	 * ahead.
	 */
	let failures = 0;

	const plan: Refresher["plan"] = (session = core.session) => {
		clearTimeout(timer);
		if (!session?.refresh || core.isClosed) return;
		const now = Date.now();
		const at = session.refresh.at * 1000;
		// A token of a few seconds leaves no time to spread.
		const spread = session.signedIn
			? Math.min(JITTER, Math.max(0, session.expiresAt * 1000 - at) / 2)
			: 0;
		const wait =
			Math.max(0, at - now, ranAt + MIN_WAIT * 2 ** failures - now) + Math.random() * spread;
		timer = setTimeout(() => void (core.isClosed || run()), Math.min(wait, MAX_WAIT));
	};

	const run = () => {
		running ??= renew(connection, endpoint)
			// The outcome is unknown: the next request finds out.
			.catch(() => undefined)
			.then((renewed) => {
				running = undefined;
				ranAt = Date.now();
				const session = renewed?.session;
				const isDue = !session || (session.refresh && session.refresh.at * 1000 <= ranAt);
				failures = isDue ? Math.min(failures + 1, MAX_DOUBLINGS) : 0;
				plan(session);
				if (renewed?.hasChanged) announce();
				// Claims may be others now, or it has ended, or come back: what is shown follows.
				if (session && (renewed.hasChanged || session.signedIn !== core.session?.signedIn))
					core.hydrate().catch(() => {});
				return session;
			});
		return running;
	};

	return {
		plan,
		retry: async (refused, sendAgain) => {
			const problem: Partial<StateProblem> = await refused
				.clone()
				.json()
				.catch(() => ({}));
			if (problem.code !== "refresh_required") return refused;
			const session = await run();
			if (session) return session.signedIn ? sendAgain() : refused;
			// It is unknown whether the session has ended: the person stays on the page.
			return Response.json(problem, { status: 503, headers: { "Retry-After": RETRY_AFTER } });
		},
	};
}

/**
 * Refreshes the session if that is due, one tab of the browser at a time. The page that the server
 * sends to a navigation does the same.
 *
 * @returns the session as it is then; `undefined` if the outcome is unknown for now.
 */
async function renew(connection: Connection, endpoint: string): Promise<Renewed | undefined> {
	const { fetch, locks } = connection.platform;
	const context = { endpoint, fetch, locks };
	const isEnough = (session: SessionAnswer) =>
		session.signedIn &&
		(!session.refresh ||
			session.refresh.at * 1000 > Date.now() ||
			// It is still valid, and a tab has begun a refresh a moment ago.
			liveMark(endpoint, session) !== undefined);
	return inTurn(context, async () => {
		const refreshed = await refreshInTurn(context, isEnough, (path) =>
			connection.send(path, "{}", undefined, true),
		);
		if (!refreshed?.answer) return refreshed;
		const { answer } = refreshed;
		if (answer.status === 401) return { session: { signedIn: false }, hasChanged: true };
		if (!answer.ok) return undefined;
		const { session, renewed }: RefreshAnswer = await answer.json();
		return { session, hasChanged: renewed };
	});
}
