import { routeOf } from "../../audit/audit.ts";
import { auditReason } from "../../audit/audit-reasons.ts";
import { isPortcullisError } from "../../base/errors.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import type { LogoutToken } from "../../protocol/logout-token.ts";
import { revocationsOf } from "../../session/revocations.ts";
import { denyEndpoint, denyMethod, logRefusal } from "../answers/refuse.ts";
import type { Exchange } from "../exchange.ts";
import type { RevocationList } from "../sessions/revocation-list.ts";
import { readForm } from "./read-form.ts";

/**
 * A token is refused for its age after two minutes, which begin up to five minutes from now where
 * clocks differ. Seconds.
 */
const USED_FOR = 600;
/** When a provider may try again. Seconds. */
const RETRY_AFTER = 5;

/**
 * `POST backchannel-logout/<provider>`: a provider says, from server to server, that sessions have
 * ended (OpenID Connect Back-Channel Logout 1.0). Anyone can send requests here: nothing but the
 * token counts, no cookie and no origin.
 *
 * Answers 200 when the sessions have ended, also if there were none; 400 for a token that is
 * refused; 503 where it could not be checked or kept, so that the provider sends it again.
 */
export async function handleBackchannelLogout(
	exchange: Exchange,
	revocations: RevocationList | undefined,
	name: string,
): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const connected = runtime.providers.find(({ provider }) => provider.name === name);
	if (!revocations)
		return denyEndpoint(exchange, "back-channel logout to be on, which a named store turns on");
	if (!connected)
		return denyEndpoint(exchange, "the name of a provider as the last part of the path");
	if (call.method !== "POST") return denyMethod(exchange, "POST"); // proven: logout-by-get
	const tokens = (await readForm(call.request()))?.getAll("logout_token") ?? [];
	const [jwt = ""] = tokens;
	// proven: several-logout-tokens
	if (tokens.length !== 1 || jwt === "")
		return deny(
			exchange,
			connected,
			"format",
			"A logout request was no form with one logout_token",
		);
	try {
		const token = await connected.provider.verifyLogoutToken(jwt);
		const now = exchange.now;
		const { issuer, sid, sub, issuedAt } = token;
		const ended = revocationsOf(
			{ cookie: connected.names.revocation, issuer, sid, sub, issuedAt },
			now,
		);
		const isNew = await revocations.revoke(ended, await idOf(connected, token), USED_FOR);
		// proven: logout-token-twice
		if (!isNew) return deny(exchange, connected, "jti", "The logout token was used before");
		await gate.audit?.emit("logout", "success", {
			provider: name,
			route: routeOf(call.url),
			reason: "backchannel_logout",
			userinfo: { iss: issuer, ...(sub === undefined ? {} : { sub }) },
		});
		return answer(200);
	} catch (error) {
		if (isPortcullisError(error) && error.code === "token_invalid")
			return deny(exchange, connected, error.reason, error.message, error.cause);
		const known = isPortcullisError(error) ? error : undefined;
		// A stranger can bring the first about with tokens of made-up keys: that is no outage.
		const errorId = logRefusal(exchange, {
			level:
				known?.code === "provider_unreachable" && known.reason === "keys" ? "warning" : "error",
			code: known?.code ?? "internal_error",
			seen: "A logout token could not be checked or kept; the provider is asked to send it again",
			...{ provider: name, reason: known?.reason, cause: error },
		});
		const reason = known ? auditReason(known.code) : "internal_error";
		await gate.audit?.emit("logout", "failure", {
			provider: name,
			route: routeOf(call.url),
			reason,
			errorId,
		});
		return answer(
			503,
			{ error: "temporarily_unavailable" },
			{ "Retry-After": String(RETRY_AFTER) },
		);
	}
}

async function deny(
	exchange: Exchange,
	{ provider }: ConnectedProvider,
	reason: string | undefined,
	message: string,
	cause?: unknown,
): Promise<Response> {
	const { gate, call } = exchange;
	const line = {
		code: "token_invalid",
		seen: message,
		provider: provider.name,
		reason,
		cause,
	} as const;
	const errorId = logRefusal(exchange, line);
	await gate.audit?.emit("logout", "failure", {
		provider: provider.name,
		route: routeOf(call.url),
		reason: "tokens_invalid",
		errorId,
	});
	return answer(400, {
		error: "invalid_request",
		error_description: `The logout token is refused, see the log${errorId === undefined ? "" : ` (${errorId})`}`,
	});
}

/** Section 2.8: JSON as in RFC 6749 section 5.2. */
function answer(
	status: number,
	body?: Readonly<Record<string, string>>,
	extra: Record<string, string> = {},
): Response {
	const type: Record<string, string> = body ? { "Content-Type": "application/json" } : {};
	const headers = {
		"Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff",
		...type,
		...extra,
	};
	return new Response(body ? JSON.stringify(body) : null, { status, headers });
}

/** What a token is known by in all processes: its `jti` is unique for its issuer alone. */
async function idOf({ names }: ConnectedProvider, { issuer, jti }: LogoutToken): Promise<string> {
	// proven: logout-token-of-any-issuer
	const text = new TextEncoder().encode(JSON.stringify([names.binding, issuer, jti]));
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
