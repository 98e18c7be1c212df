import { randomBytes } from "node:crypto";
import { html } from "../views/html.ts";
import { pressButtonScript } from "../views/page-scripts.ts";
import { errorPage, page } from "./dev-idp-pages.ts";
import { type AuthorizationFault, listFaults } from "./faulty-idp-faults.ts";
import { pageResponse, redirect } from "./faulty-idp-respond.ts";
import {
	type FaultyIdpRequest,
	type FaultyIdpState,
	isRegistered,
	issue,
	nowOf,
	sendsIssuer,
} from "./faulty-idp-state.ts";

/** Answers an authorization request (OpenID Connect Core 1.0 section 3.1.2), by `GET` or `POST`. */
export function authorize(state: FaultyIdpState, request: FaultyIdpRequest): Response {
	const parameters = request.method === "POST" ? request.form : request.query;
	const clientId = parameters.get("client_id");
	const redirectUri = parameters.get("redirect_uri");
	// Until these two are known to be good, an answer goes to the person, never to the URI (RFC 6749
	// section 4.1.2.1).
	if (clientId === null || !state.clients.has(clientId))
		return refuse("invalid_client", "client_id is missing or unknown.");
	if (!isRegistered(state, redirectUri))
		return refuse(
			"invalid_redirect_uri",
			"redirect_uri is neither registered nor on this machine.",
		);

	const problem = problemOf(state, parameters);
	if (problem !== undefined) return respond(state, parameters, redirectUri, problem);
	if (state.interactive && !parameters.has("choice"))
		return pageResponse(signInPage(state, request.path, parameters));
	if (parameters.get("choice") === "deny")
		return respond(state, parameters, redirectUri, { error: "access_denied" });
	const login = loginOf(state, parameters, clientId, redirectUri);
	state.logins.push(login);
	return respond(state, parameters, redirectUri, {
		code: issue(state, state.codes, login, codeLifetime),
	});
}

/** Seconds (RFC 6749 section 4.1.2 asks for ten minutes at most). */
const codeLifetime = 60;

function problemOf(
	state: FaultyIdpState,
	parameters: URLSearchParams,
): Record<string, string> | undefined {
	for (const name of new Set(parameters.keys())) {
		if (parameters.getAll(name).length > 1) return invalid(`${name} is there twice.`);
	}
	if (parameters.get("response_type") !== "code") return { error: "unsupported_response_type" };
	if (!["query", "form_post"].includes(parameters.get("response_mode") ?? "query"))
		return invalid("response_mode is not supported.");
	if (!parameters.get("scope")?.split(" ").includes("openid"))
		return { error: "invalid_scope", error_description: "openid is missing." };
	if (state.interactive && parameters.get("prompt") === "none") return { error: "login_required" };
	if (state.faults.pkceEnforced === false) return undefined;
	if (parameters.get("code_challenge_method") !== "S256")
		return invalid("code_challenge_method is not S256.");
	if (!/^[\w-]{43}$/.test(parameters.get("code_challenge") ?? ""))
		return invalid("code_challenge is missing or not well-formed.");
	return undefined;
}

function invalid(description: string): Record<string, string> {
	return { error: "invalid_request", error_description: description };
}

function loginOf(
	state: FaultyIdpState,
	parameters: URLSearchParams,
	clientId: string,
	redirectUri: string,
) {
	return {
		clientId,
		redirectUri,
		scope: parameters.get("scope") ?? "",
		nonce: parameters.get("nonce") ?? undefined,
		codeChallenge: parameters.get("code_challenge") ?? undefined,
		person: state.person,
		authTime: nowOf(state),
		sid: randomBytes(12).toString("base64url"),
		hasRefreshToken: state.issuesRefreshToken(parameters),
		revoked: false,
	};
}

function respond(
	state: FaultyIdpState,
	request: URLSearchParams,
	redirectUri: string,
	answer: Record<string, string>,
): Response {
	const parameters = new URLSearchParams(answer);
	const echoed = request.get("state");
	if (echoed !== null) parameters.set("state", echoed);
	if (sendsIssuer(state)) parameters.set("iss", state.issuer);
	for (const fault of listFaults(state.faults.authorization))
		authorizationFaults[fault](parameters);

	if (request.get("response_mode") === "form_post") return postTo(redirectUri, parameters);
	const url = new URL(redirectUri);
	for (const [name, value] of parameters) url.searchParams.append(name, value);
	return redirect(url.href);
}

/**
 * OAuth 2.0 Form Post Response Mode: a form that a script sends, and a button where there are no
 * scripts.
 */
function postTo(redirectUri: string, parameters: URLSearchParams): Response {
	const fields = [...parameters].map(
		([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
	);
	const body = html`<!doctype html><html lang="en"><title>Continue</title>
<form method="post" action="${redirectUri}">${fields}<button>Continue</button></form><script>${pressButtonScript}</script></html>`;
	return new Response(String(body), {
		headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
	});
}

function signInPage(state: FaultyIdpState, path: string, parameters: URLSearchParams) {
	const fields = [...parameters].map(
		([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
	);
	return page(
		"Sign in",
		html`<main class="narrow">
			<p class="badge">For tests only</p>
			<div class="panel">
				<h1>Sign in</h1>
				<form method="post" action="${path}">${fields}
					<p class="actions">
						<button class="button main" name="choice" value="allow">Continue as ${String(state.person.name ?? state.person.sub)}</button>
						<button class="button" name="choice" value="deny">Cancel</button>
					</p>
				</form>
			</div>
		</main>`,
	);
}

function refuse(error: string, description: string): Response {
	return pageResponse(errorPage({ error, error_description: description }), 400);
}

function failWith(parameters: URLSearchParams, answer: Record<string, string>): void {
	parameters.delete("code");
	for (const [name, value] of Object.entries(answer)) parameters.set(name, value);
}

const markup = `<script>alert(1)</script><img src=x onerror=alert(1)>"'`;

const authorizationFaults: Readonly<
	Record<AuthorizationFault, (parameters: URLSearchParams) => void>
> = {
	"access-denied": (parameters) =>
		failWith(parameters, { error: "access_denied", error_description: "The person said no." }),
	"error-markup": (parameters) =>
		failWith(parameters, {
			error: markup,
			error_description: markup,
			error_uri: "javascript:alert(1)",
		}),
	"error-huge": (parameters) =>
		failWith(parameters, { error: "server_error", error_description: "x".repeat(5000) }),
	"error-without-state"(parameters) {
		failWith(parameters, { error: "server_error" });
		parameters.delete("state");
	},
	"error-and-code": (parameters) => parameters.set("error", "access_denied"),
	"iss-missing": (parameters) => parameters.delete("iss"),
	"iss-wrong": (parameters) => parameters.set("iss", "https://another-issuer.invalid"),
	"state-missing": (parameters) => parameters.delete("state"),
	"state-wrong": (parameters) => parameters.set("state", "a-state-that-was-never-sent"),
	"code-missing": (parameters) => parameters.delete("code"),
	"code-unknown": (parameters) => parameters.set("code", "a-code-that-was-never-issued"),
	"code-twice": (parameters) => parameters.append("code", "another-code"),
	"state-twice": (parameters) => parameters.append("state", "another-state"),
	"code-huge": (parameters) => parameters.set("code", "c".repeat(5000)),
};
