import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { listenOnLoopback } from "../server/loopback.ts";
import { createApi } from "./app.ts";

/** The API of the devices, as it was started. */
export interface RunningApi {
	/** What `DEVICES_API` is to be: the root of the API. */
	readonly url: string;
	close(): void;
}

/**
 * Starts the API beside the dashboard, on a port of its own, for the provider that the dashboard
 * has. Only this machine can call it.
 *
 * @param env `DEVICES_AUDIENCE`, else `OIDC_AUDIENCE`: what the API is called at the provider.
 *   `DEVICES_PORT`: default any free one.
 * @returns `undefined` where no audience is named: the dashboard then goes without.
 */
export async function startApi(env: NodeJS.ProcessEnv): Promise<RunningApi | undefined> {
	const issuer = env.OKTA_ISSUER_URI ?? env.OIDC_ISSUER_URI;
	const audience = env.DEVICES_AUDIENCE ?? env.OIDC_AUDIENCE;
	if (!issuer || !audience) return undefined;
	// With a `Response` of its own in the place of Node's, `RESPONSE_ALREADY_SENT` of a module that
	// is loaded later would not be known again.
	const listener = getRequestListener(createApi({ issuer, audience }).fetch, {
		overrideGlobalObjects: false,
	});
	const server = createServer(listener);
	const listening = await listenOnLoopback(server, Number(env.DEVICES_PORT ?? 0));
	return {
		url: `http://localhost:${listening.port}/`,
		close: () => {
			listening.close();
			server.closeAllConnections();
		},
	};
}
