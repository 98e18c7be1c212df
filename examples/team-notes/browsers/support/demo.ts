import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { exampleFolder } from "./notes-app.ts";

const root = join(exampleFolder, "..", "..");

/** `npm run demo`, after the installation. */
export interface Demo {
	readonly url: string;
	/** What it has written so far. */
	output(): string;
	/** What Ctrl-C does; milliseconds until the process was gone, and its exit code. */
	interrupt(): Promise<{ duration: number; code: number | null }>;
}

/** How a demo ended that did not start. */
export class DemoEnded extends Error {}

/**
 * @param env Without a `TEAM_NOTES_DB` in it, the notes are kept nowhere.
 * @throws {DemoEnded} with everything that it wrote, if it ends by itself.
 */
export async function startDemo(
	args: readonly string[],
	env: Record<string, string> = {},
): Promise<Demo> {
	const { NODE_ENV: _, ...inherited } = process.env;
	const child = spawn(process.execPath, [join(root, "scripts", "demo.mjs"), ...args], {
		cwd: root,
		env: { ...inherited, TEAM_NOTES_DB: ":memory:", ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const exit = once(child, "exit");
	let output = "";
	const url = new Promise<string>((resolve, reject) => {
		const read = (text: string) => {
			output += text;
			const found = /Team notes is at +(\S+).*Ctrl-C/s.exec(output)?.[1];
			if (found) resolve(found);
		};
		child.stdout.setEncoding("utf8").on("data", read);
		child.stderr.setEncoding("utf8").on("data", read);
		child.once("close", () => reject(new DemoEnded(output)));
	});
	return {
		url: await url,
		output: () => output,
		interrupt: async () => {
			const start = performance.now();
			child.kill("SIGINT");
			const [code] = await exit;
			return { duration: performance.now() - start, code };
		},
	};
}
