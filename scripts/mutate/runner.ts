import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { alias, shared } from "../../vitest.config.ts";
import { applyMutation, type Mutation } from "./mutation.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/portcullis");

/** What became of one mutation. */
export interface Outcome {
	readonly mutation: Mutation;
	/** `broken`: tests could not be run with it, or fail without it, so it says nothing. */
	readonly result: "killed" | "survived" | "broken";
	/** The first test that failed: file and name. */
	readonly by?: string;
	/** Milliseconds. */
	readonly took: number;
}

/** Runs tests with checks switched off: in memory, so that no file is written. One vitest serves for all of them. */
export class MutationRunner {
	readonly #vitest: Vitest;
	readonly #switch: Switch;

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
				testTimeout: 10_000,
			},
			{ plugins: [toggle.plugin], resolve: { alias }, logLevel: "silent" },
		);
		return new MutationRunner(vitest, toggle);
	}

	async run(mutation: Mutation): Promise<Outcome> {
		const begun = performance.now();
		const file = join(PACKAGE, "src", mutation.file);
		// Said here, where it can be told from a test that fails.
		applyMutation(readFileSync(file, "utf8"), mutation);
		this.#switch.mutation = mutation;
		this.#vitest.invalidateFile(file);
		try {
			// One file after the other: most mutations are noticed by the first.
			for (const path of mutation.tests) {
				const modules = await this.#runFile(path);
				const failed = modules.flatMap((module) => [...module.children.allTests("failed")]);
				const took = Math.round(performance.now() - begun);
				if (failed[0]) return { mutation, result: "killed", by: `${path}: ${failed[0].fullName}`, took };
				const suites = modules.flatMap((module) => [...module.children.allSuites()]);
				// A hook that fails has noticed as well, if the file could be loaded at all.
				const inHook = suites.find((suite) => suite.errors().length > 0)?.fullName;
				const isLoaded = modules.every((module) => [...module.children.allTests()].length > 0);
				if (inHook !== undefined || (isLoaded && modules.some((module) => module.errors().length > 0)))
					return { mutation, result: "killed", by: `${path}: ${inHook ?? "a hook"}`, took };
				if (!isLoaded) return { mutation, result: "broken", by: path, took };
			}
			return { mutation, result: "survived", took: Math.round(performance.now() - begun) };
		} finally {
			this.#switch.mutation = undefined;
			this.#vitest.invalidateFile(file);
		}
	}

	/** Test files that fail by themselves: what they say of mutations is worth nothing. */
	async failingWithout(paths: readonly string[]): Promise<string[]> {
		const failing: string[] = [];
		for (const path of paths) {
			const modules = await this.#runFile(path);
			if (modules.length === 0 || modules.some((module) => !module.ok())) failing.push(path);
		}
		return failing;
	}

	async close(): Promise<void> {
		await this.#vitest.close();
	}

	async #runFile(path: string): Promise<readonly TestModule[]> {
		const file = join(PACKAGE, path);
		const project = this.#vitest.getRootProject();
		const { testModules } = await this.#vitest.runTestSpecifications([project.createSpecification(file)]);
		// Those of former runs are among them.
		return testModules.filter(({ moduleId }) => moduleId === file);
	}
}

/** Changes the source of one file on its way to the tests. */
class Switch {
	mutation: Mutation | undefined;
	readonly plugin: Plugin = {
		name: "mutation",
		enforce: "pre",
		transform: (code, id) => {
			const { mutation } = this;
			return mutation && id === join(PACKAGE, "src", mutation.file) ? applyMutation(code, mutation) : undefined;
		},
	};
}

/** Failures are what is wanted here: nobody has to see them. */
const SILENT = {};
