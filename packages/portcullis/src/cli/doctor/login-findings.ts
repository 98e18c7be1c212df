import { DEFAULT_ROUTES } from "../../config/options.ts";
import { ORIGIN_VARIABLE } from "../../config/origin.ts";
import { type Finding, fail, ok, warn } from "../../doctor/finding.ts";
import { toError } from "../../doctor/subject.ts";
import type { BoundedFetch } from "../../protocol/http.ts";
import { readJsonObject } from "../../protocol/json.ts";
import { toErrorCode } from "../../protocol/provider-text.ts";

/** A login that is begun and given up. */
export interface LoginWalk {
	readonly origin: string;
	readonly fetch: BoundedFetch;
	readonly provider: { readonly name: string; readonly issuer: string; readonly clientId: string };
}

/** What was seen of an authorization request that the app makes. */
export interface SeenLogin {
	readonly redirectUri: string;
	readonly scopes: readonly string[];
}

export interface LoginWalkResult {
	readonly findings: readonly Finding[];
	readonly seen?: SeenLogin;
}

/** What a browser sends whose person has clicked on the button of a provider. */
const CLICK = {
	accept: "text/html",
	"sec-fetch-dest": "document",
	"sec-fetch-mode": "navigate",
	"sec-fetch-site": "same-origin",
	"user-agent": "portcullis-doctor",
};

/**
 * Begins a login with one provider, looks where it would lead, and answers it as if the person had
 * said no: that brings the cookie back, as a real answer would. The app's log and audit trail have
 * a login that was refused.
 */
export async function walkLogin(walk: LoginWalk): Promise<LoginWalkResult> {
	const { origin, fetch, provider } = walk;
	const by = { provider: provider.name };
	const url = `${origin}${DEFAULT_ROUTES.login}/${provider.name}`;
	const response = await fetch(url, { headers: CLICK, redirects: "return" }).catch(toError);
	if (!(response instanceof Response)) {
		const cause =
			response.reason === "status_503" || response.reason === "status_502"
				? "The app cannot reach the provider, or cannot use what it says"
				: response.message;
		const fix =
			"Look into the app's log: it names the reason. See that the app's machine reaches the provider.";
		return {
			findings: [fail("login", { ...by, title: "The app cannot begin a login", cause, fix })],
		};
	}
	const location = response.headers.get("location");
	const target = location !== null && URL.canParse(location) ? new URL(location) : undefined;
	const redirectUri = target?.searchParams.get("redirect_uri");
	if (!target || !redirectUri || !URL.canParse(redirectUri))
		return { findings: [notBegun(walk, response.status)] };

	const scopes = (target.searchParams.get("scope") ?? "").split(" ").filter(Boolean);
	const findings = [examineOrigin(origin, redirectUri), ...examineClientId(walk, target)];
	const cookies = response.headers.getSetCookie();
	const cookieFinding = examineCookies(walk, cookies);
	if (cookieFinding.status === "ok" && findings[0]?.status === "ok")
		findings.push(
			await answerNo(walk, redirectUri, target.searchParams.get("state") ?? "", cookies),
		);
	else if (cookieFinding.status !== "ok") findings.push(cookieFinding);
	return { findings, seen: { redirectUri, scopes } };
}

function notBegun({ origin, provider }: LoginWalk, status: number): Finding {
	const by = { provider: provider.name };
	if (status === 404)
		return fail("login", {
			...by,
			title: `The app has no provider ${provider.name}`,
			cause: "It is another one that runs there, or its options name other providers",
			fix: "Name those that it has: doctor --provider <name>.",
		});
	if (status === 400 && origin.startsWith("https:")) return noProto(origin, "plain http");
	return fail("login", {
		...by,
		title: "The app does not begin a login",
		cause: `${DEFAULT_ROUTES.login}/${provider.name} answered with status ${status} and leads to no provider`,
		fix: "Look into the app's log: it names the reason.",
	});
}

/** The redirect URI shows where the app believes to be. */
function examineOrigin(origin: string, redirectUri: string): Finding {
	const seen = new URL(redirectUri);
	const own = new URL(origin);
	if (seen.origin === own.origin)
		return ok("public-origin", `The app knows that it is at ${origin}`);
	if (own.protocol === "https:" && seen.protocol === "http:" && seen.hostname === own.hostname)
		return noProto(origin, seen.origin);
	return fail("public-origin", {
		title: `The app believes to be at ${seen.origin}`,
		cause: `The proxy does not pass the host ${own.host} on, or ${ORIGIN_VARIABLE} names another origin`,
		fix: `Set ${ORIGIN_VARIABLE}=${origin}, or have the proxy pass the Host header on.`,
	});
}

