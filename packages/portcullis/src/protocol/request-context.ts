import { connectionOf } from "./connection.ts";
import type { ProviderSetup } from "./provider-setup.ts";
import type { RequestContext } from "./requests.ts";

/** Who asks, whom, and through what: for every request of a connected provider. */
export async function requestContext(provider: ProviderSetup): Promise<RequestContext> {
	const { settings, fetch } = connectionOf(provider);
	const { clientId, clientSecret } = settings;
	const metadata = await provider.metadata();
	return { metadata, clientId, clientSecret, fetch, provider: provider.name };
}
