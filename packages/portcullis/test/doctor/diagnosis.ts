import {
	type DiagnoseOptions,
	type DiagnosePlatform,
	diagnose,
} from "../../src/cli/doctor/diagnose.ts";
import { plainFetch } from "../../src/cli/doctor/plain-fetch.ts";
import type { Finding } from "../../src/doctor/finding.ts";

/** What doctor is given. */
export interface Case extends DiagnoseOptions {
	readonly platform?: Partial<DiagnosePlatform>;
}

/** Runs doctor on the platform of this process, with what a test replaces. */
export function diagnosis({ platform, ...options }: Case): Promise<readonly Finding[]> {
	return diagnose(options, {
		fetch: globalThis.fetch,
		appFetch: plainFetch,
		now: Date.now,
		...platform,
	});
}

/** Those that are not well, the way a test reads them: `fail client`. */
export function complaints(findings: readonly Finding[]): string[] {
	return findings
		.filter(({ status }) => status === "fail" || status === "warn")
		.map(({ status, id }) => `${status} ${id}`);
}
