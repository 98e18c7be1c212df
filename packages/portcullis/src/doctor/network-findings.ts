import type { PortcullisError } from "../base/errors.ts";
import { type Finding, fail } from "./finding.ts";

/** Who did not answer. */
export interface Unreached {
	/** Who that is, as the subject of a sentence: `The identity provider`. */
	readonly who: string;
	readonly url: string;
	/** Of the provider. Absent for the app. */
	readonly provider?: string;
	/** What the finding is about, unless the certificate is to blame. */
	readonly id: "discovery" | "app" | "client" | "redirect-uri" | "keys";
	/** Where the address was set. */
	readonly setting: string;
}

/**
 * Errors of OpenSSL and Node that mean: the certificate cannot be checked up to one that is
 * trusted.
 */
const UNTRUSTED = new Set([
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"CERT_UNTRUSTED",
	"CERT_SIGNATURE_FAILURE",
]);
const OUTDATED = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const OTHER_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

/** Why a server did not answer, from what the call to it threw. */
export function unreachable(error: PortcullisError, unreached: Unreached): Finding {
	const { who, url, provider, id, setting } = unreached;
	const { host } = new URL(url);
	const by = provider === undefined ? {} : { provider };
	const title = `${who} at ${host} cannot be asked`;
	const code = deepestCode(error);
	const tls = tlsProblem(code, host);
	if (tls) return fail("tls", { ...by, title, ...tls });
	return fail(id, { ...by, title, ...networkProblem(error, code, { host, who, setting }) });
}

/**
 * The `code` of an error or of what is below it: `fetch` keeps the reason one or two levels down.
 */
export function deepestCode(error: unknown): string | undefined {
	let found: string | undefined;
	let current: unknown = error;
	for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth++) {
		const { code, errors } = current as { code?: unknown; errors?: unknown };
		if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)) found = code;
		// Node tries both addresses of a name, and collects what went wrong with each.
		current = current.cause ?? (Array.isArray(errors) ? errors[0] : undefined);
	}
	return found;
}

const MAX_DEPTH = 5;

function tlsProblem(
	code: string | undefined,
	host: string,
): { cause: string; fix: string } | undefined {
	if (code === undefined) return undefined;
	if (UNTRUSTED.has(code))
		return {
			cause: `The TLS certificate of ${host} is not trusted here (${code})`,
			fix: "If an authority of your own has issued it, name its certificate in NODE_EXTRA_CA_CERTS, for the app as well. Never switch the verification off.",
		};
	if (OUTDATED.has(code))
		return {
			cause: `The TLS certificate of ${host} is not valid today (${code})`,
			fix: "Have it renewed. If it should be valid, look at the clock of this machine.",
		};
	if (code === OTHER_NAME)
		return {
			cause: `The TLS certificate of ${host} is for another name (${code})`,
			fix: "Use the name that the certificate was issued for.",
		};
	return undefined;
}

function networkProblem(
	{ reason }: PortcullisError,
	code: string | undefined,
	{ host, who, setting }: { host: string; who: string; setting: string },
): { cause: string; fix: string } {
	const later = `Nothing is wrong with the set-up if ${host} is down for the moment: run this again later.`;
	if (code === "ENOTFOUND" || code === "EAI_AGAIN")
		return {
			cause: `The name ${host} cannot be resolved (${code})`,
			fix: `Look for a mistake in ${setting}, and whether this machine's DNS knows the name.`,
		};
	if (code === "ECONNREFUSED")
		return {
			cause: `Nothing listens at ${host} (${code}): it is down, or the port is another one`,
			fix: `Start it, or correct ${setting}.`,
		};
	if (reason === "timeout")
		return {
			cause: `${host} did not answer in time`,
			fix: `Look whether a firewall or proxy stands between this machine and ${host}. ${later}`,
		};
	if (reason?.startsWith("status_"))
		return {
			cause: `${who} is in trouble: ${host} answered with status ${reason.slice("status_".length)}`,
			fix: later,
		};
	return {
		cause: `The connection to ${host} broke off${code === undefined ? "" : ` (${code})`}`,
		fix: `Look whether ${setting} names the right scheme and port. ${later}`,
	};
}
