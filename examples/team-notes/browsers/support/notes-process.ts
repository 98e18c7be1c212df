import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { failIfItEnds } from "../../../../packages/portcullis/test/support/fail-if-it-ends.ts";
import { exampleFolder } from "./notes-app.ts";

/** The app in a process of its own, as `npm start` runs it: one that can be killed. */
export interface NotesProcess {
	readonly url: string;
	/** As a crash or a power cut would: nothing is closed or said. */
	kill(): Promise<void>;
	/** As an orderly restart does. Resolves with the exit code. */
	stop(): Promise<number | null>;
}

/**
 * The front end must be built.
 *
 * @param env Who signs people in, and `TEAM_NOTES_DB`.
 * @param port 0 for any free one.
 */
export async function startNotesProcess(
	env: Readonly<Record<string, string>>,
	port = 0,
): Promise<NotesProcess> {
	const child = spawn(
		process.execPath,
		[join(exampleFolder, "server", "main.ts"), "--production"],
		{
			cwd: exampleFolder,
			env: { ...process.env, ...env, PORT: String(port) },
			stdio: ["ignore", "pipe", "pipe"],
		},
	);
	const exit = once(child, "exit");
	let isWanted = true;
	const end = async (signal: "SIGKILL" | "SIGTERM") => {
		isWanted = false;
		child.kill(signal);
		const [code] = await exit;
		return code as number | null;
	};
	let output = "";
	const url = new Promise<string>((resolve, reject) => {
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			output += text;
		});
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
			const found = /Team notes is at (\S+)/.exec(output)?.[1];
			if (found) resolve(found);
		});
		child.once("close", () => reject(new Error(`The app ended:\n${output}`)));
	});
	await url;
	failIfItEnds(
		child,
		() => isWanted,
		() => output,
	);
	return {
		url: await url,
		kill: async () => void (await end("SIGKILL")),
		stop: () => end("SIGTERM"),
	};
}
