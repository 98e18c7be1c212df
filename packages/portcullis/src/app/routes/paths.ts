import type { RoutePaths } from "../../config/options.ts";

/** One of the gate's own routes, with the provider that the path names. */
export type OwnRoute =
	| {
			readonly name:
				| "login"
				| "logout"
				| "forbidden"
				| "session"
				| "hydrate"
				| "event"
				| "stream"
				| "refresh"
				| "claim"
				| "unknown";
	  }
	| { readonly name: "panel" }
	| { readonly name: "health" }
	| { readonly name: "ready" }
	| { readonly name: "backchannel-logout"; readonly provider: string }
	| { readonly name: "step-up"; readonly wanted: string }
	| { readonly name: "start"; readonly provider: string }
	| { readonly name: "callback" | "continue"; readonly provider: string | undefined };

/** Last segment of the path that a provider's form_post is sent on to. */
export const CONTINUE_SEGMENT = "continue";

/**
 * Compiles the look-up of the gate's own routes. Only the plain spelling of a path is a route of
 * ours; any other goes to the guard like every path.
 */
export function compileRoutes(paths: RoutePaths): (path: string) => OwnRoute | undefined {
	const fixed = new Map<string, OwnRoute>([
		[paths.login, { name: "login" }],
		[paths.logout, { name: "logout" }],
		[paths.forbidden, { name: "forbidden" }],
		[paths.callback, { name: "callback", provider: undefined }],
		[`${paths.callback}/${CONTINUE_SEGMENT}`, { name: "continue", provider: undefined }],
		[paths.endpoints, { name: "panel" }],
		[`${paths.endpoints}/session`, { name: "session" }],
		[`${paths.endpoints}/refresh`, { name: "refresh" }],
		[`${paths.endpoints}/claim`, { name: "claim" }],
		[`${paths.endpoints}/hydrate`, { name: "hydrate" }],
		[`${paths.endpoints}/event`, { name: "event" }],
		[`${paths.endpoints}/stream`, { name: "stream" }],
		[`${paths.endpoints}/health`, { name: "health" }],
		[`${paths.endpoints}/health/ready`, { name: "ready" }],
	]);
	const [login, callback, endpoints] = [
		`${paths.login}/`,
		`${paths.callback}/`,
		`${paths.endpoints}/`,
	];
	const [backchannel, stepUp] = [`${endpoints}backchannel-logout/`, `${endpoints}step-up/`];
	return (path) => {
		const known = fixed.get(path);
		if (known) return known;
		if (path.startsWith(login)) return { name: "start", provider: path.slice(login.length) };
		if (path.startsWith(callback)) return belowCallback(path.slice(callback.length));
		if (path.startsWith(backchannel))
			return { name: "backchannel-logout", provider: path.slice(backchannel.length) };
		if (path.startsWith(stepUp)) return { name: "step-up", wanted: path.slice(stepUp.length) };
		if (path.startsWith(endpoints)) return { name: "unknown" };
		return undefined;
	};
}

/**
 * Path of a provider's callback.
 *
 * @param hasOwn True if each provider has one: where there are several, so that their answers
 *   cannot be mixed up.
 */
export function callbackPathOf(callback: string, provider: string, hasOwn: boolean): string {
	return hasOwn ? `${callback}/${provider}` : callback;
}

function belowCallback(rest: string): OwnRoute {
	const [provider = "", step, ...more] = rest.split("/");
	if (more.length > 0 || (step !== undefined && step !== CONTINUE_SEGMENT))
		return { name: "unknown" };
	return { name: step === undefined ? "callback" : "continue", provider };
}
