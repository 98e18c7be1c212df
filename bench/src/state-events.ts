import type { StateLoadProcess, StateServer } from "./state-processes.ts";
import type { TabServer } from "./state-tab.ts";
import { median } from "./statistics.ts";
import { alternate, type Comparison, compareRounds, type Figures, medians } from "./throughput.ts";

const BARE_PATH = "/draft";
/** Requests before those that are measured: after as many, what an event takes stays the same. */
const WARM_UP = 40_000;

/** Figures of requests, with how long they took from the load's side. */
export interface TimedFigures extends Figures {
	/** Milliseconds, with 50 requests on their way at any time. */
	readonly p50: number;
	readonly p99: number;
}

/**
 * Events (`other`) against a bare JSON route of Hono (`base`) that gets the same bodies and answers
 * with as much.
 */
export interface EventComparison extends Comparison {
	readonly base: TimedFigures;
	readonly other: TimedFigures;
}

export async function compareEvents(
	load: StateLoadProcess,
	bare: StateServer,
	gate: StateServer,
	cookie: string,
	{ rounds, seconds }: { rounds: number; seconds: number },
): Promise<EventComparison> {
	const bareSide = { port: bare.port, cookie, eventPath: BARE_PATH };
	const gateSide = { port: gate.port, cookie, eventPath: "/_portcullis/event" };
	await warmUp(load, bareSide);
	await warmUp(load, gateSide);
	const { bases, others } = await alternate(
		rounds,
		() => sendEvents(load, bare, bareSide, seconds),
		() => sendEvents(load, gate, gateSide, seconds),
	);
	return {
		base: timedMedians(bases),
		other: timedMedians(others),
		...compareRounds(bases, others),
	};
}

/**
 * By count and not by time: on a busy machine a few seconds are too few requests for the optimizing
 * compiler. Opens the tabs, too.
 */
async function warmUp(load: StateLoadProcess, side: TabServer): Promise<void> {
	for (let sent = 0; sent < WARM_UP; ) {
		const { requests } = await load.run({
			kind: "events",
			server: side,
			isBare: isBare(side),
			seconds: 1,
		});
		sent += requests;
	}
}

function isBare(side: TabServer): boolean {
	return side.eventPath === BARE_PATH;
}

async function sendEvents(
	load: StateLoadProcess,
	server: StateServer,
	side: TabServer,
	seconds: number,
): Promise<TimedFigures> {
	const before = await server.cpu();
	const result = await load.run({ kind: "events", server: side, isBare: isBare(side), seconds });
	const after = await server.cpu();
	const user = (after.user - before.user) / result.requests;
	const system = (after.system - before.system) / result.requests;
	const { p50, p99 } = result;
	return {
		requestsPerSecond: result.requests / result.seconds,
		cpuMicroseconds: user + system,
		userMicroseconds: user,
		p50,
		p99,
	};
}

function timedMedians(figures: readonly TimedFigures[]): TimedFigures {
	return {
		...medians(figures),
		p50: median(figures.map(({ p50 }) => p50)),
		p99: median(figures.map(({ p99 }) => p99)),
	};
}
