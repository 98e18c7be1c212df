import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// After a change that is meant to be: npm run surfaces -- --write portcullis.surfaces.json
test("what is open to whom is what was reviewed", async () => {
	const { code, output } = await npm(
		"run",
		"--silent",
		"surfaces",
		"--",
		"--check",
		"portcullis.surfaces.json",
	);
	expect(code, output).toBe(0);
}, 30_000);

function npm(...args: readonly string[]): Promise<{ code: number | string; output: string }> {
	const cwd = fileURLToPath(new URL("..", import.meta.url));
	return new Promise((resolve) => {
		execFile("npm", args, { cwd }, (error, stdout, stderr) => {
			resolve({ code: error?.code ?? 0, output: stdout + stderr });
		});
	});
}
