import type { BoundedFetch } from "../protocol/http.ts";
import { toErrorCode, toProviderText } from "../protocol/provider-text.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";
import { unreachable } from "./network-findings.ts";
import { type Subject, toError, variable } from "./subject.ts";

/**
 * Answers to `prompt=none` that only a known client with a registered redirect URI gets (OpenID
 * Connect Core 1.0 section 3.1.2.6).
 */
const NOBODY_SIGNED_IN = new Set([
	"login_required",
	"interaction_required",
	"consent_required",
	"account_selection_required",
	"access_denied",
]);
/**
 * What error pages of any provider say. A page without an error can hold the words in its own form.
 */
const REDIRECT_WORDS = /redirect[ _-]?ur[il]|callback url|redirect_mismatch|AADSTS50011/i;
const CLIENT_WORDS =
	/invalid[ _]client|client[ _]id|unknown client|client not found|AADSTS700016|unauthorized_client/i;
const CERTAIN_REDIRECT_WORDS = /redirect_uri_mismatch|redirect_mismatch|AADSTS50011/i;
const CERTAIN_CLIENT_WORDS = /AADSTS700016/i;

/**
 * Asks the authorization endpoint whether it would send a browser back to a redirect URI, with
 * `prompt=none`: no person is signed in, and no page is answered. Nothing that it leads to is
 * opened.
 */
export async function examineRedirect(
	subject: Subject,
	redirectUri: string,
	fetch: BoundedFetch,
): Promise<Finding> {
	const { provider } = subject;
	const by = { provider: provider.name };
	let url: URL;
	try {
		const transaction = provider.createTransaction({ redirectUri, returnTo: "/" });
		const { scopes = transaction.scopes } = subject;
		url = await provider.authorizationUrl({ ...transaction, scopes });
		url.searchParams.set("prompt", "none");
	} catch (thrown) {
		const title = "The authorization request cannot be made";
		const fix = "Look at the hooks authorizationParameters and requestedScopes of the provider.";
		return fail("redirect-uri", { ...by, title, cause: toError(thrown).message, fix });
	}
	try {
		const response = await fetch(url.href, {
			headers: { accept: "text/html" },
			redirects: "return",
		});
		return judge(subject, redirectUri, url, response, await response.text());
	} catch (thrown) {
		const error = toError(thrown);
		if (error.code === "provider_unreachable") {
			const setting = "the provider's authorization_endpoint";
			const who = "The provider's authorization endpoint";
			return unreachable(error, { ...by, who, url: url.href, id: "redirect-uri", setting });
		}
		return unknown(by, redirectUri, error.message);
	}
}

function judge(
	subject: Subject,
	redirectUri: string,
	asked: URL,
	response: Response,
	body: string,
): Finding {
	const by = { provider: subject.provider.name };
	const location = response.headers.get("location");
	const target =
		location !== null && URL.canParse(location, asked) ? new URL(location, asked) : undefined;
	if (target && leadsTo(target, redirectUri))
		return judgeAnswer(subject, redirectUri, target.searchParams);
	const { status } = response;
	if (status === 404 || status === 405 || status === 410)
		return fail("endpoints", {
			...by,
			title: `There is no authorization endpoint at ${asked.origin}${asked.pathname}`,
			cause: `The metadata is out of date: the authorization endpoint that it names answers with status ${status}`,
			fix: "Have the provider's administrator correct its metadata. Behind a proxy or cache, see that it comes from the provider itself.",
		});
	const text = target ? wordsOf(target) : body;
	const isRefused = status >= 400;
	if ((isRefused ? REDIRECT_WORDS : CERTAIN_REDIRECT_WORDS).test(text))
		return unregistered(subject, redirectUri);
	if ((isRefused ? CLIENT_WORDS : CERTAIN_CLIENT_WORDS).test(text))
		return fail("client", {
			...by,
			title: `The provider does not know the client ${subject.provider.clientId}`,
			cause: "The client id is wrong, or of another tenant, realm or authorization server",
			fix: `Compare ${variable(subject, "CLIENT_ID")} and ${variable(subject, "ISSUER_URI")} with the provider's console.`,
		});
	return unknown(
		by,
		redirectUri,
		`The provider answers without a browser in a way that says nothing (status ${status})`,
	);
}

/**
 * The provider would send people back: the URI is registered. What it says there may still be a
 * complaint.
 */
function judgeAnswer(subject: Subject, redirectUri: string, answer: URLSearchParams): Finding {
	const by = { provider: subject.provider.name };
	const error = answer.get("error");
	if (error === null || NOBODY_SIGNED_IN.has(error))
		return ok("redirect-uri", `${redirectUri} is registered`, by);
	const code = toErrorCode(error);
	const said = toProviderText(answer.get("error_description") ?? "");
	const cause = `The provider refuses the request (${code})${said === "" ? "" : `. It says: ${said}`}`;
	if (code === "invalid_scope")
		return fail("scopes", {
			...by,
			title: "The provider refuses a scope",
			cause,
			fix: "Allow the scopes for this client at the provider, or leave them out of scopes and extraScopes.",
		});
	if (code === "unauthorized_client" || code === "unsupported_response_type")
		return fail("client", {
			...by,
			title: `The client ${subject.provider.clientId} may not sign people in`,
			cause,
			fix: "Allow the authorization code flow for the client at the provider; its kind is a web application.",
		});
	return warn("redirect-uri", {
		...by,
		title: `${redirectUri} is registered, but the provider would not sign anybody in`,
		cause,
		fix: "Look into the provider's log for the reason.",
	});
}

function unregistered(subject: Subject, redirectUri: string): Finding {
	return fail("redirect-uri", {
		provider: subject.provider.name,
		title: `${redirectUri} is not registered`,
		cause: `The provider does not know it as a redirect URI of the client ${subject.provider.clientId}`,
		fix: `Add exactly this to the client's redirect URIs (callback URLs): ${redirectUri}`,
	});
}

function unknown(by: { provider: string }, redirectUri: string, cause: string): Finding {
	return skipped("redirect-uri", {
		...by,
		title: `Whether ${redirectUri} is registered shows at the first login`,
		cause,
		fix: `Register exactly this: ${redirectUri}`,
	});
}

function leadsTo(target: URL, redirectUri: string): boolean {
	const own = new URL(redirectUri);
	return target.origin === own.origin && target.pathname === own.pathname;
}

/** The texts in an address that leads to an error page: some providers put them into base64. */
function wordsOf(target: URL): string {
	const values = [...target.searchParams.values()].flatMap((value) => [value, fromBase64(value)]);
	return [target.pathname, ...values].join("\n").slice(0, MAX_TEXT);
}

const MAX_TEXT = 20_000;

function fromBase64(text: string): string {
	try {
		return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
	} catch {
		return "";
	}
}
