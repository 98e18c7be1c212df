import type { Log } from "../../audit/log.ts";
import { Provider } from "../../protocol/provider.ts";

/**
 * Says, once for each provider, that copies of cookies outlive a sign-out there: no ended sessions
 * are kept here, and the provider has no endpoint at which tokens are revoked. Known only once its
 * metadata is there.
 */
export class OutlivingCopies {
	readonly #said = new Set<string>();
	readonly #log: Log;

	constructor(log: Log) {
		this.#log = log;
	}

	/** Looks at a provider whose metadata was just asked for. Never throws. */
	async look(provider: Provider): Promise<void> {
		const { name } = provider;
		// A hook of the app's own may know another way.
		if (this.#said.has(name) || provider.revoke !== Provider.prototype.revoke) return;
		this.#said.add(name);
		try {
			const { revocationEndpoint } = await provider.metadata();
			if (revocationEndpoint !== undefined) return;
			const message =
				"The provider cannot revoke tokens, and no store was named: a copy of somebody's cookies goes on after a sign-out, and is renewed for up to seven days. Pass memory() or redis(url) as store";
			this.#log({ level: "warning", code: "config_invalid", message, provider: name });
		} catch {
			this.#said.delete(name);
		}
	}
}
