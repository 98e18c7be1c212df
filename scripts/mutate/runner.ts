import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { alias, shared } from "../../vitest.config.ts";
import { SOURCES } from "./markers.ts";
import { applyMutation, type PlacedMutation } from "./mutation.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/portcullis");

/** What became of one mutation. */
export interface Outcome {
	readonly mutation: PlacedMutation;
	/** `broken`: tests could not be run with it, or fail without it, so it says nothing. */
	readonly result: "killed" | "survived" | "broken";
	/** The first test that failed: file and name. */
	readonly by?: string;
	/** Milliseconds. */
	readonly took: number;
}

/**
 * Runs tests with checks switched off: in memory, so that no file is written. One vitest serves for
 * all of them.
 */
export class MutationRunner {
	readonly #vitest: Vitest;
	readonly #switch: Switch;
	/** Test files that pass with nothing switched off. */
	readonly #passing = new Set<string>();

	private constructor(vitest: Vitest, toggle: Switch) {
		this.#vitest = vitest;
		this.#switch = toggle;
	}

	static async start(): Promise<MutationRunner> {
		const toggle = new Switch();
		const vitest = await createVitest(
			"test",
			{
				...shared,
				config: false,
				fsModuleCache: false,
				root: ROOT,
				watch: false,
				bail: 1,
				maxWorkers: 1,
				reporters: [SILENT],
				// A test that fails because the machine is slow would pass for one that notices.
				testTimeout: 60_000,
				hookTimeout: 60_000,
			},
			{ plugins: [toggle.plugin], resolve: { alias }, logLevel: "silent" },
		);
		return new MutationRunner(vitest, toggle);
	}

	async run(mutation: PlacedMutation): Promise<Outcome> {
		const begun = performance.now();
		const file = join(SOURCES, mutation.file);
		// Said here, where it can be told from a test that fails.
		applyMutation(readFileSync(file, "utf8"), mutation);
		const outcome = (result: Outcome["result"], by?: string): Outcome => {
			const took = Math.round(performance.now() - begun);
			return { mutation, result, took, ...(by === undefined ? {} : { by }) };
		};
		// One file after the other: most mutations are noticed by the first.
		for (const path of mutation.tests) {
			const failed = await this.#failureWith(mutation, file, path);
			if (failed === undefined) continue;
			return outcome(
				(await this.#passesWithout(path)) && failed !== "" ? "killed" : "broken",
				`${path}: ${failed}`,
			);
		}
		return outcome("survived");
	}

	/**
	 * Name of the first test that fails with a mutation, `undefined` if none does; empty if the file
	 * could not be loaded.
	 */
	async #failureWith(
		mutation: PlacedMutation,
		file: string,
		path: string,
	): Promise<string | undefined> {
		this.#switch.mutation = mutation;
		this.#vitest.invalidateFile(file);
		try {
			const modules = await this.#runFile(path);
			const tests = modules.flatMap((module) => [...module.children.allTests()]);
			if (tests.length === 0) return "";
			const failed = tests.find((test) => test.result().state === "failed");
			if (failed) return failed.fullName;
			// A hook that fails has noticed as well.
			const suite = modules
				.flatMap((module) => [...module.children.allSuites()])
				.find((one) => one.errors().length > 0);
			return (
				suite?.fullName ??
				(modules.some((module) => module.errors().length > 0) ? "a hook" : undefined)
			);
		} finally {
			this.#switch.mutation = undefined;
			this.#vitest.invalidateFile(file);
		}
	}

	/** What a test file that fails by itself says of a mutation is worth nothing. */
	async #passesWithout(path: string): Promise<boolean> {
		if (this.#passing.has(path)) return true;
		const modules = await this.#runFile(path);
		const passes = modules.length > 0 && modules.every((module) => module.ok());
		if (passes) this.#passing.add(path);
		return passes;
	}

	async close(): Promise<void> {
		await this.#vitest.close();
	}

	async #runFile(path: string): Promise<readonly TestModule[]> {
		const file = join(PACKAGE, path);
		const project = this.#vitest.getRootProject();
		const { testModules } = await this.#vitest.runTestSpecifications([
			project.createSpecification(file),
		]);
		// Those of former runs are among them.
		return testModules.filter(({ moduleId }) => moduleId === file);
	}
}

/** Changes the source of one file on its way to the tests. */
class Switch {
	mutation: PlacedMutation | undefined;
	readonly plugin: Plugin = {
		name: "mutation",
		enforce: "pre",
		transform: (code, id) => {
			const { mutation } = this;
			return mutation && id === join(SOURCES, mutation.file)
				? applyMutation(code, mutation)
				: undefined;
		},
	};
}

/** Failures are expected here: they are not printed. */
const SILENT = {};
