import type { Env, Hono, MiddlewareHandler } from "hono";
import type { Gate } from "../../app/gate.ts";
import type { Auth } from "../../app/portcullis.ts";
import { PROTECTED_ROUTES, type ProtectedRoutes } from "../../app/surfaces.ts";
import { definitionSite } from "../../base/definition-site.ts";
import type { ConfigProblem } from "../../base/errors.ts";
import type { AnonymousOf, GateOptions, PageRules, StateClasses } from "../../config/options.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { type AnyAuth, type AnyGate, gateFor, type WithGate } from "../gate-for.ts";
import { checkBefore, observing } from "./before.ts";
import { decideBeforeRouting } from "./before-routing.ts";
import { copiesWarning } from "./copies-warning.ts";
import { Guard } from "./guard.ts";
import { watchRegistrations } from "./known-handlers.ts";
import { listRoutes } from "./surface-routes.ts";
import { markGuard } from "./tags.ts";
import type { UserVariables } from "./user-variables.ts";

/** Options of the host. */
export interface HonoOptions {
	/**
	 * Middleware around the gate, such as a logger: it hears of each request and of what becomes of
	 * it, refusals included. It cannot answer or change any; it must not read bodies. Default: none.
	 */
	before?: readonly MiddlewareHandler[];
}

/** An app behind a gate. */
type ProtectedHono<E extends Env, U extends UserClaims, A extends undefined> = Hono<
	E & { Variables: UserVariables<U, A> }
>;

/**
 * Puts the gate in front of a Hono app: the guard runs before every route, and the gate's own
 * routes are answered.
 *
 * @param app A new app. Routes are added to what this returns, which is the same app, typed with
 *   `c.var.user`.
 * @throws {ConfigError} if the app has routes or middleware already: those would run before the
 *   guard.
 */
export function protect<E extends Env, U extends UserClaims, A extends undefined>(
	app: Hono<E>,
	gate: Gate<U, StateClasses, A>,
	options?: HonoOptions,
): ProtectedHono<E, U, A>;
/**
 * The same with a gate of its own, which the app has as `app.gate`.
 *
 * @param auth What `portcullis()` has returned.
 * @param options What is behind the gate, as for `auth.gate`. Default: nothing has a rule of its
 *   own.
 * @throws {ConfigError} with every mistake, those of `auth.gate` included.
 */
export function protect<
	E extends Env,
	U extends UserClaims,
	D,
	const S extends StateClasses = Record<never, never>,
	const P extends PageRules<U> = Record<never, never>,
>(
	app: Hono<E>,
	auth: Auth<U, D>,
	options?: GateOptions<U, S, P> & HonoOptions,
): ProtectedHono<E, U, AnonymousOf<D, P>> & WithGate<Gate<U, S, AnonymousOf<D, P>>>;
export function protect(
	app: Hono,
	given: AnyGate | AnyAuth,
	allOptions?: GateOptions & HonoOptions,
): unknown {
	const site = definitionSite();
	const { before, ...rest } = allOptions ?? {};
	// `before` alone is none of the gate's.
	const isForGate = Object.keys(rest).length > 0 || before === undefined;
	const options = isForGate ? allOptions && rest : undefined;
	const problems = [...problemsOf(app), ...checkBefore(before ?? [])];
	const gate = gateFor({ host: "protect()", given, options, site, problems });
	const warnOfCopies = copiesWarning(gate);
	const known = watchRegistrations(app, warnOfCopies);
	for (const each of before ?? []) app.use("*", observing(each));
	// Middleware around the gate hears of what the gate answers, too.
	const takeDecision = before?.length ? () => undefined : decideBeforeRouting(app, gate, known);
	const guard = new Guard(gate, known, takeDecision);
	known.forward = (c, index, next) => guard.forward(c, index, next);
	app.use(
		"*",
		markGuard((c, next) => guard.handle(c, next), guard),
	);
	const routes: ProtectedRoutes = { gate, list: () => listRoutes(app.routes, known) };
	Object.defineProperty(app, PROTECTED_ROUTES, { value: routes });
	return gate === given ? app : Object.defineProperty(app, "gate", { value: gate });
}

/** Routes that would run before the guard. */
function problemsOf(app: Hono): ConfigProblem[] {
	if (app.routes.length === 0) return [];
	const names = app.routes.map(({ method, path }) => `${method} ${path}`).join(", ");
	return [
		{
			problem: `protect() was given an app with routes (${names}), which would be open`,
			remedy:
				"Write const app = protect(new Hono(), gate), then app.use(...) and app.get(...). A logger that is to hear of refusals too stands around the gate: protect(new Hono(), gate, { before: [logger()] }).",
		},
	];
}
