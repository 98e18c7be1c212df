import fc from "fast-check";
import { expect } from "vitest";

/** Everything that is fuzzed. Each name is used by one test, and gets an equal share of the time. */
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
] as const;

export type Target = (typeof TARGETS)[number];

/** CPU time that one request may take of this process, in milliseconds. */
const MOST_CPU = 50;
/** How often an input that took too long is tried before that counts: compiling and collecting garbage take time as well. */
const TRIES = 6;
/** Inputs of each target where nothing else was asked for. */
const DEFAULT_RUNS = 60;

/** What `npm run fuzz` asks for, by the environment. */
const asked = {
	/** The same in every run, unless somebody asks for another: a failure has to come again. */
	seed: Number(process.env.PORTCULLIS_FUZZ_SEED ?? 20_260_101),
	/** The only one that is fuzzed, or all. */
	target: process.env.PORTCULLIS_FUZZ_TARGET,
	/** For one target. */
	seconds: Number(process.env.PORTCULLIS_FUZZ_SECONDS ?? 0) / (process.env.PORTCULLIS_FUZZ_TARGET ? 1 : TARGETS.length),
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
 * Tries many inputs, and finds the smallest one that breaks `holds`. An input with which a request takes too much CPU time breaks it as well,
 * if it does so each time.
 *
 * @param inputs Those that are good by themselves, changed: noise alone is refused by the first check, and never sees the second.
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
	const property = fc.asyncProperty(inputs, async (input) => {
		let longest = Number.POSITIVE_INFINITY;
		for (let tries = 0; tries < TRIES && longest > MOST_CPU; tries++) {
			meter.reset();
			await holds(input);
			longest = Math.min(longest, meter.longest);
		}
		expect(longest, "milliseconds of CPU time for one request").toBeLessThanOrEqual(MOST_CPU);
	});
	const limits =
		asked.seconds > 0
			? { interruptAfterTimeLimit: asked.seconds * 1000, numRuns: asked.runs || 1_000_000_000 }
			: { interruptAfterTimeLimit: 20_000 + asked.runs * 20, numRuns: asked.runs || DEFAULT_RUNS };
	const details = await fc.check(property, { ...limits, seed: asked.seed, markInterruptAsFailure: false });
	if (asked.seconds > 0 || asked.runs > 0) console.log(`${target}: ${details.numRuns} inputs`);
	if (details.failed) {
		const again = `npm run fuzz -- --seed ${asked.seed} --target "${target}"`;
		const { errorInstance: cause } = details;
		const report = fc.defaultReportMessage(details) ?? "";
		throw new Error(`${target}: replay with ${again}\n${report.slice(0, 3000)}\n${cause}`, { cause });
	}
	expect(details.numRuns).toBeGreaterThan(0);
}
