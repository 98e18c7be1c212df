import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type DevIdp, startDevIdp } from "portcullis/testing";
import { assertFreshBuild } from "../../../../packages/portcullis/test/support/built-package.ts";
import { onceInARun } from "../../../../packages/portcullis/test/support/once-in-a-run.ts";
import { output } from "../../../../packages/portcullis/test/support/run.ts";

export const exampleFolder = join(import.meta.dirname, "..", "..");

/** The app as `npm start` serves it, with an embedded identity provider, on free ports. */
export interface NotesApp {
	readonly url: string;
	readonly idp: DevIdp;
	close(): Promise<void>;
}

/**
 * Has the front end built and starts both, without any notes. Once for a test file: the app reads
 * the environment when it is loaded.
 */
export async function startNotesApp(): Promise<NotesApp> {
	await buildFrontEnd();
	const idp = await startDevIdp();
	const env = { ...idp.env, TEAM_NOTES_DB: ":memory:" };
	Object.assign(process.env, env);
	const { startApp } = await import("../../server/listen.ts");
	const app = await startApp({ port: 0, development: false });
	return {
		url: app.url,
		idp,
		close: async () => {
			await Promise.all([app.close(), idp.close()]);
			for (const name of Object.keys(env)) delete process.env[name];
		},
	};
}

/**
 * What `npm run build` does, once for all test files. @throws if the package that goes into it is
 * older than its sources.
 */
export async function buildFrontEnd(): Promise<void> {
	assertFreshBuild();
	await onceInARun("build-team-notes", build);
}

async function build(): Promise<void> {
	const vite = join(
		dirname(createRequire(import.meta.url).resolve("vite/package.json")),
		"bin",
		"vite.js",
	);
	const env = { ...process.env, NODE_ENV: "production" };
	await output(process.execPath, [vite, "build", "--logLevel", "warn"], {
		cwd: exampleFolder,
		env,
	});
}
