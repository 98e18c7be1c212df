import type { Env, Hono } from "hono";
import type { Gate } from "../../app/gate.ts";
import { internalsOf, refuseOtherVersion } from "../../app/gate-internals.ts";
import { portcullis } from "../../app/portcullis.ts";
import { ConfigError } from "../../base/errors.ts";
import { HonoCall } from "./call.ts";

/** Gates that the warning was given for. */
// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
const warned = new WeakSet<Gate<any, any>>();

/**
 * Mounts login, callback, logout, forbidden and the endpoints below `/_portcullis` in an app, and
 * **protects nothing**: everything else that the app answers stays open to everyone, `pages` of the
 * gate included. The first call for a gate says so in its log. Routes that the app has registered
 * before come first.
 *
 * @deprecated Use `protect`, which shuts everything that no rule opens.
 * @param app An app, with routes or without.
 * @param gate Default: one of its own with the provider that `OIDC_*` names.
 * @returns the same app.
 * @throws {ConfigError} with every mistake in the environment, if the gate is left out; and for
 *   what is no gate.
 */
export function registerAuthEndpoints<E extends Env>(
	app: Hono<E>,
	// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
	gate: Gate<any, any> = portcullis().gate(),
): Hono<E> {
	refuseOtherVersion("registerAuthEndpoints()", gate);
	const internals = internalsOf(gate);
	if (!internals)
		throw new ConfigError([
			{
				problem: "registerAuthEndpoints() was given something else than a gate",
				remedy: "Pass what auth.gate() has returned, or nothing.",
			},
		]);
	if (!warned.has(gate)) {
		warned.add(gate);
		const message = `registerAuthEndpoints() is deprecated and protects nothing: every route of the app is open to everyone. Use protect() of portcullis/hono`;
		internals.log({ level: "warning", code: "config_invalid", reason: "deprecated", message });
	}
	app.use("*", async (c, next) => {
		const call = new HonoCall(c.req.raw, c.env);
		if (!internals.isOwnRoute(call.url)) return next();
		const result = await gate.enter(call);
		// Of its own routes a gate lets none through.
		return result.kind === "respond" ? result.response : c.notFound();
	});
	return app;
}
