import type { ConfigProblem } from "../base/errors.ts";
import { withoutControls } from "../protocol/provider-text.ts";

/** What became of one thing that was looked at. `skipped`: it cannot be found out from here. */
export type FindingStatus = "ok" | "warn" | "fail" | "skipped";

/**
 * One thing that was looked at. Holds no secret, token, code or cookie, and no text that could
 * steer a terminal.
 */
export interface Finding {
	/** What was looked at: stable, for scripts. */
	readonly id: FindingId;
	readonly status: FindingStatus;
	/** Name of the provider; absent for what concerns the whole app. */
	readonly provider?: string;
	/** What was found, as a sentence without a full stop. */
	readonly title: string;
	/** Why, unless all is well. */
	readonly cause?: string;
	/** What to do about it, where something can be done. */
	readonly fix?: string;
}

/** Everything that is looked at. */
export type FindingId =
	| "settings"
	| "origin"
	| "cookie-secret"
	| "discovery"
	| "tls"
	| "issuer"
	| "tenant"
	| "metadata"
	| "pkce"
	| "end-session"
	| "endpoints"
	| "keys"
	| "clock"
	| "client"
	| "redirect-uri"
	| "scopes"
	| "claims"
	| "cookie-budget"
	| "app"
	| "public-origin"
	| "https"
	| "login"
	| "cookies"
	| "header-limit"
	| "hsts";

/** What a finding says besides id and status. */
type Says = Omit<Finding, "id" | "status">;

export function ok(id: FindingId, title: string, rest: Partial<Says> = {}): Finding {
	return { id, status: "ok", title, ...rest };
}

export function warn(id: FindingId, says: Says & { cause: string }): Finding {
	return { id, status: "warn", ...says };
}

export function fail(id: FindingId, says: Says & { cause: string; fix: string }): Finding {
	return { id, status: "fail", ...says };
}

export function skipped(id: FindingId, says: Says & { cause: string }): Finding {
	return { id, status: "skipped", ...says };
}

/** A mistake that the library itself reports at start. */
export function configFinding(id: FindingId, { problem, remedy }: ConfigProblem): Finding {
	return fail(id, { title: "The gate does not start", cause: problem, fix: remedy });
}

/**
 * Makes every text of a finding fit to be shown: without secrets, since a provider may quote in its
 * answer what it was sent, and without what could steer a terminal.
 *
 * @param secrets Exact texts; short ones are left, which could stand anywhere.
 */
export function fitToShow(finding: Finding, secrets: readonly (string | undefined)[]): Finding {
	const known = secrets.filter(
		(secret): secret is string => secret !== undefined && secret.length >= MIN_SECRET,
	);
	const clean = (text: string) =>
		withoutControls(known.reduce((rest, secret) => rest.replaceAll(secret, "***"), text));
	return Object.fromEntries(
		Object.entries(finding).map(([key, value]) => [
			key,
			typeof value === "string" ? clean(value) : value,
		]),
	) as unknown as Finding;
}

/** Characters of a secret that is looked for. */
const MIN_SECRET = 6;
