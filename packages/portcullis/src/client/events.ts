import {
	type EventEffects,
	type EventInfo,
	type EventLine,
	type EventOutcome,
	type EventRequest,
	LINES_TYPE,
	type StateDelta,
	type StateProblem,
} from "../wire/state.ts";
import type { EventResult } from "../wire/state-view.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { decode } from "./decode.ts";
import { randomId } from "./platform.ts";
import type { TabRecord } from "./tab-record.ts";

/** How an event ended; what its value is, only the types know. */
export type AnyResult = WithoutHandled<EventResult<unknown>>;

type WithoutHandled<T> = T extends unknown ? Omit<T, "handled"> : never;

/** What else happens when an event has ended. */
export interface EventSurroundings {
	readonly effects: (effects: EventEffects) => void;
	/** The person has to sign in first; or again, if there is a `way` to it. */
	readonly login: (way: string | undefined) => void;
}

/** Waits after a request without an answer before it is repeated. Milliseconds. */
const REPEAT_AFTER = [500, 1000, 2000, 4000];
/** How often a refusal that asks for patience is tried again. */
const MAX_REFUSALS = 3;
/** Longest patience that a server may ask for. Seconds. */
const MAX_RETRY_AFTER = 30;
/**
 * A background event that has not been let in after so long holds up the others no longer.
 * Milliseconds.
 */
const LET_IN_WAIT = 250;
/** A place that no event before it can have had. */
const SEQ_LEAP = 1000;

export const DROPPED: AnyResult = { ok: false, status: "dropped" };
const UNKNOWN: AnyResult = { ok: false, status: "unknown" };

/** What became of one attempt: how the call ended, or after how long it may be tried again. */
type Attempt = AnyResult | { readonly after: number | undefined; readonly code?: string };

/**
 * Sends an event when its turn comes. Never rejects. `payload` is JSON, from the moment of the
 * call.
 */
export type SendEvent = (
	state: string,
	event: string,
	info: EventInfo,
	payload: string | undefined,
) => Promise<AnyResult>;

/**
 * Sends a tab's events, one at a time and in order, and exactly once as far as that can be known.
 */
/** An event that changes nothing that can be seen may still begin the client's record. */
const NOTHING: StateDelta = { rev: 0, values: {} };

