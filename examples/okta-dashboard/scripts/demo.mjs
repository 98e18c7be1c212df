// `npm run demo -w examples/okta-dashboard`: the dashboard in development, with an identity
// provider in the same process. Works offline.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { ensureFreshBuild } from "../../../scripts/fresh-build.mjs";

const USAGE = `npm run demo -w examples/okta-dashboard -- [--port N]

  --port N   port of the app; default 3001, 0 for any free one`;

/** Milliseconds. Whatever does not end by then is ended with the process. */
const TIME_TO_CLOSE = 800;
const WHAT_OPENS = { admins: "everything", viewers: "the charts and the profile" };

/** @type {{ close: () => Promise<void> }[]} */
const running = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, stop);

const port = readPort();
try {
	ensureFreshBuild();
	const { startDevIdp } = await import("portcullis/testing");
	const clients = [
		{
			clientId: "dashboard",
			clientSecret: randomBytes(32).toString("base64url"),
			name: "Dashboard",
		},
	];
	const idp = await startDevIdp({
		clients,
		apis: [{ audience: "https://devices.dashboard.example/" }],
	});
	running.push(idp);
	Object.assign(process.env, idp.env);
	// After the variables are set: the app reads them when it is loaded.
	process.env.NODE_ENV = "development";
	delete process.env.OKTA_ISSUER_URI;
	const { startApi } = await import("../api/start.ts");
	const api = await startApi(process.env);
	if (api) {
		running.push({ close: async () => api.close() });
		process.env.DEVICES_API = api.url;
	}
	const { startApp } = await import("../server/listen.ts");
	const app = await startApp({ port, development: true });
	running.push(app);
	console.log(banner(app.url, idp));
} catch (error) {
	const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
	console.error(isTaken ? `Port ${port} is taken. Choose another one with --port.` : error);
	process.exit(1);
}

/**
 * @param {string} url
 * @param {import("portcullis/testing").DevIdp} idp
 */
function banner(url, idp) {
	const people = idp.people.map(({ name, groups }) => {
		const role = groups?.find((group) => group in WHAT_OPENS);
		const opens = role === "admins" || role === "viewers" ? WHAT_OPENS[role] : "the profile only";
		return `    ${name.padEnd(14)} ${(groups?.join(", ") ?? "no groups").padEnd(15)} ${opens}`;
	});
	return [
		"",
		`  The dashboard is at  ${url}`,
		`  Sign-in page         ${idp.issuer}, built in, no passwords`,
		"",
		"  Sign in as",
		...people,
		"",
		"  Ctrl-C stops it.",
		"",
	].join("\n");
}

function readPort() {
	try {
		const { values } = parseArgs({ options: { port: { type: "string", default: "3001" } } });
		if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
			throw new Error(`--port is ${values.port}: give a number from 0 to 65535.`);
		return Number(values.port);
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
		process.exit(2);
	}
}

function stop() {
	setTimeout(() => process.exit(0), TIME_TO_CLOSE);
	void Promise.allSettled(running.map((one) => one.close())).then(() => process.exit(0));
}
