#!/usr/bin/env node
import { run } from "./cli/program.ts";

const interrupted = new AbortController();
// Once: a second Ctrl-C ends the process whatever it is doing.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

process.exitCode = await run(process.argv.slice(2), {
	out: (text) => void process.stdout.write(text),
	err: (text) => void process.stderr.write(text),
	signal: interrupted.signal,
});
