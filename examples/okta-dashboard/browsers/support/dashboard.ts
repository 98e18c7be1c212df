import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type DevIdp, startDevIdp } from "portcullis/testing";
import { assertFreshBuild } from "../../../../packages/portcullis/test/support/built-package.ts";
import { failIfItEnds } from "../../../../packages/portcullis/test/support/fail-if-it-ends.ts";
import { onceInARun } from "../../../../packages/portcullis/test/support/once-in-a-run.ts";
import { output } from "../../../../packages/portcullis/test/support/run.ts";

export const exampleFolder = join(import.meta.dirname, "..", "..");

/** What the device service is called at the provider. */
export const AUDIENCE = "https://devices.dashboard.example/";

/** A process of this example that listens. */
export interface Running {
	readonly url: string;
	/** What it has written so far. */
	output(): string;
	/** Ends it as Ctrl-C does. Gives its exit code. */
	close(): Promise<number | null>;
}

/**
 * The app as `npm start` or `npm run dev` serves it, with an embedded identity provider, on free
 * ports.
 */
export interface Dashboard extends Running {
	readonly idp: DevIdp;
}

/** Starts the app; for production it is built first. */
export async function startDashboard({ development = false } = {}): Promise<Dashboard> {
	assertFreshBuild();
	if (!development) await onceInARun("build-okta-dashboard", build);
	const idp = await startDevIdp({ apis: [{ audience: AUDIENCE }] });
	const args = ["server/main.ts", ...(development ? [] : ["--production"])];
	// The secret of the embedded provider's client is known to everybody: in production no keys may
	// come from it.
	const secret = development ? {} : { PORTCULLIS_SECRET: randomBytes(32).toString("base64url") };
	const app = await run(args, { ...idp.env, ...secret, PORT: "0" });
	return {
		...app,
		idp,
		close: async () => {
			const code = await app.close();
			await idp.close();
			return code;
		},
	};
}

/** Starts a script of the example, and waits until it says where it is. */
export async function run(
	args: readonly string[],
	env: Record<string, string> = {},
): Promise<Running> {
	const { NODE_ENV: _, ...inherited } = process.env;
	const child = spawn(process.execPath, args, {
		cwd: exampleFolder,
		env: { ...inherited, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const exit = once(child, "exit");
	let written = "";
	const url = await new Promise<string>((resolve, reject) => {
		const read = (text: string) => {
			written += text;
			const found = /dashboard is at +(http\S+)/.exec(written)?.[1];
			if (found) resolve(found);
		};
		child.stdout.setEncoding("utf8").on("data", read);
		child.stderr.setEncoding("utf8").on("data", read);
		child.once("close", () => reject(new Error(`It ended by itself:\n${written}`)));
	});
	let isWanted = true;
	failIfItEnds(
		child,
		() => isWanted,
		() => written,
	);
	return {
		url,
		output: () => written,
		close: async () => {
			isWanted = false;
			child.kill("SIGINT");
			const [code] = await exit;
			return code;
		},
	};
}

async function build(): Promise<void> {
	const manifest = createRequire(import.meta.url).resolve("@react-router/dev/package.json");
	const env = { ...process.env, NODE_ENV: "production" };
	await output(process.execPath, [join(dirname(manifest), "bin.cjs"), "build"], {
		cwd: exampleFolder,
		env,
	});
}
