import type { PortcullisError } from "../../base/errors.ts";
import { DEFAULT_ROUTES } from "../../config/options.ts";
import { isPublicHttps, keepsSecureCookies, ORIGIN_VARIABLE } from "../../config/origin.ts";
import { type Finding, fail, ok, skipped, warn } from "../../doctor/finding.ts";
import { unreachable } from "../../doctor/network-findings.ts";
import { plainOrigin } from "../../doctor/settings-findings.ts";
import { toError } from "../../doctor/subject.ts";
import { type BoundedFetch, createBoundedFetch } from "../../protocol/http.ts";
import { readJsonObject } from "../../protocol/json.ts";
import { COOKIE_BUDGET } from "../../session/seal-session.ts";
import { type SeenLogin, walkLogin } from "./login-findings.ts";

/** A running app to look at. */
export interface AppSubject {
	/** As browsers know it. */
	readonly origin: string;
	/** Sends the headers that it is given, and no others. */
	readonly fetch: typeof fetch;
	/** Of one call, in seconds. */
	readonly timeout: number;
	/** The providers that it should have, with their issuers and client ids. */
	readonly providers: readonly {
		readonly name: string;
		readonly issuer: string;
		readonly clientId: string;
	}[];
}

export interface AppResult {
	readonly findings: readonly Finding[];
	/** By the provider's name. */
	readonly logins: ReadonlyMap<string, SeenLogin>;
}

const { endpoints } = DEFAULT_ROUTES;

/**
 * Looks at a running app from outside, like a browser: is it there, at which origin does it think
 * it is, do cookies survive the way.
 */
export async function examineApp(subject: AppSubject): Promise<AppResult> {
	const { origin } = subject;
	if (!keepsSecureCookies(origin)) return { findings: [plainOrigin(origin)], logins: new Map() };
	const fetch = createBoundedFetch({
		fetch: subject.fetch,
		timeout: subject.timeout,
		issuer: new URL(origin),
		provider: "app",
	});
	const health = await examineHealth(origin, fetch);
	if (health.status === "fail") return { findings: [health], logins: new Map() };
	const ready = await examineReadiness(origin, fetch);
	const session = await examineSession(origin, fetch);
	if (session) return { findings: [health, ...ready, session], logins: new Map() };
	const limit = await examineHeaderLimit(origin, fetch);
	const findings: Finding[] = [health, ...ready, limit];
	const logins = new Map<string, SeenLogin>();
	for (const provider of subject.providers) {
		const walk = await walkLogin({ origin, fetch, provider });
		findings.push(...walk.findings);
		if (walk.seen) logins.set(provider.name, walk.seen);
	}
	// An app that does not know of https says nothing of it, either.
	const isHealthy = findings.every(({ status }) => status !== "fail");
	if (isHealthy && isPublicHttps(origin)) findings.push(await examineHsts(origin, fetch));
	return { findings: withoutRepeats(findings), logins };
}

async function examineHealth(origin: string, fetch: BoundedFetch): Promise<Finding> {
	const url = `${origin}${endpoints}/health`;
	try {
		const response = await fetch(url, { redirects: "return" });
		const body = response.status === 200 ? await readJsonObject(response) : undefined;
		if (body?.status === "live") return ok("app", `The app answers at ${origin}`);
		return fail("app", {
			title: `There is no gate at ${origin}`,
			cause: `${url} answered with status ${response.status}, not as a gate does: another app, a proxy that leads elsewhere, or routes.endpoints was moved`,
			fix: `See that everything below ${endpoints} reaches the app.`,
		});
	} catch (thrown) {
		return unreachable(toError(thrown), { who: "The app", url, id: "app", setting: "--url" });
	}
}

