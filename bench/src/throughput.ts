import type { LoadJob } from "./load.ts";
import type { LoadProcess, ServerProcess } from "./processes.ts";
import { median } from "./statistics.ts";

/** One side of a comparison: what is asked for, of which server. */
export interface Side {
	readonly server: ServerProcess;
	readonly path: string;
	readonly headers: Record<string, string>;
	readonly expectedStatus?: number;
}

/** Two sides, measured in turn. */
export interface Comparison {
	/**
	 * Medians over the rounds: requests a second, CPU microseconds of the server for each request.
	 */
	readonly base: Figures;
	readonly other: Figures;
	/** Median of the rounds' ratios, other to base. */
	readonly throughputRatio: number;
	/**
	 * The same, base to other, of the CPU time that the server took: hardly moved by what else runs
	 * on the machine.
	 */
	readonly cpuRatio: number;
	/** Every round's ratio of requests, for the spread. */
	readonly ratios: readonly number[];
}

export interface Figures {
	readonly requestsPerSecond: number;
	/** User and system. */
	readonly cpuMicroseconds: number;
	/**
	 * User alone: without what the kernel takes for sockets and for waking up a load generator that
	 * had to wait.
	 */
	readonly userMicroseconds: number;
}

/** Measures base and other in alternation, the one that begins changing from round to round. */
export async function compare(
	load: LoadProcess,
	base: Side,
	other: Side,
	{ rounds, seconds }: { rounds: number; seconds: number },
): Promise<Comparison> {
	for (const side of [base, other]) await measure(load, side, { duration: 1 });
	const { bases, others } = await alternate(
		rounds,
		() => measure(load, base, { duration: seconds }),
		() => measure(load, other, { duration: seconds }),
	);
	return { base: medians(bases), other: medians(others), ...compareRounds(bases, others) };
}

/** Runs both in turn, the one that begins changing from round to round. */
export async function alternate<T>(
	rounds: number,
	measureBase: () => Promise<T>,
	measureOther: () => Promise<T>,
): Promise<{ readonly bases: readonly T[]; readonly others: readonly T[] }> {
	const bases: T[] = [];
	const others: T[] = [];
	for (let round = 0; round < rounds; round++) {
		if (round % 2 === 0) bases.push(await measureBase());
		others.push(await measureOther());
		if (round % 2 === 1) bases.push(await measureBase());
	}
	return { bases, others };
}

/** The rounds' ratios, of requests and of CPU time. */
export function compareRounds(
	bases: readonly Figures[],
	others: readonly Figures[],
): Pick<Comparison, "throughputRatio" | "cpuRatio" | "ratios"> {
	const ratios = others.map(
		({ requestsPerSecond }, i) => requestsPerSecond / (bases[i]?.requestsPerSecond ?? Number.NaN),
	);
	const cpuRatios = others.map(
		({ cpuMicroseconds }, i) => (bases[i]?.cpuMicroseconds ?? Number.NaN) / cpuMicroseconds,
	);
	return { throughputRatio: median(ratios), cpuRatio: median(cpuRatios), ratios };
}

/** One run: requests a second, and the CPU time that the server took for each. */
export async function measure(
	load: LoadProcess,
	side: Side,
	extent: Pick<LoadJob, "duration" | "amount" | "cookies">,
): Promise<Figures> {
	const { server, path, headers, expectedStatus = 200 } = side;
	const before = await server.cpu();
	const { requests, seconds } = await load.run({
		url: server.origin + path,
		headers,
		expectedStatus,
		...extent,
	});
	const after = await server.cpu();
	const user = (after.user - before.user) / requests;
	const system = (after.system - before.system) / requests;
	return {
		requestsPerSecond: requests / seconds,
		cpuMicroseconds: user + system,
		userMicroseconds: user,
	};
}

/** Each figure's median. */
export function medians(figures: readonly Figures[]): Figures {
	return {
		requestsPerSecond: median(figures.map(({ requestsPerSecond }) => requestsPerSecond)),
		cpuMicroseconds: median(figures.map(({ cpuMicroseconds }) => cpuMicroseconds)),
		userMicroseconds: median(figures.map(({ userMicroseconds }) => userMicroseconds)),
	};
}
