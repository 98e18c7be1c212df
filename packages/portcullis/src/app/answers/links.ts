import type { Runtime } from "../../config/runtime.ts";
import type { Provider } from "../../protocol/provider.ts";
import type { ViewProvider } from "../../views/types.ts";
import type { GateContext } from "../gate-context.ts";
import { callbackPathOf } from "../routes/paths.ts";

/**
 * What counts a page's arrivals straight from the callback: if it is refused then, the browser did
 * not keep the session.
 */
export function arrivalKey(path: string): string {
	return `callback ${path.split("#", 1)[0]}`;
}

/**
 * What counts a page's arrivals after a step-up: if it is refused then, asking once more would be
 * of no use.
 */
export function stepUpKey(path: string): string {
	return `step-up ${path.split("#", 1)[0]}`;
}

/** The login page with a return target. */
export function loginHref(gate: GateContext, redirectTo: string): string {
	return redirectTo === "/"
		? gate.paths.login
		: `${gate.paths.login}?redirect_to=${encodeURIComponent(redirectTo)}`;
}

/**
 * Parameter of a link that begins a login: sealed, and of use only in the browser with the cookie
 * that it was made for.
 */
export const START_FIELD = "from";

/** Where one provider's button leads. */
export function startHref(
	gate: GateContext,
	provider: Provider,
	redirectTo: string,
	{ restarted = false, from }: StartHrefOptions = {},
): string {
	const query = new URLSearchParams();
	if (redirectTo !== "/") query.set("redirect_to", redirectTo);
	if (restarted) query.set("restarted", "1");
	if (from !== undefined) query.set(START_FIELD, from);
	const path = `${gate.paths.login}/${provider.name}`;
	return query.size > 0 ? `${path}?${query}` : path;
}

/** What a link that begins a login carries besides. */
export interface StartHrefOptions {
	readonly restarted?: boolean;
	/** Of the page's `StartProof`. */
	readonly from?: string | undefined;
}

/** The providers as views show them: none as long as they are not loaded. */
export function viewProviders(
	gate: GateContext,
	redirectTo: string,
	options: StartHrefOptions = {},
): ViewProvider[] {
	return (gate.loader.current?.providers ?? []).map(({ provider }) => ({
		name: provider.name,
		displayName: provider.displayName,
		loginHref: startHref(gate, provider, redirectTo, options),
	}));
}

/**
 * Whether a login with the provider runs in a popup of the window: the hook `popupLogin`,
 * anything but `true` is a no.
 */
export function runsInPopup(provider: Provider, request: Request, isFramed: boolean): boolean {
	return provider.popupLogin(request, isFramed) === true;
}

/**
 * Path of the callback that a provider's redirect URI names: of its own where there are several, so
 * that answers cannot be mixed up.
 */
export function callbackPath(gate: GateContext, runtime: Runtime, provider: Provider): string {
	return callbackPathOf(
		gate.paths.callback,
		provider.name,
		runtime.providers.length > 1 && !gate.sharedCallback,
	);
}

/** True if only `iss` of an answer (RFC 9207) tells from which of several providers it comes. */
export function needsIssuer(gate: GateContext, runtime: Runtime): boolean {
	return gate.sharedCallback && runtime.providers.length > 1;
}
