import type { Env, ExecutionContext, Hono } from "hono";
import type { Gate } from "../../app/gate.ts";
import { isPromise } from "../../base/maybe-promise.ts";
import type { AllowResult } from "../../guard/gate-request.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { surviveBreaks } from "./bindings.ts";
import { HonoCall } from "./call.ts";
import type { KnownHandlers } from "./known-handlers.ts";

/** What was decided of a request before Hono saw it. */
export interface Decided {
	readonly call: HonoCall;
	readonly result: AllowResult;
}

/** Hands over what was decided of this very request, once; `undefined` if nothing was. */
export type TakeDecision = (request: Request) => Decided | undefined;

/**
 * Lets the gate decide before Hono looks for routes: what the gate answers itself then costs no
 * context and no middleware, which was a sixth of what a refusal took, and anonymous callers are
 * many.
 *
 * The guard stays the first middleware all the same, and takes over what was decided here. It
 * decides by itself wherever requests come by another way than `app.fetch`: routes that
 * `parent.route()` copied, a clone by `basePath()`.
 */
export function decideBeforeRouting<E extends Env>(
	app: Hono<E>,
	gate: Gate<UserClaims>,
	known: KnownHandlers,
): TakeDecision {
	const dispatch = app.fetch;
	let handedOver: (Decided & { readonly request: Request }) | undefined;

	app.fetch = (request, env, executionCtx) => {
		surviveBreaks(env);
		// Hono answers HEAD by its GET, without the body: left to it.
		if (request.method === "HEAD") return dispatch(request, env, executionCtx);
		const call = new HonoCall(request, env, known, () =>
			known.routesOf(request.method, app.getPath(request, { env: env as never })),
		);
		const result = gate.enter(call);
		if (isPromise(result))
			return result.then((settled) =>
				settled.kind === "allow"
					? handOver({ request, call, result: settled }, env, executionCtx)
					: settled.response,
			);
		return result.kind === "allow"
			? handOver({ request, call, result }, env, executionCtx)
			: result.response;
	};

	const handOver = (
		decided: Decided & { readonly request: Request },
		env: E["Bindings"] | object | undefined,
		executionCtx: ExecutionContext | undefined,
	): Response | Promise<Response> => {
		handedOver = decided;
		try {
			// The guard is the first to run, and takes it before this returns.
			return dispatch(decided.request, env, executionCtx);
		} finally {
			handedOver = undefined;
		}
	};

	return (request) => {
		const decided = handedOver?.request === request ? handedOver : undefined;
		handedOver = undefined;
		return decided;
	};
}
