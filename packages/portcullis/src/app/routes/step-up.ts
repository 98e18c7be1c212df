import { StepUpRequiredError, type StepUpRequirement } from "../../guard/step-up.ts";
import { countRedirects } from "../../session/redirect-count.ts";
import type { Problem } from "../../wire/problem.ts";
import { stepUpKey } from "../answers/links.ts";
import { forbiddenPage } from "../answers/refusals.ts";
import { denyBackground, denyQuietly } from "../answers/refuse.ts";
import { redirectResponse } from "../answers/render.ts";
import type { Exchange } from "../exchange.ts";
import type { Identity } from "../sessions/identity.ts";
import { beginLogin } from "./login.ts";
import { denyTooMany } from "./too-many.ts";

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
 * Answers a person whose sign-in is too old or too weak for a page: a navigation goes to the
 * provider, anything else learns where to go.
 *
 * @returns `undefined` where there is nothing more to be asked for: the person is just back from
 *   there, or is in a frame, where no provider lets itself be shown.
 */
export async function sendToStepUp(
	exchange: Exchange,
	identity: Identity,
	requirement: StepUpRequirement,
): Promise<Response | undefined> {
	const { call } = exchange;
	if (identity.connected.isEmbedded) return undefined;
	const from = exchange.navigation;
	const isShown = call.method === "GET" || call.method === "HEAD";
	if (!from.isNavigation || from.isPrefetch) return stepUpProblem(exchange, identity, requirement);
	if (from.isFramed) return undefined;
	// What was posted is lost, so that the page it was posted from is the one to come back to.
	const here = exchange.returnTarget(isShown ? exchange.here : call.header("referer"));
	if (countRedirects(exchange.requestCookies, stepUpKey(here)) > 0) return undefined;
	// proven: step-up-limit
	return denyTooMany(exchange, "start") ?? beginStepUp(exchange, identity, requirement, here);
}

/**
 * The refusal of a request that is no navigation: `href` is where the person can sign in as wanted,
 * and comes back from with `redirect_to`.
 */
export async function stepUpProblem(
	exchange: Exchange,
	{ session }: Identity,
	requirement: StepUpRequirement,
): Promise<Response> {
	const { gate, runtime } = exchange;
	const content = encoder.encode(JSON.stringify({ requirement, at: exchange.now }));
	// Sealed: no query may say what a provider is asked for.
	const sealed = await runtime.ring.seal("form", content, contextOf(session.id));
	const href = `${gate.paths.endpoints}/step-up/${sealed}`;
	const headers = {
		"WWW-Authenticate": `Cookie realm="app", error="insufficient_user_authentication"`,
	};
	const more = { href } satisfies Partial<Problem>;
	return denyQuietly("step_up_required", { status: 401, title: TITLE, headers, more });
}

/** The same for a program, which has to get another access token (RFC 9470 section 3). */
export function denyTokenForStepUp({ maxAge, acrValues }: StepUpRequirement): Response {
	const wanted = [
		...(acrValues ? [`acr_values="${acrValues.join(" ").replace(/["\\]/g, "\\$&")}"`] : []),
		...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
	];
	const challenge = [
		'Bearer realm="app"',
		'error="insufficient_user_authentication"',
		...wanted,
	].join(", ");
	const headers = { "WWW-Authenticate": challenge };
	return denyQuietly("step_up_required", { status: 401, title: TITLE, headers });
}

/**
 * `GET step-up/<wanted>`: from an event that was refused, to the provider.
 *
 * @param wanted As `stepUpProblem` has sealed it.
 */
export async function handleStepUp(exchange: Exchange, wanted: string): Promise<Response> {
	const from = exchange.navigation;
	if (!from.isNavigation || from.isPrefetch) return denyBackground(exchange);
	const returnTo = exchange.returnTarget(exchange.query.get("redirect_to"));
	const identity = await exchange.identity();
	const requirement = identity && (await openRequirement(exchange, identity, wanted));
	// Of another session, too old or made up: the page itself says what it wants.
	if (!requirement) return redirectResponse(returnTo, "GET");
	if (from.isFramed || identity.connected.isEmbedded) return forbiddenPage(exchange, identity.user);
	return beginStepUp(exchange, identity, requirement, returnTo);
}

function beginStepUp(
	exchange: Exchange,
	{ connected }: Identity,
	requirement: StepUpRequirement,
	returnTo: string,
): Promise<Response> {
	return beginLogin(exchange, { connected, returnTo, restarted: false, stepUp: requirement });
}

async function openRequirement(
	{ runtime, now }: Exchange,
	{ session }: Identity,
	sealed: string,
): Promise<StepUpRequirement | undefined> {
	const bytes = await runtime.ring.open("form", sealed, contextOf(session.id));
	if (!bytes) return undefined;
	const { requirement, at } = JSON.parse(decoder.decode(bytes)) as {
		requirement: StepUpRequirement;
		at: number;
	};
	return Math.abs(now - at) <= LIFETIME ? requirement : undefined;
}

function contextOf(sessionId: string): string {
	return `step-up ${sessionId}`;
}
