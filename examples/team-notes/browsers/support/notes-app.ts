import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type DevIdp, startDevIdp } from "portcullis/testing";
import { assertFreshBuild } from "../../../../packages/portcullis/test/support/built-package.ts";
import { output } from "../../../../packages/portcullis/test/support/run.ts";

export const exampleFolder = join(import.meta.dirname, "..", "..");

/** The app as `npm start` serves it, with an embedded identity provider, on free ports. */
export interface NotesApp {
	readonly url: string;
	readonly idp: DevIdp;
	close(): Promise<void>;
}

/** Builds the front end and starts both. Once for a test file: the app reads the environment when it is loaded. */
export async function startNotesApp(): Promise<NotesApp> {
	assertFreshBuild();
	const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");
	const env = { ...process.env, NODE_ENV: "production" };
	await output(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: exampleFolder, env });
	const idp = await startDevIdp();
	Object.assign(process.env, idp.env);
	const { startApp } = await import("../../server/listen.ts");
	const app = await startApp({ port: 0, development: false });
	return {
		url: app.url,
		idp,
		close: async () => {
			await Promise.all([app.close(), idp.close()]);
			for (const name of Object.keys(idp.env)) delete process.env[name];
		},
	};
}
