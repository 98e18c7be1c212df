import { isProduction } from "../../config/environment.ts";
import { ORIGIN_VARIABLE } from "../../config/origin.ts";
import type { StateStore } from "../../store/contract.ts";
import type { AuthSetup } from "./auth-setup.ts";

/** What a gate does with its store. */
export interface StoreUse {
	readonly store: StateStore;
	readonly hasStates: boolean;
	/** True if providers can end sessions: what they have ended is kept in the store. */
	readonly hasBackchannel: boolean;
}

/** Says in production what an operator should know at start, and no mistake is. */
export function warnAtStart(setup: AuthSetup, use: StoreUse): void {
	const { env, log } = setup.platform;
	if (!isProduction(env)) return;
	for (const message of warnings(setup, use))
		log({ level: "warning", code: "config_invalid", message });
}

function* warnings(
	{ origin, store: named, http }: AuthSetup,
	{ store, hasStates, hasBackchannel }: StoreUse,
): Generator<string> {
	if (origin.pinned.length === 0)
		yield `${ORIGIN_VARIABLE} is not set: redirect URIs follow the Host header, and only the provider's list of registered URIs limits them`;
	if (hasStates && named === undefined)
		yield "No store was named: server state is kept by this process alone. Pass memory() to say that there is only one, or redis(url)";
	if (http.embed !== undefined && named === undefined)
		yield "embed is set, and no store was named: where a provider cuts login popups off, people in frames cannot sign in";
	if (hasBackchannel && !store.isShared)
		yield "Ended sessions are remembered by this process alone: after a restart, sign-outs and back-channel logouts are forgotten, and copies of cookies from before open pages again until they end. Pass redis(url) as store to keep them";
}
