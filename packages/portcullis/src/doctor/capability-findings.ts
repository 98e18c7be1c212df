import { isStringList, type JsonObject } from "../protocol/json.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";
import { type Subject, toError } from "./subject.ts";

/**
 * PKCE, as the metadata promise it (RFC 8414 section 2). That a list without S256 is refused,
 * discovery says.
 */
export function examinePkce({ provider }: Subject, document: JsonObject): Finding {
	const by = { provider: provider.name };
	if (isStringList(document.code_challenge_methods_supported))
		return ok("pkce", "The provider offers PKCE with S256", by);
	return warn("pkce", {
		...by,
		title: "The provider does not say whether it checks PKCE",
		cause: "Its metadata has no code_challenge_methods_supported",
		fix: "Nothing, for a provider whose documentation promises PKCE, such as Entra ID. It is sent in any case.",
	});
}

/** Whether a logout reaches the provider. */
export async function examineEndSession({ provider }: Subject): Promise<Finding> {
	const by = { provider: provider.name };
	try {
		if ((await provider.endSessionEndpoint()) !== undefined)
			return ok("end-session", "A logout ends the session at the provider, too", by);
	} catch (error) {
		const title = "Where a logout goes cannot be told";
		const fix = "Look at the hook endSessionEndpoint of the provider.";
		return fail("end-session", { ...by, title, cause: toError(error).message, fix });
	}
	return warn("end-session", {
		...by,
		title: "A logout ends the session of the app alone",
		cause:
			"The provider has no end_session_endpoint: whoever clicks on its button next is signed in without being asked",
		fix: "Nothing, if that is how the provider is. Otherwise switch RP-initiated logout on at the provider.",
	});
}

/**
 * Whether the claims that checks read can be there: in a sample, else as far as the metadata say.
 */
export function examineClaims(subject: Subject, document: JsonObject): readonly Finding[] {
	return subject.claims.map((claim) => examineClaim(subject, document, claim));
}

function examineClaim(subject: Subject, document: JsonObject, claim: string): Finding {
	const { provider, sample } = subject;
	const by = { provider: provider.name };
	const scopes = subject.scopes ?? scopesOf(subject);
	if (sample !== undefined) return fromSample(subject, sample, claim);
	const offered = listOf(document.scopes_supported);
	const isAsked = scopes.includes(claim);
	if (offered?.includes(claim) && !isAsked)
		return missing(subject, claim, {
			cause: `The provider has a scope ${claim}, and the app does not ask for it`,
			fix: `Ask for it: portcullis({ extraScopes: [${JSON.stringify(claim)}] }). Doctor hears of it by --url, or by --scope ${claim}.`,
		});
	const claims = listOf(document.claims_supported);
	if (claims?.includes(claim)) return ok("claims", `The provider knows the claim ${claim}`, by);
	if (offered?.includes(claim)) return ok("claims", `The app asks for the scope ${claim}`, by);
	if (claims === undefined && offered === undefined)
		return skipped("claims", {
			...by,
			title: `Whether the claim ${claim} comes shows at the first login`,
			cause: "The metadata lists neither claims nor scopes",
		});
	return missing(subject, claim, {
		cause: `Neither the scopes nor the claims of the provider's metadata name ${claim}`,
		fix: `Add a claim or mapper ${claim} for this client at the provider, to the ID token or to userinfo; then look at a sample with --sample.`,
	});
}

function fromSample(
	subject: Subject,
	sample: Readonly<Record<string, unknown>>,
	claim: string,
): Finding {
	const by = { provider: subject.provider.name };
	if (sample[claim] !== undefined) return ok("claims", `There is a claim ${claim}`, by);
	// OpenID Connect Core 1.0 section 5.6.2: the claim is elsewhere. Entra does so for people in too
	// many groups.
	const elsewhere = sample._claim_names;
	if (typeof elsewhere === "object" && elsewhere !== null && Object.hasOwn(elsewhere, claim))
		return missing(subject, claim, {
			cause: `The person has too many ${claim} for a token: the provider names where to ask for them instead`,
			fix: `Have the provider send only the ${claim} that are assigned to the app, or use its roles.`,
		});
	return missing(subject, claim, {
		cause: `The sample has no claim ${claim}`,
		fix: `Add a claim or mapper ${claim} for this client at the provider, and ask for its scope if it has one (extraScopes).`,
	});
}

/** A guess warns, a need fails. */
function missing(subject: Subject, claim: string, says: { cause: string; fix: string }): Finding {
	const by = { provider: subject.provider.name };
	const title = `The claim ${claim} is missing`;
	return subject.needsClaims
		? fail("claims", { ...by, title, ...says })
		: warn("claims", {
				...by,
				title,
				cause: says.cause,
				fix: `Nothing, if no check of yours reads it. Otherwise: ${says.fix}`,
			});
}

function scopesOf({ provider }: Subject): readonly string[] {
	return provider.createTransaction({ redirectUri: "https://localhost/callback", returnTo: "/" })
		.scopes;
}

function listOf(value: unknown): readonly string[] | undefined {
	return isStringList(value) ? value : undefined;
}
