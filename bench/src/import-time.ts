import { spawnSync } from "node:child_process";
import { median } from "./statistics.ts";

const IMPORT = 'import "portcullis"; import "portcullis/hono";';
const HONO = 'import "hono";';

/** Milliseconds, medians over fresh processes. */
export interface ImportTime {
	readonly bareNode: number;
	/** What `portcullis` and `portcullis/hono` add to it. */
	readonly portcullis: number;
	/** What Hono itself adds, which an app on Hono imports anyway. */
	readonly hono: number;
}

export function measureImport(runs: number): ImportTime {
	const times = { bare: [] as number[], portcullis: [] as number[], hono: [] as number[] };
	for (let i = 0; i <= runs; i++) {
		const round = { bare: startNode(""), portcullis: startNode(IMPORT), hono: startNode(HONO) };
		// The first round reads the files from the disk.
		if (i === 0) continue;
		times.bare.push(round.bare);
		times.portcullis.push(round.portcullis - round.bare);
		times.hono.push(round.hono - round.bare);
	}
	return {
		bareNode: median(times.bare),
		portcullis: median(times.portcullis),
		hono: median(times.hono),
	};
}

function startNode(code: string): number {
	const started = performance.now();
	const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
		cwd: import.meta.dirname,
	});
	if (status !== 0) throw new Error(`node --eval '${code}' ended with ${status}: ${stderr}`);
	return performance.now() - started;
}
