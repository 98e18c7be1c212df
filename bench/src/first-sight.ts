import { sealPeople } from "./people.ts";
import { type LoadProcess, startServer } from "./processes.ts";
import { median } from "./statistics.ts";
import { measure } from "./throughput.ts";

const PEOPLE = 10_000;
/** Others than those that are measured, so that the code is compiled and no cookie was seen before. */
const WARM_UP = 3_000;

/** What the first request of a person costs. */
export interface FirstSight {
	readonly people: number;
	/** CPU microseconds of a request: without Portcullis, and through the guard with cookies that it has never seen. */
	readonly plain: number;
	readonly guarded: number;
	/** The guard's share, median of the rounds. */
	readonly guard: number;
	readonly guards: readonly number[];
}

/** Each of 10,000 people asks once, of a server that was just started: so nothing is found in its cache. */
export async function measureFirstSight(
	load: LoadProcess,
	env: Record<string, string>,
	rounds: number,
): Promise<FirstSight> {
	const people = await sealPeople(PEOPLE + WARM_UP, env);
	const [warmUp, measured] = [people.slice(0, WARM_UP), people.slice(WARM_UP)];
	const plain: number[] = [];
	const guarded: number[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const app of round % 2 === 0 ? (["plain", "gate"] as const) : (["gate", "plain"] as const)) {
			const server = await startServer(app, env);
			const side = { server, path: "/notes", headers: {} };
			await measure(load, side, { amount: warmUp.length, cookies: warmUp });
			const { cpuMicroseconds } = await measure(load, side, { amount: measured.length, cookies: measured });
			(app === "plain" ? plain : guarded).push(cpuMicroseconds);
			server.stop();
		}
	}
	const guards = guarded.map((cpu, i) => cpu - (plain[i] ?? Number.NaN));
	return { people: PEOPLE, plain: median(plain), guarded: median(guarded), guard: median(guards), guards };
}