function noProto(origin: string, seen: string): Finding {
	return fail("public-origin", {
		title: "The app does not know that browsers use https",
		cause: `A proxy ends TLS and does not forward the protocol in a way that the app trusts: it sees ${seen}`,
		fix: `Set ${ORIGIN_VARIABLE}=${origin}. Or have the proxy send X-Forwarded-Proto: https, and name the proxy in trustProxy.`,
	});
}

function examineClientId({ provider }: LoginWalk, target: URL): readonly Finding[] {
	const clientId = target.searchParams.get("client_id");
	if (clientId === provider.clientId) return [];
	return [
		warn("login", {
			provider: provider.name,
			title: "The app runs with another client id",
			cause:
				"It is not the one of the variables here, so that what follows may be about another client",
			fix: "Give doctor the app's own variables with --env.",
		}),
	];
}

/**
 * The cookie of the login attempt must arrive as it was sent: a browser drops a `__Host-` cookie
 * whose attributes were changed.
 */
function examineCookies({ provider }: LoginWalk, lines: readonly string[]): Finding {
	const by = { provider: provider.name };
	const line = lines.find((one) => isAttempt(one, provider.name));
	const fix =
		"See that the proxy leaves Set-Cookie as it is: no proxy_cookie_domain, proxy_cookie_path or proxy_cookie_flags in nginx.";
	if (line === undefined)
		return fail("cookies", {
			...by,
			title: "The cookie of a login does not arrive",
			cause:
				"The answer that begins it has no cookie of an attempt: something on the way removes or renames it",
			fix,
		});
	const attributes = line
		.split(";")
		.slice(1)
		.map((attribute) => attribute.trim().toLowerCase());
	const needed = ["secure", "httponly", "path=/"];
	const changed = [
		...needed.filter((attribute) => !attributes.includes(attribute)),
		...attributes.filter((attribute) => attribute.startsWith("domain=")),
		...(attributes.some(
			(attribute) => attribute === "samesite=lax" || attribute === "samesite=none",
		)
			? []
			: ["samesite"]),
	];
	if (changed.length === 0) return ok("cookies", "Cookies arrive as they were sent", by);
	return fail("cookies", {
		...by,
		title: "The cookie of a login is changed on its way",
		cause: `Its attributes are not those that the gate has sent (${changed.join(", ")}): browsers drop it`,
		fix,
	});
}

/**
 * The provider's answer if the person says no, with the cookie: an app that recognises its attempt
 * says `access_denied`.
 */
async function answerNo(
	{ fetch, provider }: LoginWalk,
	redirectUri: string,
	state: string,
	lines: readonly string[],
): Promise<Finding> {
	const by = { provider: provider.name };
	const url = new URL(redirectUri);
	url.search = String(new URLSearchParams({ error: "access_denied", state, iss: provider.issuer }));
	const cookie = lines
		.filter((line) => isAttempt(line, provider.name))
		.map((line) => line.split(";", 1)[0])
		.join("; ");
	const answer = await fetch(url.href, { headers: { cookie }, redirects: "return" }).catch(toError);
	const { code } =
		answer instanceof Response ? ((await readJsonObject(answer)) ?? {}) : { code: answer.reason };
	if (code === "access_denied")
		return ok(
			"cookies",
			"A login's cookie comes back to the callback, which knows its attempt",
			by,
		);
	if (code === "issuer_mismatch")
		return warn("cookies", {
			...by,
			title: "A login's cookie comes back to the callback",
			cause: "The app answers to another issuer than the variables here name",
			fix: "Give doctor the app's own variables with --env.",
		});
	return fail("cookies", {
		...by,
		title: "The callback does not recognise the login that it belongs to",
		cause: `With its cookie and state it answered ${typeof code === "string" ? toErrorCode(code) : `status ${answer instanceof Response ? answer.status : "none"}`}: the cookie does not reach it, another process with other secrets answers, or the path leads elsewhere`,
		fix: "Give every replica the same PORTCULLIS_SECRET, and see that cookies and /callback reach the app.",
	});
}

function isAttempt(line: string, provider: string): boolean {
	return (
		line.startsWith(`__Host-${provider}-`) && /^[^=]*-tx-/.test(line) && !/^[^=]*=;/.test(line)
	);
}
