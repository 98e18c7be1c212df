import { requestOrigin } from "../guard/navigation.ts";
import { StepUpRequiredError, type StepUpRequirement } from "../guard/step-up.ts";
import { countHops } from "../session/hops.ts";
import type { Problem } from "../wire/problem.ts";
import { type GateContext, jarOf, returnTarget, secondsNow, stepUpKey } from "./gate-context.ts";
import type { HostCall } from "./host-call.ts";
import type { Identity } from "./identity.ts";
import { beginLogin } from "./login-routes.ts";
import { forbiddenPage, pathAndQuery } from "./refusals.ts";
import { declineEveryday, refuseBackground } from "./refuse.ts";
import { redirectResponse } from "./render.ts";
import type { Runtime } from "./runtime.ts";

/** A way to the provider that was given out is good for so long. Seconds. */
const LIFETIME = 3600;
const TITLE = "Sign in again to do this";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What another sign-in has to bring, if that is what a decision lacks. */
export function stepUpOf(error: unknown): StepUpRequirement | undefined {
	return error instanceof StepUpRequiredError ? error.requirement : undefined;
}

/**
 * Answers a person whose sign-in is too old or too weak for a page: a navigation goes to the provider, anything else learns where to go.
 *
 * @param refuseTooMany Refuses an address that begins too many logins.
 * @returns `undefined` where there is nothing more to be asked for: the person is just back from there, or is in a frame, where no provider
 *   lets itself be shown.
 */
export async function answerStepUp(
	gate: GateContext,
	runtime: Runtime,
	call: HostCall,
	identity: Identity,
	requirement: StepUpRequirement,
	refuseTooMany: () => Promise<Response> | undefined,
): Promise<Response | undefined> {
	if (identity.connected.isEmbedded) return undefined;
	const origin = gate.findOrigin(call) ?? "null";
	const from = requestOrigin(call.method, call.header);
	const isShown = call.method === "GET" || call.method === "HEAD";
	if (!from.isNavigation || from.isPrefetch) return stepUpProblem(gate, runtime, identity, requirement);
	if (from.isFramed) return undefined;
	// What was posted is lost, so that the page it was posted from is the one to come back to.
	const here = returnTarget(gate, isShown ? pathAndQuery(call.url) : call.header("referer"), origin);
	if (countHops(jarOf(call), stepUpKey(here)) > 0) return undefined;
	return refuseTooMany() ?? beginStepUp(gate, runtime, call, identity, { requirement, origin, returnTo: here });
}

/** The refusal of a request that is no navigation: `href` is where the person can sign in as wanted, and comes back from with `redirect_to`. */
export async function stepUpProblem(
	gate: GateContext,
	runtime: Runtime,
	{ session }: Identity,
	requirement: StepUpRequirement,
): Promise<Response> {
	const content = encoder.encode(JSON.stringify({ requirement, at: secondsNow(gate) }));
	// Sealed: no query may say what a provider is asked for.
	const sealed = await runtime.ring.seal("form", content, contextOf(session.id));
	const href = `${gate.paths.endpoints}/step-up/${sealed}`;
	const headers = { "WWW-Authenticate": `Cookie realm="app", error="insufficient_user_authentication"` };
	const more = { href } satisfies Partial<Problem>;
	return declineEveryday("step_up_required", { status: 401, title: TITLE, headers, more });
}

/** The same for a program, which has to get another access token (RFC 9470 section 3). */
export function refuseTokenForStepUp({ maxAge, acrValues }: StepUpRequirement): Response {
	const wanted = [
		...(acrValues ? [`acr_values="${acrValues.join(" ").replace(/["\\]/g, "\\$&")}"`] : []),
		...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
	];
	const challenge = ['Bearer realm="app"', 'error="insufficient_user_authentication"', ...wanted].join(", ");
	const headers = { "WWW-Authenticate": challenge };
	return declineEveryday("step_up_required", { status: 401, title: TITLE, headers });
}

/**
 * `GET step-up/<wanted>`: from an event that was refused, to the provider.
 *
 * @param wanted As `stepUpProblem` has sealed it.
 */
export async function answerStepUpRoute(
	gate: GateContext,
	runtime: Runtime,
	call: HostCall,
	origin: string,
	wanted: string,
): Promise<Response> {
	const from = requestOrigin(call.method, call.header);
	if (!from.isNavigation || from.isPrefetch) return refuseBackground(gate, call);
	const returnTo = returnTarget(gate, new URL(call.url).searchParams.get("redirect_to"), origin);
	const identity = await gate.identities.resolve(runtime, call.header("cookie"));
	const requirement = identity && (await openRequirement(gate, runtime, identity, wanted));
	// Of another session, too old or made up: the page itself says what it wants.
	if (!requirement) return redirectResponse(returnTo, "GET");
	if (from.isFramed || identity.connected.isEmbedded) return forbiddenPage(gate, runtime, call, identity.user);
	return beginStepUp(gate, runtime, call, identity, { requirement, origin, returnTo });
}

function beginStepUp(
	gate: GateContext,
	runtime: Runtime,
	call: HostCall,
	{ connected }: Identity,
	{ requirement, origin, returnTo }: { requirement: StepUpRequirement; origin: string; returnTo: string },
): Promise<Response> {
	return beginLogin(gate, runtime, call, { connected, origin, returnTo, restarted: false, stepUp: requirement });
}

async function openRequirement(
	gate: GateContext,
	{ ring }: Runtime,
	{ session }: Identity,
	sealed: string,
): Promise<StepUpRequirement | undefined> {
	const bytes = await ring.open("form", sealed, contextOf(session.id));
	if (!bytes) return undefined;
	const { requirement, at } = JSON.parse(decoder.decode(bytes)) as { requirement: StepUpRequirement; at: number };
	return Math.abs(secondsNow(gate) - at) <= LIFETIME ? requirement : undefined;
}

function contextOf(sessionId: string): string {
	return `step-up ${sessionId}`;
}