async function examineReadiness(origin: string, fetch: BoundedFetch): Promise<readonly Finding[]> {
	const answer = await fetch(`${origin}${endpoints}/health/ready`, { redirects: "return" }).catch(
		toError,
	);
	if (answer instanceof Response && answer.status === 200) return [];
	return [
		fail("app", {
			title: "The app is not ready",
			cause:
				"Its health/ready does not say so: a provider or key cannot be loaded, the store does not answer, or it is about to stop",
			fix: "Look into the app's log; for the store see that its address can be reached.",
		}),
	];
}

/** Does the gate take the host for its own? Undefined if it does. */
async function examineSession(origin: string, fetch: BoundedFetch): Promise<Finding | undefined> {
	const response = await fetch(`${origin}${endpoints}/session`, { redirects: "return" }).catch(
		toError,
	);
	if (!(response instanceof Response))
		return fail("app", {
			title: "The gate does not answer",
			cause: response.message,
			fix: "Look into the app's log.",
		});
	const { code } = (await readJsonObject(response)) ?? {};
	if (code !== "unknown_origin") return undefined;
	return fail("public-origin", {
		title: `The app does not take ${new URL(origin).host} for its own host`,
		cause: `${ORIGIN_VARIABLE} names other origins, or the proxy's forwarded headers contradict each other`,
		fix: `Add ${origin} to ${ORIGIN_VARIABLE}, or have the proxy pass the Host header on.`,
	});
}

/** Sends as many bytes of cookies as a session can have. */
async function examineHeaderLimit(origin: string, fetch: BoundedFetch): Promise<Finding> {
	const half = "x".repeat(COOKIE_BUDGET / 2 - "portcullis-doctor-0=; ".length);
	const cookie = `portcullis-doctor-0=${half}; portcullis-doctor-1=${half}`;
	const answer = await fetch(`${origin}${endpoints}/session`, {
		headers: { cookie },
		redirects: "return",
	}).catch(toError);
	if (answer instanceof Response && answer.status === 200)
		return ok("header-limit", `${COOKIE_BUDGET} bytes of cookies get through`);
	const how =
		answer instanceof Response
			? `is answered with status ${answer.status}`
			: `is not answered (${statusOf(answer) ?? answer.reason ?? answer.code})`;
	return fail("header-limit", {
		title: "The cookies of a session do not get through",
		cause: `A request with ${COOKIE_BUDGET} bytes of cookies, which a session can have, ${how}: the proxy or server allows less in a header`,
		fix: "Raise its limit to 16 kB: large_client_header_buffers 4 16k in nginx, tune.bufsize in HAProxy, --max-http-header-size of Node.",
	});
}

async function examineHsts(origin: string, fetch: BoundedFetch): Promise<Finding> {
	const url = `${origin}${DEFAULT_ROUTES.login}`;
	const page = await fetch(url, { headers: { accept: "text/html" }, redirects: "return" }).catch(
		toError,
	);
	if (!(page instanceof Response))
		return skipped("hsts", {
			title: "HSTS was not looked at",
			cause: "The login page does not answer",
		});
	const maxAge = Number(
		/max-age=(\d+)/.exec(page.headers.get("strict-transport-security") ?? "")?.[1] ?? 0,
	);
	if (maxAge >= YEAR) return ok("hsts", "Browsers are told to use https alone (HSTS)");
	return warn("hsts", {
		title: "Browsers are not told to use https alone",
		cause: `The login page has no Strict-Transport-Security of a year (max-age=${maxAge})`,
		fix: "Leave the option hsts as it is, and see that the proxy does not remove the header.",
	});
}

/** Seconds. */
const YEAR = 31_536_000;

function statusOf({ reason }: PortcullisError): string | undefined {
	const status = /^status_(\d+)$/.exec(reason ?? "")?.[1];
	return status && `status ${status}`;
}

function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
	const key = ({ id, title, provider }: Finding) => `${id} ${provider} ${title}`;
	return findings.filter(
		(finding, i) => findings.findIndex((other) => key(other) === key(finding)) === i,
	);
}
