// `npm run demo`: the example app, with an identity provider in the same process. Works offline.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { ensureFreshBuild } from "./fresh-build.mjs";

const USAGE = `npm run demo -- [options]

  --port N   port of the app; default 3000, or the next free one
  --https    https with a self-signed certificate: Safari signs in over https only

With OIDC_ISSUER_URI or OKTA_ISSUER_URI set, that identity provider is used instead of the built-in one.`;

const APP_PORT = 3000;
/**
 * Fixed as well: cookies are named after the issuer, and a new one at each start would fill up the
 * browser's jar for localhost.
 */
const IDP_PORT = 9000;
const PORTS_TO_TRY = 20;
/** Milliseconds. A server that has not stopped by then ends with the process. */
const TIME_TO_CLOSE = 800;

/** Something that the person who starts the demo can mend. */
class Refusal extends Error {}

/** @typedef {{ close: () => Promise<void> }} Closable */

/** @type {Closable[]} */
const running = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, stop);

const options = readOptions();
try {
	await start();
} catch (error) {
	// The library's own messages say what to do; a stack trace does not help here.
	const isConfigError = error instanceof Error && error.name === "ConfigError";
	console.error(isConfigError || error instanceof Refusal ? error.message : error);
	process.exit(1);
}

async function start() {
	ensureFreshBuild();
	const isEmbedded = !process.env.OIDC_ISSUER_URI && !process.env.OKTA_ISSUER_URI;
	const idp = isEmbedded ? await startIdp() : undefined;
	const app = await startExample();
	console.log(banner(app.url, idp));
}

/**
 * Starts the identity provider and tells the app about it, by the variables that a real one would
 * be named with.
 */
async function startIdp() {
	const { startDevIdp } = await import("portcullis/testing");
	const clients = [
		{
			clientId: "team-notes",
			clientSecret: randomBytes(32).toString("base64url"),
			name: "Team notes",
		},
	];
	const idp = await startDevIdp({ port: IDP_PORT, clients }).catch((error) => {
		if (process.env.NODE_ENV === "production") throw error;
		return startDevIdp({ clients });
	});
	running.push(idp);
	Object.assign(process.env, idp.env);
	return idp;
}

async function startExample() {
	// After the variables are set: the app reads them when it is loaded.
	const { startApp } = await import("../examples/team-notes/server/listen.ts");
	const { selfSignedCertificate } = await import("../examples/team-notes/server/self-signed.ts");
	const tls = options.https ? await selfSignedCertificate() : undefined;
	for (let port = options.port ?? APP_PORT; ; port++) {
		try {
			const app = await startApp({ port, development: true, tls });
			running.push(app);
			if (options.port === undefined && port > APP_PORT)
				console.log(`\nPort ${APP_PORT} is taken.`);
			return app;
		} catch (error) {
			if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
			if (options.port !== undefined)
				throw new Refusal(`Port ${port} is taken. Choose another one with --port.`);
			if (port >= APP_PORT + PORTS_TO_TRY)
				throw new Refusal(`The ports from ${APP_PORT} to ${port} are taken.`);
		}
	}
}

/**
 * @param {string} url
 * @param {import("portcullis/testing").DevIdp | undefined} idp
 */
function banner(url, idp) {
	const lines = ["", `  Team notes is at   ${url}`];
	if (options.https)
		lines.push("                     The certificate is self-signed: tell the browser to go on.");
	if (idp) {
		lines.push(`  Sign-in page       ${idp.issuer}, built in, no passwords`, "", "  Sign in as");
		for (const { name, groups } of idp.people) {
			const what = groups?.includes("admins") ? "may open /admin" : "gets 403 on /admin";
			lines.push(
				`    ${name.padEnd(14)} ${(groups?.join(", ") ?? "no groups").padEnd(15)} ${what}`,
			);
		}
	} else {
		lines.push(
			`  Identity provider  ${process.env.OKTA_ISSUER_URI || process.env.OIDC_ISSUER_URI}`,
		);
		lines.push(`  Register there     ${url}/callback (sign-in), ${url}/logout (sign-out)`);
	}
	return [...lines, "", "  Ctrl-C stops it.", ""].join("\n");
}

function readOptions() {
	try {
		const { values } = parseArgs({
			options: {
				port: { type: "string" },
				https: { type: "boolean" },
				help: { type: "boolean", short: "h" },
			},
		});
		if (values.help) {
			console.log(USAGE);
			process.exit(0);
		}
		if (
			values.port !== undefined &&
			!(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)
		) {
			throw new Error(`--port is ${values.port}: give a number from 0 (any free one) to 65535.`);
		}
		return {
			https: values.https ?? false,
			port: values.port === undefined ? undefined : Number(values.port),
		};
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
		process.exit(2);
	}
}

function stop() {
	setTimeout(() => process.exit(0), TIME_TO_CLOSE);
	void Promise.allSettled(running.map((one) => one.close())).then(() => process.exit(0));
}
