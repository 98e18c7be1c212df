#!/usr/bin/env node
import { text } from "node:stream/consumers";
import { run } from "./cli/program.ts";

const interrupted = new AbortController();
// Once: a second Ctrl-C ends the process at once.
for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => interrupted.abort());

const code = await run(process.argv.slice(2), {
	out: (written) => void process.stdout.write(written),
	err: (written) => void process.stderr.write(written),
	in: async () => (process.stdin.isTTY === true ? "" : text(process.stdin)),
	// https://no-color.org: set, and not empty.
	hasColours: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
	isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
	signal: interrupted.signal,
});
// Not left to an empty event loop: a module that a command has imported may have opened a port or a
// database.
for (const stream of [process.stdout, process.stderr])
	await new Promise<void>((resolve) => void stream.write("", () => resolve()));
process.exit(code);
