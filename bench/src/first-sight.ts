import { sealPeople } from "./people.ts";
import { type LoadProcess, startServer } from "./processes.ts";
import { median } from "./statistics.ts";
import { type Figures, measure, medians } from "./throughput.ts";

const PEOPLE = 10_000;
/**
 * Others than those that are measured, so that the code is compiled and no cookie was seen before.
 */
const WARM_UP = 3_000;

/** What the first request of a person costs. */
export interface FirstSight {
	readonly people: number;
	/**
	 * A request without Portcullis, and one through the guard with cookies that it has never seen:
	 * medians of the rounds.
	 */
	readonly plain: Figures;
	readonly guarded: Figures;
	/**
	 * The guard's share in CPU microseconds, user and system: median of the rounds, and each of them.
	 */
	readonly guard: number;
	readonly guards: readonly number[];
	/**
	 * The same in user time alone: the guard makes no system call, yet a slower server finds its
	 * clients asleep and has to wake them.
	 */
	readonly guardUser: number;
}

/**
 * Each of 10,000 people asks once, of a server that was just started: so nothing is found in its
 * cache.
 */
export async function measureFirstSight(
	load: LoadProcess,
	env: Record<string, string>,
	rounds: number,
): Promise<FirstSight> {
	const people = await sealPeople(PEOPLE + WARM_UP, env);
	const [warmUp, measured] = [people.slice(0, WARM_UP), people.slice(WARM_UP)];
	const plain: Figures[] = [];
	const guarded: Figures[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const app of round % 2 === 0
			? (["plain", "gate"] as const)
			: (["gate", "plain"] as const)) {
			const server = await startServer(app, env);
			const side = { server, path: "/notes", headers: {} };
			await measure(load, side, { amount: warmUp.length, cookies: warmUp });
			const figures = await measure(load, side, { amount: measured.length, cookies: measured });
			(app === "plain" ? plain : guarded).push(figures);
			server.stop();
		}
	}
	const shares = (key: keyof Figures) =>
		guarded.map((figures, i) => figures[key] - (plain[i]?.[key] ?? Number.NaN));
	const guards = shares("cpuMicroseconds");
	const guardUser = median(shares("userMicroseconds"));
	return {
		people: PEOPLE,
		plain: medians(plain),
		guarded: medians(guarded),
		guard: median(guards),
		guards,
		guardUser,
	};
}
