import { type AuditAction, type AuditReason, routeOf } from "../../audit/audit.ts";
import { auditReason } from "../../audit/audit-reasons.ts";
import { createErrorId, type LogEntry } from "../../audit/log.ts";
import { answerTo } from "../../base/error-table.ts";
import { type AnyErrorCode, ConfigError, isPortcullisError } from "../../base/errors.ts";
import type { SetCookie } from "../../session/cookies.ts";
import { messageFor, shownCode } from "../../views/messages.ts";
import type { Exchange } from "../exchange.ts";
import { ENDED_MEANWHILE } from "../sessions/session-manager.ts";
import { loginHref, viewProviders } from "./links.ts";
import { createNonce, problemResponse, renderView } from "./render.ts";

/** When a provider that does not answer is worth another try. Seconds. */
const RETRY_AFTER = 10;

/** An error as the person gets it, with the log line that has the same id. */
export interface Failure {
	readonly code: AnyErrorCode;
	/** For the log. */
	readonly message: string;
	readonly id?: string | undefined;
	readonly provider?: string | undefined;
	readonly reason?: string | undefined;
	readonly cause?: unknown;
	readonly cookies?: readonly SetCookie[];
	/** Where trying again returns to; without it the error view offers none. */
	readonly retryTo?: string | undefined;
	readonly providerText?: string | undefined;
	/** Seconds after which trying again makes sense. */
	readonly retryAfter?: number;
	/** Id of the login attempt, for the audit trail. */
	readonly attempt?: string | undefined;
	/** What has failed, for the audit trail. Absent where nothing that it knows of was tried. */
	readonly action?: AuditAction | undefined;
	/** For the audit trail, where the code alone does not say it. */
	readonly auditReason?: AuditReason | undefined;
	/**
	 * False if the log has a line about it already: `id` is then that of the line, if it is known.
	 * Default true.
	 */
	readonly isLogged?: boolean;
}

/** Logs a failure and answers with the error view, or with a problem for a fetch. */
export async function errorResponse(exchange: Exchange, failure: Failure): Promise<Response> {
	const { gate, call } = exchange;
	const id =
		failure.isLogged === false
			? failure.id
			: exchange.log(logEntry(failure, failure.id ?? createErrorId()));
	if (gate.audit && failure.action !== undefined)
		await gate.audit.emit(failure.action, "failure", {
			provider: failure.provider,
			route: routeOf(call.url),
			reason: failure.auditReason ?? auditReason(failure.code),
			attempt: failure.attempt,
			errorId: id,
		});
	const { status } = answerTo(failure.code);
	const cookies = failure.cookies ?? [];
	const retryAfter = failure.code === "provider_unreachable" ? RETRY_AFTER : failure.retryAfter;
	if (!exchange.navigation.isNavigation) {
		const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
		const found = id === undefined ? {} : { id };
		return problemResponse(status, failure.code, messageFor(failure.code).title, {
			...found,
			cookies,
			headers,
		});
	}
	const runtime = gate.loader.current;
	const texts = await exchange.texts();
	const { title, message } = texts.errors[shownCode(failure.code)];
	const nonce = createNonce();
	const context = {
		kind: "error",
		request: call.request(),
		nonce,
		homeHref: "/",
		texts,
		providers: viewProviders(gate, failure.retryTo ?? "/"),
		error: { code: failure.code, id: id ?? "", title, message, providerText: failure.providerText },
		retryHref:
			messageFor(failure.code).retry && failure.retryTo !== undefined
				? loginHref(gate, failure.retryTo)
				: undefined,
	} as const;
	const page = {
		status,
		nonce,
		cookies,
		isolate: false,
		framing: gate.embedding.framing,
		...(retryAfter === undefined ? {} : { retryAfter }),
	};
	const provider = runtime?.providers.find(
		(connected) => connected.provider.name === failure.provider,
	)?.provider;
	const own = provider?.errorView?.bind(provider);
	const views = own ? { ...gate.views, error: own } : gate.views;
	return renderView(views, "error", context, page, gate.platform.log);
}

/**
 * Turns anything thrown into a failure: errors of ours by their code, everything else as
 * `internal_error`.
 */
export function errorFailure(
	error: unknown,
	details: Omit<Failure, "code" | "message" | "cause" | "reason" | "providerText">,
): Failure {
	if (!isPortcullisError(error))
		return { ...details, code: "internal_error", message: "An unforeseen error", cause: error };
	const providerText = (error as { providerText?: unknown }).providerText;
	return {
		...details,
		code: error.code,
		message: error.message,
		// What is wrong with the set-up is the message already.
		...(error instanceof ConfigError ? {} : { cause: error.cause }),
		...(error.reason === undefined ? {} : { reason: error.reason }),
		...(typeof providerText === "string" ? { providerText } : {}),
		...(error.code === "login_required" && error.reason === ENDED_MEANWHILE
			? { auditReason: "session_ended" as const }
			: {}),
	};
}

function logEntry({ code, message, provider, reason, cause }: Failure, id: string): LogEntry {
	return {
		level: "error",
		code,
		message,
		id,
		...(provider === undefined ? {} : { provider }),
		...(reason === undefined ? {} : { reason }),
		...(cause === undefined ? {} : { cause }),
	};
}
