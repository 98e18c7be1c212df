import fc from "fast-check";
import { expect } from "vitest";

/**
 * Everything that is fuzzed. Each name is used by one test, and gets an equal share of the time.
 */
export const TARGETS = [
	"session cookies",
	"cookie chunks",
	"cookie headers",
	"sealed attempts",
	"callback query",
	"callback form",
	"return targets",
	"request headers",
	"event bodies",
	"state bodies",
	"ID token bytes",
	"ID token claims",
	"ID token header",
	"discovery",
	"key sets",
	"token answers",
	"userinfo answers",
	"logout tokens",
	"popup forms",
	"hand-offs",
	"popup messages",
	"request targets",
	"log lines",
] as const;

export type Target = (typeof TARGETS)[number];

/** CPU time that one request may take of this process, in milliseconds. */
const MOST_CPU = 50;
/**
 * How often an input that took too long is tried before that counts: compiling and collecting
 * garbage take time as well.
 */
const TRIES = 6;
/** Inputs that are tried before the time is looked at. */
const BATCH = 50;
/** How long a smaller input is looked for, once one was found. Milliseconds. */
const SHRINK_FOR = 10_000;
/** Inputs of each target where nothing else was asked for. */
const DEFAULT_RUNS = 60;

/** What `npm run fuzz` asks for, by the environment. */
const asked = {
	/** The same in every run, unless somebody asks for another: a failure has to come again. */
	seed: Number(process.env.PORTCULLIS_FUZZ_SEED ?? 20_260_101),
	/** The only one that is fuzzed, or all. */
	target: process.env.PORTCULLIS_FUZZ_TARGET,
	/** For one target. */
	seconds:
		Number(process.env.PORTCULLIS_FUZZ_SECONDS ?? 0) /
		(process.env.PORTCULLIS_FUZZ_TARGET ? 1 : TARGETS.length),
	runs: Number(process.env.PORTCULLIS_FUZZ_RUNS ?? 0),
};

/** Milliseconds that a test of one target may take. */
export const FUZZ_TIMEOUT: number = 60_000 + asked.seconds * 4000 + asked.runs * 50;

/** Counts the CPU time of single requests. */
export class Meter {
	/** The longest since `reset`, in milliseconds. */
	longest = 0;

	reset(): void {
		this.longest = 0;
	}

	async time<T>(request: () => Promise<T>): Promise<T> {
		const before = process.cpuUsage();
		try {
			return await request();
		} finally {
			const { user, system } = process.cpuUsage(before);
			this.longest = Math.max(this.longest, (user + system) / 1000);
		}
	}
}

/**
 * Tries many inputs, and finds the smallest one that breaks `holds`. An input with which a request
 * takes too much CPU time breaks it as well, if it does so each time.
 *
 * @param inputs Those that are good by themselves, changed: noise alone is refused by the first
 *   check, and never sees the second.
 * @param holds Throws where something does not hold.
 */
export async function fuzz<T>(
	target: Target,
	meter: Meter,
	inputs: fc.Arbitrary<T>,
	holds: (input: T) => Promise<void> | void,
): Promise<void> {
	if (asked.target !== undefined && asked.target !== target) {
		expect(TARGETS, "--target").toContain(asked.target);
		return;
	}
	const until = performance.now() + asked.seconds * 1000;
	const inBatch = asked.runs || (asked.seconds > 0 ? BATCH : DEFAULT_RUNS);
	let runs = 0;
	// Batch by batch, each with a seed of its own: fast-check's own limit of time gives up an input
	// in the middle, which then goes on beside the next.
	for (let seed = asked.seed; runs === 0 || performance.now() < until; seed++) {
		await runBatch(target, seed, inBatch, inputs, (input) => tryInput(meter, () => holds(input)));
		runs += inBatch;
	}
	if (asked.seconds > 0 || asked.runs > 0) console.log(`${target}: ${runs} inputs`);
}

async function tryInput(meter: Meter, holds: () => Promise<void> | void): Promise<void> {
	let longest = Number.POSITIVE_INFINITY;
	for (let tries = 0; tries < TRIES && longest > MOST_CPU; tries++) {
		meter.reset();
		await holds();
		longest = Math.min(longest, meter.longest);
	}
	expect(longest, "milliseconds of CPU time for one request").toBeLessThanOrEqual(MOST_CPU);
}

async function runBatch<T>(
	target: Target,
	seed: number,
	numRuns: number,
	inputs: fc.Arbitrary<T>,
	holds: (input: T) => Promise<void>,
): Promise<void> {
	let failedAt: number | undefined;
	const property = fc.asyncProperty(inputs, async (input) => {
		// Time to look for a smaller input is up: this one counts as good, and so do all others.
		if (failedAt !== undefined && performance.now() - failedAt > SHRINK_FOR) return;
		try {
			await holds(input);
		} catch (error) {
			failedAt ??= performance.now();
			throw error;
		}
	});
	const details = await fc.check(property, { numRuns, seed });
	expect(details.failed || details.numRuns === numRuns).toBe(true);
	if (!details.failed) return;
	const again = `npm run fuzz -- --seed ${seed} --runs ${numRuns} --target "${target}"`;
	const { errorInstance: cause } = details;
	const report = fc.defaultReportMessage(details) ?? "";
	throw new Error(`${target}: replay with ${again}\n${report.slice(0, 3000)}\n${cause}`, { cause });
}
