import { spawn } from "node:child_process";

/** How a command ended and what it wrote. */
export interface Outcome {
	/** Exit code; `null` if a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/**
 * Runs a command to its end, without a shell and without stdin. Rejects only if it cannot be
 * started.
 */
export function run(
	command: string,
	args: readonly string[],
	options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Outcome> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout, stderr }));
	});
}

/** Runs a command and returns its standard output; throws with everything it wrote if it fails. */
export async function output(...call: Parameters<typeof run>): Promise<string> {
	const { code, stdout, stderr } = await run(...call);
	if (code !== 0)
		throw new Error(`${call[0]} ${call[1].join(" ")} ended with ${code}\n${stdout}${stderr}`);
	return stdout;
}
