import type { RefreshAnswer, SessionAnswer } from "../wire/session-answer.ts";
import type { StateProblem } from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";

/** What the holder of the lock leaves behind before it spends the refresh token, for the one after it. */
interface Mark {
	readonly generation: number;
	/** Milliseconds since the epoch. */
	readonly time: number;
}

/** For so long a holder that has gone may still have a request under way. Milliseconds. */
const LIVE_FOR = 15_000;
const POLL_EVERY = 250;

/** A session whose token ends at once is not renewed without a pause. Milliseconds. */
const MIN_WAIT = 5000;
/** The tabs of a browser do not ask all at once. Milliseconds. */
const JITTER = 2000;
/** The longest delay that timers take. Milliseconds. */
const MAX_WAIT = 2_147_483_647;

/** Keeps the session of a tab alive. */
export interface Renewal {
	/** Renews before the access token ends, so that no request has to wait for it. */
	plan(session?: SessionAnswer): void;
	/** Renews if a refused request asks for it; true if the request can be sent once more. */
	mend(refused: Response): Promise<boolean>;
}

export function createRenewal(connection: Connection, endpoint: string, core: Core): Renewal {
	let running: Promise<SessionAnswer | undefined> | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;

	const plan: Renewal["plan"] = (session = core.session) => {
		clearTimeout(timer);
		if (!session?.refresh || core.isClosed) return;
		const wait = Math.max(MIN_WAIT, session.refresh.at * 1000 - Date.now()) + Math.random() * JITTER;
		timer = setTimeout(() => void (core.isClosed || run()), Math.min(wait, MAX_WAIT));
	};

	const run = () => {
		running ??= renew(connection, endpoint)
			// Nobody can say: the next request finds out.
			.catch(() => undefined)
			.then((session) => {
				running = undefined;
				plan(session);
				// It has ended, or come back: what is shown follows.
				if (session && session.signedIn !== core.session?.signedIn) core.hydrate().catch(() => {});
				return session;
			});
		return running;
	};

	return {
		plan,
		mend: async (refused) => {
			const problem: Partial<StateProblem> = await refused.json().catch(() => ({}));
			return problem.code === "refresh_required" && (await run())?.signedIn === true;
		},
	};
}

/**
 * Renews the session if that is due, one tab of the browser at a time: two requests must never spend the same refresh token.
 *
 * Closing a tab frees its lock while its request is still under way. So the holder leaves a mark before it sends, with `keepalive`; whoever
 * finds a live mark waits until the session's generation has moved. The page that the server sends to a navigation does the same.
 *
 * @returns the session as it is then; `undefined` if nobody can say for now.
 */
async function renew(connection: Connection, endpoint: string): Promise<SessionAnswer | undefined> {
	const { locks } = connection.platform;
	const name = `portcullis:refresh ${endpoint}`;
	if (!locks) return renewAlone(connection, endpoint, name);
	let session: SessionAnswer | undefined;
	await locks.request(name, {}, async () => {
		session = await renewAlone(connection, endpoint, name);
	});
	return session;
}

async function renewAlone(connection: Connection, endpoint: string, name: string): Promise<SessionAnswer | undefined> {
	const { fetch } = connection.platform;
	for (;;) {
		const asked = await fetch(`${endpoint}/session`, { credentials: "same-origin", cache: "no-store" });
		if (!asked.ok) return undefined;
		const session: SessionAnswer = await asked.json();
		const { refresh, signedIn } = session;
		if (!refresh || (signedIn && refresh.at * 1000 > Date.now())) return session;

		const mark = readMark(name);
		if (mark?.generation === refresh.generation && Math.abs(Date.now() - mark.time) < LIVE_FOR) {
			await new Promise((resolve) => setTimeout(resolve, POLL_EVERY));
			continue;
		}
		writeMark(name, { generation: refresh.generation, time: Date.now() });
		// The mark stays if there is no answer: the request may have arrived all the same.
		const answer = await connection.send(`${endpoint}/refresh`, "{}", undefined, true);
		writeMark(name, undefined);
		if (answer.status === 401) return { signedIn: false };
		return answer.ok ? ((await answer.json()) as RefreshAnswer).session : undefined;
	}
}

function readMark(name: string): Mark | undefined {
	try {
		return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
	} catch {
		return undefined;
	}
}

function writeMark(name: string, mark: Mark | undefined): void {
	try {
		if (mark) localStorage.setItem(name, JSON.stringify(mark));
		else localStorage.removeItem(name);
	} catch {
		// Without storage only the lock is left.
	}
}
