import { equalConstantTime } from "../../base/constant-time.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import type { LoginTransaction } from "../../protocol/types.ts";
import { readTransaction } from "../../session/transaction-cookies.ts";
import type { Exchange } from "../exchange.ts";

/** A callback as it arrived: directly from the provider, or sent on by the gate's own page. */
export interface Arrival {
	readonly exchange: Exchange;
	readonly params: URLSearchParams;
	/** Name of the provider in the path, where there is one. */
	readonly named: string | undefined;
	/** True if our own page sent it on, with all our cookies. */
	readonly isOwn: boolean;
}

export interface FoundTransaction {
	readonly connected: ConnectedProvider;
	readonly transaction: LoginTransaction;
}

export async function findTransaction({
	exchange,
	params,
}: Arrival): Promise<FoundTransaction | undefined> {
	const { runtime, requestCookies } = exchange;
	const state = params.get("state");
	if (!state || params.getAll("state").length > 1) return undefined; // proven: state-twice
	for (const connected of runtime.providers) {
		const transaction = await readTransaction(connected, requestCookies, state);
		// proven: no-state-cookie
		if (transaction && equalConstantTime(state, transaction.state))
			return { connected, transaction };
	}
	return undefined;
}
