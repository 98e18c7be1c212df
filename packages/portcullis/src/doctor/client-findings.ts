import type { ProviderMetadata } from "../protocol/discovery.ts";
import type { BoundedFetch } from "../protocol/http.ts";
import { type JsonObject, readJsonObject } from "../protocol/json.ts";
import { toErrorCode, toProviderText } from "../protocol/provider-text.ts";
import { randomText } from "../protocol/random-text.ts";
import { requestTokens } from "../protocol/requests.ts";
import { type ClockReading, readClock } from "./clock-findings.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";
import { unreachable } from "./network-findings.ts";
import { type Subject, toError, variable } from "./subject.ts";

/** What the token endpoint says to this client. */
export interface ClientResult {
	readonly finding: Finding;
	/** Never out of a cache, unlike that of the metadata. */
	readonly clock?: ClockReading | undefined;
}

/** An answer of the token endpoint, as far as it is looked at. */
interface TokenAnswer {
	readonly status: number;
	readonly error: string;
	/** Fit to be shown. */
	readonly said: string;
	readonly clock: ClockReading | undefined;
}

/**
 * Errors of a token endpoint that has recognised the client and then looked at the code (RFC 6749
 * section 5.2).
 */
const ABOUT_THE_CODE = new Set(["invalid_grant", "invalid_code"]);
/** Entra: the application is not in this directory. */
const NOT_IN_TENANT = /AADSTS(?:700016|90002|50020|500011)\b/;

/**
 * Asks the token endpoint with a code that no server has issued. A server that authenticates the
 * client first, as RFC 6749 section 4.1.3 has it, answers `invalid_client` to a wrong secret and
 * `invalid_grant` to the right one. Whether this server does is found out by asking once more with
 * a secret that is wrong for certain.
 */
export async function examineClient(
	subject: Subject,
	metadata: ProviderMetadata,
	fetch: BoundedFetch,
): Promise<ClientResult> {
	const { provider } = subject;
	const by = { provider: provider.name };
	let answer: TokenAnswer;
	try {
		answer = await ask(subject, metadata, fetch, provider.clientSecret);
	} catch (thrown) {
		const error = toError(thrown);
		if (error.code === "provider_unreachable") {
			const setting = "the provider's token_endpoint";
			const who = "The provider's token endpoint";
			return {
				finding: unreachable(error, {
					...by,
					who,
					url: metadata.tokenEndpoint,
					id: "client",
					setting,
				}),
			};
		}
		const fix = "Correct the client's settings at the provider, or the provider's metadata.";
		const title = "The token endpoint cannot be asked";
		return { finding: fail("client", { ...by, title, cause: error.message, fix }) };
	}
	const { clock } = answer;
	if (!ABOUT_THE_CODE.has(answer.error))
		return { finding: refused(subject, metadata, answer), clock };
	if (provider.clientSecret === undefined)
		return {
			finding: ok("client", `The client ${provider.clientId} is known, as a public one`, by),
			clock,
		};
	const control = await ask(subject, metadata, fetch, randomText(24)).catch(() => undefined);
	if (control === undefined || ABOUT_THE_CODE.has(control.error))
		return {
			finding: skipped("client", {
				...by,
				title: "Whether the client secret is right shows at the first login",
				cause: control
					? "The token endpoint looks at the code before it looks at the secret"
					: "The token endpoint did not answer a second question, by which one could tell",
			}),
			clock,
		};
	return {
		finding: ok("client", `The client ${provider.clientId} is known, and its secret is right`, by),
		clock,
	};
}

async function ask(
	subject: Subject,
	metadata: ProviderMetadata,
	fetch: BoundedFetch,
	clientSecret: string | undefined,
): Promise<TokenAnswer> {
	const { provider, now } = subject;
	const redirectUri = subject.redirectUris[0] ?? "https://localhost/callback";
	const transaction = provider.createTransaction({ redirectUri, returnTo: "/" });
	const params = new URLSearchParams({
		code: `portcullis-doctor-${randomText(12)}`,
		state: transaction.state,
	});
	const sentAt = now();
	const response = await requestTokens(params, transaction, {
		metadata,
		clientId: provider.clientId,
		clientSecret,
		fetch,
		provider: provider.name,
	});
	const clock = readClock(response, sentAt, now());
	const document: JsonObject = (await readJsonObject(response)) ?? {};
	return {
		status: response.status,
		error: typeof document.error === "string" ? toErrorCode(document.error) : "",
		said:
			typeof document.error_description === "string"
				? toProviderText(document.error_description)
				: "",
		clock,
	};
}

function refused(subject: Subject, metadata: ProviderMetadata, answer: TokenAnswer): Finding {
	const { provider } = subject;
	const { status, error, said } = answer;
	const by = { provider: provider.name };
	const quoted = said === "" ? "" : `. It says: ${said}`;
	const clientId = variable(subject, "CLIENT_ID");
	const secret = variable(subject, "CLIENT_SECRET");
	if (NOT_IN_TENANT.test(said))
		return fail("tenant", {
			...by,
			title: `The tenant of ${provider.issuer} does not know the client ${provider.clientId}`,
			cause: `The app is registered in another tenant, or ${clientId} is of another app${quoted}`,
			fix: `Copy the directory (tenant) ID and the application (client) ID of one and the same app registration into ${variable(subject, "ISSUER_URI")} and ${clientId}.`,
		});
	if ([404, 405, 410].includes(status))
		return fail("endpoints", {
			...by,
			title: `There is no token endpoint at ${metadata.tokenEndpoint}`,
			cause: `The metadata is out of date: the token endpoint that it names answers with status ${status}`,
			fix: "Have the provider's administrator correct its metadata. Behind a proxy or cache, see that it comes from the provider itself.",
		});
	if (error === "invalid_client" || (error === "" && status === 401))
		return provider.clientSecret === undefined
			? fail("client", {
					...by,
					title: `The provider wants a secret of the client ${provider.clientId}`,
					cause: `${secret} is not set, and the client is no public one at the provider${quoted}`,
					fix: `Set ${secret} to the client's secret, or register a public client with PKCE.`,
				})
			: fail("client", {
					...by,
					title: `The provider refuses the client ${provider.clientId} with its secret`,
					cause: `The client secret is wrong or has ended, or it belongs to another client id${quoted}`,
					fix: `Copy the secret's value (not its id) into ${secret}, or make a new one, and compare ${clientId}.`,
				});
	if (error === "unauthorized_client" || error === "unsupported_grant_type")
		return fail("client", {
			...by,
			title: `The client ${provider.clientId} may not sign people in`,
			cause: `The provider does not allow it the authorization code grant (${error})${quoted}`,
			fix: "Allow the authorization code grant for the client at the provider; its kind is a web application.",
		});
	const answered = error === "" ? `status ${status}` : `${error}`;
	return warn("client", {
		...by,
		title: "Whether the client secret is right cannot be told",
		cause: `The token endpoint answered a code that it never issued with ${answered}, not with invalid_grant${quoted}`,
		fix: "Sign in once: an error page then names the reason in the app's log.",
	});
}
