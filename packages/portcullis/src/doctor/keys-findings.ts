import type { ProviderMetadata } from "../protocol/discovery.ts";
import type { BoundedFetch } from "../protocol/http.ts";
import { isJsonObject, readJsonObject } from "../protocol/json.ts";
import { KeySet } from "../protocol/jwks.ts";
import { type Finding, fail, ok } from "./finding.ts";
import { unreachable } from "./network-findings.ts";
import { type Subject, toError } from "./subject.ts";

/** Keys of a set that are tried. */
const MAX_KEYS = 20;
const USUAL_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"];

/**
 * Whether the key set that the metadata names is there, and has a key that an ID token could be
 * verified with.
 */
export async function examineKeys(
	subject: Subject,
	{ jwksUri, idTokenSigningAlgs }: ProviderMetadata,
	fetch: BoundedFetch,
): Promise<Finding> {
	const { provider, now } = subject;
	const by = { provider: provider.name };
	let kids: readonly (string | undefined)[] = [];
	const watching: BoundedFetch = async (url, request) => {
		const response = await fetch(url, request);
		kids = kidsOf(await readJsonObject(response.clone()));
		return response;
	};
	const keys = new KeySet({
		uri: async () => jwksUri,
		fetch: watching,
		now,
		provider: provider.name,
	});
	try {
		// Fetches the set: until then the ids of its keys are unknown.
		await keys.find({ alg: "none", kid: undefined });
		for (const alg of idTokenSigningAlgs ?? USUAL_ALGORITHMS)
			for (const kid of kids)
				if ((await keys.find({ alg, kid })).keys.length > 0)
					return ok("keys", `The key set has a key for ${alg}`, by);
	} catch (thrown) {
		const error = toError(thrown);
		if (error.code === "provider_unreachable")
			return unreachable(error, {
				...by,
				who: "The provider's key set",
				url: jwksUri,
				id: "keys",
				setting: "the provider's jwks_uri",
			});
		return stale(by, jwksUri, error.reason ?? "");
	}
	return fail("keys", {
		...by,
		title: `No key at ${jwksUri} can be used`,
		cause: `None fits an algorithm that the metadata lists (${(idTokenSigningAlgs ?? []).join(", ") || "none"}): the metadata or the key set is out of date`,
		fix: "Have the provider publish its present signing keys, or correct its metadata.",
	});
}

function stale(by: { provider: string }, jwksUri: string, reason: string): Finding {
	const status = /^status_(\d+)$/.exec(reason)?.[1];
	const cause =
		status === undefined
			? `The key set has no usable signature key (${reason})`
			: `The metadata is out of date: the key set that it names answers with status ${status}`;
	return fail("keys", {
		...by,
		title: `There is no key set at ${jwksUri}`,
		cause,
		fix: "Have the provider's administrator correct jwks_uri or the key set. Behind a proxy or cache, see that the metadata comes from the provider itself.",
	});
}

function kidsOf(
	document: Readonly<Record<string, unknown>> | undefined,
): readonly (string | undefined)[] {
	const entries = Array.isArray(document?.keys) ? document.keys.slice(0, MAX_KEYS) : [];
	return [
		...new Set(
			entries.filter(isJsonObject).map(({ kid }) => (typeof kid === "string" ? kid : undefined)),
		),
	];
}
