import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";

/** What one session has seen of the token endpoint. */
export interface Tally {
	/** Refresh grants that brought tokens. */
	grants: number;
	/** Refreshes that were answered with 503, nothing spent. */
	failures: number;
}

/**
 * An identity provider that rotates refresh tokens, ends the login when one comes twice, and is
 * slow and unreliable over it.
 */
export interface ChaoticIdp {
	readonly idp: FaultyIdp;
	readonly fetch: typeof fetch;
	/** Signs in as this person from now on. */
	become(sub: string): void;
	readonly tallies: ReadonlyMap<string, Tally>;
	/** Refreshes that the provider refused. With rotation that is a token that came twice. */
	readonly alarms: string[];
	/** What becomes of the next refresh of a person. */
	onRefresh: (sub: string) => { readonly delay: number; readonly fails: boolean };
}

/** @param accessTokenLifetime seconds. */
export async function startChaoticIdp(accessTokenLifetime: number): Promise<ChaoticIdp> {
	const idp = await startFaultyIdp({ algorithm: "ES256", listen: false, accessTokenLifetime });
	const path = await tokenPath(idp);
	const owners = new Map<string, string>();
	const tallies = new Map<string, Tally>();
	const alarms: string[] = [];
	let person = "";

	const chaotic: ChaoticIdp = {
		idp,
		tallies,
		alarms,
		become(sub) {
			person = sub;
			idp.person = { sub, groups: [`group-of-${sub}`] };
			tallies.set(sub, { grants: 0, failures: 0 });
		},
		onRefresh: () => ({ delay: 0, fails: false }),
		fetch: async (input, init) => {
			const request = new Request(input, init);
			// Nothing is read back from there: a long run would only fill the memory.
			idp.requests.length = 0;
			if (new URL(request.url).pathname !== path) return idp.fetch(request);
			const form = new URLSearchParams(await request.clone().text());
			const spent = form.get("refresh_token");
			const sub = spent === null ? person : (owners.get(spent) ?? "");
			if (spent === null) return keepOwner(await idp.fetch(request), sub);

			const tally = tallies.get(sub);
			if (!tally) throw new Error("A refresh token that nobody was given");
			const { delay, fails } = chaotic.onRefresh(sub);
			const before = Math.random() * delay;
			await pause(before);
			if (fails) {
				tally.failures++;
				return new Response("busy", { status: 503 });
			}
			const response = await keepOwner(await idp.fetch(request), sub);
			if (response.ok) tally.grants++;
			else alarms.push(`${sub}: ${await response.clone().text()}`);
			await pause(delay - before);
			return response;
		},
	};
	return chaotic;

	async function keepOwner(response: Response, sub: string): Promise<Response> {
		const body = (await response.clone().json()) as { refresh_token?: string };
		if (body.refresh_token !== undefined) owners.set(body.refresh_token, sub);
		return response;
	}
}

/** Path of the token endpoint. */
async function tokenPath({ issuer, fetch }: FaultyIdp): Promise<string> {
	const response = await fetch(`${issuer}/.well-known/openid-configuration`);
	return new URL(((await response.json()) as { token_endpoint: string }).token_endpoint).pathname;
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
