import { WIDE } from "./state-app.ts";
import type { StateLoadProcess, StateServer } from "./state-processes.ts";
import type { TabServer } from "./state-tab.ts";
import { median } from "./statistics.ts";

/**
 * Enough for the optimizing compiler, and for the garbage of instances to be collected along the
 * way.
 */
const WARM_UP = 500;
const COUNT = 1000;

/**
 * CPU microseconds of the server for one hydrate over HTTP, user and system: medians of the rounds.
 */
export interface HydrateCost {
	readonly fields: number;
	readonly checks: number;
	/** A tab that comes for the first time: its instance is made. */
	readonly first: number;
	/** A tab that is known. */
	readonly again: number;
}

/** Hydrates the state with many fields, by a person whom the server knows. */
export async function measureHydrates(
	load: StateLoadProcess,
	server: StateServer,
	cookie: string,
	rounds: number,
): Promise<HydrateCost> {
	const side: TabServer = { port: server.port, cookie, eventPath: "" };
	const measure = async (isKnown: boolean, count: number): Promise<number> => {
		// One session may ask 1,200 times a minute.
		await server.advance(60_000);
		const before = await server.cpu();
		await load.run({ kind: "hydrates", server: side, state: "wide", isKnown, count });
		const after = await server.cpu();
		return (after.user + after.system - before.user - before.system) / count;
	};
	for (const isKnown of [false, true]) await measure(isKnown, WARM_UP);
	const first: number[] = [];
	const again: number[] = [];
	for (let round = 0; round < rounds; round++) {
		first.push(await measure(false, COUNT));
		again.push(await measure(true, COUNT));
	}
	return { ...WIDE, first: median(first), again: median(again) };
}
