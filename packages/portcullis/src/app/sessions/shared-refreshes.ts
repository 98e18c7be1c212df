import { isPortcullisError } from "../../base/errors.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import type { SetCookie } from "../../session/cookies.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import type { RecordLease, StateStore } from "../../store/contract.ts";

/**
 * Prefix of the record of one refresh. Browsers name clients by sealed names, so that none can name
 * this one.
 */
const RECORD = "refresh.";
const COOKIES = "cookies";
/** How long the others can still have what came of a refresh. Seconds. */
const RECORD_TTL = 20;
/**
 * How long to wait for the process that is at it, which may take all of its time-outs.
 * Milliseconds.
 */
const WAIT = 25_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What to fold: a refresh of one generation of one session. */
export interface SharedRefresh {
	readonly connected: ConnectedProvider;
	readonly session: StoredSession;
}

/** How to come to an outcome. */
export interface SharedOutcome<T> {
	/** Is called by one process for all. Must not throw. */
	readonly refresh: () => Promise<T>;
	/** What of an outcome the others may have; `undefined` if each is to see for itself. */
	readonly cookiesOf: (outcome: T) => readonly SetCookie[] | undefined;
	/** The outcome of those who come later. */
	readonly outcomeOf: (cookies: readonly SetCookie[]) => T;
	/**
	 * The outcome while another process does not come to an end: its token may be spent any moment.
	 */
	readonly busy: (cause: unknown) => Promise<T>;
}

/**
 * Folds refreshes of all processes on one store into one: the process that takes the lease first
 * spends the refresh token, the others hand out the very cookies that came of it. The store has
 * them sealed, like a browser, and bound to the session and generation that they replace: who can
 * read the store can do nothing with them.
 */
export class SharedRefreshes {
	readonly #store: StateStore;
	readonly #log: (cause: unknown) => void;

	/**
	 * @param log hears that the store does not answer: browsers then see to it by themselves that a
	 *   token is spent once.
	 */
	constructor(store: StateStore, log: (cause: unknown) => void) {
		this.#store = store;
		this.#log = log;
	}

	async once<T>(
		at: SharedRefresh,
		{ refresh, cookiesOf, outcomeOf, busy }: SharedOutcome<T>,
	): Promise<T> {
		let lease: RecordLease;
		try {
			const record = `${RECORD}${at.session.id}.${at.session.rotation}`;
			lease = await this.#store.acquire(record, 0, AbortSignal.timeout(WAIT));
		} catch (cause) {
			if (isPortcullisError(cause) && cause.code === "state_busy") return busy(cause);
			this.#log(cause);
			return refresh();
		}
		try {
			const known = await readCookies(at, lease.entries?.get(COOKIES));
			if (known) return outcomeOf(known);
			const outcome = await refresh();
			const cookies = cookiesOf(outcome);
			if (cookies) await this.#keep(at, lease, cookies);
			return outcome;
		} finally {
			await lease.release();
		}
	}

	async #keep(at: SharedRefresh, lease: RecordLease, cookies: readonly SetCookie[]): Promise<void> {
		try {
			const bytes = encoder.encode(JSON.stringify(cookies));
			const sealed = await at.connected.ring.seal("session", bytes, contextOf(at));
			await lease.commit([[COOKIES, sealed]], lease.version + 1, {
				ttl: RECORD_TTL,
				anonymous: false,
			});
		} catch (cause) {
			this.#log(cause);
		}
	}
}

/** `undefined` for what another process sealed with a key that is not known here. */
async function readCookies(
	at: SharedRefresh,
	sealed: string | undefined,
): Promise<readonly SetCookie[] | undefined> {
	const bytes =
		sealed === undefined
			? undefined
			: await at.connected.ring.open("session", sealed, contextOf(at));
	return bytes && (JSON.parse(decoder.decode(bytes)) as readonly SetCookie[]);
}

/**
 * No cookie's name begins like this: what is sealed here opens as no cookie, and no cookie opens
 * here.
 */
function contextOf({ connected: { names }, session }: SharedRefresh): string {
	return `renewed ${names.access} ${names.binding} ${session.id}.${session.rotation}`;
}