export function createEvents(
	core: Core,
	connection: Connection,
	record: TabRecord,
	at: EventSurroundings,
): SendEvent {
	/** Drops waiting events that make no sense later. */
	const temporal = new Set<() => void>();
	let last: Promise<void> = Promise.resolve();

	const hydrate = () => core.hydrate().catch(() => {});

	/**
	 * It is unknown what the event did: hydrates, so that the page shows the values that the server
	 * has.
	 */
	const giveUp = (): AnyResult => {
		void hydrate();
		return UNKNOWN;
	};

	/** Resolves with the outcome; values that come after it are taken all the same. */
	const read = (body: ReadableStream<Uint8Array>, client: string, asked: readonly string[]) =>
		new Promise<EventOutcome | undefined>((resolve) => {
			let isEnded = false;
			const readAll = async () => {
				for await (const line of connection.lines<EventLine>(body)) {
					if (line.type === "delta") core.receive(client, line.delta, line.epoch, asked);
					else if (line.type === "outcome") {
						isEnded = true;
						core.receive(client, NOTHING, line.epoch, asked);
						resolve(line.outcome);
					}
				}
			};
			readAll()
				// Values were still to come.
				.catch(() => {
					if (isEnded) void hydrate();
				})
				.then(() => resolve(undefined));
		});

	/** @param next Ends the wait of those after it. @param resolve Ends this one before its turn. */
	const call =
		(state: string, event: string, info: EventInfo, payload: string | undefined) =>
		(next: () => void, resolve: (result: AnyResult) => void) => {
			// The person who called it: the event is never sent for another person.
			const { person } = core;
			const id = randomId();
			let isDropped = false;
			/** Sent before, and no outcome came. */
			let isRepeat = false;
			/** Of the first time: the server has to know what has happened since. */
			let epoch: number;
			let seq: number;

			const refused = async (response: Response): Promise<Attempt> => {
				const { status, headers } = response;
				const problem: Partial<StateProblem> = await response.json().catch(() => ({}));
				const { id: errorId, issues = [] } = problem;
				const code = problem.code ?? `http_${status}`;
				const patience = headers.get("Retry-After");
				if ((status === 429 || status === 503) && patience !== null) {
					return { after: Math.min(Number(patience) || 1, MAX_RETRY_AFTER) * 1000, code };
				}
				// A proxy's own page says nothing about what became of the event.
				if (status >= 500 && !problem.code) return LOST;
				if (code === "event_out_of_order" && !isRepeat) {
					// Another one had this place, before this tab was restored: it was not run, and goes to
					// the end.
					seq = record.seq += SEQ_LEAP;
					return { after: 0, code };
				}
				// A refused event leaves its place to the next.
				if (!isRepeat && record.seq === seq) record.seq--;
				if (code === "client_stale") await hydrate();
				if (status === 401 || (person && core.person === "")) {
					// That person is not signed in any more: the values that they could see are removed.
					void hydrate();
					at.login(problem.href);
					return { ok: false, status: "denied", reason: "login" };
				}
				if (code === "forbidden") return { ok: false, status: "denied", reason: code };
				if (code === "input_invalid") return { ok: false, status: "invalid", issues };
				return failed(code, errorId);
			};

			const attempt = async (): Promise<Attempt> => {
				const client = core.client as string;
				const asked = [...core.used];
				const request: EventRequest = {
					...{ client, epoch, seq, id, state, event, states: asked },
					// After a lost connection it is unknown what arrived: without a `rev` everything is sent.
					rev: isRepeat ? 0 : core.rev,
					...(isRepeat ? { repeat: true } : {}),
				};
				const body = JSON.stringify(request);
				const timer = info.background && setTimeout(next, LET_IN_WAIT);
				let response: Response;
				try {
					const withPayload =
						payload === undefined ? body : `${body.slice(0, -1)},"payload":${payload}}`;
					response = await connection.post("event", withPayload);
				} catch {
					return LOST;
				} finally {
					if (timer) clearTimeout(timer);
				}
				if (!response.ok) return refused(response);
				if (!response.body || !response.headers.get("Content-Type")?.startsWith(LINES_TYPE))
					return LOST;
				if (info.background) next();
				const outcome = await read(response.body, client, asked);
				if (!outcome) {
					connection.lost();
					return LOST;
				}
				// What was meant for one person is not handed to the next.
				if (core.person !== person) return UNKNOWN;
				if (outcome.status === "unknown") return giveUp();
				const result: AnyResult =
					outcome.status === "ok"
						? { ok: true, status: "ok", value: decode(outcome.value) }
						: failed(outcome.code, outcome.errorId);
				at.effects(outcome);
				return result;
			};

			const drop = () => {
				isDropped = true;
				resolve(DROPPED);
			};
			if (info.temporal) temporal.add(drop);

			const take = async (): Promise<AnyResult> => {
				if (!isDropped) await core.settled().catch(() => {});
				temporal.delete(drop);
				if (isDropped || (info.temporal && connection.isOutOfReach)) return DROPPED;
				epoch = core.epoch;
				seq = ++record.seq;
				for (let losses = 0, refusals = 0; ; ) {
					if (core.isClosed) return isRepeat ? UNKNOWN : DROPPED;
					if (core.person !== person) return isRepeat ? UNKNOWN : failed("client_stale");
					const tried = await attempt();
					if (!("after" in tried)) return tried;
					let { after } = tried;
					if (after === undefined) {
						isRepeat = true;
						for (const dropOther of temporal) dropOther();
						after = REPEAT_AFTER[losses++];
						if (after === undefined || info.temporal) return giveUp();
					} else if (++refusals > MAX_REFUSALS) return failed(tried.code as string);
					await connection.pause(after);
				}
			};
			return take;
		};

	return (state, event, info, payload) => {
		const before = last;
		return new Promise((resolve) => {
			last = new Promise((next) => {
				const take = call(state, event, info, payload)(next, resolve);
				before
					.then(take)
					// A value that cannot be read, or a server that does not keep to the contract.
					.catch(() => UNKNOWN)
					.then((result) => {
						next();
						resolve(result);
					});
			});
		});
	};
}

/** No answer came. */
const LOST: Attempt = { after: undefined };

function failed(code: string, errorId?: string): AnyResult {
	return { ok: false, status: "failed", code, ...(errorId === undefined ? {} : { errorId }) };
}
